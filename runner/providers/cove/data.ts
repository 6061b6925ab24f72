import { readFileSync } from "node:fs";
import type { Confidence, MemberFacts, MethodFacts } from "../../core/model/catalogue.ts";
import { lazily } from "../../core/model/lazily.ts";
import type { FieldType, Unit } from "../../core/model/values.ts";

/** How sure a fact is, and the short names of where it is known from: `sources.json` has them in words. */
interface Known {
  readonly confidence: Confidence;
  readonly source: readonly string[];
}

export interface MethodData extends Known, Omit<MethodFacts, "destructive" | "confidence"> {
  /** What the answer holds beside its result. */
  readonly out?: readonly { readonly name: string; readonly type: string }[];
  readonly returns: string;
  readonly destructive?: boolean;
  /** Why `repeat` is what it is. Every `set` has it: the service does not say which calls are safe to send twice. */
  readonly why?: string;
  readonly about?: string;
  /** Served elsewhere than at the management endpoint, and where. */
  readonly endpoint?: "reporting" | "other";
  readonly at?: string;
}

export interface MethodsData {
  readonly methods: readonly MethodData[];
}

export interface EnumsData {
  /** By name on the wire, or by number. */
  readonly enums: readonly (Known & {
    readonly name: string;
    readonly values?: readonly string[];
    readonly numbers?: Readonly<Record<string, string>>;
    readonly note?: string;
  })[];
}

/** A member of a struct, by the vendor's name for it. */
export interface MemberData extends MemberFacts {
  readonly optional?: boolean;
  /** Changes by itself. */
  readonly volatile?: boolean;
}

export interface StructsData {
  readonly structs: readonly (Known & {
    readonly name: string;
    readonly members: readonly MemberData[];
  })[];
}

/** A column of the device list as the data file has it. A row member comes with every row and is not asked for. */
export interface ColumnData extends Known {
  readonly name: string;
  readonly code?: string;
  readonly legacy?: string;
  readonly member?: string;
  readonly label: string;
  readonly note?: string;
  readonly type: FieldType;
  readonly tokens?: Readonly<Record<string, string>>;
  /** Member of GetAccountInfoById that holds the same value. */
  readonly byId?: string;
  readonly lagMs?: number;
  readonly zeroIsUnset?: boolean;
  readonly volatile?: boolean;
  readonly secret?: boolean;
  /** The code, or the member of the row, that it shows the name of. */
  readonly follows?: string;
}

export interface SourceData extends Known {
  readonly code: string;
  readonly name: string;
  readonly legacy?: string;
  /** An old letter that stands for another source as well: no spelling. */
  readonly shared?: string;
  readonly label: string;
  readonly plugin: string;
  readonly deprecated?: { readonly use: string; readonly why: string };
}

export interface StatisticData extends Known {
  readonly code: string;
  readonly name: string;
  readonly legacy?: string;
  readonly label: string;
  readonly note?: string;
  readonly type: FieldType;
  readonly unit?: Unit;
  /** Name of a shared token table. */
  readonly tokens?: string;
}

/** Every data source (D01 …) has every statistic (F00 …): a column each. */
export interface ColumnsData {
  readonly columns: readonly ColumnData[];
  readonly sources: readonly SourceData[];
  readonly statistics: readonly StatisticData[];
  /** Names for single statistics: `total_last_status` is `D09F00`. */
  readonly named: readonly (Known & { readonly name: string; readonly code: string; readonly label: string })[];
  /** The columns of a customer's own, as a pattern and by example. */
  readonly custom: readonly (Known & { readonly code: string; readonly label: string; readonly note: string })[];
  /** Codes that the service answers, in another form than the column that is used in their place. */
  readonly notOffered: readonly (Known & { readonly code: string; readonly use: string; readonly why: string })[];
  /** Words of the service's own filter language that are no columns. */
  readonly filters: readonly (Known & { readonly code: string; readonly label: string })[];
  readonly tokens: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface ErrorsData {
  readonly errors: readonly (Known & {
    readonly code: string;
    readonly message?: string;
    readonly class?: "auth" | "fatal" | "reject";
    readonly meaning: string;
    /** What a person can do about it; it stands in parentheses behind messages. */
    readonly remedy: string;
  })[];
  /** Names that the schema has without a number: what can be concluded of them. */
  readonly names: Readonly<Record<string, ErrorWords>>;
  /** Of those that are not in `names`, by how they begin: the first that fits; the last fits all. */
  readonly families: readonly (ErrorWords & { readonly prefixes: readonly string[] })[];
}

interface ErrorWords {
  readonly meaning: string;
  readonly remedy: string;
}

/** A list that comes in one answer. */
export interface ListData {
  readonly method: string;
  /** What one of its items is called in messages. */
  readonly item: string;
  readonly struct: string;
  /** Member that is unique. */
  readonly key: string;
  /** Nobody has said so: it follows from the type of what the call returns. */
  readonly isConcluded?: true;
  /** Where the rows are below the result: dotted members, `[]` behind one that is a list of them. */
  readonly rows: string;
  /** How old a value may be, in ms. */
  readonly lagMs: number;
  /** The service gives only what it is asked for by number; a member that is neither here nor in `always` can not be had. */
  readonly numbers?: {
    readonly param: string;
    readonly always: readonly string[];
    readonly of: Readonly<Record<string, number>>;
  };
  /** The param that would ask for a part of the list; without it the list comes whole. */
  readonly whole?: string;
  /** Params that bound the list, and the member that holds one of their values. With `deepWith` set, items further down too. */
  readonly scope: readonly { readonly param: string; readonly member: string; readonly deepWith?: string }[];
  /** The call that gives one item as the same struct. `goneSince`: a time that says it was removed. */
  readonly byId?: { readonly method: string; readonly param: string; readonly goneSince?: string };
}

export interface ListsData {
  readonly lists: readonly ListData[];
}

// Our own files, checked by our own tests. Each is read when it is first needed, and only then.
export const methodsData = lazily(() => load("methods.json") as MethodsData);
export const enumsData = lazily(() => load("enums.json") as EnumsData);
export const structsData = lazily(() => load("structs.json") as StructsData);
export const enumsByName = lazily(() => new Map(enumsData().enums.map((one) => [one.name, one])));
export const structsByName = lazily(() => new Map(structsData().structs.map((one) => [one.name, one])));
export const columnsData = lazily(() => load("columns.json") as ColumnsData);
export const errorsData = lazily(() => load("errors.json") as ErrorsData);
export const sourcesData = lazily(() => load("sources.json") as Readonly<Record<string, string>>);
export const listsData = lazily(() => load("lists.json") as ListsData);

function load(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../schemas/cove/${name}`, import.meta.url), "utf8"));
}

import { readFileSync } from "node:fs";
import type { Confidence, MethodFacts } from "../../core/model/catalogue.ts";
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

export interface StructsData {
  readonly structs: readonly (Known & {
    readonly name: string;
    readonly members: readonly {
      readonly name: string;
      readonly type: string;
      readonly optional?: boolean;
      readonly note?: string;
    }[];
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
    /** What a person can do about it. */
    readonly remedy?: string;
  })[];
  /** Meanings of names that the schema has without a number. */
  readonly names: Readonly<Record<string, string>>;
}

// Our own files, checked by our own tests. Each is read when it is first needed, and only then.
export const methodsData = lazily(() => load("methods.json") as MethodsData);
export const enumsData = lazily(() => load("enums.json") as EnumsData);
export const structsData = lazily(() => load("structs.json") as StructsData);
export const columnsData = lazily(() => load("columns.json") as ColumnsData);
export const errorsData = lazily(() => load("errors.json") as ErrorsData);
export const sourcesData = lazily(() => load("sources.json") as Readonly<Record<string, string>>);

function load(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../schemas/cove/${name}`, import.meta.url), "utf8"));
}

/** Made once, at its first use. */
export function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

import { readFileSync } from "node:fs";
import type { FieldType } from "../../core/model/values.ts";

/** A column of the device list as the data file has it. A row member comes with every row and is not asked for. */
export interface ColumnData {
  readonly name: string;
  readonly code?: string;
  readonly legacy?: string;
  readonly member?: string;
  readonly type: FieldType;
  readonly tokens?: Readonly<Record<string, string>>;
  /** Member of GetAccountInfoById that holds the same value. */
  readonly byId?: string;
  readonly lagMs?: number;
  readonly zeroIsUnset?: boolean;
  readonly volatile?: boolean;
  readonly secret?: boolean;
}

/** Every data source (D01 …) has every statistic (F00 …): a column each. */
export interface ColumnsData {
  readonly columns: readonly ColumnData[];
  readonly sources: readonly { readonly code: string; readonly name: string; readonly legacy?: string }[];
  readonly statistics: readonly {
    readonly code: string;
    readonly name: string;
    readonly legacy?: string;
    readonly type: FieldType;
    /** Name of a shared token table. */
    readonly tokens?: string;
  }[];
  readonly tokens: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Names for single statistics: `total_last_status` -> `D09F00`. */
  readonly named: Readonly<Record<string, string>>;
}

export interface MethodsData {
  readonly methods: readonly {
    readonly name: string;
    readonly kind: "enumerate" | "read" | "change" | "session";
    readonly params: readonly string[];
    readonly destructive?: boolean;
    /** Served elsewhere than at the management endpoint. */
    readonly endpoint?: string;
  }[];
}

/** A member of a struct, by the vendor's name for it. */
export interface MemberData {
  readonly name: string;
  readonly type: FieldType;
  /** Name of a table under `enums`. */
  readonly enum?: string;
  readonly volatile?: boolean;
  readonly secret?: boolean;
}

/** A list that comes in one answer. */
export interface ListData {
  readonly method: string;
  /** What one of its items is called in messages. */
  readonly item: string;
  readonly struct: string;
  /** Member that is unique. */
  readonly key: string;
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
  /** Names as they go over the wire, or numbers there and their names here. */
  readonly enums: Readonly<Record<string, readonly string[] | Readonly<Record<string, string>>>>;
  readonly structs: Readonly<Record<string, readonly MemberData[]>>;
  /** Params of calls that hold a struct, whatever the call. */
  readonly params: Readonly<Record<string, string>>;
  readonly lists: readonly ListData[];
}

/** Our own file, checked by our own tests: read when first needed. */
export const columnsData = lazily(() => load("columns.json") as ColumnsData);
export const methodsData = lazily(() => load("methods.json") as MethodsData);
export const listsData = lazily(() => load("lists.json") as ListsData);

function load(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../schemas/cove/${name}`, import.meta.url), "utf8"));
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

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

/** Our own file, checked by our own tests: read when first needed. */
export const columnsData = lazily(() => load("columns.json") as ColumnsData);
export const methodsData = lazily(() => load("methods.json") as MethodsData);

function load(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../schemas/cove/${name}`, import.meta.url), "utf8"));
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

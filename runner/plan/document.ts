import type { Value } from "../core/model/item.ts";
import type { FieldType } from "../core/model/values.ts";

/** A plan as written, once its shape has been checked. `schemas/plan.schema.json` is the contract. */
export interface PlanDocument {
  readonly name: string;
  readonly description?: string;
  readonly service: string;
  readonly inputs?: Readonly<Record<string, InputDocument>>;
  readonly lookups?: Readonly<Record<string, LookupDocument>>;
  readonly enumerate: ListDocument & {
    readonly fields: FieldsDocument;
    readonly narrow?: Value;
    readonly rows?: RowsDocument;
    readonly total?: string;
    readonly key?: string;
    readonly title?: string;
  };
  readonly read?: ReadDocument | readonly ReadDocument[];
  readonly filter: boolean | string | readonly string[];
  readonly change: ChangeDocument;
  readonly undo?: UndoDocument;
  readonly guards?: GuardsDocument;
  readonly warn?: readonly { readonly when: string; readonly message: string }[];
  readonly pace?: PaceDocument;
  readonly stop?: StopDocument;
  readonly hold?: { readonly when: string; readonly every?: string; readonly give_up?: string };
  readonly gate?: GateDocument;
  readonly window?: WindowDocument;
  readonly verify?: VerifyDocument;
  readonly allow_undocumented?: boolean;
  /** Why a danger is meant, by the code that lint gives it. */
  readonly accept_risks?: Readonly<Record<string, string>>;
}

/** How fast, and in which portions. */
interface PaceDocument {
  readonly concurrency?: number;
  readonly rate?: string;
  readonly waves?: readonly (number | string)[];
  readonly pause?: string;
  readonly ramp?: "none" | "double";
  readonly cover?: readonly string[];
  readonly per?: string;
  readonly per_concurrency?: number;
}

interface StopDocument {
  readonly errors?: number;
  readonly percent?: string | number;
  readonly consecutive?: number;
  readonly unknown?: number;
  readonly drifted?: string | number;
  readonly of?: "run" | "wave" | "group";
  readonly groups?: number;
  readonly on_stop?: "drain" | "verify" | "undo";
}

/** A call that is measured after each wave. */
export interface GateDocument {
  readonly call: string;
  readonly params?: Value;
  readonly route?: RouteDocument;
  readonly rows?: RowsDocument;
  readonly fields?: FieldsDocument;
  readonly wait?: string;
  readonly every?: string;
  readonly count?: number;
  readonly pass?: string;
  readonly fail?: string;
  readonly observe_only?: boolean;
}

interface WindowDocument {
  readonly days?: readonly ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
  readonly from?: string;
  readonly to?: string;
  readonly zone?: string;
}

interface VerifyDocument {
  readonly within?: string;
  readonly every?: string;
  readonly horizon?: string;
  readonly mode?: "each_wave" | "end";
  readonly collateral?: "ignore" | "report" | "fail";
  readonly call?: string;
  readonly params?: Value;
  readonly read?: Omit<ReadDocument, "when">;
}

/** Which device's node a call goes to. */
export interface RouteDocument {
  readonly device: Value;
}

/** What a list is asked for with. */
export interface ListDocument {
  readonly call: string;
  readonly params?: Value;
  readonly route?: RouteDocument;
  readonly for_each?: string;
  readonly page?: PageDocument;
}

/** How a list comes in pages, or by ids. */
export interface PageDocument {
  readonly by: "none" | "offset" | "number" | "cursor" | "ids";
  readonly size?: number;
  readonly start?: number;
  readonly next?: string;
  readonly ids?: string;
}

/** Where rows are in an answer: a list of them, a map of them by the key, or a list of single values. */
export type RowsDocument = string | { readonly at: string; readonly map_key?: string; readonly scalar?: string };

/** Names, or names of the plan's own and what they stand for. */
type FieldsDocument = readonly string[] | Readonly<Record<string, string | FieldDocument>>;

export interface FieldDocument {
  readonly from?: string;
  readonly custom?: string | number;
  readonly value?: string;
  readonly type?: FieldType;
  readonly optional?: boolean;
  readonly default?: Value;
  readonly volatile?: boolean;
}

export interface LookupDocument {
  readonly call?: string;
  readonly params?: Value;
  readonly route?: RouteDocument;
  readonly for_each?: string;
  readonly rows?: RowsDocument;
  readonly filter?: string;
  readonly optional?: boolean;
  readonly csv?: string;
  readonly run?: string;
  readonly states?: readonly string[];
  readonly key?: string | readonly string[];
  readonly ignore_case?: boolean;
  readonly value?: string;
  readonly type?: FieldType;
  readonly fields?: FieldsDocument;
  readonly unused?: "error" | "warn" | "ignore";
  readonly unique?: boolean;
}

/** A call for each item. */
export interface ReadDocument {
  readonly call: string;
  readonly params?: Value;
  readonly route?: RouteDocument;
  readonly rows?: string;
  readonly fields?: FieldsDocument;
  readonly when?: "before" | "settle";
  readonly absent?: string;
}

/** What an answer says of the ids in it. */
export type ResultDocument =
  | { readonly all: true }
  | { readonly succeeded: string; readonly failed: string }
  | { readonly rows: string; readonly id: string; readonly ok: string; readonly message?: string };

/** A call that changes an item, or several. */
export interface CallDocument {
  readonly call: string;
  readonly params: Value;
  readonly route?: RouteDocument;
  readonly chunk?: number;
  readonly result?: ResultDocument;
  readonly destructive?: boolean;
}

interface UndoDocument extends Partial<CallDocument> {
  readonly possible?: boolean;
  readonly reason?: string;
  readonly unless?: string;
}

interface ChangeDocument extends CallDocument {
  readonly set?: Readonly<Record<string, Value>>;
  readonly unless?: string;
  readonly expect?: string;
  readonly pending?: string;
  readonly only_if_unchanged?: boolean;
}

interface GuardsDocument {
  readonly require?: readonly { readonly that: string; readonly message: string }[];
  readonly min?: number;
  readonly max?: number;
  readonly max_percent?: number;
  readonly allow_empty?: boolean;
  readonly allow_refused?: number;
  readonly allow_absent?: number;
  readonly change_from_last?: string | number;
}

/** `unknown`: what was written has not the shape of an input, which was told. */
export type InputType =
  "unknown" | "string" | "integer" | "number" | "boolean" | "bytes" | "duration" | "time" | "secret" | "file" | "list";

export interface InputDocument {
  readonly type: InputType;
  readonly of?: "string" | "integer";
  readonly default?: Value;
  readonly required?: boolean;
  readonly enum?: readonly (string | number)[];
  readonly min?: number | string;
  readonly max?: number | string;
  readonly min_length?: number;
  readonly max_length?: number;
  readonly pattern?: string;
  readonly description?: string;
}

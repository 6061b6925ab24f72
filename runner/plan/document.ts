import type { Value } from "../core/model/item.ts";

/** A plan as written, once its shape has been checked. `schemas/plan.schema.json` is the contract. */
export interface PlanDocument {
  readonly name: string;
  readonly description?: string;
  readonly service: string;
  readonly inputs?: Readonly<Record<string, InputDocument>>;
  readonly enumerate: {
    readonly call: string;
    readonly params?: Value;
    readonly fields: readonly string[] | Readonly<Record<string, Value>>;
    readonly key?: string;
    readonly title?: string;
  };
  readonly filter: boolean | string | readonly string[];
  readonly change: ChangeDocument;
  readonly guards?: GuardsDocument;
  readonly pace?: { readonly concurrency?: number; readonly rate?: string };
  readonly stop?: {
    readonly errors?: number;
    readonly percent?: string | number;
    readonly consecutive?: number;
    readonly unknown?: number;
    readonly drifted?: string | number;
  };
  readonly verify?: { readonly within?: string; readonly every?: string; readonly horizon?: string };
  readonly allow_undocumented?: boolean;
}

interface ChangeDocument {
  readonly set?: Readonly<Record<string, Value>>;
  readonly call: string;
  readonly params: Value;
  readonly unless?: string;
  readonly expect?: string;
  readonly pending?: string;
  readonly destructive?: boolean;
}

interface GuardsDocument {
  readonly require?: readonly { readonly that: string; readonly message: string }[];
  readonly min?: number;
  readonly max?: number;
  readonly max_percent?: number;
  readonly allow_empty?: boolean;
  readonly allow_refused?: number;
}

export type InputType =
  "string" | "integer" | "number" | "boolean" | "bytes" | "duration" | "time" | "secret" | "file" | "list";

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

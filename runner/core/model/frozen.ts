import type { RunId, Value } from "./item.ts";

/** Who the service says we are. */
export interface Login {
  readonly user_id: number | string | null;
  readonly partner_id: number | string | null;
  readonly name: string;
}

/** What is frozen when the list is read, and recorded: `now` in Unix seconds. A resume uses the recorded one. */
export interface Frozen {
  readonly now: number;
  readonly login: Login;
  readonly run: { readonly id: RunId; readonly started: number };
  /** What the plan's lookups gave, those that have been read. */
  readonly lookup?: LookedUp;
}

/** By the name of the lookup: its rows, or its one value. JSON, as the run folder keeps it. */
export type LookedUp = Readonly<Record<string, Value>>;

/** An expression could not be evaluated, or gave a value of a wrong type. `message` names field and cause. */
export class ExpressionError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = "ExpressionError";
    this.hint = hint;
  }
}

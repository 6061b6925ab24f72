import type { Fields, Value } from "../../core/model/item.ts";
import { ExpressionError } from "../../core/model/frozen.ts";
import type { ConfigNames, Told, ToldCondition } from "../../core/model/protocol.ts";
import type { CelMap } from "../../language/cel.ts";
import type { Expression } from "../../language/expression.ts";

/** Of an answer. One that was reported, and so has no expression, never holds. */
export function toldCondition(expression: Expression | undefined): ToldCondition {
  return ({ http, error, result, body }) => outcome(expression, { http: { ...http }, error, result, body }) === true;
}

/** Why it can not be evaluated on an answer; undefined: it can. */
export function toldDoubt(expression: Expression | undefined): (told: Told) => string | undefined {
  return ({ http, error, result, body }) => {
    try {
      const value = expression?.evaluate({ http: { ...http }, error, result, body });
      return value === undefined || typeof value === "boolean" ? undefined : "it is neither true nor false";
    } catch (fault) {
      if (fault instanceof ExpressionError) return fault.message;
      throw fault;
    }
  };
}

/** Of the whole answer, or of a result. Undefined: it can not be evaluated on this one. */
export function valueCondition(
  expression: Expression | undefined,
  name: "body" | "result",
): (value: Value) => boolean | undefined {
  return (value) => outcome(expression, { [name]: value });
}

/**
 * Of what was saved; what was not is null.
 * @param known All that can be saved.
 * @throws {ExpressionError} that says nothing of what was saved.
 */
export function sessionCondition(
  expression: Expression | undefined,
  known: Iterable<string>,
): (names: ConfigNames) => boolean {
  const unsaved: Fields = Object.fromEntries([...known].map((name) => [name, null]));
  return ({ session }) => {
    const holds = outcome(expression, { session: { ...unsaved, ...session } });
    if (holds !== undefined) return holds;
    throw new ExpressionError(
      "it can not be evaluated",
      "What has not been saved is null: test it with session.name != null first.",
    );
  };
}

/** Undefined: it can not be evaluated, or is neither true nor false. */
function outcome(expression: Expression | undefined, names: CelMap): boolean | undefined {
  try {
    const value = expression?.evaluate(names);
    return typeof value === "boolean" ? value : undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

import { IncompleteError } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import { ExpressionError, type Enumeration, type Frozen, type Part } from "../core/model/plan.ts";

/**
 * What the first list is asked for with; of several lists, each element and its params, in order.
 * @throws {IncompleteError} when the plan can not say it.
 */
export function askedFor(list: Enumeration, frozen: Frozen): Value {
  const paramsOf = (part: Part): Value => list.narrowed?.(frozen, part) ?? list.params(frozen, part);
  try {
    const all = list.parts?.(frozen);
    if (all === undefined) return paramsOf({});
    return all.map((part) => ({ ...(part.each === undefined ? {} : { each: part.each }), params: paramsOf(part) }));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new IncompleteError(`The list can not be asked for: ${error.message}`, { cause: error, ...hint });
  }
}

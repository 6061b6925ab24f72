import type { Change } from "../model/change.ts";
import type { Fields } from "../model/item.ts";
import type { Seen } from "../model/outcome.ts";
import { type Plan } from "../model/plan.ts";
import { ExpressionError, type Frozen } from "../model/frozen.ts";
import { sameValue } from "../model/values.ts";

/**
 * What a read shows of one change.
 * @param found The item's fields, or `undefined` when it is not there.
 * @returns `undefined` when it shows nothing: the plan expects nothing that can be seen, or its expression can not be evaluated.
 */
export function compare(plan: Plan, frozen: Frozen, change: Change, found: Fields | undefined): Seen | undefined {
  const { expect } = plan.change;
  if (expect.kind === "absent") return found === undefined ? "after" : "before";
  if (found === undefined) return "absent";
  if (expect.kind === "accepted") return undefined;
  const isAfter = equal(plan, change.after, found);
  if (expect.kind === "expression") {
    const seen = { before: change.item, after: found, set: change.after };
    const holds = isAfter && answered(() => expect.holds(frozen, seen));
    if (holds === undefined) return undefined;
    if (holds) return "after";
    return equal(plan, change.before, found) ? "before" : "other";
  }
  if (isAfter) return "after";
  return equal(plan, change.before, found) ? "before" : "other";
}

/** Whether the plan's `pending` says that the item is still on its way. False without one, or when it can not say. */
export function isOnItsWay(plan: Plan, frozen: Frozen, change: Change, found: Fields): boolean {
  const seen = { before: change.item, after: found, set: change.after };
  return answered(() => plan.change.pending?.(frozen, seen)) ?? false;
}

/** Fields that show what became of a change. An expression over `after` may use any; otherwise those that are set tell. */
export function fieldsToSee({ change, enumerate }: Plan): readonly string[] {
  if (change.looks !== undefined) return change.looks;
  return change.expect.kind === "expression" ? enumerate.fields.map(({ name }) => name) : change.sets;
}

function answered<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

function equal(plan: Plan, wanted: Fields, found: Fields): boolean {
  return plan.enumerate.fields.every(
    (field) => !(field.name in wanted) || sameValue(field, wanted[field.name] ?? null, found[field.name] ?? null),
  );
}

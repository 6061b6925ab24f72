import type { Change } from "../model/change.ts";
import type { Fields } from "../model/item.ts";
import type { Seen } from "../model/outcome.ts";
import type { Frozen, Plan } from "../model/plan.ts";
import { sameValue } from "../model/values.ts";

/** What a read shows of one change: the item's fields, or `undefined` when it is not there. */
export function compare(plan: Plan, frozen: Frozen, change: Change, found: Fields | undefined): Seen {
  const { expect } = plan.change;
  if (expect.kind === "absent") return found === undefined ? "after" : "before";
  if (found === undefined) return "absent";
  const isAfter = equal(plan, change.after, found);
  if (expect.kind === "expression") {
    const seen = { before: change.item, after: found, set: change.after };
    if (isAfter && expect.holds(frozen, seen)) return "after";
    return equal(plan, change.before, found) ? "before" : "other";
  }
  if (isAfter) return "after";
  return equal(plan, change.before, found) ? "before" : "other";
}

/** Whether the plan's `pending` says that the item is still on its way. False without a `pending`. */
export function isOnItsWay(plan: Plan, frozen: Frozen, change: Change, found: Fields): boolean {
  return plan.change.pending?.(frozen, { before: change.item, after: found, set: change.after }) ?? false;
}

function equal(plan: Plan, wanted: Fields, found: Fields): boolean {
  return plan.enumerate.fields.every(
    (field) => !(field.name in wanted) || sameValue(field, wanted[field.name] ?? null, found[field.name] ?? null),
  );
}

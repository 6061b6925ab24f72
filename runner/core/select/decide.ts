import type { Route } from "../model/change.ts";
import { jsonText } from "../model/exact.ts";
import type { Fields, Item, Value } from "../model/item.ts";
import { type Plan } from "../model/plan.ts";
import { ExpressionError, type Frozen } from "../model/frozen.ts";
import { sameValue, ValueError } from "../model/values.ts";

/** What is to happen with one enumerated item. A clause or template that can not be evaluated refuses it: nothing is dropped by an error. */
export type Decision =
  /** `clause`: place of the one that said no; undefined: it was not among the items chosen beforehand. */
  | { readonly as: "filtered-out"; readonly clause?: number }
  | { readonly as: "already" }
  | { readonly as: "refused"; readonly why: string; readonly hint?: string }
  | {
      readonly as: "selected";
      readonly before: Fields;
      readonly after: Fields;
      readonly params: Value;
      readonly route?: Route;
      readonly group?: string;
    };

/** Filter, compare with what the plan asks for, and render the request, so that a template error shows before the first write. */
export function decide(plan: Plan, frozen: Frozen, item: Item): Decision {
  return decided(
    () =>
      sieved(plan, frozen, { item, late: false }) ??
      sieved(plan, frozen, { item, late: true }) ??
      propose(plan, frozen, item),
  );
}

/** What can be said of an item before it is read by itself. Undefined: the list has nothing against it. */
export function decideEarly(plan: Plan, frozen: Frozen, item: Item): Decision | undefined {
  return decided(() => sieved(plan, frozen, { item, late: false }));
}

/** Whether every clause still holds: the question of a compare-and-set. @throws {ExpressionError} */
export function stillMatches(plan: Plan, frozen: Frozen, item: Item): boolean {
  return plan.filter.every((clause) => clause.holds(frozen, item));
}

/** The set fields whose wanted value differs from the item's; all of them equal means `already`. */
export function differing(plan: Plan, item: Fields, desired: Fields): readonly string[] {
  const specs = new Map(plan.enumerate.fields.map((field) => [field.name, field]));
  return Object.keys(desired).filter((name) => {
    const spec = specs.get(name);
    return spec === undefined || !sameValue(spec, item[name] ?? null, desired[name] ?? null);
  });
}

/** The first clause that says no, of those that use what is read of an item by itself, or of the others. */
function sieved(
  { filter }: Plan,
  frozen: Frozen,
  { item, late }: { readonly item: Item; readonly late: boolean },
): Decision | undefined {
  const clause = filter.findIndex((one) => (one.late ?? false) === late && !one.holds(frozen, item));
  return clause === -1 ? undefined : { as: "filtered-out", clause };
}

function decided<D extends Decision | undefined>(decide: () => D): D | Extract<Decision, { as: "refused" }> {
  try {
    return decide();
  } catch (error) {
    if (error instanceof ExpressionError) {
      return { as: "refused", why: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
    }
    if (error instanceof ValueError) return { as: "refused", why: error.message };
    throw error;
  }
}

function propose(plan: Plan, frozen: Frozen, item: Item): Decision {
  const { change } = plan;
  if (change.unless?.(frozen, item)) return { as: "already" };
  const desired = change.desired(frozen, item);
  const names = Object.keys(desired);
  if (change.sets.length > 0 && differing(plan, item.fields, desired).length === 0) return { as: "already" };
  const before = Object.fromEntries(names.map((name) => [name, item.fields[name] ?? null]));
  const params = change.params(frozen, item, desired);
  const route = change.route?.(frozen, item);
  const group = plan.pace.per?.of(frozen, item);
  return {
    as: "selected",
    ...{ before, after: desired, params },
    ...(route && { route }),
    ...(group !== undefined && { group }),
  };
}

/** What names the field that people know items by: a plan does. */
interface Titled {
  readonly enumerate: { readonly title: string };
}

/** What people know an item by. */
export function titleOf({ enumerate: { title } }: Titled, { id, fields }: Item): string {
  const value = fields[title] ?? null;
  return value === null ? id : typeof value === "string" ? value : jsonText(value);
}

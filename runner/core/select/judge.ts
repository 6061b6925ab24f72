import type { ClausePlace, Judgement } from "../model/explained.ts";
import { ExpressionError, type Frozen } from "../model/frozen.ts";
import type { Item } from "../model/item.ts";
import type { Plan } from "../model/plan.ts";
import { ValueError } from "../model/values.ts";

/**
 * What each clause of the filter says of an item, whatever the others say. A clause may rely on one before it, so that an
 * error behind a clause that said no is nothing to worry about.
 */
export function judge(plan: Plan, frozen: Frozen, item: Item): readonly Judgement[] {
  const isLacking = isUnread(plan, item);
  return plan.filter.map((clause): Judgement => {
    if (clause.late === true && isLacking) return { result: "unread" };
    try {
      return { result: clause.holds(frozen, item) ? "true" : "false" };
    } catch (error) {
      if (error instanceof ValueError) return { result: "error", why: error.message };
      if (!(error instanceof ExpressionError)) throw error;
      const { message: why, hint } = error;
      return { result: "error", why, ...(hint !== undefined && { hint }) };
    }
  });
}

/** The plan reads items by themselves, and has not read this one: the list had something against it, or it could not be read. */
export function isUnread({ reads = [] }: Pick<Plan, "reads">, { fields }: Pick<Item, "fields">): boolean {
  const before = reads.filter(({ when }) => when === "before").flatMap((read) => read.fields);
  return before.some(({ name }) => !Object.hasOwn(fields, name));
}

/** The clause that alone keeps an item out. `isSure`: false where another one could not be judged, since the item was not read. */
export function onlyFailing(
  judgements: readonly Judgement[],
): { readonly place: number; readonly isSure: boolean } | undefined {
  const failing = judgements.flatMap(({ result }, place) => (result === "false" ? [place] : []));
  const [place] = failing;
  if (place === undefined || failing.length > 1) return undefined;
  if (judgements.some(({ result }) => result === "error")) return undefined;
  return { place, isSure: judgements.every(({ result }) => result !== "unread") };
}

/** The clauses of a plan, each with where it stands and the fields that it names. */
export function placesOf({ filter, enumerate, undoes }: Plan): readonly ClausePlace[] {
  return filter.map(({ text, line }, place) => ({
    ...{ place, text },
    // The filter of an undo is none that somebody wrote.
    ...(undoes === undefined && { line }),
    names: enumerate.fields.flatMap(({ name }) => (isNamed(name, text) ? [name] : [])),
  }));
}

/** Names of fields are identifiers. Within quotes one may be a word of a text: then it is shown once too often. */
function isNamed(name: string, text: string): boolean {
  return new RegExp(`\\bitem\\s*\\.\\s*${name}\\b`).test(text);
}

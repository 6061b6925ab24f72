import type { Item, ItemId } from "../core/model/item.ts";
import type { PathsMet } from "../core/model/paths-met.ts";
import { decideEarly, type Decision } from "../core/select/decide.ts";
import { inOrder } from "./in-order.ts";
import type { Job, Parts } from "./job.ts";
import { readMore, readsFor } from "./read-more.ts";

/** An item with all that is known of it. `refused`: it could not be read by itself. */
export interface Seen {
  readonly item: Item;
  readonly refused?: Extract<Decision, { readonly as: "refused" }>;
}

/**
 * The items of a page, in its order, each that the list has nothing against read by itself where the plan asks for that: as
 * many at once as there are calls under way.
 */
export function lookCloser(
  page: readonly Item[],
  job: Job,
  { parts, signal, met }: { readonly parts: Parts; readonly signal: AbortSignal; readonly met: PathsMet },
): AsyncIterable<Seen> {
  const reads = readsFor(job.plan, "select");
  const names = reads.flatMap(({ fields }) => fields.map(({ name }) => name));
  const { concurrency } = parts.book.state.facts;
  return inOrder(page, reads.length === 0 ? 1 : concurrency, async (item): Promise<Seen> => {
    // An inventory that is decided on anew brings them along.
    const isKnown = names.every((name) => Object.hasOwn(item.fields, name));
    if (isKnown || signal.aborted || !isWanted(item.id, job) || decideEarly(job.plan, job.frozen, item) !== undefined)
      return { item };
    const reading = await readMore(item, reads, { frozen: job.frozen, parts, signal, met });
    if (reading.kind === "found") return { item: { ...item, fields: reading.fields } };
    if (reading.kind === "absent") return { item, refused: refusal(`${reading.source} says that it is gone`) };
    return { item, refused: refusal(`${reading.source} could not be read: ${reading.failure.message}`) };
  });
}

function isWanted(id: ItemId, { only }: Job): boolean {
  return only === undefined || only.has(id);
}

function refusal(why: string): Extract<Decision, { readonly as: "refused" }> {
  return { as: "refused", why };
}

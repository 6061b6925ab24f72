import type { Change } from "../core/model/change.ts";
import type { ItemExplanation, JudgedClause, Proposal } from "../core/model/explained.ts";
import type { Item } from "../core/model/item.ts";
import { decide, titleOf } from "../core/select/decide.ts";
import { judge, isUnread, placesOf } from "../core/select/judge.ts";
import { proposalFor } from "../core/select/proposal.ts";
import { openChangeSet } from "../runs/change-set.ts";
import { findRun } from "../runs/folder.ts";
import { itemReport } from "../runs/history/item.ts";
import type { InventoryItem } from "../runs/inventory.ts";
import { callsAbout } from "./calls-about.ts";
import { findItem } from "./find-item.ts";
import type { Inside } from "./inside.ts";
import { explainedRun, recall, type Recalled } from "./recall.ts";

/**
 * Why one item of a run is where it is, from the run's folder alone.
 * @param item Its id, or its title if no other has that. @throws {RunnerError} `usage`: there is no such item, or several.
 */
export async function explain(inside: Inside, run: string, item: string): Promise<ItemExplanation> {
  const recalled = await recall(inside, await findRun(inside.root, run));
  return await explanationOf(recalled, await findItem(recalled, item));
}

async function explanationOf(recalled: Recalled, found: InventoryItem): Promise<ItemExplanation> {
  const { plan, folder, selected, state, heard, summary } = recalled;
  const { id, fields, each, as, clause, why } = found;
  const item: Item = { id, fields, ...(each === undefined ? {} : { each }) };
  const otherwise = otherwiseDecided(recalled, item, found);
  await using changes = await openChangeSet(folder.changeSet, selected.changeSet);
  const index = as === "selected" ? changes.indexOf(id) : undefined;
  const [change] = index === undefined ? [] : await changes.at([index]);
  const isOpen = summary.status === "open";
  // What a run that was killed, or still goes on, has not started is started yet.
  const isOver = summary.ended !== undefined && Object.keys(summary.notStarted).length > 0;
  const proposal = change === undefined ? proposalOf(recalled, item, as) : reviewed(change);
  return {
    of: explainedRun(recalled),
    item: { id, title: titleOf(plan, item), fields, ...(each === undefined ? {} : { each }) },
    as,
    ...(why !== undefined && { why }),
    ...(isUnchosen(found) && { unchosen: true }),
    clauses: clausesOf(recalled, item, clause),
    ...(otherwise !== undefined && { otherwise }),
    ...(proposal && { proposal }),
    sent: change === undefined ? [] : await callsAbout(recalled, changes, change.index),
    ...(change && { ended: itemReport({ state, heard, isOver }, change), ...(isOpen && { soFar: true }) }),
  };
}

function isUnchosen({ as, clause }: InventoryItem): boolean {
  return as === "filtered-out" && clause === undefined;
}

function clausesOf({ plan, frozen }: Recalled, item: Item, decided: number | undefined): readonly JudgedClause[] {
  const judgements = judge(plan, frozen, item);
  return placesOf(plan).map((clause) => ({
    ...clause,
    ...(judgements[clause.place] ?? { result: "unread" as const }),
    ...(clause.place === decided && { decided: true as const }),
  }));
}

/** Why an item is refused the record says; nothing more comes of it. */
function proposalOf({ plan, frozen }: Recalled, item: Item, as: InventoryItem["as"]): Proposal | undefined {
  return as === "refused" ? undefined : proposalFor(plan, frozen, item);
}

/** The change as it was frozen: what is sent is made of that. */
function reviewed({ before, after, request }: Change): Proposal {
  return { as: "selected", before, after, request };
}

/**
 * What this program makes of the item, where that is not what the record says: it may be a newer one. Items that could not be
 * read, or whose row another had taken, are refused for more than they hold.
 */
function otherwiseDecided(
  { plan, frozen }: Recalled,
  item: Item,
  { as, clause }: InventoryItem,
): ItemExplanation["otherwise"] {
  if (as === "refused" || (as === "filtered-out" && clause === undefined)) return undefined;
  const isEarly = as === "filtered-out" && isUnread(plan, item);
  const fresh = decide(
    isEarly ? { ...plan, filter: plan.filter.filter(({ late }) => late !== true) } : plan,
    frozen,
    item,
  );
  if (fresh.as === as) return undefined;
  return fresh.as === "refused" ? `it could not be decided: ${fresh.why}` : `it is ${fresh.as}`;
}

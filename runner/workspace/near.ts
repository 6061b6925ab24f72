import type { NearMissReport } from "../core/model/explained.ts";
import { NearMisses } from "../core/select/near-misses.ts";
import { placesOf } from "../core/select/judge.ts";
import { findRun } from "../runs/folder.ts";
import type { Inside } from "./inside.ts";
import { explainedRun, itemsIn, recall } from "./recall.ts";

/** Items that one clause of the filter alone keeps out. The list is read once, item by item. @param examples At most, a clause. */
export async function nearMisses(
  inside: Inside,
  run: string,
  { examples = 5 }: { readonly examples?: number },
): Promise<NearMissReport> {
  const recalled = await recall(inside, await findRun(inside.root, run));
  const { plan, frozen, selection } = recalled;
  const near = new NearMisses(plan, frozen, examples);
  let unlooked = 0;
  for await (const { id, fields, each, as, clause } of itemsIn(recalled)) {
    if (as !== "filtered-out") continue;
    // What was left out beforehand, no clause was asked about.
    if (clause === undefined) unlooked += 1;
    else near.look({ id, fields, ...(each === undefined ? {} : { each }) });
  }
  const [chosenBy] = plan.undoes === undefined ? [] : placesOf(plan);
  return {
    of: explainedRun(recalled),
    rows: selection.rows,
    filteredOut: selection["filtered-out"],
    unlooked,
    ...(unlooked > 0 && chosenBy && { chosenBy }),
    clauses: plan.filter.length,
    groups: near.told(),
  };
}

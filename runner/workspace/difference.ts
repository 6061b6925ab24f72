import { RunnerError } from "../core/model/errors.ts";
import type { SelectionDifference } from "../core/model/explained.ts";
import { canonical } from "../core/model/values.ts";
import { Differences } from "../core/select/difference.ts";
import { findRun } from "../runs/folder.ts";
import { openInventory, type InventoryIndex } from "../runs/inventory-index.ts";
import type { Inside } from "./inside.ts";
import { lastMatched } from "./last-run.ts";
import { explainedRun, itemsIn, recall, type Recalled } from "./recall.ts";

/**
 * Which items a run has selected and another one has not, and the other way round.
 * @param against A run, or `last`: the last one of the same plan before it.
 * @throws {RunnerError} `usage` when they are not about the same list.
 */
export async function difference(inside: Inside, run: string, against: string): Promise<SelectionDifference> {
  const now = await recall(inside, await findRun(inside.root, run));
  const wanted = against === "last" ? await lastBefore(inside, now) : against;
  if (wanted === undefined)
    throw new RunnerError("usage", `There is no run of ${now.plan.name} before ${now.folder.run} to compare it with.`, {
      hint: "It would have to be of the same plan, on the same service, with the same inputs, and not refused by a guard. Any other run can be named: `rollcall runs` lists them.",
    });
  const then = await recall(inside, await findRun(inside.root, wanted));
  refuseUnlike(now, then);
  return await differenceOf(now, then);
}

/** The last run of the same plan before this one, with the same inputs; undefined: there is none. */
export async function lastBefore(inside: Inside, { plan, folder, start }: Recalled): Promise<string | undefined> {
  return (await lastMatched(inside, plan, { url: start.service.endpoint }, folder.run))?.run;
}

/** Memory follows the earlier list with some 20 bytes an item. */
export async function differenceOf(now: Recalled, then: Recalled): Promise<SelectionDifference> {
  const differences = new Differences(now.plan, then.plan);
  await using earlier = await openInventory(then.folder.inventory, then.selection.inventory);
  const met = new Uint8Array(earlier.size);
  for await (const item of itemsIn(now)) {
    const place = earlier.placeOf(item.id);
    if (place !== undefined) met[place] = 1;
    // Only one that either of them has selected is looked at.
    if (item.as !== "selected" && (place === undefined || earlier.decisionAt(place) !== "selected")) continue;
    differences.look(item, place === undefined ? undefined : await earlier.at(place));
  }
  for (const place of goneFrom(earlier, met)) differences.look(undefined, await earlier.at(place));
  return {
    now: explainedRun(now),
    then: explainedRun(then),
    samePlan: now.start.plan.digest === then.start.plan.digest,
    sameInputs: canonical(now.start.inputs) === canonical(then.start.inputs),
    ...differences.told(),
  };
}

function* goneFrom(earlier: InventoryIndex, met: Uint8Array): Generator<number> {
  for (let place = 0; place < earlier.size; place++)
    if (met[place] === 0 && earlier.decisionAt(place) === "selected") yield place;
}

/** @throws {RunnerError} `usage` */
function refuseUnlike(now: Recalled, then: Recalled): void {
  const [one, other] = [now, then].map(({ start, plan }) => `${plan.enumerate.method} of ${start.service.endpoint}`);
  if (one === other) return;
  throw new RunnerError("usage", `Run ${now.folder.run} read ${one}, run ${then.folder.run} read ${other}.`, {
    hint: "Only runs that read the same list can be compared: `rollcall runs` lists them.",
  });
}

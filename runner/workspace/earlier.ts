import { RunnerError } from "../core/model/errors.ts";
import type { Item, RunId } from "../core/model/item.ts";
import { RunState } from "../core/tally/fold.ts";
import { openChangeSet } from "../runs/change-set.ts";
import { replayRun } from "../runs/ended.ts";
import { findRun, type RunFolder } from "../runs/folder.ts";
import { readInventory } from "../runs/inventory.ts";

/**
 * The items of an earlier run, with the values they had before it: all that it enumerated, or those that ended in certain
 * states.
 * @throws {RunnerError} `usage` when there is no such run; `audit` when its files are not as it left them.
 */
export async function* itemsOfRun(
  root: string,
  { wanted, itself }: { readonly wanted: string; readonly itself: RunId },
  states: readonly string[] | undefined,
): AsyncGenerator<Item, void> {
  const folder = await findRun(root, wanted, itself);
  const state = new RunState();
  await replayRun(folder, (found) => state.fold(found, found));
  const { selection, selected } = state;
  if (selection === undefined || selected === undefined) throw withoutItems(folder);
  const wantedStates = states === undefined ? undefined : new Set(states);
  await using changes = await openChangeSet(folder.changeSet, selected.changeSet);
  for await (const { id, fields, as } of readInventory(folder.inventory, selection.inventory)) {
    const index = as === "selected" ? changes.indexOf(id) : undefined;
    const ended = index === undefined ? as : state.items.stateOf(index);
    if (wantedStates?.has(ended) ?? true) yield { id, fields };
  }
}

function withoutItems({ run }: RunFolder): RunnerError {
  return new RunnerError("usage", `Run ${run} ended before it had read its list: it has no items.`, {
    hint: "`rollcall runs` lists the others.",
  });
}

import { basename } from "node:path";
import { RunnerError } from "../core/model/errors.ts";
import type { Fact } from "../core/model/events.ts";
import type { RunState } from "../core/tally/fold.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import type { RunFolder } from "../runs/folder.ts";
import { isSavedChangeSet, saveChangeSet } from "../runs/saved-changes.ts";
import type { LoadedPlan, SaveOptions } from "../workspace.ts";
import type { Inside } from "./inside.ts";

/** How long a saved change set may be applied when nobody says. */
const defaultLifeMs = 24 * 3_600_000;

/**
 * Where a change set is to be saved: a new file, or an earlier change set that it replaces. Asked before anything is read.
 * @throws {RunnerError} `usage` when something else is there.
 */
export async function checkTarget(path: string): Promise<void> {
  try {
    if (await isSavedChangeSet(path)) return;
  } catch (error) {
    if (error instanceof RunnerError && errnoOf(error.cause) === "ENOENT") return;
    throw error;
  }
  throw new RunnerError("usage", `${path} is there already, and is no change set.`, {
    hint: "It would be overwritten: give --out another name.",
  });
}

/** What a preview does at its end: save its changes, unless a guard is breached, for then nobody may apply them. */
export function saveChanges(
  inside: Inside,
  { plan }: LoadedPlan,
  { file, lifeMs = defaultLifeMs }: SaveOptions,
): (folder: RunFolder, state: RunState) => Promise<readonly Fact[]> {
  return async (folder, { start, selection: enumerated, selected }) => {
    if (start === undefined || enumerated === undefined || selected === undefined) return [];
    if (selected.guards.some(({ ok }) => !ok)) {
      inside.log.warn({ file }, "not saved: a guard is breached");
      return [];
    }
    const created = start.now * 1000;
    const expires = created + lifeMs;
    const header = { created, expires, start, enumerated, selected, plan: plan.source };
    const digest = await saveChangeSet(file, header, folder);
    return [{ type: "saved", file: basename(file), digest, changeSet: selected.changeSet, expires }];
  };
}

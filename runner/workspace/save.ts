import { lstat, open, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { RunnerError } from "../core/model/errors.ts";
import type { Fact } from "../core/model/events.ts";
import { without } from "../core/model/pick.ts";
import { reasonOf } from "../core/model/reason.ts";
import type { RunState } from "../core/tally/fold.ts";
import { privateFile, temporaryName } from "../ledger/atomic.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import type { RunFolder } from "../runs/folder.ts";
import { isSavedChangeSet, saveChangeSet } from "../runs/saved-changes.ts";
import type { LoadedPlan } from "../workspace.ts";
import type { SaveOptions } from "./options.ts";
import type { Inside } from "./inside.ts";

/** How long a saved change set may be applied when nobody says. */
const defaultLifeMs = 24 * 3_600_000;

/**
 * Where a change set is to be saved: a new file, or an earlier change set that it replaces. Asked before anything is read.
 * @throws {RunnerError} `usage` when it can not be there.
 */
export async function checkTarget(path: string): Promise<void> {
  const folder = await lstat(dirname(path)).catch(ifMissing);
  if (folder === undefined)
    throw badTarget(`The folder ${dirname(path)} does not exist.`, "Make it first, or give --out another name.");
  const there = await lstat(path).catch(ifMissing);
  if (there === undefined) {
    await tryToMake(path);
    return;
  }
  if (there.isFile() && (await isSavedChangeSet(path))) return;
  throw badTarget(
    `${path} is there already, and is no change set.`,
    "It would be overwritten: give --out another name.",
  );
}

/** Only trying shows where no file can be made. A disk that fills up later is another matter. */
async function tryToMake(path: string): Promise<void> {
  const trial = temporaryName(path);
  try {
    await (await open(trial, "wx", privateFile)).close();
  } catch (cause) {
    throw badTarget(`--out can not be used: ${path} can not be made: ${reasonOf(cause)}.`, "Give --out another place.");
  } finally {
    await rm(trial, { force: true });
  }
}

function badTarget(message: string, hint: string): RunnerError {
  return new RunnerError("usage", message, { hint });
}

function ifMissing(cause: unknown): undefined {
  if (errnoOf(cause) !== "ENOENT")
    throw new RunnerError("usage", `--out can not be used: ${reasonOf(cause)}`, { cause });
}

/** What a preview does at its end: save its changes, unless a guard is breached, for then nobody may apply them. */
export function saveChanges(
  { clock }: Inside,
  { plan }: LoadedPlan,
  { file, lifeMs = defaultLifeMs }: SaveOptions,
): (folder: RunFolder, state: RunState) => Promise<readonly Fact[]> {
  if (!Number.isSafeInteger(lifeMs) || lifeMs < 1)
    throw new RunnerError("usage", `lifeMs is ${lifeMs}; expected whole milliseconds.`);
  return async (folder, state) => {
    const { selection: enumerated, selected } = state;
    if (state.start === undefined || enumerated === undefined || selected === undefined) return [];
    // A change set goes to other people, and the salt is of the run's record alone.
    const start = without(state.start, "salt");
    if (selected.guards.some(({ ok }) => !ok)) return [];
    const created = start.now * 1000;
    const expires = created + lifeMs;
    if (expires <= clock.now()) {
      throw new RunnerError("usage", "Not saved: the list is older than the changes may become.", {
        hint: "The age counts from the reading of the list. Preview without --from, or give --expires a longer time.",
      });
    }
    const header = { created, expires, start, enumerated, selected, plan: plan.source };
    const digest = await saveChangeSet(file, header, folder);
    return [{ type: "saved", file: basename(file), digest, changeSet: selected.changeSet, expires }];
  };
}

import { join } from "node:path";
import { GuardError } from "../core/model/errors.ts";
import type { Digest, RunId } from "../core/model/item.ts";
import { makeFolder, writeFileOnce } from "../ledger/atomic.ts";
import { diskError, errnoOf } from "../ledger/disk-error.ts";
import { textOfFile } from "../ledger/record-file.ts";
import { isRunId } from "./run-id.ts";

/** A saved change set, by the digest of its changes, and the run that applies it. `root` holds `.rollcall/`. */
export interface Claim {
  readonly root: string;
  readonly changeSet: Digest;
  readonly run: RunId;
}

/**
 * Use up a saved change set: one run in this estate ever gets it, also when several try at once; asking again for the same
 * run is fine. On disk when it resolves.
 * @throws {GuardError} `stale` when another run has it. @throws {RecordError}
 */
export async function claimChangeSet({ root, changeSet, run }: Claim): Promise<void> {
  await makeFolder(join(root, ".rollcall", "applied"));
  if (await writeFileOnce(pathOf(root, changeSet), `${run}\n`)) return;
  const by = await appliedBy(root, changeSet);
  if (by !== run) throw usedUp(by ?? "another run");
}

/** The run that has used it up; undefined: none in this estate. @throws {RecordError} */
export async function appliedBy(root: string, changeSet: Digest): Promise<RunId | undefined> {
  const path = pathOf(root, changeSet);
  try {
    const text = (await textOfFile(path)).trim();
    if (isRunId(text)) return text;
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return undefined;
    throw diskError("read", path, cause);
  }
  throw new GuardError("stale", `${path} does not say which run has applied this change set.`, {
    hint: "It was applied, or begun to be. Look at `rollcall runs`; preview the plan again for what is left.",
  });
}

/** @param isOver That run came to all of its items: there is nothing to go on with. */
export function usedUp(run: string, { isOver = false } = {}): GuardError {
  const look = isOver ? `How that run ended: rollcall show ${run}` : `To go on with that run: rollcall resume ${run}`;
  return new GuardError("stale", `This change set was applied already, by run ${run}.`, {
    hint: `A change set is applied once. ${look}; for what is left, preview the plan again.`,
  });
}

function pathOf(root: string, changeSet: Digest): string {
  return join(root, ".rollcall", "applied", changeSet);
}

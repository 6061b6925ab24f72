import { GuardError } from "../core/model/errors.ts";
import type { FactOf } from "../core/model/events.ts";
import { readLedger } from "../ledger/reader.ts";
import { renewLedger } from "../ledger/repair.ts";
import { openJournal } from "../ledger/writer.ts";
import { replayRun } from "../runs/ended.ts";
import { findRun, type RunFolder } from "../runs/folder.ts";
import { takeLock, unlock, type LockRequest } from "../runs/lock.ts";
import { currentOwner } from "../runs/owner.ts";
import { currentPerson } from "../runs/person.ts";
import type { Inside } from "./inside.ts";

/**
 * Take the lock of a run away from an owner that can not be proved dead, and write into the run's ledger who did it and why.
 * An owner that still runs notices before its next batch and stops; what it writes meanwhile, nobody reads.
 * @returns What happened, in a sentence.
 */
export async function unlockRun(inside: Inside, wanted: string, why: string): Promise<string> {
  const folder = await findRun(inside.root, wanted);
  const scope = await scopeOf(folder);
  const request = { root: inside.root, scope, run: folder.run, owner: currentOwner(), now: inside.clock.now() };
  const from = await unlock(request);
  if (from === undefined) return `The lock ${scope} was free already.`;
  await recordUnlock(inside, folder, { request, why });
  const holder =
    from === "unreadable"
      ? "an owner that could not be read"
      : `run ${from.run}, process ${from.owner.pid} on ${from.owner.host}`;
  return `The lock ${scope} was taken from ${holder}. Now: rollcall resume ${folder.run}`;
}

async function scopeOf({ run, ledger }: RunFolder): Promise<string> {
  let taken: FactOf<"lock"> | undefined;
  for await (const found of readLedger(ledger, run)) if (found.type === "lock") taken = found;
  if (taken !== undefined) return taken.scope;
  throw new GuardError("lock", `Run ${run} never took a lock.`, { hint: "There is nothing to unlock." });
}

async function recordUnlock(
  inside: Inside,
  folder: RunFolder,
  { request, why }: { readonly request: LockRequest; readonly why: string },
): Promise<void> {
  await using lock = await takeLock(request);
  const { run, ledger } = folder;
  const last = { type: "" };
  const end = await replayRun(folder, ({ type }) => (last.type = type), { mayBeTorn: true });
  // A run that has ended needs no entry: nothing of it can be resumed by surprise.
  if (last.type === "end") return;
  const repair = await renewLedger(ledger, end);
  await using journal = await openJournal({ path: ledger, run, clock: inside.clock, from: end.head });
  const control = { type: "control" as const, op: "unlock" as const, by: currentPerson(inside.env), why };
  journal.note(repair === undefined ? [control] : [repair, control]);
  inside.log.info({ run, scope: request.scope, generation: lock.generation, why }, "unlocked");
}

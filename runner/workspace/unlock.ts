import { GuardError } from "../core/model/errors.ts";
import type { FactOf } from "../core/model/events.ts";
import { readLedger } from "../ledger/reader.ts";
import { findRun } from "../runs/folder.ts";
import { unlock } from "../runs/lock.ts";
import { currentOwner } from "../runs/owner.ts";
import type { Inside } from "./inside.ts";

/**
 * Take the lock of a run away from an owner that can not be proved dead. An owner that still runs notices before its next
 * batch and stops. Recorded beside the lock, as a generation of its own.
 * @returns What happened, in a sentence.
 */
export async function unlockRun(inside: Inside, wanted: string, why: string): Promise<string> {
  const { run, ledger } = await findRun(inside.root, wanted);
  let taken: FactOf<"lock"> | undefined;
  for await (const found of readLedger(ledger, run)) if (found.type === "lock") taken = found;
  if (taken === undefined)
    throw new GuardError("lock", `Run ${run} never took a lock.`, { hint: "There is nothing to unlock." });
  const from = await unlock({
    root: inside.root,
    scope: taken.scope,
    run,
    owner: currentOwner(),
    now: inside.clock.now(),
  });
  inside.log.info({ run, scope: taken.scope, why }, "unlocked");
  if (from === undefined) return `The lock ${taken.scope} was free already.`;
  const holder =
    from === "unreadable"
      ? "an owner that could not be read"
      : `run ${from.run}, process ${from.owner.pid} on ${from.owner.host}`;
  return `The lock ${taken.scope} was taken from ${holder}. Now: rollcall resume ${run}`;
}

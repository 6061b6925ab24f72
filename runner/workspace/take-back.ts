import { GuardError } from "../core/model/errors.ts";
import type { Origin, Undone } from "../core/model/origin.ts";
import { undoPlan } from "../core/select/undo-plan.ts";
import { undoneBy, whyNothingGoesBack } from "../core/settle/undo.ts";
import type { LoadedPlan } from "../workspace.ts";
import { folderOf, pastOf, stoodAt, type PastRun, type Stood } from "./past.ts";

/** The plan that takes a run back, and what that run did. */
export interface WayBack {
  readonly loaded: LoadedPlan;
  readonly past: PastRun;
}

/**
 * @param loaded The plan that the run went by.
 * @throws {GuardError} `stale` with the reason, when nothing that this plan does can be taken back.
 */
export async function wayBack(loaded: LoadedPlan, stood: Stood, only: Undone["only"]): Promise<WayBack> {
  refuseForGood(loaded, stood.folder.run);
  const past = await pastOf(loaded.plan, stood, only);
  return { loaded: { ...loaded, plan: undoPlan(loaded.plan, past) }, past };
}

/** @throws {GuardError} `stale` with the reason, when nothing that this plan does can be taken back. */
export function refuseForGood({ plan }: LoadedPlan, run: string): void {
  const whyNot = whyNothingGoesBack(plan);
  if (whyNot === undefined) return;
  const { why, hint } = whyNot;
  throw new GuardError("stale", `Run ${run} can not be taken back: ${why}`, { hint: hint ?? "Nothing was sent." });
}

/**
 * The plan that a run goes by: its own, or, where it takes another run back, what follows from that run's record and its plan.
 * It is made anew each time, so that nothing can be put into an undo that the run which it takes back does not say.
 * @param loaded The plan of its folder.
 */
export async function planOfRun(root: string, loaded: LoadedPlan, from: Origin | undefined): Promise<LoadedPlan> {
  const undone = undoneBy(from);
  if (undone === undefined) return loaded;
  const stood = await stoodAt(await folderOf(root, undone.run), undone.seq);
  const { start } = stood;
  if (start.plan.digest !== loaded.plan.digest)
    throw new GuardError("tampered", `Run ${undone.run} went by another plan than this takes back.`, {
      hint: `Nothing was sent. Make the undo again: rollcall undo ${undone.run}`,
    });
  const there = await planOfRun(root, loaded, start.from);
  return (await wayBack(there, stood, undone.only)).loaded;
}

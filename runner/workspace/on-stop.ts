import { RunnerError } from "../core/model/errors.ts";
import type { FactOf, RunEvent } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import { runFolder } from "../runs/folder.ts";
import type { LoadedPlan } from "../workspace.ts";
import type { ApplyOptions, RunOptions } from "./options.ts";
import type { Inside } from "./inside.ts";
import { beginRun } from "./new-run.ts";
import { stoodAt } from "./past.ts";
import { wayBack } from "./take-back.ts";
import { way } from "./undo.ts";

interface Stopped {
  /** What the run went by. */
  readonly loaded: LoadedPlan;
  readonly options: RunOptions;
}

/**
 * The events of a run, and, where its plan says `stop.on_stop: undo` and a limit or a gate has stopped it, those of the run
 * that takes it back. How the first one ended is how it ended: what follows takes nothing of that away.
 */
export async function* takenBackIfStopped(
  inside: Inside,
  events: AsyncIterable<RunEvent>,
  stopped: Stopped,
): AsyncGenerator<RunEvent, void> {
  let run: RunId | undefined;
  let reason: FactOf<"stopped">["reason"] | undefined;
  let isSealed = false;
  for await (const event of events) {
    if (event.type === "run") ({ run } = event);
    if (event.type === "stopped") ({ reason } = event);
    if (event.type === "end") isSealed = event.sealed;
    yield event;
  }
  const isAsked = stopped.loaded.plan.stop.onStop === "undo" && (reason === "limit" || reason === "gate");
  if (!isAsked || run === undefined || stopped.options.stop?.aborted === true) return;
  if (isSealed) yield* undoAfterStop(inside, run, stopped);
  else yield { type: "undoing", run, whyNot: "some of its answers are open", hint: `First: rollcall resume ${run}` };
}

/**
 * Take a run back that has just ended, in a run of its own. Whoever agreed to that run and its plan has agreed to this. Trouble
 * before anything is sent is told, and is no error: the run that was stopped is over, and `rollcall undo` can be used later.
 */
async function* undoAfterStop(inside: Inside, run: RunId, stopped: Stopped): AsyncGenerator<RunEvent, void> {
  let hasSent = false;
  try {
    for await (const event of backFrom(inside, run, stopped)) {
      hasSent ||= event.type === "intent";
      yield event;
    }
  } catch (error) {
    if (hasSent || !(error instanceof RunnerError) || error.code === "record") throw error;
    // Who approves takes a saved file, and what takes a run back is one as well.
    const needsApproval = error.code === "approval";
    const saved = `What takes it back can be saved, approved and applied: rollcall undo ${run}`;
    const hint = needsApproval ? saved : (error.hint ?? `When that is put right: rollcall undo ${run}`);
    yield { type: "undoing", run, whyNot: error.message, hint };
  }
}

async function* backFrom(
  inside: Inside,
  run: RunId,
  { loaded, options: { stop, abort, verifyAfterStop, waits } }: Stopped,
): AsyncGenerator<RunEvent, void> {
  const stood = await stoodAt(runFolder(inside.root, run));
  const back = await wayBack(loaded, stood, undefined);
  if (back.past.restorable === 0) {
    yield { type: "undoing", run, whyNot: "nothing of what it did is confirmed and known to be its own" };
    return;
  }
  yield { type: "undoing", run };
  const options: ApplyOptions = {
    ...(stop && { stop }),
    ...(abort && { abort }),
    ...(verifyAfterStop === undefined ? {} : { verifyAfterStop }),
    ...(waits && { waits }),
    consent: () => ({ given: true, how: "on-stop" }),
  };
  yield* beginRun(inside, await way(inside, back, { stood, options }));
}

import type { FactOf, RunEvent } from "../core/model/events.ts";
import { isConserved } from "../core/tally/counts.ts";
import { exitCodesOf } from "../core/tally/exit.ts";
import { notStartedReasons } from "../core/tally/fold.ts";
import { apply } from "./apply.ts";
import type { Job, Parts, Signals } from "./job.ts";
import { select } from "./select.ts";
import { settleOpen } from "./settle-open.ts";
import { verify } from "./verify.ts";

/**
 * Every verb, in reading order. What it yields is already in the ledger; a call leaves only after its intent is on disk
 * (apply's `#start`), and the end is told only after everything is.
 */
export async function* road(job: Job, parts: Parts, signals: Signals): AsyncGenerator<readonly RunEvent[]> {
  const changes = job.changes ?? (yield* select(job, parts, signals));
  await parts.book.sync();
  if (job.until === "previewed") return;
  if (job.write) yield* apply(changes, job, parts, signals);
  if (!job.write) yield* settleOpen(changes, job, parts, signals);
  if (!signals.stop.aborted || job.verifyAfterStop) yield* verify(changes, job, parts, afterStop(job, signals));
  const end = ending(parts, signals);
  parts.book.note([end]);
  await parts.book.sync();
  yield [end];
}

/** A person who pressed Ctrl-C once waits for the proof of what was sent; only the second one cuts it short. */
function afterStop(job: Job, signals: Signals): Signals {
  return job.verifyAfterStop && signals.stop.aborted ? { stop: signals.abort, abort: signals.abort } : signals;
}

/** The end record: counts that add up to the enumeration, or the run is not green. */
function ending({ book }: Parts, signals: Signals): FactOf<"end"> {
  const { state } = book;
  const { counts, open } = state.counts();
  const notStarted = notStartedReasons(state);
  const conserved = state.selection !== undefined && isConserved(counts, open, state.selection);
  const interrupted = state.stopped?.reason === "interrupted" || signals.stop.aborted;
  const exits = exitCodesOf({ counts, notStarted, open, conserved, interrupted });
  return { type: "end", counts, notStarted, conserved, sealed: open === 0, exit: exits[0] ?? 0, exits };
}

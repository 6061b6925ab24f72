import { setMaxListeners } from "node:events";
import { GuardError } from "../core/model/errors.ts";
import type { Fact, RunEvent } from "../core/model/events.ts";
import { apply } from "./apply.ts";
import { ending } from "./ending.ts";
import { hearLate } from "./hearing.ts";
import type { RunId } from "../core/model/item.ts";
import type { Job, Parts, Signals } from "./job.ts";
import { select } from "./select.ts";
import { settleOpen } from "./settle-open.ts";
import { verify } from "./verify.ts";

/**
 * Every verb, in reading order. What it yields is already in the ledger; a call leaves only after its intent is on disk
 * (apply's `#start`), and the end is told only after everything is.
 */
export async function* road(given: Job, parts: Parts, asked: Signals): AsyncGenerator<readonly RunEvent[]> {
  const signals = abortStops(asked);
  const { changes, frozen } =
    given.changes === undefined
      ? yield* select(given, parts, signals)
      : { changes: given.changes, frozen: given.frozen };
  const job = { ...given, frozen };
  await parts.book.sync();
  if (job.until === "previewed") return;
  if (job.write) yield* apply(changes, job, parts, signals);
  refuseSuperseded(parts.holdsLock(), job.run);
  if (!job.write) yield* settleOpen(changes, job, parts, signals);
  const isWanted = !signals.stop.aborted || job.verifyAfterStop;
  if (isWanted && !isLeftAsItIs(job, parts)) yield* verify(changes, { job, parts, signals: afterStop(job, signals) });
  if (job.write && parts.holdsLock()) yield await hearLate(parts);
  const interruption = interruptedLate(parts, signals);
  parts.book.note(interruption);
  const facts = [...interruption, ending(parts)];
  parts.book.note(facts.slice(-1));
  await parts.book.sync();
  yield facts;
}

/**
 * What became of a run stands in the record of the process that took it over: the former one tells nothing of it.
 * @throws {GuardError} `lock`
 */
export function refuseSuperseded(holdsLock: boolean, run: RunId): void {
  if (holdsLock) return;
  throw new GuardError(
    "lock",
    `Another process has taken over run ${run}: this one has stopped sending and leaves it alone.`,
    {
      hint: `What became of it: rollcall show ${run}`,
    },
  );
}

/** Leaving at once is a stop too, whoever asks for it without the first signal. */
function abortStops({ stop, abort }: Signals): Signals {
  const either = AbortSignal.any([stop, abort]);
  setMaxListeners(0, either);
  return { stop: either, abort };
}

/** A person who pressed Ctrl-C once waits for the proof of what was sent; only the second one cuts it short. */
function afterStop(job: Job, signals: Signals): Signals {
  return job.verifyAfterStop && signals.stop.aborted ? { stop: signals.abort, abort: signals.abort } : signals;
}

/** A plan that wants no look after a stop; a wave that was just looked at, and waits for a person. */
function isLeftAsItIs({ plan, write }: Job, { book }: Parts): boolean {
  const reason = write ? book.state.stopped?.reason : undefined;
  const isHarm = reason === "limit" || reason === "gate";
  return reason === "person" || (isHarm && plan.stop.onStop === "drain");
}

/** A stop that came when nothing was being sent any more, so that the turn loop did not hear of it. */
function interruptedLate({ book, by }: Parts, { stop }: Signals): readonly Fact[] {
  if (!stop.aborted || book.state.interrupted) return [];
  return [{ type: "control", op: "interrupt", by, why: "signal" }];
}

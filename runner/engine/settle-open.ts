import type { Fact, FactOf, RunEvent } from "../core/model/events.ts";
import type { ChangeSet } from "../core/model/run-ports.ts";
import { diedCode } from "../core/tally/fold.ts";
import type { Job, Parts, Signals } from "./job.ts";
import { settle } from "./settle.ts";

/**
 * What a dead process left: intents without an answer. On the same boot a missing `sent` mark proves that nothing left; any
 * other is a lost answer and is read back before anything new is sent. Nothing to do in a new run.
 */
export async function* settleOpen(
  changes: ChangeSet,
  job: Job,
  parts: Parts,
  signals: Signals,
): AsyncGenerator<readonly RunEvent[]> {
  const facts = await close(changes, job, parts);
  if (facts.length > 0) {
    parts.book.note(facts);
    await parts.book.sync();
    yield facts;
  }
  const lost = parts.book.state.unsettled();
  if (lost.length === 0) return;
  const since = parts.clock.up();
  const { timeoutMs, lateMs, concurrency } = parts.book.state.facts;
  yield [
    {
      type: "waiting",
      why: "with answers that were lost when the run stopped: reading what became of them",
      items: lost.length,
      ms: timeoutMs + lateMs,
    },
  ];
  for (let start = 0; start < lost.length && !signals.stop.aborted; start += concurrency) {
    const batch = await changes.at(lost.slice(start, start + concurrency));
    const reads = await Promise.all(batch.map((change) => settle(change, since, { job, parts, signal: signals.stop })));
    yield reads.filter((read) => read !== undefined);
  }
}

/** A verdict on every open intent, in one batch. */
async function close(changes: ChangeSet, job: Job, { book }: Parts): Promise<readonly Fact[]> {
  const open = book.state.openIntents();
  const maybeSent = open.filter(({ marked }) => marked || !job.sameBoot);
  const never = open.filter(({ marked }) => !marked && job.sameBoot).map(({ intent }) => intent);
  const lost = await changes.at(maybeSent.map(({ index }) => index));
  const outcomes = lost.map((change, place): FactOf<"outcome"> => {
    const { intent, index } = maybeSent[place] ?? { intent: 0, index: change.index };
    const failure = {
      class: "uncertain",
      code: diedCode,
      message: "the process ended before the answer came",
    } as const;
    return {
      type: "outcome",
      kind: "lost",
      intent,
      index,
      id: change.id,
      attempt: book.state.items.attemptOf(index),
      ms: 0,
      failure,
    };
  });
  return never.length === 0 ? outcomes : [{ type: "withdrawn", intents: never, reason: "crash" }, ...outcomes];
}

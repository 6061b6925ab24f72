import type { Fact, FactOf, RunEvent } from "../core/model/events.ts";
import { GuardError } from "../core/model/errors.ts";
import type { ChangeSet } from "../core/model/run-ports.ts";
import { breach } from "../core/select/guards.ts";
import { ending } from "./ending.ts";
import type { Job, Parts, Signals } from "./job.ts";
import { Loop } from "./loop.ts";
import { settleOpen } from "./settle-open.ts";
import { interruptedEarly } from "./select.ts";
import { shapeOf } from "./shape.ts";
import { waves } from "./waves.ts";

/** Guards, consent, the lock, what was in flight; then wave by wave. */
export async function* apply(
  changes: ChangeSet,
  job: Job,
  parts: Parts,
  signals: Signals,
): AsyncGenerator<readonly RunEvent[]> {
  const { state } = parts.book;
  if (!state.consented) refuseBreaches(parts);
  if (changes.size === 0) return;
  if (!state.consented) yield [await consent(parts, signals)];
  const lock = await parts.takeLock();
  const facts: Fact[] = [{ type: "lock", scope: lock.scope, generation: lock.generation }];
  parts.book.note(facts);
  await parts.book.sync();
  yield facts;
  yield* claim(parts);
  yield* settleOpen(changes, job, parts, signals);
  const shape = await shapeOf(changes, job, parts.book.state);
  const loop = new Loop(changes, job, parts, { lock, signals, shape });
  try {
    yield* waves(loop, { changes, job, parts });
  } finally {
    await loop.close();
  }
}

/** A change set that another run has taken meanwhile: nothing was sent by this one, and it is over. */
async function* claim(parts: Parts): AsyncGenerator<readonly RunEvent[]> {
  try {
    await parts.claim();
  } catch (error) {
    if (!(error instanceof GuardError)) throw error;
    parts.book.note([{ type: "stopped", reason: "expired", detail: error.message }]);
    const end = ending(parts);
    parts.book.note([end]);
    await parts.book.sync();
    yield [end];
    throw error;
  }
}

/** A breached guard refuses before the first write. */
function refuseBreaches({ book }: Parts): void {
  const breached = book.state.selected?.guards.filter((guard) => !guard.ok) ?? [];
  if (breached.length > 0) throw breach(breached);
}

/** Somebody has to say yes, and is not asked after Ctrl-C. */
async function consent({ book, consent: ask }: Parts, { stop }: Signals): Promise<FactOf<"consent">> {
  if (stop.aborted) throw interruptedEarly();
  const { selected, selection } = book.state;
  if (selected === undefined || selection === undefined) throw new Error("nothing was selected yet");
  const given = await ask(selection, selected.guards);
  book.note([given]);
  return given;
}

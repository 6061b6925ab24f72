import { setMaxListeners } from "node:events";
import { digestOf } from "../core/model/digest.ts";
import type { Change } from "../core/model/change.ts";
import type { Fact, FactOf, RunEvent } from "../core/model/events.ts";
import { GuardError } from "../core/model/errors.ts";
import type { NotStartedReason, Outcome } from "../core/model/outcome.ts";
import type { Backend, ChangeSet, Message, RunLock } from "../core/model/ports.ts";
import { Schedule } from "../core/schedule/schedule.ts";
import { exceeded } from "../core/schedule/stops.ts";
import { breach } from "../core/select/guards.ts";
import { backoffMs, patienceMs } from "../core/settle/retry.ts";
import { ending } from "./ending.ts";
import type { Job, Parts, Signals } from "./job.ts";
import { chunked } from "./chunked.ts";
import { settle } from "./settle.ts";
import { settleOpen } from "./settle-open.ts";
import { interruptedEarly } from "./select.ts";

/** Codes of a call that found no connection. */
const notConnected: ReadonlySet<string> = new Set(["connect", "timeout"]);

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
  const loop = new Loop(changes, job, parts, { lock, signals });
  try {
    yield* loop.waves();
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

/** The turn loop. One turn: hear all that arrived, admit, make the intents durable in one sync, hand them to the backend. */
class Loop {
  readonly #changes: ChangeSet;
  readonly #job: Job;
  readonly #parts: Parts;
  readonly #lock: RunLock;
  readonly #schedule: Schedule;
  readonly #backend: Backend;
  readonly #signals: Signals;
  /** Ends waits for lost answers when the run stops and nobody waits for it. */
  readonly #giveUp = new AbortController();
  /** The loop has ended: it listens to nothing any more. */
  readonly #closed = new AbortController();
  readonly #settling = new Set<Promise<void>>();
  #wave = 0;
  /** Since when the service has done nothing but turn us away; undefined: it has not. */
  #turnedAwaySince: number | undefined;

  constructor(changes: ChangeSet, job: Job, parts: Parts, { lock, signals }: { lock: RunLock; signals: Signals }) {
    const { state } = parts.book;
    const { facts, selected } = state;
    if (selected === undefined) throw new Error("nothing was selected yet");
    this.#changes = changes;
    this.#job = job;
    this.#parts = parts;
    this.#lock = lock;
    this.#signals = signals;
    // Slots are calls, and the schedule counts items.
    const size = job.plan.change.chunk?.size ?? 1;
    const limits = { concurrency: facts.concurrency * size, margin: facts.margin * size };
    this.#schedule = new Schedule(
      { size: changes.size, waves: selected.waves },
      limits,
      (index) => state.items.isQueued(index) || state.items.mayResend(index),
    );
    this.#backend = parts.backend({ job, parts, signal: signals.abort });
    // Every lost answer that is being settled listens to it; their number is bounded by the concurrency.
    setMaxListeners(0, this.#giveUp.signal);
    // For as long as the loop runs: the signals may outlive it.
    const once = { once: true, signal: this.#closed.signal };
    const stop: Message = { kind: "stop", reason: "interrupted", why: "signal" };
    signals.stop.addEventListener("abort", () => parts.inbox.post(stop), once);
    signals.abort.addEventListener("abort", () => this.#giveUp.abort(), once);
  }

  async *waves(): AsyncGenerator<readonly RunEvent[]> {
    yield this.#signals.stop.aborted ? this.#interrupt("signal") : this.#checkLimits();
    for (let wave = this.#schedule.openWave(); wave !== undefined; wave = this.#schedule.openWave()) {
      this.#wave = wave.wave;
      yield this.#note([{ type: "wave", phase: "begin", ...wave }]);
      yield* this.#turns();
      yield this.#note([
        { type: "checkpoint", ...this.#parts.book.state.counts() },
        { type: "wave", phase: "end", ...wave },
      ]);
      await this.#parts.book.sync();
    }
  }

  /** Nothing new leaves; answers under way are waited for, and written if they still can be. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#backend.withdraw("run ended");
    this.#giveUp.abort();
    await this.#backend.idle();
    await Promise.all(this.#settling);
  }

  async *#turns(): AsyncGenerator<readonly RunEvent[]> {
    const { clock, inbox } = this.#parts;
    for (;;) {
      const admitted: number[] = [];
      let step = this.#schedule.next(clock.up());
      for (; step.do === "start"; step = this.#schedule.next(clock.up())) admitted.push(step.index);
      if (admitted.length > 0) yield await this.#start(admitted);
      if (step.do === "wave-done" && admitted.length === 0) return;
      const until = step.do === "wait" ? step.until : clock.up();
      do {
        const events: RunEvent[] = [];
        for (const message of await inbox.take(until - clock.up())) events.push(...this.#hear(message));
        if (events.length > 0) yield events;
      } while (!this.#schedule.due(clock.up()) && clock.up() < until);
    }
  }

  /** Make intents durable, then hand the calls over: the sync is the barrier before the bytes. */
  async #start(admitted: readonly number[]): Promise<readonly RunEvent[]> {
    const { book } = this.#parts;
    const { change } = this.#job.plan;
    const chunks = chunked(await this.#changes.at(admitted), change.chunk?.size ?? 1, (one) => this.#attempt(one));
    if (!this.#lock.check())
      return this.#refuse(admitted, "lock", `another process has taken over the lock ${this.#lock.scope}`);
    if (this.#isExpired()) return this.#refuse(admitted, "expired", "the saved change set has expired meanwhile");
    const intents = chunks.flat().map((one) => this.#intent(one));
    let intent = book.note(intents);
    await book.sync();
    const recheck = this.#job.recheck || change.onlyIfUnchanged === true;
    this.#backend.submit(
      chunks.map(([first, ...others]) => ({
        members: [{ change: first, intent: intent++ }, ...others.map((one) => ({ change: one, intent: intent++ }))],
        attempt: this.#parts.book.state.items.attemptOf(first.index),
        recheck,
      })),
    );
    return intents;
  }

  #attempt({ index }: Change): number {
    return this.#parts.book.state.items.attemptOf(index) + 1;
  }

  #intent(change: Change): FactOf<"intent"> {
    const { index, id, title, request, before, after } = change;
    const attempt = this.#attempt(change);
    const { method } = request;
    return {
      type: "intent",
      index,
      id,
      title,
      attempt,
      wave: this.#wave,
      method,
      request: digestOf(request),
      before,
      after,
    };
  }

  /** What was reviewed holds until then, and not for what a long run comes to later. */
  #isExpired(): boolean {
    const { book, clock } = this.#parts;
    const from = book.state.start?.from;
    return from?.kind === "change-set" && clock.now() >= from.expires;
  }

  #refuse(admitted: readonly number[], reason: NotStartedReason, why: string): readonly RunEvent[] {
    const events = this.#stop(reason, why);
    for (const index of admitted) this.#schedule.withdrawn(index);
    return events;
  }

  #hear(message: Message): readonly RunEvent[] {
    switch (message.kind) {
      case "outcome":
        return this.#hearOutcome(message);
      case "withdrawn":
        for (const index of message.indexes) this.#schedule.withdrawn(index);
        return [{ type: "withdrawn", intents: message.intents, reason: message.reason }];
      case "settled":
        return this.#hearSettled(message);
      case "stop":
        return this.#interrupt(message.why);
      case "broken":
        throw message.error;
    }
  }

  #hearOutcome({ outcome, sentUp }: Extract<Message, { kind: "outcome" }>): readonly RunEvent[] {
    const event: RunEvent = { type: "outcome", ...outcome };
    if (outcome.kind === "not-acted") return [event, ...this.#turnAway(outcome)];
    this.#turnedAwaySince = undefined;
    // A lost answer, or a rejection that follows one: only reading can tell.
    if (this.#parts.book.state.items.answerOf(outcome.index) === "open") this.#settle(outcome.index, sentUp);
    else this.#schedule.finish(outcome.index);
    return [event, ...this.#checkLimits()];
  }

  #hearSettled({ index, read }: Extract<Message, { kind: "settled" }>): readonly RunEvent[] {
    if (this.#parts.book.state.items.mayResend(index) && !this.#schedule.stopped)
      this.#schedule.again(index, this.#parts.clock.up());
    else this.#schedule.finish(index);
    return read === undefined ? [] : [read, ...this.#checkLimits()];
  }

  /** Proof that nothing was done: the item waits and is sent again, for a quarter of an hour at most. */
  #turnAway(outcome: Extract<Outcome, { kind: "not-acted" }>): readonly RunEvent[] {
    const { clock, random } = this.#parts;
    const now = clock.up();
    this.#turnedAwaySince ??= now;
    const waitMs = Math.max(outcome.retryAfterMs ?? 0, backoffMs(now - this.#turnedAwaySince, random()));
    this.#schedule.again(outcome.index, now + waitMs);
    this.#schedule.pause(now + waitMs);
    const { failure } = outcome;
    if (failure.class === "fatal") return this.#stop("login", failure.message);
    if (now - this.#turnedAwaySince + waitMs > patienceMs) {
      return this.#stop("limit", `the service turns every call away for 15 minutes or longer: ${failure.message}`);
    }
    const unreached = failure.class === "not_acted" && notConnected.has(failure.code);
    return [
      { type: "slowed", why: failure.message, ms: Math.round(waitMs), ...(unreached ? { unreached: true } : {}) },
    ];
  }

  #settle(index: number, sentUp: number): void {
    this.#schedule.settle(index);
    const { inbox } = this.#parts;
    const read = async (): Promise<void> => {
      const [change] = await this.#changes.at([index]);
      if (change === undefined) throw new Error(`change ${index} can not be read`);
      const fact = await settle(change, sentUp, { job: this.#job, parts: this.#parts, signal: this.#giveUp.signal });
      inbox.post({ kind: "settled", index, read: fact });
    };
    const done: Promise<void> = read()
      .catch((error: unknown) =>
        inbox.post({ kind: "broken", error: error instanceof Error ? error : new Error(String(error)) }),
      )
      .finally(() => this.#settling.delete(done));
    this.#settling.add(done);
  }

  #checkLimits(): readonly RunEvent[] {
    const { state } = this.#parts.book;
    if (this.#schedule.stopped) return [];
    const over = exceeded(this.#job.plan.stop, state, this.#changes.size);
    if (over === undefined) return [];
    const limit: Fact = { type: "limit", ...over, inFlight: this.#inFlight() };
    return [
      ...this.#note([limit]),
      ...this.#stop("limit", `stop.${over.limit}: ${over.value}, tolerated ${over.tolerated}`),
    ];
  }

  /** Calls whose answer can still come, and lost answers being settled: what may still be added to a limit's count. */
  #inFlight(): number {
    const { state } = this.#parts.book;
    return state.openIntents().filter(({ marked }) => marked).length + state.inDoubt;
  }

  /** Also when a limit has stopped the run already: then only the waits are cut short. */
  #interrupt(why: string): readonly RunEvent[] {
    const control: Fact = { type: "control", op: "interrupt", by: this.#parts.by, why };
    if (!this.#job.verifyAfterStop) this.#giveUp.abort();
    return [...this.#note([control]), ...this.#stop("interrupted", why)];
  }

  #stop(reason: NotStartedReason, detail: string): readonly RunEvent[] {
    if (this.#schedule.stopped) return [];
    this.#schedule.stop();
    const events = this.#note([{ type: "stopped", reason, detail }]);
    this.#backend.withdraw(reason);
    return events;
  }

  #note(facts: readonly Fact[]): readonly Fact[] {
    this.#parts.book.note(facts);
    return facts;
  }
}

import { setMaxListeners } from "node:events";
import { digestOf } from "../core/model/digest.ts";
import type { Change } from "../core/model/change.ts";
import type { Fact, FactOf, RunEvent } from "../core/model/events.ts";
import type { NotStartedReason } from "../core/model/outcome.ts";
import type { Backend, ChangeSet, Message, RunLock } from "../core/model/run-ports.ts";
import { Schedule, type Shape } from "../core/schedule/schedule.ts";
import { tripped } from "../core/schedule/stops.ts";
import type { RunState } from "../core/tally/fold.ts";
import { chunked } from "./chunked.ts";
import { Closing } from "./closing.ts";
import { Hearing } from "./hearing.ts";
import type { Job, Parts, Signals } from "./job.ts";
import { Pacing } from "./pacing.ts";
import { settle } from "./settle.ts";

interface Around {
  readonly lock: RunLock;
  readonly signals: Signals;
  readonly shape: Shape;
}

/** The turn loop. One turn: hear all that arrived, admit, make the intents durable in one sync, hand them to the backend. */
export class Loop {
  readonly #changes: ChangeSet;
  readonly #job: Job;
  readonly #parts: Parts;
  readonly #lock: RunLock;
  readonly #schedule: Schedule;
  readonly #backend: Backend;
  readonly signals: Signals;
  readonly #shape: Shape;
  readonly #hearing: Hearing;
  readonly #pacing: Pacing;
  readonly #closing: Closing;
  /** Ends waits for lost answers when the run stops and nobody waits for it. */
  readonly #giveUp = new AbortController();
  /** The loop has ended: it listens to nothing any more. */
  readonly #closed = new AbortController();
  readonly #settling = new Set<Promise<void>>();
  #wave = 0;

  constructor(changes: ChangeSet, job: Job, parts: Parts, { lock, signals, shape }: Around) {
    const { state } = parts.book;
    this.#changes = changes;
    this.#job = job;
    this.#parts = parts;
    this.#lock = lock;
    this.#shape = shape;
    this.#schedule = scheduleOf(job, state, shape);
    this.#backend = parts.backend({ job, parts, signal: signals.abort, whyNot: () => this.#closing.whyNot() });
    const around = { job, parts, schedule: this.#schedule, backend: this.#backend, stop: this.stop.bind(this) };
    this.#pacing = new Pacing(around);
    this.#closing = new Closing(around);
    this.#hearing = new Hearing(parts);
    const stop = AbortSignal.any([signals.stop, this.#hearing.aborted]);
    this.signals = { stop, abort: signals.abort };
    // Every lost answer that is being settled listens to it; their number is bounded by the concurrency.
    setMaxListeners(0, this.#giveUp.signal, stop);
    // For as long as the loop runs: the signals may outlive it.
    const once = { once: true, signal: this.#closed.signal };
    const interrupted: Message = { kind: "stop", reason: "interrupted", why: "signal" };
    signals.stop.addEventListener("abort", () => parts.inbox.post(interrupted), once);
    signals.abort.addEventListener("abort", () => this.#giveUp.abort(), once);
  }

  hasStopped(): boolean {
    return this.#schedule.stopped;
  }
  /** Nothing comes after this wave, as far as is known now. */
  get isLast(): boolean {
    return this.#schedule.isLast;
  }

  /** What was asked for before anything is sent, and what holds already. */
  async *begin(): AsyncGenerator<readonly RunEvent[]> {
    if (this.signals.stop.aborted) yield this.#interrupt("signal");
    const { pause, abort } = this.#parts.book.state.asked;
    this.#pacing.set();
    this.#parts.connection.listenToPace?.((change) => this.#parts.inbox.post({ kind: "paced", change }));
    if (abort !== undefined) yield this.stop("aborted", abort.why);
    if (pause !== undefined) yield this.#closing.close("operator", pause.why);
    this.#hearing.begin();
    for (const asked of await this.#parts.controls.take()) this.#parts.inbox.post({ kind: "asked", asked });
    yield* this.hearNow();
    yield this.#closing.lookAtWindow();
    yield this.checkLimits();
  }

  /** The next wave that has something to start; undefined: there is none, or the run has stopped. */
  openWave(): { readonly wave: number; readonly size: number } | undefined {
    const wave = this.#schedule.openWave();
    this.#wave = wave?.wave ?? this.#wave;
    return wave;
  }

  /** All of a wave: until nothing is under way, and nothing of it will start any more. */
  async *turns(): AsyncGenerator<readonly RunEvent[]> {
    const { clock } = this.#parts;
    for (;;) {
      if (clock.up() >= this.#closing.lookAgainUp) yield this.#closing.lookAtWindow();
      const admitted: number[] = [];
      let step = this.#schedule.next(clock.up());
      for (; step.do === "start"; step = this.#schedule.next(clock.up())) admitted.push(step.index);
      if (admitted.length > 0) yield await this.#start(admitted);
      // The lock is lost, say: nothing may be under way any more that could be heard.
      if (admitted.length > 0 && this.hasStopped()) continue;
      if (step.do === "wave-done" && admitted.length === 0) return;
      const until = Math.min(step.do === "wait" ? step.until : clock.up(), this.#closing.lookAgainUp);
      do yield* this.#hearOnce(until);
      while (!this.#schedule.due(clock.up()) && clock.up() < until);
    }
  }

  /** Hear what comes until a moment, ms since boot, or until something is so. */
  async *hearUntil(up: number, isSo: () => boolean): AsyncGenerator<readonly RunEvent[]> {
    while (!this.hasStopped() && !isSo() && this.#parts.clock.up() < up) yield* this.#hearOnce(up);
  }

  async *hearNow(): AsyncGenerator<readonly RunEvent[]> {
    yield* this.#hearOnce(this.#parts.clock.up());
  }

  /** Nothing new leaves; answers under way are waited for, and written if they still can be. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#hearing[Symbol.dispose]();
    this.#backend.withdraw("run ended");
    this.#giveUp.abort();
    await this.#backend.idle();
    await Promise.all(this.#settling);
  }

  /** Another process may have taken the run over while this one was stopped. */
  checkLock(): readonly RunEvent[] {
    return this.#lock.check() ? [] : this.stop("lock", this.#takenOver());
  }

  checkLimits(index?: number): readonly RunEvent[] {
    const { state } = this.#parts.book;
    if (this.hasStopped()) return [];
    const over = tripped(this.#job.plan.stop, state, index);
    if (over === undefined || (over.group !== undefined && state.parked.has(over.group))) return [];
    const events = this.note([{ type: "limit", ...over, inFlight: this.#inFlight() }]);
    if (over.group === undefined)
      return [...events, ...this.stop("limit", `stop.${over.limit}: ${over.value}, tolerated ${over.tolerated}`)];
    this.#schedule.park(over.group);
    this.#backend.withdraw("parked");
    // What another group may be over was looked at when that became known.
    return [...events, ...this.checkLimits(index)];
  }

  stop(reason: NotStartedReason, detail: string): readonly RunEvent[] {
    if (this.hasStopped()) return [];
    this.#schedule.stop();
    const events = this.note([{ type: "stopped", reason, detail }]);
    this.#backend.withdraw(reason);
    return events;
  }

  note(facts: readonly Fact[]): readonly Fact[] {
    return this.#parts.book.told(facts);
  }

  async *#hearOnce(untilUp: number): AsyncGenerator<readonly RunEvent[]> {
    const { clock, inbox } = this.#parts;
    const events: RunEvent[] = [];
    for (const message of await inbox.take(untilUp - clock.up())) events.push(...this.#hear(message));
    await this.#hearing.acknowledge();
    if (events.length > 0) yield events;
  }

  /** Make intents durable, then hand the calls over: the sync is the barrier before the bytes. */
  async #start(admitted: readonly number[]): Promise<readonly RunEvent[]> {
    const { book } = this.#parts;
    const { change } = this.#job.plan;
    const chunks = chunked(await this.#changes.at(admitted), change.chunk?.size ?? 1, (one) => this.#attempt(one));
    if (!this.#lock.check()) return this.#refuse(admitted, "lock", this.#takenOver());
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

  #takenOver(): string {
    return `another process has taken over the lock ${this.#lock.scope}`;
  }

  #attempt({ index }: Change): number {
    return this.#parts.book.state.items.attemptOf(index) + 1;
  }

  #intent(change: Change): FactOf<"intent"> {
    const { index, id, title, request, before, after } = change;
    const group = this.#shape.groupOf?.[index];
    return {
      type: "intent",
      ...{ index, id, title },
      attempt: this.#attempt(change),
      wave: this.#wave,
      ...(group !== undefined && { group }),
      method: request.method,
      request: digestOf(request),
      ...{ before, after },
    };
  }

  /** What was reviewed holds until then, and not for what a long run comes to later. */
  #isExpired(): boolean {
    const { book, clock } = this.#parts;
    const from = book.state.start?.from;
    return from?.kind === "change-set" && clock.now() >= from.expires;
  }

  #refuse(admitted: readonly number[], reason: NotStartedReason, why: string): readonly RunEvent[] {
    const events = this.stop(reason, why);
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
      case "busy":
        return this.#hearBusy(message);
      case "settled":
        return this.#hearSettled(message);
      case "stop":
        return this.#interrupt(message.why);
      case "paced":
        return this.note([{ type: "throttle", what: "rate", ...message.change }]);
      case "asked":
        return this.#hearAsked(message);
      case "broken":
        throw message.error;
    }
  }

  #hearOutcome({ outcome, sentUp }: Extract<Message, { kind: "outcome" }>): readonly RunEvent[] {
    const event: RunEvent = { type: "outcome", ...outcome };
    if (outcome.kind === "not-acted") return [event, ...this.#pacing.turnedAway(outcome)];
    // A lost answer, or a rejection that follows one: only reading can tell.
    if (this.#parts.book.state.items.answerOf(outcome.index) === "open") this.#settle(outcome.index, sentUp);
    else this.#schedule.finish(outcome.index);
    return [event, ...this.#pacing.answered(outcome), ...this.checkLimits(outcome.index)];
  }

  #hearSettled({ index, read }: Extract<Message, { kind: "settled" }>): readonly RunEvent[] {
    if (this.#parts.book.state.items.mayResend(index) && !this.hasStopped())
      this.#schedule.again(index, this.#parts.clock.up());
    else this.#schedule.finish(index);
    return read === undefined ? [] : [read, ...this.checkLimits(index)];
  }

  #hearBusy({ fact }: Extract<Message, { kind: "busy" }>): readonly RunEvent[] {
    const { everyMs } = this.#job.plan.hold ?? { everyMs: 0 };
    if (fact.gaveUp === true) this.#schedule.giveUp(fact.index);
    else this.#schedule.busy(fact.index, this.#parts.clock.up() + everyMs);
    // One whose answer was lost before, and that is left alone, stays unknown.
    return fact.gaveUp === true ? [fact, ...this.checkLimits(fact.index)] : [fact];
  }

  /** Recorded first; it takes effect at once, and is on disk before anybody is told that it was heard. */
  #hearAsked({ asked }: Extract<Message, { kind: "asked" }>): readonly RunEvent[] {
    const told = this.#hearing.record(asked);
    if (told.length === 0) return [];
    switch (asked.op) {
      case "abort":
        return [...told, ...this.stop("aborted", asked.why)];
      case "pause":
        return [...told, ...this.#closing.close("operator", asked.why)];
      case "continue":
        return [...told, ...this.#closing.open("operator")];
      case "set":
        this.#pacing.set();
        return told;
      case "promote":
        return told;
    }
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

  /** Calls whose answer can still come, and lost answers being settled: what may still be added to a limit's count. */
  #inFlight(): number {
    const { state } = this.#parts.book;
    return state.openIntents().filter(({ marked }) => marked).length + state.inDoubt;
  }

  /** Also when a limit has stopped the run already: then only the waits are cut short. */
  #interrupt(why: string): readonly RunEvent[] {
    const control: Fact = { type: "control", op: "interrupt", by: this.#parts.by, why };
    if (!this.#job.verifyAfterStop) this.#giveUp.abort();
    return [...this.note([control]), ...this.stop("interrupted", why)];
  }
}

function scheduleOf(job: Job, state: RunState, shape: Shape): Schedule {
  const { facts, wave, parked, items } = state;
  const { per, ramp } = job.plan.pace;
  // Slots are calls, and the schedule counts items.
  const size = job.plan.change.chunk?.size ?? 1;
  const limits = {
    concurrency: facts.concurrency * size,
    margin: facts.margin * size,
    ...(per?.concurrency !== undefined && { perGroup: per.concurrency * size }),
    ...(ramp === "double" && { ramp: true }),
  };
  return new Schedule(shape, limits, {
    isOpen: (index) => items.isQueued(index) || items.mayResend(index),
    ...(wave && { wave: wave.number + Number(wave.ended !== undefined), reopens: wave.ended === undefined }),
    parked,
  });
}

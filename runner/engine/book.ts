import type { Fact } from "../core/model/events.ts";
import type { Clock } from "../core/model/ports.ts";
import type { Journal } from "../core/model/run-ports.ts";
import type { RunState } from "../core/tally/fold.ts";
import { ClockWatch } from "./clock-watch.ts";

/** The ledger and the state it folds to. Write, then count: nobody hears of a fact that is not written. */
export class Book {
  readonly state: RunState;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #watch: ClockWatch;
  #turn: Waiting[] = [];

  constructor(journal: Journal, state: RunState, clock: Clock) {
    this.#journal = journal;
    this.state = state;
    this.#clock = clock;
    this.#watch = new ClockWatch(clock);
  }

  /**
   * Written and folded when it returns, after everything that waits for the end of this turn: what was asked for first
   * stands first, so that no `sent` mark comes behind the `stopped` that overtook it. @returns seq of the first.
   * @throws {RecordError}
   */
  note(facts: readonly Fact[]): number {
    this.#noteTurn();
    return this.#write(facts);
  }

  /** The same, for whoever tells what was noted. @throws {RecordError} */
  told(facts: readonly Fact[]): readonly Fact[] {
    this.note(facts);
    return facts;
  }

  /**
   * Noted together with everything else that asks in this turn of the event loop, in one write: a busy run has several
   * answers a turn. Resolves once it is written and folded. @throws {RecordError}
   */
  noteThisTurn(fact: Fact): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#turn.length === 0) setImmediate(() => this.#noteTurn());
      this.#turn.push({ fact, resolve, reject });
    });
  }

  /** Everything noted so far survives power loss when it resolves. @throws {RecordError} */
  async sync(): Promise<void> {
    await this.#journal.sync();
  }

  #noteTurn(): void {
    const waiting = this.#turn;
    if (waiting.length === 0) return;
    this.#turn = [];
    try {
      this.#write(waiting.map(({ fact }) => fact));
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  #write(facts: readonly Fact[]): number {
    const jump = this.#watch.jump();
    const all = jump === undefined ? facts : [jump, ...facts];
    const first = this.#journal.note(all);
    const t = this.#clock.now();
    const up = this.#clock.up();
    all.forEach((fact, place) => this.state.fold(fact, { seq: first + place, t, up }));
    return first + all.length - facts.length;
  }
}

interface Waiting {
  readonly fact: Fact;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

import type { Fact } from "../core/model/events.ts";
import type { Clock, Journal } from "../core/model/ports.ts";
import type { RunState } from "../core/tally/fold.ts";

/** The ledger and the state it folds to. Write, then count: nobody hears of a fact that is not written. */
export class Book {
  readonly state: RunState;
  readonly #journal: Journal;
  readonly #clock: Clock;
  #turn: Waiting[] = [];

  constructor(journal: Journal, state: RunState, clock: Clock) {
    this.#journal = journal;
    this.state = state;
    this.#clock = clock;
  }

  /** Written and folded when it returns. @returns seq of the first. @throws {RecordError} */
  note(facts: readonly Fact[]): number {
    const first = this.#journal.note(facts);
    const t = this.#clock.now();
    const up = this.#clock.up();
    facts.forEach((fact, place) => this.state.fold(fact, { seq: first + place, t, up }));
    return first;
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
    this.#turn = [];
    try {
      this.note(waiting.map(({ fact }) => fact));
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}

interface Waiting {
  readonly fact: Fact;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

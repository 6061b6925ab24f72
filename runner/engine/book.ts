import type { Fact } from "../core/model/events.ts";
import type { Clock, Journal } from "../core/model/ports.ts";
import type { RunState } from "../core/tally/fold.ts";

/** The ledger and the state it folds to. Write, then count: nobody hears of a fact that is not written. */
export class Book {
  readonly state: RunState;
  readonly #journal: Journal;
  readonly #clock: Clock;

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

  /** Everything noted so far survives power loss when it resolves. @throws {RecordError} */
  async sync(): Promise<void> {
    await this.#journal.sync();
  }
}

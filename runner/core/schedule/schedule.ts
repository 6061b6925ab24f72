import { Delays } from "./delays.ts";
import { Lanes } from "./lanes.ts";

/** What is to be scheduled: items are numbers from 0, in frozen order; `waves` are sizes that add up to `size`. */
export interface Shape {
  readonly size: number;
  readonly waves: readonly number[];
  /** Group number of each item; undefined: one group. */
  readonly groupOf?: Int32Array;
  readonly groups?: number;
}

export interface Limits {
  /** Calls in flight, and lost answers being settled, at most (each). */
  readonly concurrency: number;
  /** Items beyond the slots whose intents are already durable. */
  readonly margin: number;
  /** Items of one group under way at most; undefined: no bound of its own. */
  readonly perGroup?: number;
}

/** `until`: a moment of the caller's clock, Infinity when only an event can change anything. */
export type Step =
  | { readonly do: "start"; readonly index: number }
  | { readonly do: "wait"; readonly until: number }
  | { readonly do: "wave-done" };

const phase = { waiting: 0, admitted: 1, settling: 2, delayed: 3, done: 4, parked: 5 } as const;

/**
 * What may start now: waves in order, groups in turn, holds to the back, no more than the slots and the margin. A pure state
 * machine over item numbers: `now` comes in, numbers go out; no clock, no promise. Used by every backend.
 */
export class Schedule {
  readonly #shape: Shape;
  readonly #limits: Limits;
  readonly #phase: Uint8Array;
  readonly #delays = new Delays();
  #lanes: Lanes;
  #wave = -1;
  #waveStart = 0;
  #admitted = 0;
  #settling = 0;
  #stopped = false;
  #pausedUntil = -Infinity;
  /** A delay or a pause came up since `next` said how long to wait. */
  #waitChanged = false;

  /** @param isOpen Which items still have to be started; a new run: all. */
  constructor(shape: Shape, limits: Limits, isOpen: (index: number) => boolean = () => true) {
    this.#shape = shape;
    this.#limits = limits;
    this.#phase = new Uint8Array(shape.size);
    for (let index = 0; index < shape.size; index++) if (!isOpen(index)) this.#phase[index] = phase.done;
    this.#lanes = this.#newLanes();
  }

  /** Calls handed out and not heard of yet. */
  get admitted(): number {
    return this.#admitted;
  }
  get settling(): number {
    return this.#settling;
  }
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Open the next wave that has something to start; undefined: none left, or stopped. */
  openWave(): { readonly wave: number; readonly size: number } | undefined {
    while (!this.#stopped && this.#wave + 1 < this.#shape.waves.length) {
      this.#waveStart += this.#wave < 0 ? 0 : (this.#shape.waves[this.#wave] ?? 0);
      this.#wave += 1;
      const size = this.#shape.waves[this.#wave] ?? 0;
      this.#lanes = this.#newLanes();
      for (let index = this.#waveStart; index < this.#waveStart + size; index++) {
        if (this.#phase[index] === phase.waiting) this.#lanes.add(index);
      }
      if (this.#lanes.waiting > 0) return { wave: this.#wave, size };
    }
    return undefined;
  }

  /** The next thing to do. `start` admits the item: the caller makes its intent durable and hands it out. */
  next(now: number): Step {
    this.#waitChanged = false;
    if (this.#stopped) return this.#whenNothingStarts(Infinity);
    if (now < this.#pausedUntil) return this.#whenNothingStarts(this.#pausedUntil);
    this.#wake(now);
    const full = this.#settling >= this.#limits.concurrency || this.#admitted >= this.#most;
    const index = full ? undefined : this.#lanes.take();
    if (index === undefined) return this.#whenNothingStarts(this.#delays.soonest);
    this.#phase[index] = phase.admitted;
    this.#admitted += 1;
    return { do: "start", index };
  }

  /** An answer that stands, a drift, a final read: this item is finished with. */
  finish(index: number): void {
    this.#leave(index);
    this.#phase[index] = phase.done;
  }
  /** Its answer was lost: it counts as being settled until `finish` or `again`. */
  settle(index: number): void {
    this.#leave(index);
    this.#phase[index] = phase.settling;
    this.#settling += 1;
  }
  /** It may start once more, not before `at` (a throttled or held item: the back of the queue). */
  again(index: number, at: number): void {
    this.#leave(index);
    this.#phase[index] = phase.delayed;
    this.#delays.add(index, at);
    this.#waitChanged = true;
  }
  /** It was never sent; it waits again, or stays unsent once the schedule has stopped. */
  withdrawn(index: number): void {
    this.#leave(index);
    this.#phase[index] = phase.waiting;
    if (!this.#stopped) this.#lanes.add(index);
  }
  /** Nothing more of this item's group starts. */
  park(index: number): void {
    this.#lanes.park(index);
  }
  /** Nothing starts before this moment: the service turns calls away. A pause is never shortened. */
  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    this.#waitChanged = true;
  }
  /** No new item starts, for good. What is under way is still heard. */
  stop(): void {
    this.#stopped = true;
  }

  /** Worth another turn: half of the margin is used up, a delay began or is over, the wave is over, everything has stopped. */
  due(now: number): boolean {
    if (this.#stopped || this.#isOver || this.#waitChanged) return true;
    if (now < this.#pausedUntil) return false;
    if (this.#delays.soonest <= now) return true;
    const { concurrency, margin } = this.#limits;
    if (this.#settling >= concurrency || this.#lanes.waiting === 0) return false;
    return this.#admitted === 0 || this.#admitted <= this.#most - Math.max(1, Math.ceil(margin / 2));
  }

  /** Slots and margin. The margin shrinks as lost answers pile up, since nothing may start when they are as many as slots. */
  get #most(): number {
    const { concurrency, margin } = this.#limits;
    return concurrency + Math.floor((margin * (concurrency - this.#settling)) / concurrency);
  }

  #whenNothingStarts(until: number): Step {
    return this.#isOver ? { do: "wave-done" } : { do: "wait", until };
  }

  /** Nothing is under way, and nothing of this wave will start any more. */
  get #isOver(): boolean {
    if (this.#admitted > 0 || this.#settling > 0) return false;
    return this.#stopped || (this.#delays.size === 0 && this.#lanes.waiting === 0);
  }

  #wake(now: number): void {
    for (let index = this.#delays.takeRipe(now); index !== undefined; index = this.#delays.takeRipe(now)) {
      this.#phase[index] = phase.waiting;
      this.#lanes.add(index);
    }
  }

  #leave(index: number): void {
    if (this.#phase[index] === phase.admitted) {
      this.#admitted -= 1;
      this.#lanes.release(index);
    }
    if (this.#phase[index] === phase.settling) this.#settling -= 1;
  }

  #newLanes(): Lanes {
    const { size, groupOf, groups } = this.#shape;
    return new Lanes({ size, groupOf, groups: groups ?? 1, perGroup: this.#limits.perGroup ?? Infinity });
  }
}

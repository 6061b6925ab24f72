import { Delays } from "./delays.ts";
import { Lanes } from "./lanes.ts";
import { Ramp } from "./ramp.ts";

/** What is to be scheduled: items are numbers from 0, in frozen order; `waves` are sizes that add up to `size`. */
export interface Shape {
  readonly size: number;
  readonly waves: readonly number[];
  /** The items in the order in which waves take them. Undefined: as they are numbered. */
  readonly order?: Int32Array;
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
  /** Each wave begins with one item, then two, four and so on. */
  readonly ramp?: boolean;
}

/** Where an earlier process left it. */
export interface Left {
  /** Which items still have to be started; left out: all. */
  readonly isOpen?: (index: number) => boolean;
  /** The wave to begin with; the later ones have not begun. Left out: the first. */
  readonly wave?: number;
  /** It had begun, and is opened whether or not anything of it is left to start: it was not judged yet. */
  readonly reopens?: boolean;
  readonly parked?: Iterable<number>;
}

/** `until`: a moment of the caller's clock, Infinity when only an event can change anything. */
export type Step =
  | { readonly do: "start"; readonly index: number }
  | { readonly do: "wait"; readonly until: number }
  | { readonly do: "wave-done" };

const phase = { waiting: 0, admitted: 1, settling: 2, delayed: 3, done: 4, busy: 5 } as const;

/**
 * What may start now: waves in order, groups in turn, busy items to the back, no more than the slots and the margin. A pure
 * state machine over item numbers: `now` comes in, numbers go out; no clock, no promise. Used by every backend.
 *
 * Waves cut the frozen order over all groups. Items that are parked or busy leave gaps that nothing else fills; busy ones join
 * the wave that is under way when they are free again, at the latest an extra last one.
 */
export class Schedule {
  readonly #shape: Shape;
  readonly #limits: Limits;
  readonly #phase: Uint8Array;
  readonly #delays = new Delays();
  #concurrency: number;
  readonly #lanes: Lanes;
  #ramp: Ramp | undefined;
  #wave: number;
  #mustOpen: boolean;
  /** What was left of all waves has had its turn. */
  #isBegun: boolean;
  /** Where in the order the waves have come to. */
  #taken = 0;
  #admitted = 0;
  #settling = 0;
  #busy = 0;
  /** Something of this wave was begun and came to something. */
  #hasShown = false;
  #stopped = false;
  #pausedUntil = -Infinity;
  #blockedUntil = -Infinity;
  /** A delay or a pause came up since `next` said how long to wait. */
  #waitChanged = false;

  constructor(shape: Shape, limits: Limits, { isOpen = () => true, wave = 0, ...left }: Left = {}) {
    this.#shape = shape;
    this.#limits = limits;
    this.#concurrency = limits.concurrency;
    this.#phase = new Uint8Array(shape.size);
    for (let index = 0; index < shape.size; index++) if (!isOpen(index)) this.#phase[index] = phase.done;
    this.#wave = wave - 1;
    this.#mustOpen = left.reopens === true;
    this.#isBegun = !this.#phase.includes(phase.waiting);
    const { size, groupOf, groups = 1 } = shape;
    this.#lanes = new Lanes({ size, groupOf, groups, perGroup: limits.perGroup ?? Infinity });
    for (const group of left.parked ?? []) this.#lanes.park(group);
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
  /** Nothing comes after this wave, as far as is known now. */
  get isLast(): boolean {
    return this.#busy === 0 && this.#taken >= this.#shape.size;
  }

  /** Open the next wave that has something to start; undefined: none left, or stopped. */
  openWave(): { readonly wave: number; readonly size: number } | undefined {
    const { waves } = this.#shape;
    while (!this.#stopped && (this.#wave + 1 < waves.length || this.#busy > 0 || this.#mustOpen || !this.#isBegun)) {
      this.#wave += 1;
      this.#hasShown = false;
      const size = this.#fill();
      this.#isBegun = true;
      const isWanted = this.#mustOpen || this.#lanes.waiting > 0 || this.#busy > 0;
      this.#mustOpen = false;
      if (isWanted) return { wave: this.#wave, size };
    }
    return undefined;
  }

  /** The next thing to do. `start` admits the item: the caller makes its intent durable and hands it out. */
  next(now: number): Step {
    this.#waitChanged = false;
    if (this.#stopped) return this.#whenNothingStarts(Infinity);
    const until = Math.max(this.#pausedUntil, this.#blockedUntil);
    if (now < until) return this.#whenNothingStarts(until);
    this.#wake(now);
    const index = this.#isFull ? undefined : this.#lanes.take();
    if (index === undefined) return this.#whenNothingStarts(this.#delays.soonest);
    this.#phase[index] = phase.admitted;
    this.#admitted += 1;
    this.#ramp?.started();
    return { do: "start", index };
  }

  /** An answer that stands, a drift, a final read: this item is finished with. */
  finish(index: number): void {
    this.#hasShown = true;
    this.#leave(index);
    this.#ramp?.left(true);
    this.#phase[index] = phase.done;
  }
  /** Its answer was lost: it counts as being settled until `finish` or `again`. */
  settle(index: number): void {
    this.#hasShown = true;
    this.#leave(index);
    this.#phase[index] = phase.settling;
    this.#settling += 1;
  }
  /** It may start once more, not before `at` (it was turned away: the back of the queue). */
  again(index: number, at: number): void {
    this.#leave(index);
    this.#ramp?.left(false);
    this.#phase[index] = phase.delayed;
    this.#delays.add(index, at);
    this.#waitChanged = true;
  }
  /** It is busy and may start once more, not before `at`: its wave does not wait for it, as long as anything else was begun. */
  busy(index: number, at: number): void {
    this.#leave(index);
    this.#ramp?.left(false);
    this.#phase[index] = phase.busy;
    this.#busy += 1;
    this.#delays.add(index, at);
    this.#waitChanged = true;
  }
  /** It was busy for too long: it is left alone. */
  giveUp(index: number): void {
    this.#leave(index);
    this.#ramp?.left(false);
    this.#phase[index] = phase.done;
  }
  /** It was never sent; it waits again, or stays unsent once the schedule has stopped. */
  withdrawn(index: number): void {
    this.#leave(index);
    this.#ramp?.left(false);
    this.#phase[index] = phase.waiting;
    if (!this.#stopped) this.#lanes.add(index);
  }
  /** Nothing more of this group starts. */
  park(group: number): void {
    this.#lanes.park(group);
  }
  /** Nothing starts before this moment: the service turns calls away. A pause is never shortened. */
  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    this.#waitChanged = true;
  }
  /** Nothing starts before this moment, Infinity for as long as nobody says else; in the past: go on. */
  block(until: number): void {
    this.#blockedUntil = until;
    this.#waitChanged = true;
  }
  /** Fewer slots, or as many again: never more than there were at first. */
  narrow(concurrency: number): void {
    this.#concurrency = Math.max(1, Math.min(concurrency, this.#limits.concurrency));
    this.#waitChanged = true;
  }
  /** No new item starts, for good. What is under way is still heard. */
  stop(): void {
    this.#stopped = true;
  }

  /** Worth another turn: half of the margin is used up, a delay began or is over, the wave is over, everything has stopped. */
  due(now: number): boolean {
    if (this.#stopped || this.#isOver || this.#waitChanged) return true;
    if (now < Math.max(this.#pausedUntil, this.#blockedUntil)) return false;
    if (this.#delays.soonest <= now) return true;
    if (this.#settling >= this.#concurrency || this.#lanes.waiting === 0) return false;
    if (this.#ramp?.isOver === false) return this.#ramp.mayStart;
    const margin = Math.max(1, Math.ceil(this.#limits.margin / 2));
    return this.#admitted === 0 || this.#admitted <= this.#most - margin;
  }

  get #isFull(): boolean {
    return this.#settling >= this.#concurrency || this.#admitted >= this.#most || this.#ramp?.mayStart === false;
  }

  /** Slots and margin. The margin shrinks as lost answers pile up, since nothing may start when they are as many as slots. */
  get #most(): number {
    const concurrency = this.#concurrency;
    return concurrency + Math.floor((this.#limits.margin * (concurrency - this.#settling)) / concurrency);
  }

  #whenNothingStarts(until: number): Step {
    return this.#isOver ? { do: "wave-done" } : { do: "wait", until };
  }

  /** Nothing is under way, and nothing of this wave will start any more. */
  get #isOver(): boolean {
    if (this.#admitted > 0 || this.#settling > 0) return false;
    if (this.#stopped) return true;
    if (this.#lanes.waiting > 0 || this.#delays.size > this.#busy) return false;
    return this.#busy === 0 || (this.#hasShown && this.#wave < this.#shape.waves.length);
  }

  /** All that has not been started, up to the end of this wave. @returns How many items the wave has. */
  #fill(): number {
    const { waves, order, size } = this.#shape;
    const end = this.#endOfWave();
    this.#ramp = this.#limits.ramp === true ? new Ramp(this.#limits.concurrency) : undefined;
    for (let place = this.#taken; place < Math.min(end, size); place++) {
      const index = order?.[place] ?? place;
      if (this.#phase[index] === phase.waiting) this.#lanes.add(index);
    }
    this.#taken = end;
    return waves[this.#wave] ?? this.#lanes.waiting + this.#busy;
  }

  /** In the order. The first wave of all may come after others that an earlier process has been through. */
  #endOfWave(): number {
    const { waves, size } = this.#shape;
    if (this.#wave >= waves.length) return size;
    if (this.#taken > 0) return this.#taken + (waves[this.#wave] ?? 0);
    return waves.slice(0, this.#wave + 1).reduce((sum, wave) => sum + wave, 0);
  }

  #wake(now: number): void {
    for (let index = this.#delays.takeRipe(now); index !== undefined; index = this.#delays.takeRipe(now)) {
      if (this.#phase[index] === phase.busy) this.#busy -= 1;
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
}

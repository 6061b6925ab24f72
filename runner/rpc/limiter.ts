import { CallsMade } from "../core/schedule/calls-made.ts";
import { Rate } from "../core/schedule/rate.ts";
import { ownStore, SharedRate } from "../core/schedule/shared-rate.ts";
import type { Clock } from "../core/model/ports.ts";
import type { PaceChange, PaceGrant, RateSource } from "../core/model/pace-ports.ts";

/** A slot was taken; the signal ended the wait; or the service asked for a pause that is longer than the caller waits. */
export type Slot =
  { readonly kind: "taken" } | { readonly kind: "aborted" } | { readonly kind: "held"; readonly ms: number };

const taken: Slot = { kind: "taken" };
/** Longest sleep before it is looked at again whether the wait has become shorter. */
const longestNapMs = 1000;

export interface LimiterOptions {
  /** Shared with others who call the same service. Left out: nobody does. */
  readonly rate?: RateSource;
}

/** Waits for a slot before every request of any kind, in the order asked. */
export class Limiter {
  readonly #clock: Clock;
  readonly #source: RateSource;
  #heard: (change: PaceChange) => void = () => undefined;
  readonly #made = new CallsMade();
  /** Calls a minute of this run; undefined: as many as there are. */
  #perMinute: number | undefined;
  /** Of this run alone. The slots of the source can be nearer together, since others have their share in them. */
  readonly #own = new Rate();
  #isSlowerThanSource = false;
  /** Slots that were given together: the moment of the next, of the last, and what is between two. */
  #block = { nextAt: 0, lastAt: -Infinity, spacingMs: 0 };
  /** The source has to be asked. */
  #isPaced: boolean;
  #slowedTo: number | undefined;
  /** What was told last of how slow we are. */
  #told: number | undefined;
  #waiting = 0;
  /** The turn of the last one in the queue. */
  #queue: Promise<unknown> | undefined;

  constructor(perMinute: number | undefined, clock: Clock, { rate }: LimiterOptions = {}) {
    const alone = { store: ownStore(), up: () => clock.up(), boot: "", id: "", perMinute: undefined };
    this.#source = rate ?? new SharedRate(alone);
    this.#clock = clock;
    this.#isPaced = perMinute !== undefined;
    this.setRate(perMinute);
  }

  /** @param maxHoldMs Longest pause of the service that is waited for here; a slot of our own rate is always waited for. */
  take(signal: AbortSignal, maxHoldMs: number): Slot | Promise<Slot> {
    if (!this.#isPaced) {
      this.#made.mark(this.#source.up());
      return taken;
    }
    this.#waiting += 1;
    const turn = (this.#queue ?? Promise.resolve())
      .then(() => this.#wait(signal, maxHoldMs))
      .finally(() => (this.#waiting -= 1));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** Told from now on when the service makes us slower, and when that is over. */
  listen(heard: (change: PaceChange) => void): void {
    this.#heard = heard;
  }

  /** From now on so many calls a minute; undefined: only what the service itself allows. */
  setRate(perMinute: number | undefined): void {
    this.#perMinute = perMinute;
    const isOfSource = this.#source.perMinute === undefined || this.#source.perMinute === perMinute;
    this.#own.set(isOfSource ? undefined : perMinute);
    this.#isSlowerThanSource = !isOfSource && perMinute !== undefined;
    this.#endBlock();
    if (perMinute !== undefined) this.#isPaced = true;
  }

  /** The service asked for a pause (Retry-After): nothing is sent before this moment, ms since boot. */
  holdUntil(up: number): void {
    this.#source.hold(Math.max(0, up - this.#clock.up()));
    this.#endBlock();
    this.#isPaced = true;
  }

  /** The service turned a call away that left at this moment, ms since boot, because there are too many. @param why In its words. */
  throttled(sentUp: number, why: string): void {
    const sentAgoMs = Math.max(0, this.#clock.up() - sentUp);
    const measured = this.#made.perMinute(this.#source.up());
    const slowedTo = this.#source.throttled({ perMinute: this.#perMinute, measured, sentAgoMs });
    this.#endBlock();
    const before = this.#perMinute ?? measured;
    if (slowedTo !== undefined) this.#isPaced = true;
    this.#pacedAt(slowedTo, why, before);
  }

  async #wait(signal: AbortSignal, maxHoldMs: number): Promise<Slot> {
    for (;;) {
      if (signal.aborted) return { kind: "aborted" };
      const next = this.#next(maxHoldMs);
      if (typeof next !== "number") return next;
      await this.#clock.sleep(Math.min(next, longestNapMs), signal);
    }
  }

  /** A number: how many ms to wait before asking again. */
  #next(maxHoldMs: number): Slot | number {
    const now = this.#source.up();
    const ownMs = this.#own.waitMs(now);
    if (ownMs > 0) return ownMs;
    if (this.#block.nextAt <= this.#block.lastAt && now <= this.#block.lastAt) return this.#nextOfBlock(now);
    const slots = this.#isSlowerThanSource ? 1 : this.#waiting;
    const grant = this.#source.take({ perMinute: this.#perMinute, slots });
    this.#pacedAt(grant.slowedTo, "another run on this machine was slowed down");
    if (grant.heldMs > maxHoldMs) return { kind: "held", ms: grant.heldMs };
    if (grant.slots === 0) return grant.waitMs;
    this.#isPaced = this.#perMinute !== undefined || grant.slowedTo !== undefined;
    this.#beginBlock(now, grant);
    return this.#taken(now);
  }

  /** A slot of a block is used when its moment comes or is lost: what is left of the block belongs to nobody. */
  #nextOfBlock(now: number): Slot | number {
    const { nextAt, spacingMs } = this.#block;
    if (now < nextAt) return nextAt - now;
    this.#block.nextAt = now + spacingMs;
    return this.#taken(now);
  }

  #beginBlock(now: number, { slots, spacingMs }: PaceGrant): void {
    this.#block = { nextAt: now + spacingMs, lastAt: now + (slots - 1) * spacingMs, spacingMs };
  }

  #endBlock(): void {
    this.#block.lastAt = -Infinity;
  }

  #taken(now: number): Slot {
    this.#own.take(now);
    this.#made.mark(now);
    return taken;
  }

  /** Tell of a step down, and of the end; the small steps up between them are not worth a record. */
  #pacedAt(slowedTo: number | undefined, why: string, unslowed = this.#perMinute): void {
    const from = least(this.#slowedTo, unslowed);
    const to = least(slowedTo, this.#perMinute);
    this.#slowedTo = slowedTo;
    const isDown = to < from;
    const isOver = to > from && (slowedTo === undefined || to === this.#perMinute);
    if (!isDown && !isOver) return;
    const told = isDown ? from : (this.#told ?? from);
    this.#told = isDown ? to : undefined;
    this.#heard({ from: shown(told), to: shown(to), cause: isDown ? why : "the service takes calls again" });
  }
}

function least(one: number | undefined, other: number | undefined): number {
  return Math.min(one ?? Infinity, other ?? Infinity);
}

/** Null: no limit. */
function shown(perMinute: number): number | null {
  return perMinute === Infinity ? null : Math.round(perMinute * 100) / 100;
}

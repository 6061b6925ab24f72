/** Slots are spaced one per cent wider than asked, so that jitter on the way can not put one call too many into a minute. */
const slack = 1.01;

/**
 * Calls a minute, evenly spaced: the generic cell rate algorithm with a burst of 1. No half-open minute of slots taken
 * holds more than the limit. A slot is taken at the moment it is used, never reserved ahead: a late timer then moves
 * all later slots, instead of squeezing them. Pure: `now` comes in, in ms.
 */
export class Rate {
  readonly #intervalMs: number;
  #freeAt = -Infinity;
  #heldUntil = -Infinity;

  /** @param perMinute undefined: no limit, only holds. */
  constructor(perMinute?: number) {
    this.#intervalMs = perMinute === undefined ? 0 : (60_000 / perMinute) * slack;
  }

  /** Take the next slot if its moment has come. */
  take(now: number): boolean {
    if (this.waitMs(now) > 0) return false;
    this.#freeAt = now + this.#intervalMs;
    return true;
  }

  /** How long until a slot is free; 0: now. */
  waitMs(now: number): number {
    return Math.max(0, this.#freeAt - now, this.heldMs(now));
  }

  /** The part of the wait that the service asked for. */
  heldMs(now: number): number {
    return Math.max(0, this.#heldUntil - now);
  }

  /** Nothing before this moment. A hold is never shortened. */
  holdUntil(at: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, at);
  }
}

/** Slots are spaced one per cent wider than asked, so that jitter on the way can not put one call too many into a minute. */
const slack = 1.01;

/** Ms from one slot to the next; 0: no limit. */
export function spacingMs(perMinute: number | undefined): number {
  return perMinute === undefined ? 0 : (60_000 / perMinute) * slack;
}

/**
 * Calls a minute, evenly spaced: the generic cell rate algorithm with a burst of 1. No half-open minute of slots taken
 * holds more than the limit. A slot is taken at the moment it is used, never reserved ahead: a late timer then moves
 * all later slots, instead of squeezing them. Pure: `now` comes in, in ms.
 */
export class Rate {
  #perMinute: number | undefined;
  #lastAt = -Infinity;

  /** @param perMinute undefined: no limit. */
  constructor(perMinute?: number) {
    this.#perMinute = perMinute;
  }

  /** From the last slot on that was taken. */
  set(perMinute: number | undefined): void {
    this.#perMinute = perMinute;
  }

  /** Take the next slot if its moment has come. */
  take(now: number): boolean {
    if (this.waitMs(now) > 0) return false;
    this.#lastAt = now;
    return true;
  }

  /** How long until a slot is free; 0: now. */
  waitMs(now: number): number {
    return Math.max(0, this.#lastAt + spacingMs(this.#perMinute) - now);
  }
}

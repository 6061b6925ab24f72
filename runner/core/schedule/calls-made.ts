/** Of fewer calls than this in a minute there is nothing to slow: who waits before it sends again is slower by itself. */
const fewest = 100;
const kept = 256;
const spanMs = 60_000;

/** When the last calls left, so that a rate that nobody set can be told. Times are ms of any one clock. */
export class CallsMade {
  readonly #times = new Float64Array(kept);
  #count = 0;

  mark(now: number): void {
    this.#times[this.#count % kept] = now;
    this.#count += 1;
  }

  /** Calls a minute since the oldest one kept of the last minute; undefined: too few to tell. */
  perMinute(now: number): number | undefined {
    let calls = 0;
    let first = now;
    for (let back = 1; back <= Math.min(this.#count, kept); back++) {
      const at = this.#times[(this.#count - back) % kept] ?? -Infinity;
      if (at < now - spanMs) break;
      calls += 1;
      first = at;
    }
    return calls < fewest || first >= now ? undefined : (calls * 60_000) / (now - first);
  }
}

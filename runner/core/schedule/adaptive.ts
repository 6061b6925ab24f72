/** Answers that are judged together. */
const windowSize = 16;
/** Much slower: by half of the best, and by more than what a quick service's answers differ by anyway. */
const slow = { factor: 1.5, leastMs: 50 };
const shrink = 0.75;

/**
 * How many calls at a time are worth it, at most `ceiling`: fewer as soon as answers take much longer than they did, since a
 * service that is busy answers no more of them for being asked more; one more again for each window of quick answers.
 * Slow is only what was quicker before: from a service that was busy all along nothing can be seen.
 */
export class AdaptiveWidth {
  readonly #ceiling: number;
  #width: number;
  /** The quickest window's median, in ms. */
  #bestMs = Infinity;
  #answers: number[] = [];
  /** Calls that were under way when the width changed: they say nothing of the new one. */
  #ignored = 0;

  /** @param ceiling At least 1. */
  constructor(ceiling: number) {
    this.#ceiling = ceiling;
    this.#width = ceiling;
  }

  get width(): number {
    return this.#width;
  }

  /** @param ms From the sending of a call to its answer. @returns The width from now on. */
  answered(ms: number): number {
    if (this.#ignored > 0) {
      this.#ignored -= 1;
      return this.#width;
    }
    this.#answers.push(ms);
    if (this.#answers.length === windowSize) {
      this.#judge(medianOf(this.#answers));
      this.#answers = [];
    }
    return this.#width;
  }

  #judge(medianMs: number): void {
    const isSlow = medianMs > Math.max(this.#bestMs * slow.factor, this.#bestMs + slow.leastMs);
    // One at a time, and still slow: it is not for us that it is, so this is what quick means now.
    this.#bestMs = isSlow && this.#width === 1 ? medianMs : Math.min(this.#bestMs, medianMs);
    this.#become(isSlow ? Math.floor(this.#width * shrink) : this.#width + 1);
  }

  #become(wanted: number): void {
    const width = Math.max(1, Math.min(this.#ceiling, wanted));
    if (width === this.#width) return;
    this.#ignored = this.#width;
    this.#width = width;
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

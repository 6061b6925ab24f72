/** A careful start of a wave: one item, then two, four and so on, each time all of them are done with. */
export class Ramp {
  #width = 1;
  /** Of this step, items that were started and are not done with, and those that may still be. */
  #under = 0;
  #left = 1;
  /** As wide as it gets: from here on it bounds nothing. */
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get isOver(): boolean {
    return this.#width >= this.#most;
  }
  /** Whether another item may start. */
  get mayStart(): boolean {
    return this.isOver || this.#left > 0;
  }

  started(): void {
    this.#under += 1;
    this.#left -= 1;
  }

  /** @param hasShown It was answered; what only waits again proves nothing, and another takes its place. */
  left(hasShown: boolean): void {
    this.#under -= 1;
    if (!hasShown) this.#left += 1;
    if (this.#under > 0 || this.#left > 0 || this.isOver) return;
    this.#width *= 2;
    this.#left = this.#width;
  }
}

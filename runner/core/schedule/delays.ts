/** Items that may start again at a moment, soonest first: a binary heap. */
export class Delays {
  readonly #heap: { readonly at: number; readonly index: number }[] = [];

  get size(): number {
    return this.#heap.length;
  }
  /** The moment of the soonest; Infinity when there is none. */
  get soonest(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  add(index: number, at: number): void {
    const heap = this.#heap;
    heap.push({ at, index });
    let place = heap.length - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#at(parent) <= this.#at(place)) return;
      this.#swap(parent, place);
      place = parent;
    }
  }

  /** Take the soonest when its moment has come. */
  takeRipe(now: number): number | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink();
    }
    return first.index;
  }

  #sink(): void {
    for (let place = 0; ;) {
      const left = 2 * place + 1;
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(child) >= this.#at(place)) return;
      this.#swap(child, place);
      place = child;
    }
  }

  #at(place: number): number {
    return this.#heap[place]?.at ?? Infinity;
  }
  #swap(left: number, right: number): void {
    const held = this.#heap[left];
    const other = this.#heap[right];
    if (held === undefined || other === undefined) return;
    this.#heap[left] = other;
    this.#heap[right] = held;
  }
}

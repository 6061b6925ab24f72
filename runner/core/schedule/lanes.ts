/**
 * The waiting items of a wave, one queue a group, taken in turn so that a large group does not starve a small one.
 * Linked lists in one Int32Array: 4 bytes an item, whatever the number of groups.
 */
export class Lanes {
  readonly #next: Int32Array;
  readonly #head: Int32Array;
  readonly #tail: Int32Array;
  readonly #active: Int32Array;
  readonly #parked: Uint8Array;
  readonly #groupOf: Int32Array | undefined;
  readonly #perGroup: number;
  #turn = 0;
  #waiting = 0;

  /** @param perGroup Most items of one group under way at once. */
  constructor({
    size,
    groupOf,
    groups,
    perGroup,
  }: {
    size: number;
    groupOf?: Int32Array | undefined;
    groups: number;
    perGroup: number;
  }) {
    this.#next = new Int32Array(size).fill(-1);
    this.#head = new Int32Array(groups).fill(-1);
    this.#tail = new Int32Array(groups).fill(-1);
    this.#active = new Int32Array(groups);
    this.#parked = new Uint8Array(groups);
    this.#groupOf = groupOf;
    this.#perGroup = perGroup;
  }

  /** Items that wait and whose group is not parked. */
  get waiting(): number {
    return this.#waiting;
  }

  add(index: number): void {
    const group = this.#group(index);
    const tail = this.#tail[group] ?? -1;
    this.#next[index] = -1;
    if (tail === -1) this.#head[group] = index;
    else this.#next[tail] = index;
    this.#tail[group] = index;
    if (this.#parked[group] === 0) this.#waiting += 1;
  }

  /** The next item whose group may take one more; undefined: none may now. */
  take(): number | undefined {
    const groups = this.#head.length;
    for (let step = 0; step < groups; step++) {
      const group = (this.#turn + step) % groups;
      const index = this.#head[group] ?? -1;
      if (index === -1 || this.#parked[group] === 1 || (this.#active[group] ?? 0) >= this.#perGroup) continue;
      this.#turn = (group + 1) % groups;
      this.#head[group] = this.#next[index] ?? -1;
      if (this.#head[group] === -1) this.#tail[group] = -1;
      this.#active[group] = (this.#active[group] ?? 0) + 1;
      this.#waiting -= 1;
      return index;
    }
    return undefined;
  }

  /** An item that was taken is no longer under way. */
  release(index: number): void {
    const group = this.#group(index);
    this.#active[group] = (this.#active[group] ?? 0) - 1;
  }

  /** Nothing more of this item's group starts. */
  park(index: number): void {
    const group = this.#group(index);
    if (this.#parked[group] === 1) return;
    this.#parked[group] = 1;
    for (let at = this.#head[group] ?? -1; at !== -1; at = this.#next[at] ?? -1) this.#waiting -= 1;
  }

  #group(index: number): number {
    return this.#groupOf?.[index] ?? 0;
  }
}

/**
 * The waiting items, one queue a group, taken in turn so that a large group does not starve a small one. Linked lists in one
 * Int32Array: 4 bytes an item, and every step is the same work whatever the number of groups.
 */
export class Lanes {
  readonly #next: Int32Array;
  readonly #head: Int32Array;
  readonly #tail: Int32Array;
  readonly #active: Int32Array;
  /** How many wait in each group. */
  readonly #left: Int32Array;
  readonly #parked: Uint8Array;
  readonly #groupOf: Int32Array | undefined;
  readonly #perGroup: number;
  /** Groups whose turn will come, in a circle; each is in it once at most. */
  readonly #turns: Int32Array;
  readonly #hasTurn: Uint8Array;
  #first = 0;
  #count = 0;
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
    this.#left = new Int32Array(groups);
    this.#parked = new Uint8Array(groups);
    this.#turns = new Int32Array(groups);
    this.#hasTurn = new Uint8Array(groups);
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
    this.#left[group] = (this.#left[group] ?? 0) + 1;
    if (this.#parked[group] === 0) this.#waiting += 1;
    this.#queue(group);
  }

  /** The next item whose group may take one more; undefined: none may now. */
  take(): number | undefined {
    while (this.#count > 0) {
      const group = this.#turns[this.#first] ?? 0;
      this.#first = (this.#first + 1) % this.#turns.length;
      this.#count -= 1;
      this.#hasTurn[group] = 0;
      const index = this.#head[group] ?? -1;
      if (!this.#mayTake(group)) continue;
      this.#head[group] = this.#next[index] ?? -1;
      if (this.#head[group] === -1) this.#tail[group] = -1;
      this.#left[group] = (this.#left[group] ?? 0) - 1;
      this.#active[group] = (this.#active[group] ?? 0) + 1;
      this.#waiting -= 1;
      this.#queue(group);
      return index;
    }
    return undefined;
  }

  /** An item that was taken is no longer under way. */
  release(index: number): void {
    const group = this.#group(index);
    this.#active[group] = (this.#active[group] ?? 0) - 1;
    this.#queue(group);
  }

  /** Nothing more of this group starts. */
  park(group: number): void {
    if (this.#parked[group] === 1) return;
    this.#parked[group] = 1;
    this.#waiting -= this.#left[group] ?? 0;
  }

  #queue(group: number): void {
    if (this.#hasTurn[group] === 1 || !this.#mayTake(group)) return;
    this.#turns[(this.#first + this.#count) % this.#turns.length] = group;
    this.#count += 1;
    this.#hasTurn[group] = 1;
  }

  #mayTake(group: number): boolean {
    return this.#head[group] !== -1 && this.#parked[group] === 0 && (this.#active[group] ?? 0) < this.#perGroup;
  }

  #group(index: number): number {
    return this.#groupOf?.[index] ?? 0;
  }
}

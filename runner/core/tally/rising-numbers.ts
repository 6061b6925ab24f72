const blockLength = 1024;

/**
 * Whole numbers that only rise, in about 4 bytes each: ids in the order of a list, or where lines begin in a file. Kept as
 * distances within blocks, so that growing copies nothing; a block that spans more than 2^32 takes 8 bytes a number.
 */
export class RisingNumbers {
  readonly #bases: number[] = [];
  readonly #blocks: (Uint32Array | Float64Array)[] = [];
  #size = 0;
  #last = -Infinity;
  /** Where the last search ended: lists are read in order, so the next one mostly ends there or one further. */
  #near = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns False, and nothing changes, unless the number is larger than all before. */
  push(number: number): boolean {
    if (number <= this.#last) return false;
    const within = this.#size % blockLength;
    if (within === 0) {
      this.#bases.push(number);
      this.#blocks.push(new Uint32Array(blockLength));
    }
    this.#put(this.#blocks.length - 1, within, number);
    this.#last = number;
    this.#size += 1;
    return true;
  }

  /** The number at this place, from 0; undefined behind the last. */
  at(place: number): number | undefined {
    if (!(place >= 0 && place < this.#size)) return undefined;
    const block = Math.floor(place / blockLength);
    return (this.#bases[block] ?? 0) + (this.#blocks[block]?.[place % blockLength] ?? 0);
  }

  /** The place of a number; undefined when it is not there. */
  find(number: number): number | undefined {
    if (number > this.#last) return undefined;
    if (!this.#isNear(number)) this.#near = this.#search(number);
    return this.at(this.#near) === number ? this.#near : undefined;
  }

  #put(block: number, within: number, number: number): void {
    const distance = number - (this.#bases[block] ?? 0);
    const kept = this.#blocks[block];
    if (kept === undefined) return;
    if (distance < 2 ** 32 || kept instanceof Float64Array) kept[within] = distance;
    else this.#blocks[block] = Float64Array.from(kept).fill(distance, within, within + 1);
  }

  /** Goes one place further if that is where the number belongs. @returns Whether `#near` is where it is, or would be. */
  #isNear(number: number): boolean {
    const here = this.at(this.#near) ?? Infinity;
    if (here >= number) return here === number || (this.at(this.#near - 1) ?? -Infinity) < number;
    this.#near += 1;
    return (this.at(this.#near) ?? Infinity) >= number;
  }

  /** The first place whose number is this one or more; there is one. */
  #search(number: number): number {
    let low = 0;
    let high = this.#size - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.at(middle) ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

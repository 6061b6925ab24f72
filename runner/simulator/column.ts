const chunkLength = 4096;

export type Numbers = Float64Array | Uint32Array | Uint8Array;

/** Numbers by place, 0 where none was set: in chunks, so that only what is used takes memory and growing copies nothing. */
export class Column {
  readonly #make: (length: number) => Numbers;
  readonly #chunks: (Numbers | undefined)[] = [];
  #size = 0;

  /** @param make For example `(length) => new Uint32Array(length)`. */
  constructor(make: (length: number) => Numbers) {
    this.#make = make;
  }

  /** One more than the last place that was set. */
  get size(): number {
    return this.#size;
  }

  at(place: number): number {
    return this.#chunks[Math.floor(place / chunkLength)]?.[place % chunkLength] ?? 0;
  }

  set(place: number, number: number): void {
    const chunk = (this.#chunks[Math.floor(place / chunkLength)] ??= this.#make(chunkLength));
    chunk[place % chunkLength] = number;
    this.#size = Math.max(this.#size, place + 1);
  }

  push(number: number): void {
    this.set(this.#size, number);
  }
}

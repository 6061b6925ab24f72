import { Column } from "./column.ts";

/** How often something happened to each device: 4 bytes a device. An id that no device was born with is counted, too. */
export class DeviceCounts {
  readonly #placeOf: (id: number) => number | undefined;
  readonly #counts = new Column((length) => new Uint32Array(length));
  readonly #others = new Map<number, number>();
  #distinct = 0;
  #sum = 0;

  constructor(placeOf: (id: number) => number | undefined) {
    this.#placeOf = placeOf;
  }

  /** How many devices it happened to. */
  get distinct(): number {
    return this.#distinct;
  }

  /** How often it happened in all. */
  get sum(): number {
    return this.#sum;
  }

  of(id: number): number {
    const place = this.#placeOf(id);
    return place === undefined ? (this.#others.get(id) ?? 0) : this.#counts.at(place);
  }

  increment(id: number): void {
    const place = this.#placeOf(id);
    const count = this.of(id) + 1;
    if (place === undefined) this.#others.set(id, count);
    else this.#counts.set(place, count);
    if (count === 1) this.#distinct += 1;
    this.#sum += 1;
  }
}

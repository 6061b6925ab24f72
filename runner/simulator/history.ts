import { Column } from "./column.ts";
import { valueNames } from "./device.ts";
import type { DeviceValues } from "./fleet.ts";

/** `#what` of a removal; any other is the place of a name, from 1, with `aside` added when the value is kept aside. */
const removal = 0;
const aside = 128;

/**
 * Everything that was ever changed about any device, a row for each value: 29 bytes if it is a number, so that half a
 * million devices can be changed. A value of another type is kept aside, as it is.
 */
export class History {
  /** Ms since boot; never falls. */
  readonly #at = new Column((length) => new Float64Array(length));
  readonly #places = new Column((length) => new Uint32Array(length));
  readonly #what = new Column((length) => new Uint8Array(length));
  /** The number, or where it is kept aside. */
  readonly #value = new Column((length) => new Float64Array(length));
  /** The row before of the same device, and the last one of each device; counted from 1, 0: none. */
  readonly #earlier = new Column((length) => new Uint32Array(length));
  readonly #latest = new Column((length) => new Uint32Array(length));
  readonly #aside: unknown[] = [];

  change(place: number, at: number, values: Partial<DeviceValues>): void {
    for (const [index, name] of valueNames.entries()) {
      const value: unknown = values[name];
      if (value === undefined) continue;
      if (typeof value === "number") this.#add(place, at, { what: index + 1, value });
      else this.#add(place, at, { what: index + 1 + aside, value: this.#aside.push(value) - 1 });
    }
  }

  remove(place: number, at: number): void {
    this.#add(place, at, { what: removal, value: 0 });
  }

  /** The values that differed from those of birth at `asOf`. Undefined: it was removed by then. */
  valuesAt(place: number, asOf: number): Partial<DeviceValues> | undefined {
    let row = this.#latest.at(place);
    while (row > 0 && this.#at.at(row - 1) > asOf) row = this.#earlier.at(row - 1);
    const values: Record<string, unknown> = {};
    for (; row > 0; row = this.#earlier.at(row - 1)) {
      const what = this.#what.at(row - 1);
      if (what === removal) return undefined;
      const name = valueNames[(what % aside) - 1];
      const value = this.#value.at(row - 1);
      if (name !== undefined && !(name in values)) values[name] = what > aside ? this.#aside[value] : value;
    }
    return values;
  }

  /** How many rows had taken effect at `asOf`. */
  revision(asOf: number): number {
    let low = 0;
    let high = this.#at.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at.at(middle) <= asOf) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Places touched by the rows after revision `from`, up to revision `to`; one may come more than once. */
  *changedBetween(from: number, to: number): Generator<number, void> {
    for (let row = from; row < to; row += 1) yield this.#places.at(row);
  }

  #add(place: number, at: number, { what, value }: { what: number; value: number }): void {
    this.#earlier.push(this.#latest.at(place));
    this.#at.push(at);
    this.#places.push(place);
    this.#what.push(what);
    this.#value.push(value);
    this.#latest.set(place, this.#at.size);
  }
}

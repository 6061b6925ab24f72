import type { Fields } from "../core/model/item.ts";

/**
 * Fields that some items show: 4 bytes an item, and each distinct look once, since many items that are not as wanted tend
 * to be so in the same way. Nothing is taken until the first one is noted.
 */
export class Sightings {
  readonly #size: number;
  /** The item's look, counted from 1; 0: none. */
  #lookOf: Uint32Array | undefined;
  readonly #looks: string[] = [];
  readonly #known = new Map<string, number>();

  /** @param size How many items there are. */
  constructor(size: number) {
    this.#size = size;
  }

  note(index: number, fields: Fields): void {
    const look = JSON.stringify(fields);
    const number = this.#known.get(look) ?? this.#looks.push(look);
    this.#known.set(look, number);
    this.#lookOf ??= new Uint32Array(this.#size);
    this.#lookOf[index] = number;
  }

  /** Empty for an item that was not noted. */
  of(index: number): Fields {
    const look = this.#looks[(this.#lookOf?.[index] ?? 0) - 1];
    return look === undefined ? {} : (JSON.parse(look) as Fields);
  }
}

import { jsonText } from "../model/exact.ts";
import type { Fields } from "../model/item.ts";

/** The items of a selection that have one value in common. */
export interface Group {
  readonly name: string;
  readonly items: number;
  /** Of all items counted. */
  readonly percent: number;
}

const mostNames = 10_000;

/**
 * The largest group of some fields, counted in one pass. Up to 10 000 different values the number is exact; beyond, memory does
 * not grow, and the number is never too small: too large by at most a ten thousandth of the items (the counters of Misra and
 * Gries).
 */
export class LargestGroups {
  readonly #tallies: readonly (readonly [asked: string, field: string, tally: Tally])[];

  /** @param fields Of the item, by what they are asked for as. */
  constructor(fields: Readonly<Record<string, string>>, most = mostNames) {
    this.#tallies = Object.entries(fields).map(([asked, field]) => [asked, field, new Tally(most)] as const);
  }

  /** One more item. What is unset is a group too. */
  count(fields: Fields): void {
    for (const [, field, tally] of this.#tallies) {
      const value = fields[field] ?? null;
      tally.add(typeof value === "string" ? value : jsonText(value));
    }
  }

  /** By what it was asked for as; a group of none where nothing was counted. */
  told(): Readonly<Record<string, Group>> {
    return Object.fromEntries(this.#tallies.map(([asked, , tally]) => [asked, tally.largest()] as const));
  }
}

class Tally {
  readonly #most: number;
  readonly #counts = new Map<string, number>();
  /** What each counter may have lost to others. */
  #lost = 0;
  #all = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(name: string): void {
    this.#all += 1;
    const count = this.#counts.get(name);
    if (count !== undefined || this.#counts.size < this.#most) this.#counts.set(name, (count ?? 0) + 1);
    else this.#makeRoom();
  }

  /** The newcomer and one of each that is known cancel each other out. */
  #makeRoom(): void {
    this.#lost += 1;
    for (const [name, count] of this.#counts) {
      if (count === 1) this.#counts.delete(name);
      else this.#counts.set(name, count - 1);
    }
  }

  largest(): Group {
    let [name, most] = ["", 0];
    for (const [one, count] of this.#counts) if (count > most) [name, most] = [one, count];
    const items = most + this.#lost;
    return { name, items, percent: this.#all === 0 ? 0 : (items * 100) / this.#all };
  }
}

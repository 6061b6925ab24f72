import type { Fields } from "../model/item.ts";
import { canonical } from "../model/values.ts";

/** Kinds of items that are told apart; what comes later counts as one that was met. */
const mostKinds = 10_000;

interface Kind {
  /** The first item of this kind. */
  readonly index: number;
  /** Each value with the name of its field. */
  readonly values: readonly string[];
}

/**
 * Chooses items for a first wave so that it has every distinct value of some fields, as far as they fit: a change that is bad
 * for one kind of item shows there. Each item is looked at once, in order.
 */
export class Cover {
  readonly #fields: readonly string[];
  readonly #kinds = new Map<string, Kind>();
  #size = 0;

  /** @param fields Their names. */
  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  look(item: Fields): void {
    const index = this.#size++;
    const values = this.#fields.map((name) => `${name}=${canonical(item[name] ?? null)}`);
    const key = values.join("\n");
    if (this.#kinds.size < mostKinds && !this.#kinds.has(key)) this.#kinds.set(key, { index, values });
  }

  /** How many distinct values there are, and how many of them items in the first places of an order have. */
  counts(order: Int32Array, first: number): { readonly values: number; readonly covered: number } {
    const all = new Set<string>();
    const covered = new Set<string>();
    const chosen = new Set(order.subarray(0, first));
    for (const { index, values } of this.#kinds.values()) {
      for (const value of values) all.add(value);
      if (chosen.has(index)) for (const value of values) covered.add(value);
    }
    return { values: all.size, covered: covered.size };
  }

  /** All items, those of the first wave in front; else in their own order. */
  order(first: number): Int32Array {
    const chosen = this.#chosen(first);
    const order = new Int32Array(this.#size);
    let place = 0;
    for (const index of chosen) order[place++] = index;
    for (let index = 0; index < this.#size; index++) if (!chosen.has(index)) order[place++] = index;
    return order;
  }

  /** Whoever brings most values that are not there yet; then kinds that are not there yet. The earliest of several. */
  #chosen(first: number): ReadonlySet<number> {
    const left = new Set(this.#kinds.values());
    const covered = new Set<string>();
    const chosen = new Set<number>();
    while (chosen.size < first && left.size > 0) {
      let best: Kind | undefined;
      let most = 0;
      for (const kind of left) {
        const news = kind.values.filter((value) => !covered.has(value)).length;
        if (best !== undefined && news <= most) continue;
        best = kind;
        most = news;
        if (news === kind.values.length) break;
      }
      if (best === undefined) break;
      left.delete(best);
      chosen.add(best.index);
      for (const value of best.values) covered.add(value);
    }
    return chosen;
  }
}

import type { Fields, Item, ItemId } from "../core/model/item.ts";
import type { ChangeSet } from "../core/model/run-ports.ts";
import { printOf, type Compared, type Scope } from "../core/settle/collateral.ts";
import { KeyIndex } from "../core/tally/key-index.ts";

/** What every item of the first list looked like, in 8 bytes, and 8 more for one that is to change: its own fields apart. */
export class FirstList {
  readonly fields: Compared;
  readonly #changes: ChangeSet;
  readonly #all: Compared["others"];
  readonly #places = new KeyIndex();
  /** By place; of an item that is to change without the fields that the change is about. */
  readonly #prints: BigUint64Array;
  /** Those fields, by the place in the change set. */
  readonly #own: BigUint64Array;

  constructor(fields: Compared, changes: ChangeSet, rows: number) {
    this.fields = fields;
    this.#changes = changes;
    this.#all = [...fields.own, ...fields.others];
    this.#prints = new BigUint64Array(rows);
    this.#own = new BigUint64Array(changes.size);
  }

  get rows(): number {
    return this.#places.size;
  }

  /** The next one, in the order of the list. */
  add({ id, fields }: Item): void {
    const place = this.#places.size;
    if (!this.#places.set(id, place)) return;
    const index = this.#changes.indexOf(id);
    this.#prints[place] = printOf(index === undefined ? this.#all : this.fields.others, fields);
    if (index !== undefined) this.#own[index] = printOf(this.fields.own, fields);
  }

  placeOf(id: ItemId): number | undefined {
    return this.#places.get(id);
  }

  /** @param touched Something was sent for it: what the change is about is another matter. */
  isSame({ id, fields }: Item, place: number, touched: boolean): boolean {
    const index = this.#changes.indexOf(id);
    if (this.#prints[place] !== printOf(index === undefined ? this.#all : this.fields.others, fields)) return false;
    return index === undefined || touched || this.#own[index] === printOf(this.fields.own, fields);
  }
}

/** Whether, and how, an item of the first list is in a later one. */
type Found =
  | { readonly is: "same" | "missing" | "counted" }
  | { readonly is: "differing"; readonly touched: boolean; readonly after: Fields };

/** One pass over the list, held against the first: how many items differ, and of the first so many what they hold now. */
export class LaterList {
  /** Items of a kind that are known one by one. */
  static readonly mostKept = 10_000;
  rows = 0;
  touched = 0;
  untouched = 0;
  readonly #first: FirstList;
  readonly #isTouched: (id: ItemId) => boolean;
  /** By place: 0 not seen, 1 the same, 2 differing. */
  readonly #seen: Uint8Array;
  #seenTouched = 0;
  #seenUntouched = 0;
  readonly #differing = new Map<number, { readonly touched: boolean; readonly after: Fields }>();
  #appeared = 0;
  readonly #strangers: Item[] = [];

  constructor(first: FirstList, isTouched: (id: ItemId) => boolean) {
    this.#first = first;
    this.#isTouched = isTouched;
    this.#seen = new Uint8Array(first.rows);
  }

  see(page: readonly Item[]): void {
    for (const item of page) {
      this.rows += 1;
      const place = this.#first.placeOf(item.id);
      if (place === undefined) this.#appear(item);
      else if (this.#seen[place] === 0) this.#compare(item, place);
    }
  }

  /** Items that the first list had not. */
  get appeared(): { readonly count: number; readonly items: readonly Item[] } {
    return { count: this.#appeared, items: this.#strangers };
  }

  /** Items that both lists have. */
  scope(): Scope {
    return { touched: this.#seenTouched, untouched: this.#seenUntouched };
  }

  /** Whether it takes the first list itself to tell what differs. */
  hasDifferences(): boolean {
    return this.#differing.size > 0 || this.#seenTouched + this.#seenUntouched < this.#first.rows;
  }

  /** An item of the first list. `counted`: it differs, and is not known by itself. */
  at(id: ItemId): Found {
    const place = this.#first.placeOf(id) ?? -1;
    const known = this.#differing.get(place);
    if (known !== undefined) return { is: "differing", ...known };
    return { is: (["missing", "same", "counted"] as const)[this.#seen[place] ?? 0] ?? "missing" };
  }

  #appear(item: Item): void {
    this.#appeared += 1;
    if (this.#strangers.length < LaterList.mostKept) this.#strangers.push(item);
  }

  #compare(item: Item, place: number): void {
    const touched = this.#isTouched(item.id);
    if (touched) this.#seenTouched += 1;
    else this.#seenUntouched += 1;
    const isSame = this.#first.isSame(item, place, touched);
    this.#seen[place] = isSame ? 1 : 2;
    if (isSame) return;
    const kept = touched ? this.touched++ : this.untouched++;
    if (kept < LaterList.mostKept) this.#differing.set(place, { touched, after: this.#comparedOf(item) });
  }

  #comparedOf({ fields }: Item): Fields {
    const { own, others } = this.#first.fields;
    return Object.fromEntries([...own, ...others].map(({ name }) => [name, fields[name] ?? null]));
  }
}

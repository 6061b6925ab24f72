import { IncompleteError } from "../model/errors.ts";
import type { ItemId } from "../model/item.ts";
import { KeyIndex } from "../tally/key-index.ts";

/** How often a list is read from its beginning before it is given up. */
const maxPasses = 3;
/** Bits of a mark: the number of a pass, and whether the id was given out. */
const passMask = 3;
const given = 4;

/**
 * Reads a list by page number and proves that it is whole as far as that can be done: pages that do not overlap can hide a
 * row that moved over their boundary, so that all is read again, and rows are believed where two passes after one another
 * have them at the same place. Only an empty page is an end. Every row that was there the whole time is given out exactly
 * once. Pure: ask `next()`, fetch it, hand the rows to `take()`, until `next()` is undefined.
 */
export class AgreedPasses<Row> {
  readonly #first: number;
  readonly #idOf: (row: Row) => ItemId;
  readonly #hint: string;
  /** Ids of all passes, by the order in which they came first. */
  readonly #known = new KeyIndex();
  /** A byte an id: the last pass that met it, and whether it was given out. */
  #marks = new Uint8Array(1024);
  /** Ids of a pass, in its order; undefined: there is none that this one can agree with. */
  #before: Places | undefined;
  #now = new Places();
  #difference: string | undefined;
  #number: number;
  #passes = 1;
  #isDone = false;

  /** @param first Number of the first page. @param hint What to do where the first page comes again and again. */
  constructor(first: number, idOf: (row: Row) => ItemId, hint: string) {
    this.#first = first;
    this.#number = first;
    this.#idOf = idOf;
    this.#hint = hint;
  }

  /** The number of a page. Undefined: the list is complete. */
  next(): number | undefined {
    return this.#isDone ? undefined : this.#number;
  }

  /**
   * Judge the answer to `next()`.
   * @returns The rows it proves, without those given out before, in order.
   * @throws {IncompleteError} when no two passes were alike.
   */
  take(rows: readonly Row[]): readonly Row[] {
    if (rows.length === 0) {
      this.#end();
      return [];
    }
    const proven: Row[] = [];
    for (const [place, row] of rows.entries()) {
      const id = this.#idOf(row);
      const known = this.#placeOf(id);
      if (!this.#meet(known)) {
        const isFirstPage = place === 0 && this.#now.at(0) === known;
        this.#again(isFirstPage ? firstPageAgain : `page ${this.#number} has ${id}, which was there before`);
        return proven;
      }
      if (this.#before !== undefined && this.#before.at(this.#now.size) !== known)
        this.#difference ??= `page ${this.#number} has ${id}, which was not there before`;
      this.#now.push(known);
      if (this.#before !== undefined && this.#difference === undefined && this.#give(known)) proven.push(row);
    }
    this.#number += 1;
    return proven;
  }

  #end(): void {
    const { size } = this.#now;
    if (this.#before !== undefined && this.#before.size !== size)
      this.#difference ??= `there were ${this.#before.size} rows, and are ${size} now`;
    if (this.#before !== undefined && this.#difference === undefined) {
      this.#isDone = true;
      return;
    }
    this.#begin(this.#difference, this.#now);
  }

  /** A pass that meets a row twice agrees with none. */
  #again(why: string): void {
    this.#begin(why, undefined);
  }

  #begin(why: string | undefined, before: Places | undefined): void {
    if (this.#passes === maxPasses) throw this.#moved(why);
    this.#passes += 1;
    this.#before = before;
    this.#now = new Places();
    this.#difference = undefined;
    this.#number = this.#first;
  }

  #placeOf(id: ItemId): number {
    const place = this.#known.get(id) ?? this.#known.size;
    if (place === this.#known.size) this.#known.set(id, place);
    if (place === this.#marks.length) {
      const more = new Uint8Array(this.#marks.length * 2);
      more.set(this.#marks);
      this.#marks = more;
    }
    return place;
  }

  /** @returns False when this pass has met it before. */
  #meet(place: number): boolean {
    const mark = this.#marks[place] ?? 0;
    if ((mark & passMask) === this.#passes) return false;
    this.#marks[place] = (mark & given) | this.#passes;
    return true;
  }

  /** @returns False when it was given out before. */
  #give(place: number): boolean {
    const mark = this.#marks[place] ?? 0;
    this.#marks[place] = mark | given;
    return (mark & given) === 0;
  }

  #moved(why = "no two were alike"): IncompleteError {
    if (why === firstPageAgain) {
      const message = `The list could not be read whole: asked for page ${this.#number}, the first page came again.`;
      return new IncompleteError(message, { hint: this.#hint });
    }
    return new IncompleteError(`The list could not be read whole: it moved in ${maxPasses} passes (${why}).`, {
      hint: "Run again when fewer items come and go; if it happens every time, the service does not page as it should.",
    });
  }
}

const firstPageAgain = "the first page came again";

/** Whole numbers in a row, 4 bytes each. */
class Places {
  #numbers = new Uint32Array(256);
  size = 0;

  push(number: number): void {
    if (this.size === this.#numbers.length) {
      const more = new Uint32Array(this.#numbers.length * 2);
      more.set(this.#numbers);
      this.#numbers = more;
    }
    this.#numbers[this.size] = number;
    this.size += 1;
  }

  at(place: number): number | undefined {
    return place < this.size ? this.#numbers[place] : undefined;
  }
}

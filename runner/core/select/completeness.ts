import { IncompleteError } from "../model/errors.ts";
import type { ItemId } from "../model/item.ts";

/** Which rows to ask for, counted from 0. */
export interface PageRequest {
  readonly start: number;
  readonly count: number;
}

/** How often a list is read from its beginning before it is given up. */
const maxTries = 3;

/**
 * Reads a list by offset and proves that it is whole. Each page must begin with the last row of the page before: a row
 * added or removed in front of the boundary is noticed, and the pass starts again. The end is a page that holds that row
 * alone; a short page proves nothing. Every row that was there the whole time is given out exactly once.
 * Pure: ask `next()`, fetch it, give the rows to `take()`, until `next()` is undefined.
 */
export class Roll {
  readonly #pageSize: number;
  #given: Given = new Ascending();
  #start = 0;
  #last: ItemId | undefined;
  #tries = 1;
  #largest = 0;
  /** What the request now due is for. */
  #due: "page" | "confirm-empty" | "confirm-single" | "nothing" = "page";

  /** @param pageSize Rows a page; at least 2, because one of them is the overlap. */
  constructor(pageSize: number) {
    this.#pageSize = Math.max(2, pageSize);
  }

  /** Undefined: the list is complete. */
  next(): PageRequest | undefined {
    return this.#due === "nothing" ? undefined : { start: this.#start, count: this.#pageSize };
  }

  /**
   * Judge the answer to `next()`.
   * @returns The rows not given out before, in order.
   * @throws {IncompleteError} when the list moved on every try, or holds a row twice.
   */
  take<Row>(rows: readonly Row[], idOf: (row: Row) => ItemId): readonly Row[] {
    this.#largest = Math.max(this.#largest, rows.length);
    const first = rows[0];
    if (first === undefined) return this.#takeEmpty();
    if (this.#due !== "page") return this.#again("an empty place in the list was filled while it was being read");
    if (this.#last !== undefined && idOf(first) !== this.#last) {
      return this.#again(`row ${this.#start} was ${this.#last}, and is ${idOf(first)} now`);
    }
    return this.#takeRows(rows, idOf);
  }

  #takeRows<Row>(rows: readonly Row[], idOf: (row: Row) => ItemId): readonly Row[] {
    const overlap = this.#last === undefined ? 0 : 1;
    if (overlap === rows.length) return this.#end();
    if (overlap === 0 && this.#given.isEmpty) this.#given = isAscending(rows, idOf) ? new Ascending() : new Remembered();
    const fresh: Row[] = [];
    for (let place = overlap; place < rows.length; place++) {
      const row = rows[place] as Row;
      const verdict = this.#given.add(idOf(row));
      if (verdict === "disordered") throw disordered(idOf(row), this.#start + place);
      if (verdict === "twice") return this.#again(`${idOf(row)} came twice, again near row ${this.#start + place}`, fresh);
      if (verdict === "new") fresh.push(row);
    }
    this.#start += rows.length - 1;
    this.#last = idOf(rows[rows.length - 1] as Row);
    return fresh;
  }

  /** The last row came back alone. A server that never gave two rows at once might only ever give one: look behind it. */
  #end(): readonly never[] {
    if (this.#largest > 1) this.#due = "nothing";
    else {
      this.#due = "confirm-single";
      this.#start += 1;
    }
    return [];
  }

  #takeEmpty(): readonly never[] {
    if (this.#due === "page" && this.#last === undefined) this.#due = "confirm-empty";
    else if (this.#due === "page") return this.#again(`row ${this.#start} was ${this.#last ?? ""}, and there is none now`);
    else this.#due = "nothing";
    return [];
  }

  #again<Row>(why: string, fresh: readonly Row[] = []): readonly Row[] {
    if (this.#tries === maxTries) {
      throw new IncompleteError(`The list could not be read whole: it moved in each of ${maxTries} passes (${why}).`, {
        hint: "Run again when fewer items come and go; if it happens every time, the service does not page as it should.",
      });
    }
    this.#tries += 1;
    this.#start = 0;
    this.#last = undefined;
    this.#due = "page";
    this.#given.restart();
    return fresh;
  }
}

/** Which rows were given out in all passes so far, and which of them this pass has met. */
interface Given {
  readonly isEmpty: boolean;
  add(id: ItemId): Verdict;
  restart(): void;
}

type Verdict = "new" | "known" | "twice" | "disordered";

/**
 * Rows in the order of their ids: two ids are enough to know them all. Once the order breaks nothing is known any more,
 * so that ends the reading.
 */
class Ascending implements Given {
  #met: ItemId | undefined;
  #given: ItemId | undefined;

  get isEmpty(): boolean {
    return this.#given === undefined;
  }
  add(id: ItemId): Verdict {
    if (this.#met !== undefined && !follows(id, this.#met)) return "disordered";
    this.#met = id;
    if (this.#given !== undefined && !follows(id, this.#given)) return "known";
    this.#given = id;
    return "new";
  }
  restart(): void {
    this.#met = undefined;
  }
}

/** Rows in any order: every id is kept, with the pass that met it last. */
class Remembered implements Given {
  readonly #passOf = new Map<ItemId, number>();
  #pass = 1;

  get isEmpty(): boolean {
    return this.#passOf.size === 0;
  }
  add(id: ItemId): Verdict {
    const pass = this.#passOf.get(id);
    if (pass === this.#pass) return "twice";
    this.#passOf.set(id, this.#pass);
    return pass === undefined ? "new" : "known";
  }
  restart(): void {
    this.#pass += 1;
  }
}

function disordered(id: ItemId, row: number): IncompleteError {
  return new IncompleteError(`The list could not be read whole: ${id}, near row ${row}, is out of order or there twice.`, {
    hint: "The list began in the order of its key and did not go on so; nothing can be decided from it.",
  });
}

function isAscending<Row>(rows: readonly Row[], idOf: (row: Row) => ItemId): boolean {
  return rows.every((row, place) => place === 0 || follows(idOf(row), idOf(rows[place - 1] as Row)));
}

/** Shorter first, then by character: the order of whole numbers, and a strict order of any text. */
function follows(id: ItemId, before: ItemId): boolean {
  return id.length === before.length ? id > before : id.length > before.length;
}

import { IncompleteError } from "../model/errors.ts";
import type { ItemId } from "../model/item.ts";
import { KeyIndex } from "../tally/key-index.ts";

/** Which rows to ask for, counted from 0. */
export interface PageRequest {
  readonly start: number;
  readonly count: number;
  /** Nothing is expected there: the last row was just given alone, in front of it. A service may refuse to look. */
  readonly isBeyond: boolean;
}

/** How often a list is read from its beginning before it is given up. */
const maxPasses = 3;
const stillHint =
  "Run again when fewer items come and go; if it happens every time, the service does not page as it should.";
/** Bits of a mark: the number of a pass, and whether the id was given out. */
const passMask = 3;
const given = 4;

/**
 * Reads a list by offset and proves that it is whole. Each page must begin with the last row of the page before; only
 * then is the page before believed and given out, because a row that was added, removed or left out in front of the
 * boundary moves it. A page that does not begin so starts a new pass. The end is a page that holds that row alone, and
 * nothing behind it; a short page proves nothing. Every row that was there the whole time is given out exactly once.
 * Pure: ask `next()`, fetch it, hand the rows to `take()`, until `next()` is undefined.
 */
export class WholeList<Row> {
  readonly #pageSize: number;
  readonly #idOf: (row: Row) => ItemId;
  readonly #hint: string;
  /** Ids of all passes, by the order in which they came first: a service need not keep to the order it was asked for. */
  readonly #known = new KeyIndex();
  /** A byte an id: the last pass that met it, and whether it was given out. */
  #marks = new Uint8Array(1024);
  #start = 0;
  /** The page that the next one has to bear out; its last row. */
  #unproven: readonly Row[] = [];
  #last: ItemId | undefined;
  /** The first row of this pass. */
  #first: ItemId | undefined;
  #passes = 1;
  /** What the request now due is for. */
  #due: "page" | "confirm-empty" | "confirm-end" | "nothing" = "page";

  /**
   * @param pageSize Rows a page; at least 2, because one of them is the overlap.
   * @param hint What to do where the first page comes again and again.
   */
  constructor(pageSize: number, idOf: (row: Row) => ItemId, hint = stillHint) {
    this.#pageSize = Math.max(2, pageSize);
    this.#idOf = idOf;
    this.#hint = hint;
  }

  /** Undefined: the list is complete. */
  next(): PageRequest | undefined {
    if (this.#due === "nothing") return undefined;
    return { start: this.#start, count: this.#pageSize, isBeyond: this.#due === "confirm-end" };
  }

  /**
   * Judge the answer to `next()`.
   * @returns The rows it proves, without those given out before, in order.
   * @throws {IncompleteError} when the list moved in every pass.
   */
  take(rows: readonly Row[]): readonly Row[] {
    const first = rows[0];
    if (first === undefined) return this.#takeEmpty();
    const id = this.#idOf(first);
    if (this.#due !== "page") {
      const isFirstPage = this.#last !== undefined && id === this.#first;
      return this.#again(isFirstPage ? firstPageAgain : `there was nothing from row ${this.#start} on, and is now`);
    }
    if (this.#last === undefined) return this.#takeFirst(rows);
    if (id !== this.#last)
      return this.#again(
        id === this.#first ? firstPageAgain : `row ${this.#start} was ${this.#last}, and is ${id} now`,
      );
    return rows.length === 1 ? this.#end() : this.#takeRows(rows.slice(1));
  }

  #takeFirst(rows: readonly Row[]): readonly Row[] {
    // The first row has no overlap in front of it.
    this.#start -= 1;
    this.#first = rows[0] && this.#idOf(rows[0]);
    return this.#takeRows(rows);
  }

  #takeRows(rows: readonly Row[]): readonly Row[] {
    const proven = this.#prove();
    for (const row of rows) {
      const id = this.#idOf(row);
      if (!this.#meet(id)) return this.#again(`${id} came twice`, proven);
      this.#last = id;
    }
    this.#start += rows.length;
    this.#unproven = rows;
    return proven;
  }

  /** The last row came back alone: as it does from a server that only ever gives one, or has just lost one. */
  #end(): readonly Row[] {
    this.#due = "confirm-end";
    this.#start += 1;
    return [];
  }

  #takeEmpty(): readonly Row[] {
    if (this.#due !== "page") return this.#finish();
    if (this.#last !== undefined) return this.#again(`row ${this.#start} was ${this.#last}, and there is none now`);
    this.#due = "confirm-empty";
    return [];
  }

  #finish(): readonly Row[] {
    this.#due = "nothing";
    return this.#prove();
  }

  #prove(): readonly Row[] {
    const proven = this.#unproven.filter((row) => this.#give(this.#idOf(row)));
    this.#unproven = [];
    return proven;
  }

  /** @returns False when this pass has met it before. */
  #meet(id: ItemId): boolean {
    const place = this.#known.get(id) ?? this.#known.size;
    if (place === this.#known.size) this.#known.set(id, place);
    if (place === this.#marks.length) this.#marks = doubled(this.#marks);
    const mark = this.#marks[place] ?? 0;
    if ((mark & passMask) === this.#passes) return false;
    this.#marks[place] = (mark & given) | this.#passes;
    return true;
  }

  /** @returns False when it was given out before. */
  #give(id: ItemId): boolean {
    const place = this.#known.get(id) ?? 0;
    const mark = this.#marks[place] ?? 0;
    this.#marks[place] = mark | given;
    return (mark & given) === 0;
  }

  #again(why: string, proven: readonly Row[] = []): readonly Row[] {
    if (this.#passes === maxPasses) throw this.#moved(why);
    this.#passes += 1;
    this.#start = 0;
    this.#unproven = [];
    this.#last = undefined;
    this.#due = "page";
    return proven;
  }

  #moved(why: string): IncompleteError {
    if (why === firstPageAgain) {
      const message = `The list could not be read whole: asked for row ${this.#start} on, the first page came again.`;
      return new IncompleteError(message, { hint: this.#hint });
    }
    const message = `The list could not be read whole: it moved in each of ${maxPasses} passes (${why}).`;
    return new IncompleteError(message, { hint: stillHint });
  }
}

const firstPageAgain = "the first page came again";

function doubled(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(bytes.length * 2);
  more.set(bytes);
  return more;
}

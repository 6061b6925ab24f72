import { itemId, type ItemId } from "../core/model/item.ts";
import { KeyIndex } from "../core/tally/key-index.ts";
import { RisingNumbers } from "../core/tally/rising-numbers.ts";
import type { Line } from "../ledger/lines.ts";
import { damaged, headerOf, membersOf } from "./sealed-file.ts";

/** What the first line of a change set says that it is. */
export const changeSetType = "change-set";

const mostBytesAtOnce = 1024 * 1024;

/** Where each change begins in the file, and which place an id has: 8 bytes a change when their ids rise. */
export class Places {
  readonly #path: string;
  readonly #keys = new KeyIndex();
  /** Where each change begins, and behind them where the next one would. */
  readonly #offsets = new RisingNumbers();
  #hasHeader = false;
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get size(): number {
    return this.#size;
  }

  /** The next line; the first one is the header. Its end is where the next one begins. */
  add(line: Line): void {
    if (this.#hasHeader) this.#addChange(line);
    else headerOf(line.bytes, this.#path, changeSetType);
    this.#hasHeader = true;
    this.#offsets.push(line.offset + line.bytes.length + 1);
  }

  indexOf(id: ItemId): number | undefined {
    return this.#keys.get(id);
  }

  /** Bytes of `count` lines from the `first` on, without the last line end. */
  span(first: number, count: number): { readonly from: number; readonly to: number } {
    return { from: this.#offsets.at(first) ?? 0, to: (this.#offsets.at(first + count) ?? 0) - 1 };
  }

  /** Cut indexes, in the order given, into runs of neighbours that are read at once. */
  *neighbours(indexes: readonly number[]): Generator<{ readonly first: number; readonly count: number }, void> {
    let from = 0;
    for (let place = 0; place < indexes.length; place++) {
      const first = this.#checked(indexes[from]);
      const count = place - from + 1;
      const longer = this.span(first, count + 1);
      const goesOn = indexes[place + 1] === first + count && longer.to - longer.from <= mostBytesAtOnce;
      if (goesOn) continue;
      yield { first, count };
      from = place + 1;
    }
  }

  #checked(index: number | undefined): number {
    if (index !== undefined && Number.isInteger(index) && index >= 0 && index < this.#size) return index;
    throw damaged(this.#path, `it holds ${this.size} changes, and none is number ${index}`);
  }

  #addChange({ bytes }: Line): void {
    const { index, id } = nameOf(bytes, this.#path);
    if (index !== this.#size) throw damaged(this.#path, `change ${index} stands where change ${this.#size} belongs`);
    if (!this.#keys.set(id, index)) throw damaged(this.#path, `item ${id} is in it twice`);
    this.#size += 1;
  }
}

/** Index and id of a line. They come first in it, so that the rest, most of a large file, need not be parsed. */
function nameOf(bytes: Buffer, path: string): { readonly index: number; readonly id: ItemId } {
  const begin = /^\{"index":(\d+),"id":"([^"\\]*)",/.exec(bytes.toString("utf8", 0, 256));
  if (begin?.[1] !== undefined && begin[2] !== undefined) return { index: Number(begin[1]), id: itemId(begin[2]) };
  const { index, id } = membersOf(bytes, path);
  if (typeof index !== "number" || typeof id !== "string") throw damaged(path, "it holds a line that is no change");
  return { index, id: itemId(id) };
}

import { stat } from "node:fs/promises";
import type { LedgerRecord } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import { genesis } from "./chain.ts";
import { diskError, errnoOf } from "./disk-error.ts";
import { eachLine, type Line } from "./lines.ts";
import { Chain, type LedgerEnd } from "./reader.ts";
import { openForReading } from "./record-file.ts";
import { Sense } from "./sense.ts";

/** The file as it is; `mark`: another one when anything was written. */
interface Found {
  readonly ino: number;
  readonly size: number;
  readonly mark: string;
}

/**
 * Follows a ledger that another process writes: every look reads what was appended since the last one, and hands out each
 * record that continues the chain once. Where a resume has put a copy in the place of the file, the chain itself proves that
 * what was read before is the same in it. A file that was written to and holds nothing new may have been changed in place: see
 * `look`. A change before the last record of one that goes on to grow is for an audit to find.
 */
export class LedgerTail {
  readonly #path: string;
  readonly #run: RunId;
  readonly #sense = new Sense();
  #end: LedgerEnd;
  /** Of the file at the last look, so that nothing is read while nothing changes. */
  #seen: Found = { ino: 0, size: 0, mark: "" };
  /** The last record as its line was read. */
  #last: Pick<Line, "bytes" | "offset"> | undefined;

  constructor(path: string, run: RunId) {
    this.#path = path;
    this.#run = run;
    this.#end = { head: genesis(run), bytes: 0, torn: 0 };
  }

  /** How the ledger ended at the last look. */
  get end(): LedgerEnd {
    return this.#end;
  }

  /**
   * @returns `cut`: the file is shorter than what was read of it, or may hold something else there, so that all of it has to be
   * read anew, by another tail.
   * @throws {RecordError} when it can not be read. A ledger that is not there yet has no records.
   */
  async look(each: (record: LedgerRecord) => void): Promise<"same" | "grown" | "cut"> {
    const found = await this.#find();
    if (found.size < this.#end.bytes) return "cut";
    if (found.mark === this.#seen.mark) return "same";
    const before = this.#end;
    await this.#readOn(each);
    if (this.#end.bytes === before.bytes && (await this.#mayBeChanged(found))) return "cut";
    this.#seen = found;
    return "grown";
  }

  async #readOn(each: (record: LedgerRecord) => void): Promise<void> {
    const chain = new Chain(this.#run, this.#end, this.#sense);
    const take = (line: Line): void => {
      const record = chain.next(line);
      if (record === undefined) return;
      this.#last = { bytes: Buffer.from(line.bytes), offset: line.offset };
      each(record);
    };
    await eachLine(this.#path, take, this.#end.bytes);
    this.#end = chain.end();
  }

  /**
   * No record was read from a file that is another one, or was written to: an append makes it longer, and leaves the last record
   * as it is. One in its place, of the same bytes, is read anew as well; that is rare, and no other look would tell.
   */
  async #mayBeChanged({ ino, size }: Found): Promise<boolean> {
    if (this.#last === undefined) return false;
    if (ino !== this.#seen.ino || size <= this.#seen.size) return true;
    return !(await this.#standsStill(this.#last));
  }

  async #standsStill({ bytes, offset }: Pick<Line, "bytes" | "offset">): Promise<boolean> {
    const file = await openForReading(this.#path);
    try {
      const there = Buffer.alloc(bytes.length);
      await file.read(there, 0, there.length, offset);
      return there.equals(bytes);
    } catch (cause) {
      throw diskError("read", this.#path, cause);
    } finally {
      await file.close();
    }
  }

  async #find(): Promise<Found> {
    try {
      const { ino, size, mtimeMs } = await stat(this.#path);
      return { ino, size, mark: `${ino} ${size} ${mtimeMs}` };
    } catch (cause) {
      if (errnoOf(cause) === "ENOENT") return { ino: 0, size: 0, mark: "" };
      throw diskError("look at", this.#path, cause);
    }
  }
}

import { stat } from "node:fs/promises";
import type { LedgerRecord } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import { genesis } from "./chain.ts";
import { diskError, errnoOf } from "./disk-error.ts";
import { eachLine } from "./lines.ts";
import { Chain, type LedgerEnd } from "./reader.ts";
import { Sense } from "./sense.ts";

/**
 * Follows a ledger that another process writes: every look reads what was appended since the last one, and hands out each
 * record that continues the chain once. Where a resume has put a copy in the place of the file, the chain itself proves that
 * what was read before is the same in it.
 */
export class LedgerTail {
  readonly #path: string;
  readonly #run: RunId;
  readonly #sense = new Sense();
  #end: LedgerEnd;
  /** Of the file at the last look, so that nothing is read while nothing changes. */
  #seen = "";

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
   * @returns `cut`: the file is shorter than what was read of it, so that all of it has to be read anew, by another tail.
   * @throws {RecordError} when it can not be read. A ledger that is not there yet has no records.
   */
  async look(each: (record: LedgerRecord) => void): Promise<"same" | "grown" | "cut"> {
    const found = await this.#find();
    if (found.size < this.#end.bytes) return "cut";
    if (found.mark === this.#seen) return "same";
    const chain = new Chain(this.#run, this.#end, this.#sense);
    const take = (record: LedgerRecord | undefined): void => {
      if (record !== undefined) each(record);
    };
    await eachLine(this.#path, (line) => take(chain.next(line)), this.#end.bytes);
    this.#end = chain.end();
    this.#seen = found.mark;
    return "grown";
  }

  async #find(): Promise<{ readonly size: number; readonly mark: string }> {
    try {
      const { ino, size, mtimeMs } = await stat(this.#path);
      return { size, mark: `${ino} ${size} ${mtimeMs}` };
    } catch (cause) {
      if (errnoOf(cause) === "ENOENT") return { size: 0, mark: "" };
      throw diskError("look at", this.#path, cause);
    }
  }
}

import type { FactOf, LedgerRecord } from "../core/model/events.ts";
import { announcement } from "../reporters/live/announce.ts";
import { happening, type Whereabouts } from "../reporters/live/happenings.ts";
import { Tally } from "../reporters/live/tally.ts";
import { timeText } from "../core/model/values.ts";
import type { RunFolder } from "../runs/folder.ts";

/** A line about a run. `seq`: of the record that it tells of; `at`: wall ms, and `time` the same for people. */
export interface Said {
  readonly seq: number;
  readonly at: number;
  readonly time: string;
  readonly text: string;
}

/** Lines kept for whoever comes later; a page shows no more than that either. */
const kept = 100;

/** What is worth a line of its own, in the words of a terminal. */
export class Voice {
  readonly #run: RunFolder;
  readonly #whereabouts: Whereabouts;
  readonly #lines: Said[] = [];
  #tally = new Tally();
  #start: FactOf<"start"> | undefined;
  #selected: FactOf<"selected"> | undefined;

  constructor(run: RunFolder, whereabouts: Whereabouts) {
    this.#run = run;
    this.#whereabouts = whereabouts;
    this.#begin();
  }

  /** Lines about records after `seq`, the oldest first. */
  since(seq: number): readonly Said[] {
    return this.#lines.filter((line) => line.seq > seq);
  }

  take(record: LedgerRecord): void {
    if (record.type === "start") this.#start = record;
    if (record.type === "selected") this.#selected = record;
    if (record.type === "resume") this.#begin();
    this.#tally.take(record);
    const text = announcement(record) ?? happening(record, this.#tally, this.#whereabouts);
    if (text === undefined) return;
    const time = timeText(Math.floor(record.t / 1000), this.#whereabouts.zone) ?? "";
    this.#lines.push({ seq: record.seq, at: record.t, time, text });
    if (this.#lines.length > kept) this.#lines.shift();
  }

  /** A tally counts what one process does. */
  #begin(): void {
    this.#tally = new Tally();
    const { run, path } = this.#run;
    this.#tally.take({ type: "run", run, folder: path, plan: "", service: "", endpoint: "", verb: "" });
    if (this.#start !== undefined) this.#tally.take(this.#start);
    if (this.#selected !== undefined) this.#tally.take(this.#selected);
  }
}

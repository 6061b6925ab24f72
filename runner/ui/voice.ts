import type { LedgerRecord } from "../core/model/events.ts";
import type { Whereabouts } from "../reporters/live/happenings.ts";
import { Narrator } from "../reporters/live/narrator.ts";
import type { RunFolder } from "../runs/folder.ts";
import { clockText, withClockTexts } from "./clock-text.ts";

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
  readonly #zone: string;
  readonly #lines: Said[] = [];
  readonly #narrator: Narrator;

  constructor({ run }: RunFolder, whereabouts: Whereabouts) {
    this.#zone = whereabouts.zone;
    this.#narrator = new Narrator(run, whereabouts);
  }

  /** Lines about records after `seq`, the oldest first. */
  since(seq: number): readonly Said[] {
    return this.#lines.filter((line) => line.seq > seq);
  }

  take(record: LedgerRecord): void {
    const told = this.#narrator.tell(record);
    if (told === undefined) return;
    const text = record.type === "paused" && record.until !== undefined ? withClockTexts(told) : told;
    const time = clockText(record.t, this.#zone);
    this.#lines.push({ seq: record.seq, at: record.t, time, text });
    if (this.#lines.length > kept) this.#lines.shift();
  }
}

import type { FactOf, LedgerRecord } from "../../core/model/events.ts";
import type { RunId } from "../../core/model/item.ts";
import { announcement } from "./announce.ts";
import { happening, type Whereabouts } from "./happenings.ts";
import { Tally } from "./tally.ts";

/** Tells of a recorded run in the words of its live lines, record by record; several processes may have written it. */
export class Narrator {
  readonly #run: RunId;
  readonly #whereabouts: Whereabouts;
  #tally: Tally;
  #start: FactOf<"start"> | undefined;
  #selected: FactOf<"selected"> | undefined;
  readonly #parked: FactOf<"limit">[] = [];

  constructor(run: RunId, whereabouts: Whereabouts) {
    this.#run = run;
    this.#whereabouts = whereabouts;
    this.#tally = this.#begun();
  }

  /** What is worth a line of its own; undefined: nothing. */
  tell(record: LedgerRecord): string | undefined {
    if (record.type === "start") this.#start = record;
    if (record.type === "selected") this.#selected = record;
    if (record.type === "limit" && record.group !== undefined) this.#parked.push(record);
    if (record.type === "resume") this.#tally = this.#begun();
    this.#tally.take(record);
    return announcement(record) ?? happening(record, this.#tally, this.#whereabouts);
  }

  /** A tally counts what one process does: the next one says anew what it waits for. */
  #begun(): Tally {
    const tally = new Tally();
    tally.take({ type: "run", run: this.#run, folder: "", plan: "", service: "", endpoint: "", verb: "" });
    if (this.#start !== undefined) tally.take(this.#start);
    if (this.#selected !== undefined) tally.take(this.#selected);
    // Groups stay parked.
    for (const limit of this.#parked) tally.take(limit);
    return tally;
  }
}

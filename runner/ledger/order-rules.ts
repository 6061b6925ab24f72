import { formatVersion, type LedgerRecord } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";

const mayFollowEnd: readonly LedgerRecord["type"][] = ["repair", "resume", "control", "lock"];

/** What the order of a ledger's records must be, whatever they say of items: of this run, one writer at a time, nothing past an end. */
export class OrderRules {
  readonly #run: RunId;
  #last: LedgerRecord | undefined;
  #claimed = 0;
  /** Highest generation of the lock that wrote so far, and the one of the present `resume`. */
  #locked = 0;
  #resumed = 0;

  constructor(run: RunId) {
    this.#run = run;
  }

  /** The next record. @returns What is wrong with it; empty when nothing is. */
  add(record: LedgerRecord): readonly string[] {
    const wrong = [
      ...this.#start(record),
      ...this.#afterEnd(record),
      ...this.#claim(record),
      ...this.#generation(record),
    ];
    this.#last = record;
    return wrong;
  }

  #start(record: LedgerRecord): string[] {
    if (record.type !== "start") return [];
    if (record.run !== this.#run) return [`the ledger is of run ${record.run}, expected ${this.#run}`];
    if (record.format > formatVersion)
      return [`format ${record.format} is newer than this program reads (${formatVersion})`];
    return [];
  }

  #afterEnd(record: LedgerRecord): string[] {
    if (this.#last?.type !== "end" || mayFollowEnd.includes(record.type)) return [];
    return [`"${record.type}" follows the end record without a resume`];
  }

  #claim(record: LedgerRecord): string[] {
    if (record.synced === undefined) return [];
    const isPossible = record.synced < record.seq && record.synced >= this.#claimed;
    this.#claimed = Math.max(this.#claimed, record.synced);
    return isPossible ? [] : [`it says that everything up to record ${record.synced} was on disk, which can not be`];
  }

  /** Generations rise with each owner, so that no record of one stands after a record of the next. */
  #generation(record: LedgerRecord): string[] {
    if (record.type === "resume") return this.#resume(record.generation);
    if (record.type === "lock") return this.#lock(record.generation);
    return [];
  }

  #resume(generation: number): string[] {
    const newest = Math.max(this.#locked, this.#resumed);
    this.#resumed = Math.max(newest, generation);
    return generation > newest ? [] : [twoWriters(generation, newest)];
  }

  /** A run takes its lock once, before its first change; a resume has said its generation already. */
  #lock(generation: number): string[] {
    const isRising = generation > this.#locked && generation >= this.#resumed;
    const newest = Math.max(this.#locked, this.#resumed);
    this.#locked = Math.max(newest, generation);
    return isRising ? [] : [twoWriters(generation, newest)];
  }
}

function twoWriters(generation: number, newest: number): string {
  return `lock generation ${generation} after generation ${newest}: two processes wrote this ledger`;
}

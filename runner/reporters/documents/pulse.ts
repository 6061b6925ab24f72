import type { LedgerRecord } from "../../core/model/events.ts";

const mostBuckets = 240;
const shortestMs = 100;

/** How many answers came in which stretch of time, in at most 240 stretches: as time goes on they become longer. */
export class Pulse {
  /** Length of a stretch. */
  bucketMs = shortestMs;
  /** Wall ms: where the first stretch begins; undefined: nothing was answered. */
  from: number | undefined;
  counts: number[] = [];

  take(record: LedgerRecord): void {
    if (record.type !== "outcome") return;
    this.from ??= record.t;
    // A clock that was set back does not make time before the first answer.
    let place = this.#placeOf(record.t);
    while (place >= mostBuckets) {
      this.#widen();
      place = this.#placeOf(record.t);
    }
    while (this.counts.length <= place) this.counts.push(0);
    this.counts[place] = (this.counts[place] ?? 0) + 1;
  }

  #placeOf(t: number): number {
    return Math.max(0, Math.floor((t - (this.from ?? t)) / this.bucketMs));
  }

  #widen(): void {
    this.bucketMs *= 2;
    const halves = this.counts;
    this.counts = Array.from({ length: Math.ceil(halves.length / 2) }, (_, place) => {
      return (halves[2 * place] ?? 0) + (halves[2 * place + 1] ?? 0);
    });
  }
}

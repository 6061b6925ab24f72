import type { GroupSize } from "../model/events.ts";
import type { StopCounters } from "../schedule/stops.ts";

/** What an item adds to the counts of whatever it is in. */
export interface Delta {
  readonly errors: number;
  readonly unknown: number;
}

/** Counts of a run, or of a part of it, in ledger order. */
export class Counters implements StopCounters {
  errors = 0;
  unknown = 0;
  drifted = 0;
  /** The longest row of answers that were not `accepted`: it counts even if the row has ended since. */
  consecutive = 0;
  #row = 0;
  /** The call of several items that made the row longer last. */
  #rowCall: number | undefined;

  change({ errors, unknown }: Delta): void {
    this.errors += errors;
    this.unknown += unknown;
  }

  /** @param call Of several items, and its answer is one answer. */
  lengthen(call: number | undefined): void {
    if (call === undefined || call !== this.#rowCall || this.#row === 0) this.#row += 1;
    this.#rowCall = call;
    this.consecutive = Math.max(this.consecutive, this.#row);
  }
  endRow(): void {
    this.#row = 0;
  }
}

/** Which wave and group the items are in that were begun, 4 bytes each where there are several, and the counts of those. */
export class PartCounts {
  readonly #size: number;
  readonly groups: readonly GroupSize[];
  readonly #ofGroups: readonly Counters[];
  /** Counted from 1; 0: not begun. */
  #waveOf: Int32Array | undefined;
  #groupOf: Int32Array | undefined;
  wave = -1;
  waveSize = 0;
  #ofWave = new Counters();

  constructor(
    size: number,
    { waves, groups = [] }: { readonly waves: number; readonly groups?: readonly GroupSize[] },
  ) {
    this.#size = size;
    this.groups = groups;
    this.#ofGroups = groups.map(() => new Counters());
    if (waves > 1) this.#waveOf = new Int32Array(size);
    if (groups.length > 0) this.#groupOf = new Int32Array(size);
  }

  get ofWave(): Counters {
    return this.#ofWave;
  }

  /** The same wave again, after a resume, goes on counting. */
  beginWave(wave: number, size: number): void {
    if (wave !== this.wave) this.#ofWave = new Counters();
    this.wave = wave;
    this.waveSize = size;
    // A wave beyond those that were planned takes items up that were busy.
    if (wave > 0) this.#waveOf ??= new Int32Array(this.#size);
  }

  begin(index: number, wave: number, group: number | undefined): void {
    if (this.#waveOf !== undefined) this.#waveOf[index] = wave + 1;
    if (this.#groupOf !== undefined && group !== undefined) this.#groupOf[index] = group + 1;
  }

  /** The wave in which it was begun last; undefined: it was not. */
  waveOf(index: number): number | undefined {
    if (this.#waveOf === undefined) return this.wave === -1 ? undefined : 0;
    const wave = this.#waveOf[index] ?? 0;
    return wave === 0 ? undefined : wave - 1;
  }

  groupOf(index: number): number | undefined {
    const group = this.#groupOf?.[index] ?? 0;
    return group === 0 ? undefined : group - 1;
  }

  ofGroup(group: number): Counters | undefined {
    return this.#ofGroups[group];
  }

  /** Those that count what happens to an item, besides the run. */
  over(index: number): readonly Counters[] {
    const group = this.#ofGroups[this.groupOf(index) ?? -1];
    const wave = this.waveOf(index) === this.wave ? [this.#ofWave] : [];
    return group === undefined ? wave : [...wave, group];
  }
}

import type { LedgerRecord } from "../../core/model/events.ts";
import type { RunState } from "../../core/tally/fold.ts";

/** One wave. Times are wall ms; `ended` undefined: it is under way, or the run stopped in it. */
export interface WaveReport {
  /** From 0. */
  readonly number: number;
  readonly size: number;
  readonly began: number;
  readonly ended: number | undefined;
  /** How its items ended, by state; of those that were begun in it last. */
  readonly states: Readonly<Record<string, number>>;
  /** What its gate found last. */
  readonly gate: "pass" | "fail" | "inconclusive" | undefined;
}

type Times = Omit<WaveReport, "states">;

/** When waves began and ended. */
export class WaveTimes {
  readonly of = new Map<number, Times>();

  take(record: LedgerRecord): void {
    if (record.type === "wave") {
      const { wave: number, size, phase, cut, t } = record;
      const known = this.of.get(number) ?? { number, size, began: t, ended: undefined, gate: undefined };
      const ended = phase === "end" && cut !== true ? t : undefined;
      this.of.set(number, { ...known, ended });
    } else if (record.type === "gate") {
      const known = this.of.get(record.wave);
      if (known !== undefined) this.of.set(record.wave, { ...known, gate: record.result });
    }
  }
}

/** Every wave that was begun, in order. */
export function waveReports({ items, parts }: RunState, times: WaveTimes): readonly WaveReport[] {
  const states = new Map<number, Record<string, number>>();
  for (let index = 0; index < items.size; index++) {
    const wave = parts.waveOf(index);
    if (wave === undefined || items.attemptOf(index) === 0) continue;
    const counts = states.get(wave) ?? {};
    const state = items.stateOf(index);
    counts[state] = (counts[state] ?? 0) + 1;
    states.set(wave, counts);
  }
  return [...times.of.values()]
    .toSorted((left, right) => left.number - right.number)
    .map((wave) => ({ ...wave, states: states.get(wave.number) ?? {} }));
}

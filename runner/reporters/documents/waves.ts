import type { LedgerRecord } from "../../core/model/events.ts";
import type { RunState } from "../../core/tally/fold.ts";
import { duration } from "../amount.ts";

/** `stopped`: the run came to its end, or began to, in the middle of it, or before it was judged. */
type WaveStanding = "not begun" | "not over" | "stopped" | "ended";

/** One wave. Times are wall ms. */
export interface WaveReport {
  /** From 0. */
  readonly number: number;
  readonly size: number;
  readonly standing: WaveStanding;
  /** Undefined: it was not begun. */
  readonly began: number | undefined;
  /** When it was over or stopped. Undefined: neither, or the record does not say when. */
  readonly ended: number | undefined;
  /** How its items ended, by state; they add up to its size. */
  readonly states: Readonly<Record<string, number>>;
  /** What its gate found last. */
  readonly gate: "pass" | "fail" | "inconclusive" | undefined;
  /** One beyond those that were planned: its items were begun in earlier ones as well, and had to wait. */
  readonly isExtra?: true;
}

type Times = Pick<WaveReport, "number" | "size" | "began" | "ended" | "gate"> & { readonly isCut: boolean };

/** When waves began and ended, and in which each item was begun first: 4 bytes an item. */
export class WaveTimes {
  readonly of = new Map<number, Times>();
  /** Counted from 1; 0: not begun. */
  #firstOf = new Int32Array(0);

  take(record: LedgerRecord): void {
    switch (record.type) {
      case "selected":
        this.#firstOf = new Int32Array(record.size);
        break;
      case "intent":
        if (this.firstOf(record.index) === undefined) this.#firstOf[record.index] = record.wave + 1;
        break;
      case "wave":
        this.#takeWave(record);
        break;
      case "gate": {
        const known = this.of.get(record.wave);
        if (known !== undefined) this.of.set(record.wave, { ...known, gate: record.result });
        break;
      }
      default:
        break;
    }
  }

  /** The wave in which an item was begun first: the one that it was planned for. Undefined: it was not. */
  firstOf(index: number): number | undefined {
    const wave = this.#firstOf[index] ?? 0;
    return wave === 0 ? undefined : wave - 1;
  }

  #takeWave({ wave: number, size, phase, cut, t }: Extract<LedgerRecord, { type: "wave" }>): void {
    const known = this.of.get(number) ?? { number, size, began: t, gate: undefined };
    const isEnd = phase === "end";
    this.of.set(number, { ...known, ended: isEnd ? t : undefined, isCut: isEnd && cut === true });
  }
}

/**
 * Every wave that was begun or planned, in order; none of a run that was only looked at. @param isWhole The record is not damaged: of
 * items that it has no intent of, it is known that nothing was sent.
 */
export function waveReports(state: RunState, times: WaveTimes, isWhole: boolean): readonly WaveReport[] {
  if (state.generation === 0) return [];
  const planned = state.selected?.waves ?? [];
  const states = statesByWave(state, { times, planned: planned.length, unsent: isWhole ? "not-started" : "open" });
  const numbers = new Set([...planned.keys(), ...times.of.keys()]);
  return [...numbers]
    .toSorted((left, right) => left - right)
    .map((number): WaveReport => {
      const { isCut = false, ...known } = times.of.get(number) ?? unbegun(number, planned[number] ?? 0);
      return {
        ...known,
        standing: standingOf({ ...known, isCut }, state.end !== undefined && isWhole),
        states: filledUp(states.get(number) ?? {}, known.size, isWhole ? "not-started" : "open"),
        ...(number >= planned.length && { isExtra: true }),
      };
    });
}

function unbegun(number: number, size: number): Omit<Times, "isCut"> & { readonly isCut?: boolean } {
  return { number, size, began: undefined, ended: undefined, gate: undefined };
}

function standingOf({ began, ended, isCut }: Pick<Times, "began" | "ended" | "isCut">, isOver: boolean): WaveStanding {
  if (began === undefined) return "not begun";
  if (isCut) return "stopped";
  if (ended !== undefined) return "ended";
  // Whoever had it in hand died, and somebody has seen to the run since.
  return isOver ? "stopped" : "not over";
}

interface Counting {
  readonly times: WaveTimes;
  readonly planned: number;
  /** What an item is called that nothing was sent for. */
  readonly unsent: string;
}

/** Of items that were begun: in the wave they were planned for, and in an extra one if that was their last. */
function statesByWave(
  { items, parts }: RunState,
  { times, planned, unsent }: Counting,
): ReadonlyMap<number, Readonly<Record<string, number>>> {
  const counted = new Map<number, Record<string, number>>();
  for (let index = 0; index < items.size; index++) {
    const first = times.firstOf(index);
    if (first === undefined) continue;
    const last = parts.waveOf(index) ?? first;
    const found = items.stateOf(index);
    const state = found === "not-started" ? unsent : found;
    for (const wave of last >= planned && last !== first ? [first, last] : [first]) {
      const counts = counted.get(wave) ?? {};
      counts[state] = (counts[state] ?? 0) + 1;
      counted.set(wave, counts);
    }
  }
  return counted;
}

/** With those of its items that were not begun. */
function filledUp(states: Readonly<Record<string, number>>, size: number, unsent: string): WaveReport["states"] {
  const begun = Object.values(states).reduce((sum, number) => sum + number, 0);
  return begun >= size ? states : { ...states, [unsent]: (states[unsent] ?? 0) + size - begun };
}

/** How long a wave took, or why that can not be said. */
export function lastedText({ standing, began, ended }: WaveReport): string {
  if (began === undefined || ended === undefined) return standing;
  return standing === "stopped" ? `stopped after ${duration(ended - began)}` : duration(ended - began);
}

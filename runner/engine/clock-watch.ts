import type { FactOf } from "../core/model/events.ts";
import type { Clock } from "../core/model/ports.ts";

/** A smaller difference is the clock being kept right, not set. */
const jumpMs = 5000;

/** Sees the wall clock being set while a run is under way: durations do not care, the times in its records do. */
export class ClockWatch {
  readonly #clock: Clock;
  /** Wall clock minus time since boot, as it was when last told. */
  #offset: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = offsetOf(clock);
  }

  /** The jump since the last one told, forward or back; undefined: none. */
  jump(): FactOf<"clock"> | undefined {
    const offset = offsetOf(this.#clock);
    const difference = offset - this.#offset;
    if (Math.abs(difference) <= jumpMs) return undefined;
    this.#offset = offset;
    return { type: "clock", kind: "wall", jumpMs: Math.round(difference) };
  }
}

function offsetOf(clock: Clock): number {
  return clock.now() - clock.up();
}

import type { Clock } from "../../runner/core/model/ports.ts";

/** Time that passes only when everybody sleeps. `late`: how much later than asked each sleeper wakes, in turn, over and over. */
export class VirtualTime {
  readonly #late: readonly number[];
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  #slept = 0;
  at: number;

  constructor(at: number, late: readonly number[] = [0]) {
    this.at = at;
    this.#late = late;
  }

  /** A clock of one process: `ahead` is what its own idea of the time since boot is ahead, and may grow. */
  clock(ahead: () => number = () => 0): Clock {
    return {
      now: () => this.at,
      up: () => this.at + ahead(),
      sleep: (ms, signal) => this.sleep(ms, signal),
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const late = this.#late[this.#slept++ % this.#late.length] ?? 0;
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#sleepers.push({ at: this.at + ms + late, wake });
      signal?.addEventListener("abort", wake);
    });
  }

  /** Until nobody sleeps any more. */
  async run(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#sleepers.sort((one, other) => one.at - other.at);
      const next = this.#sleepers.shift();
      if (next === undefined) return;
      this.at = Math.max(this.at, next.at);
      next.wake();
    }
  }
}

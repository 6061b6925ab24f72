import type { Clock } from "../../../runner/core/model/ports.ts";

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that passes only when nothing else can happen. One of a process: when that dies, nobody wakes its timers. */
export class VirtualTime implements Clock {
  #up: number;
  readonly #timers = new Set<Timer>();

  constructor(up: number) {
    this.#up = up;
  }
  up(): number {
    return this.#up;
  }
  now(): number {
    return this.#up;
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const drop = this.at(this.#up + ms, resolve);
      signal?.addEventListener("abort", () => {
        drop();
        resolve();
      });
    });
  }
  /** @returns What forgets it. */
  at(at: number, wake: () => void): () => void {
    const timer = { at, wake };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
  /** To the soonest timer. @throws {Error} nothing will ever happen any more. */
  advance(): void {
    const at = Math.min(...[...this.#timers].map((timer) => timer.at));
    if (at === Infinity) throw new Error("the run waits for something that never comes");
    this.#up = Math.max(this.#up, at);
    for (const timer of [...this.#timers].filter((one) => one.at <= at)) {
      this.#timers.delete(timer);
      timer.wake();
    }
  }
}

/** Carry a promise through virtual time: time passes once nothing has happened for several turns of the event loop. */
export async function through<T>(promise: Promise<T>, time: VirtualTime): Promise<T> {
  const end = new AbortController();
  const over = (): void => end.abort();
  const isOver = (): boolean => end.signal.aborted;
  promise.then(over, over);
  while (!isOver()) {
    for (let turn = 0; turn < 4; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isOver()) return promise;
    }
    time.advance();
  }
  return promise;
}

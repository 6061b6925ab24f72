import type { Clock } from "../core/model/ports.ts";

/** Something that can be ended from outside while it waits. */
export interface Watched {
  /** Ms since boot; set by the watch. */
  dueAt: number;
  expire(): void;
  abort(): void;
}

/**
 * Ends exchanges at their deadline, or when a signal aborts. All have the same time, so they end in the order they
 * began and one timer serves all; each signal has one listener, however many exchanges it governs.
 */
export class Watch {
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  /** In the order of their deadlines. */
  readonly #waiting = new Set<Watched>();
  readonly #bySignal = new WeakMap<AbortSignal, Set<Watched>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number, clock: Clock) {
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /** The signal must not be aborted yet. */
  add(watched: Watched, signal: AbortSignal): void {
    watched.dueAt = this.#clock.up() + this.#timeoutMs;
    this.#waiting.add(watched);
    this.#governedBy(signal).add(watched);
    this.#timer ??= setTimeout(this.#expire, this.#timeoutMs);
  }

  remove(watched: Watched, signal: AbortSignal): void {
    this.#waiting.delete(watched);
    this.#bySignal.get(signal)?.delete(watched);
    if (this.#waiting.size === 0) this.#rest();
  }

  #governedBy(signal: AbortSignal): Set<Watched> {
    const known = this.#bySignal.get(signal);
    if (known !== undefined) return known;
    const governed = new Set<Watched>();
    this.#bySignal.set(signal, governed);
    signal.addEventListener("abort", () => [...governed].forEach((watched) => watched.abort()), { once: true });
    return governed;
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    const now = this.#clock.up();
    for (const watched of [...this.#waiting]) {
      if (watched.dueAt > now) {
        this.#timer = setTimeout(this.#expire, Math.max(1, watched.dueAt - now));
        return;
      }
      watched.expire();
    }
  };

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

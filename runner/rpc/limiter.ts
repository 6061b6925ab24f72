import { Rate } from "../core/schedule/rate.ts";
import type { Clock } from "../core/model/ports.ts";

/** A slot was taken; the signal ended the wait; or the service asked for a pause that is longer than the caller waits. */
export type Slot =
  { readonly kind: "taken" } | { readonly kind: "aborted" } | { readonly kind: "held"; readonly ms: number };

const taken: Slot = { kind: "taken" };

/** Waits for a slot before every request of any kind, in the order asked. */
export class Limiter {
  readonly #rate: Rate;
  readonly #isLimited: boolean;
  readonly #clock: Clock;
  #isHeld = false;
  /** The turn of the last one in the queue. */
  #queue: Promise<unknown> | undefined;

  constructor(perMinute: number | undefined, clock: Clock) {
    this.#rate = new Rate(perMinute);
    this.#isLimited = perMinute !== undefined;
    this.#clock = clock;
  }

  /** @param maxHoldMs Longest pause of the service that is waited for here; a slot of our own rate is always waited for. */
  take(signal: AbortSignal, maxHoldMs: number): Slot | Promise<Slot> {
    if (!this.#isLimited && !this.#isHeld) return taken;
    const turn = (this.#queue ?? Promise.resolve()).then(() => this.#wait(signal, maxHoldMs));
    this.#queue = turn;
    return turn;
  }

  /** The service asked for a pause (Retry-After): nothing is sent before this moment, ms since boot. */
  holdUntil(up: number): void {
    this.#rate.holdUntil(up);
    this.#isHeld = true;
  }

  async #wait(signal: AbortSignal, maxHoldMs: number): Promise<Slot> {
    for (;;) {
      if (signal.aborted) return { kind: "aborted" };
      const now = this.#clock.up();
      const held = this.#rate.heldMs(now);
      if (held > maxHoldMs) return { kind: "held", ms: held };
      this.#isHeld = held > 0;
      if (this.#rate.take(now)) return taken;
      await this.#clock.sleep(this.#rate.waitMs(now), signal);
    }
  }
}

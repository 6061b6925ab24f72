import type { FactOf } from "../model/events.ts";

type Control = FactOf<"control">;

/** What people asked of a run from elsewhere, and what of it holds. */
export class Asked {
  /** Somebody paused it, and nobody has said go on. */
  pause: Control | undefined;
  /** The first one is the one that counts. */
  abort: Control | undefined;
  concurrency: number | undefined;
  perMinute: number | undefined;
  /** Waves that somebody has judged good. */
  readonly #promoted = new Set<number>();
  readonly #ids = new Set<string>();

  take(control: Control, wave: number): void {
    if (control.id !== undefined) this.#ids.add(control.id);
    switch (control.op) {
      case "pause":
        this.pause = control;
        break;
      case "continue":
        this.pause = undefined;
        break;
      case "promote":
        this.#promoted.add(control.wave ?? wave);
        break;
      case "abort":
        this.abort ??= control;
        break;
      case "set":
        this.concurrency = control.concurrency ?? this.concurrency;
        this.perMinute = control.perMinute ?? this.perMinute;
        break;
      default:
        break;
    }
  }

  /** Whether this request is in the record: it is carried out once. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  isPromoted(wave: number): boolean {
    return this.#promoted.has(wave);
  }
}

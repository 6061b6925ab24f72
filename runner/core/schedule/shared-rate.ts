import type { PaceAsk, PaceGrant, RateSource, RateStore, ThrottleSign } from "../model/pace-ports.ts";
import {
  askedPace,
  heldPace,
  paceText,
  readPace,
  throttledPace,
  type Changed,
  type SharedPace,
} from "./shared-pace.ts";

/** A slot whose writing took longer than this came too late to be used: the next one may be too near. */
const longestWriteMs = 250;

const longestYieldMs = 5;

export interface SharedRateParts {
  readonly store: RateStore;
  /** Ms since boot, of a clock that all who share the store read alike. */
  readonly up: () => number;
  /** Empty where the system does not say. */
  readonly boot: string;
  /** Tells this one from all others. */
  readonly id: string;
  /** The service's own limit, whoever calls; undefined: each caller brings its own. */
  readonly perMinute: number | undefined;
}

/** The pace of one service, taken from a store that others write to as well: looked at, decided, and put back unless it has changed. */
export class SharedRate implements RateSource {
  readonly #parts: SharedRateParts;
  readonly perMinute: number | undefined;
  /** Ours was the last slot, and before it was somebody else's. */
  #mayYield = false;

  constructor(parts: SharedRateParts) {
    this.#parts = parts;
    this.perMinute = parts.perMinute;
  }

  up(): number {
    return this.#parts.up();
  }

  take(ask: PaceAsk): PaceGrant {
    const { id } = this.#parts;
    for (;;) {
      let before: string | undefined;
      const { result, tookMs } = this.#change((pace, now) => {
        const asked = askedPace(pace, this.#within(ask), now);
        before = pace.by;
        return asked.result.slots === 0 ? asked : { ...asked, pace: { ...asked.pace, by: id } };
      });
      if (result.slots === 0) return this.#yielding(result);
      this.#mayYield = before !== undefined && before !== id;
      if (tookMs <= longestWriteMs) return result;
    }
  }

  throttled(sign: ThrottleSign): number | undefined {
    const { perMinute } = this;
    const whole =
      perMinute === undefined ? sign : { ...sign, perMinute: sign.perMinute ?? perMinute, ceiling: perMinute };
    return this.#change((pace, now) => throttledPace(pace, whole, now)).result;
  }

  hold(ms: number): void {
    this.#change((pace, now) => ({ pace: heldPace(pace, ms, now), result: undefined }));
  }

  /** Who had the last slot of several comes a little later for the next, so that it is not always the same who is first. */
  #yielding(grant: PaceGrant): PaceGrant {
    if (!this.#mayYield) return grant;
    this.#mayYield = false;
    return { ...grant, waitMs: grant.waitMs + Math.min(longestYieldMs, grant.waitMs / 10) };
  }

  /** Where the service has a limit of its own, calls are spaced by that: a caller who wants fewer leaves the rest to others. */
  #within(ask: PaceAsk): PaceAsk {
    return this.perMinute === undefined ? ask : { ...ask, perMinute: this.perMinute };
  }

  /** Whoever is in the way has got further, so this ends. */
  #change<T>(decide: (pace: SharedPace, now: number) => Changed<T>): { readonly result: T; readonly tookMs: number } {
    const { store, up, boot, perMinute } = this.#parts;
    for (;;) {
      const { text, version } = store.read();
      const now = up();
      const before = readPace(text ?? "", boot, perMinute, now);
      const { pace, result } = decide(before, now);
      if (pace === before || store.replace(version, paceText(pace, boot))) return { result, tookMs: up() - now };
    }
  }
}

/** A store that nobody else sees. */
export function ownStore(): RateStore {
  let version = 0;
  let text: string | undefined;
  return {
    read: () => ({ version, text }),
    replace: (seen, next) => {
      if (seen !== version) return false;
      version += 1;
      text = next;
      return true;
    },
  };
}

import type { Clock } from "../core/model/ports.ts";
import type { Window } from "../core/model/precautions.ts";
import { closesAt, opensAt } from "../core/schedule/window.ts";

/** Whether the change window is open, and until when that holds. Ms since boot. */
export interface Opening {
  readonly isOpen: boolean;
  readonly untilUp: number;
  /** Wall ms: when it opens; undefined while it is open. */
  readonly opens?: number;
}

/** @param window Undefined: it is always open. */
export function openingAt(window: Window | undefined, clock: Clock): Opening {
  const up = clock.up();
  if (window === undefined) return { isOpen: true, untilUp: Infinity };
  const now = clock.now();
  const opens = opensAt(window, now);
  if (opens > now) return { isOpen: false, untilUp: up + opens - now, opens };
  const closes = closesAt(window, now) ?? Infinity;
  return { isOpen: true, untilUp: up + closes - now };
}

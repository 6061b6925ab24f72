import type { Frozen } from "../core/model/frozen.ts";
import type { Parts } from "./job.ts";

/**
 * What a look at how things are now is judged by: `now` is the time of the look, all else stays as it is. What was decided by the
 * time when the list was read (the filter, the change) stays decided. That time is the one of the record that tells of the look.
 */
export function atLook(frozen: Frozen, { clock }: Pick<Parts, "clock">): Frozen {
  return { ...frozen, now: Math.floor(clock.now() / 1000) };
}

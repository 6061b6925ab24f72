import type { Change } from "../../core/model/change.ts";
import type { ItemState } from "../../core/model/outcome.ts";
import { pick } from "../../core/model/pick.ts";
import type { ItemReport } from "../../core/model/told.ts";
import type { RunState } from "../../core/tally/fold.ts";
import { whyNotStarted } from "../../core/tally/not-started.ts";
import type { Heard } from "./heard.ts";

/** A run as its record tells it. `isOver`: nothing more is sent for items that were not started. */
export interface Ended {
  readonly state: RunState;
  readonly heard: Heard;
  readonly isOver: boolean;
}

/** How a selected item ended, and why. */
export function itemReport(
  { state, heard, isOver }: Ended,
  { index, id, title, before, after, group }: Change,
): ItemReport {
  const where: ItemState | "open" = state.items.stateOf(index);
  const failure = where === "diverged" ? heard.saidOf(index) : heard.failures.get(index);
  const held = where === "diverged" ? heard.heldBy(index) : undefined;
  const found = held === "before" ? pick(before, Object.keys(after)) : held;
  const reason = where === "not-started" && isOver ? whyNotStarted(state, index, group) : undefined;
  return {
    index,
    id,
    title,
    state: where,
    before,
    after,
    ...(where === "confirmed" ? { by: state.items.creditOf(index) } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(found === undefined ? {} : { found }),
    ...(isUndone(state, index) ? { undone: true } : {}),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** Confirmed, and the service had said no. */
export function isDoneDespite({ items }: RunState, index: number): boolean {
  return items.stateOf(index) === "confirmed" && items.creditOf(index) === "despite";
}

/** Not done as far as reads show, and free to be sent again. */
export function isUndone({ items, start }: RunState, index: number): boolean {
  return start?.change.repeat === "set" && items.isShownUndone(index);
}

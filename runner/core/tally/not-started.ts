import type { NotStartedReason } from "../model/outcome.ts";
import type { RunState } from "./fold.ts";

/** Why one item was not started, by the group that it is in, if it is in one. */
export function whyNotStarted(
  { items, parts, parked, notStartedBecause }: RunState,
  index: number,
  group: string | undefined,
): NotStartedReason {
  if (items.hasGivenUp(index)) return "held";
  const isParked = group !== undefined && parked.has(parts.groups.findIndex(({ name }) => name === group));
  return isParked ? "parked" : notStartedBecause;
}

/**
 * Reasons for `not-started`: items that were busy for too long, groups that were parked, and for all others what stopped the
 * run; an empty object when every selected item was sent.
 */
export function notStartedReasons(state: RunState): Readonly<Partial<Record<NotStartedReason, number>>> {
  const { items, parts, parked } = state;
  const leftOf = new Map([...parked].map((group) => [group, parts.groups[group]?.size ?? 0]));
  let held = 0;
  let all = 0;
  for (let index = 0; index < items.size; index++) {
    const isLeft = items.stateOf(index) === "not-started";
    const hasGivenUp = isLeft && items.hasGivenUp(index);
    const group = parts.groupOf(index);
    if (group !== undefined && (!isLeft || hasGivenUp)) leftOf.set(group, (leftOf.get(group) ?? 0) - 1);
    all += Number(isLeft);
    held += Number(hasGivenUp);
  }
  const isParked = [...parked].reduce((sum, group) => sum + (leftOf.get(group) ?? 0), 0);
  const rest = all - held - isParked;
  return {
    ...(held > 0 && { held }),
    ...(isParked > 0 && { parked: isParked }),
    ...(rest > 0 && { [state.notStartedBecause]: rest }),
  };
}

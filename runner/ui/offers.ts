import type { FollowedRun } from "./follow.ts";
import type { Standing } from "./standing.ts";

/** What can be asked of a run from a page. */
export const operations = ["pause", "continue", "promote", "abort"] as const;
export type Operation = (typeof operations)[number];

/** What asking can do something about, as the run stands. What is asked of a run that nobody has in hand holds once it is resumed. */
export function offersFor(followed: FollowedRun, standing: Standing): readonly Operation[] {
  const { state } = followed.told;
  const isOpen = standing === "running" || standing === "unseen" || standing === "left";
  const isLeft = standing === "over" && (state.end?.counts["not-started"] ?? 0) > 0;
  // Everything was sent, and the gate of the last wave did not pass.
  const isAtLast = standing === "over" && state.end?.gate !== undefined;
  if (state.generation === 0 || !(isOpen || isLeft || isAtLast) || state.asked.abort !== undefined) return [];
  const waitsForPerson = followed.paused?.for === "person" || state.stopped?.reason === "person";
  const isJudged = waitsForPerson || state.badGate !== undefined;
  const can: Readonly<Record<Operation, boolean>> = {
    pause: isOpen && state.asked.pause === undefined,
    continue: state.asked.pause !== undefined,
    promote: isJudged && !state.asked.isPromoted(state.wave?.number ?? 0),
    abort: isOpen || (isLeft && isJudged),
  };
  return operations.filter((operation) => can[operation]);
}

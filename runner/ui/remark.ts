import type { FollowedRun } from "./follow.ts";
import { offersFor } from "./offers.ts";
import type { Standing } from "./standing.ts";

/**
 * What tells runs apart that stand alike. `asked`: it is under way, and waits for a person to go on or to judge a wave. `unjudged`,
 * `promoted`: it has ended for want of such a person; one has come since. `refused`: a guard lets nothing of it be sent. `unread`:
 * it stopped before its list was read whole.
 */
export type Remark = "asked" | "unjudged" | "promoted" | "refused" | "unread";

export function remarkOf(followed: FollowedRun, standing: Standing): Remark | undefined {
  const { state } = followed.told;
  switch (standing) {
    case "running":
      return ["operator", "person"].includes(followed.paused?.for ?? "") ? "asked" : undefined;
    case "over":
      return waitingOf(followed, standing);
    case "previewed":
      if (state.selection === undefined) return "unread";
      return state.selected?.guards.some(({ ok }) => !ok) === true ? "refused" : undefined;
    case "deciding":
    case "unseen":
    case "left":
    case "damaged":
      return undefined;
  }
  standing satisfies never;
}

/** Exit 8 stands for a person, or for time to pass. */
function waitingOf(followed: FollowedRun, standing: Standing): Remark | undefined {
  const { end, stopped, asked, wave } = followed.told.state;
  if (end?.exit !== 8) return undefined;
  if (offersFor(followed, standing).includes("promote")) return "unjudged";
  const isPromoted = stopped?.reason === "person" && asked.isPromoted(wave?.number ?? 0);
  return isPromoted && asked.abort === undefined ? "promoted" : undefined;
}

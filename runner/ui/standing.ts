import type { FactOf } from "../core/model/events.ts";
import type { Worker } from "../core/model/told.ts";
import type { Told } from "../runs/history/tell.ts";
import { currentOwner, standingOf as ownerStands } from "../runs/owner.ts";

/**
 * Where a run is, as far as can be seen from this machine. `deciding`: it has sent nothing yet, and its process lives. `unseen`:
 * somebody holds its lock, elsewhere. `left`: nobody has it in hand, and a resume goes on. `over`: it has come to its end; it may
 * be gone on with all the same.
 */
export type Standing = "deciding" | "running" | "unseen" | "left" | "over" | "previewed" | "damaged";

export function standingOf({ state, damage }: Told, worker: Worker | undefined): Standing {
  // See `lostThoughLocked`.
  if (damage !== undefined || (state.start === undefined && worker !== undefined)) return "damaged";
  if (state.end?.sealed === true) return "over";
  if (state.generation === 0) return isBeingDecided(state.start, state.end !== undefined) ? "deciding" : "previewed";
  if (worker?.is === "running" && state.end === undefined) return "running";
  return worker?.is === "unseen" ? "unseen" : "left";
}

/**
 * It is not followed: it has begun nothing that anybody could go on with, or its record is damaged. A run that was left or has
 * ended can be resumed, or verified again, so somebody may wait for that.
 */
export function isSettled(standing: Standing, { generation }: Told["state"]): boolean {
  return standing === "previewed" || standing === "damaged" || (standing === "over" && generation === 0);
}

function isBeingDecided(start: FactOf<"start"> | undefined, hasEnded: boolean): boolean {
  return start !== undefined && !hasEnded && ownerStands(start.owner, currentOwner()) === "running";
}

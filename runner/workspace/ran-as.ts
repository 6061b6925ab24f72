import type { FactOf } from "../core/model/events.ts";
import type { Frozen } from "../core/model/frozen.ts";

/** What the plan of a run calls `run`: that one, or the one whose review made its requests. */
export function ranAs({ run, from, now, started }: FactOf<"start">): Frozen["run"] {
  if (from?.kind === "change-set") return { id: from.run, started: from.began };
  return { id: run, started: started ?? now };
}

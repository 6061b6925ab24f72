import { GuardError } from "../core/model/errors.ts";
import type { FactOf } from "../core/model/events.ts";
import { isRehearsal } from "../core/model/rehearsed.ts";

/** @param so What can not be done with it for that, and what to do. @throws {GuardError} `stale`: the run was a rehearsal. */
export function refuseRehearsal({ run, service }: FactOf<"start">, so: string, hint = "Apply the plan."): void {
  if (!isRehearsal(service.kind)) return;
  throw new GuardError("stale", `Run ${run} is a rehearsal: nothing of it was sent, so ${so}.`, { hint });
}

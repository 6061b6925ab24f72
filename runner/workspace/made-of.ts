import { GuardError } from "../core/model/errors.ts";
import type { Fields } from "../core/model/item.ts";
import type { LookedUp } from "../core/model/frozen.ts";
import type { Plan } from "../core/model/plan.ts";
import { canonical } from "../core/model/values.ts";
import type { LoadedChangeSet } from "../workspace.ts";

/** A change set of another plan, or of the same with other inputs. @throws {GuardError} `stale`, naming what differs. */
export function refuseOther(plan: Plan, { path, header: { start } }: LoadedChangeSet): void {
  if (start.from !== undefined) throw notMadeOf(plan, path, "it takes a run back");
  if (start.plan.digest !== plan.digest) throw notMadeOf(plan, path, "its plan is another text");
  const { files } = plan;
  const differs = [...new Set([...Object.keys(start.inputs), ...Object.keys(plan.inputs)])].find(
    (name) => !files.includes(name) && valueIn(start.inputs, name) !== valueIn(plan.inputs, name),
  );
  if (differs !== undefined) throw notMadeOf(plan, path, `its input ${differs} has another value`);
}

/** The same for rows of files: where these lie says nothing, what they hold does. @throws {GuardError} `stale` */
export function refuseOtherRows(plan: Plan, path: string, lookup: LookedUp): void {
  for (const { name, source } of plan.lookups) {
    if (source.kind === "file" && canonical(source.value ?? null) !== canonical(lookup[name] ?? null))
      throw notMadeOf(plan, path, `the file of its lookup ${name} holds something else`);
  }
}

function valueIn(inputs: Fields, name: string): string {
  return canonical(inputs[name] ?? null);
}

function notMadeOf(plan: Plan, path: string, why: string): GuardError {
  return new GuardError("stale", `${path} was not made of ${plan.file} as it is now: ${why}.`, {
    hint: "Nothing was sent. Preview the plan as it is now, and review that.",
  });
}

import { GuardError } from "../core/model/errors.ts";
import type { FactOf, Origin, RunEvent } from "../core/model/events.ts";
import type { Connection } from "../core/model/ports.ts";
import type { ApplyOptions, LoadedChangeSet } from "../workspace.ts";
import { requireApprovals } from "./approvals.ts";
import { lineTo } from "./begin.ts";
import { serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { beginRun, type NewRun } from "./new-run.ts";
import { refuseToApply } from "./saved-checks.ts";
import { frozenOf, unpacked } from "./unpack.ts";

/** Apply what was reviewed: exactly that, once, before it expires, each item compared with the service right before. */
export async function* applySaved(
  inside: Inside,
  saved: LoadedChangeSet,
  options: ApplyOptions,
): AsyncGenerator<RunEvent, void> {
  const { path, header, loaded } = saved;
  const { start, selected } = header;
  const service = serviceNamed(inside.services, loaded.plan.service, path);
  await refuseToApply(inside, saved, service);
  await requireApprovals(inside, { saved, destructive: loaded.plan.change.destructive, size: selected.size });
  const line = await lineTo(inside, service, { loaded, options });
  await sameTenant(line, start);
  const { run, estate, now, started: began = now } = start;
  const { changeSet } = selected;
  const { expires } = header;
  const from: Origin = { kind: "change-set", run, estate, digest: saved.digest, changeSet, expires, began };
  const frozen = frozenOf(header);
  const bring: NewRun["bring"] = (folder, policy) => unpacked(saved, folder, { frozen, policy });
  yield* beginRun(inside, { verb: "apply", loaded, service, line, options, frozen, from, bring, saved });
}

async function sameTenant(line: Connection, start: FactOf<"start">): Promise<void> {
  const { partner_id: here, name } = line.login;
  if (here === start.login.partner_id) return;
  await line[Symbol.asyncDispose]();
  const there = String(start.login.partner_id);
  throw new GuardError(
    "stale",
    `The changes were reviewed for customer ${there}; ${name} belongs to ${String(here)}.`,
    {
      hint: "Nothing was sent. Use the credentials of that customer.",
    },
  );
}

import type { RunEvent } from "../core/model/events.ts";
import type { Origin } from "../core/model/origin.ts";
import { undoneBy } from "../core/settle/undo.ts";
import type { LoadedChangeSet } from "../workspace.ts";
import type { ApplyOptions } from "./options.ts";
import { requireApprovals } from "./approvals.ts";
import { serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { lineTo } from "./line.ts";
import { refuseOther } from "./made-of.ts";
import { beginRun, type NewRun } from "./new-run.ts";
import { takenBackIfStopped } from "./on-stop.ts";
import { refuseToApply } from "./saved-checks.ts";
import { sameTenant } from "./tenant.ts";
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
  if (options.madeOf) refuseOther(options.madeOf.plan, saved);
  await refuseToApply(inside, saved, service);
  await requireApprovals(inside, { saved, change: loaded.plan.change, size: selected.size });
  const line = await lineTo(inside, service, { loaded, options });
  await sameTenant(line, start);
  const { run, estate, now, started: began = now } = start;
  const { changeSet } = selected;
  const { expires } = header;
  const undoes = undoneBy(start.from);
  const made = { run, estate, digest: saved.digest, changeSet, expires, began };
  const from: Origin = { kind: "change-set", ...made, ...(undoes && { undoes }) };
  const frozen = frozenOf(header);
  const bring: NewRun["bring"] = (folder, policy) =>
    unpacked(saved, folder, { frozen, policy, madeOf: options.madeOf?.plan });
  const events = beginRun(inside, { verb: "apply", loaded, service, line, options, frozen, from, bring, saved });
  yield* takenBackIfStopped(inside, events, { loaded, options });
}

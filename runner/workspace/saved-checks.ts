import { GuardError, RunnerError } from "../core/model/errors.ts";
import { undoneBy } from "../core/settle/undo.ts";
import type { FactOf } from "../core/model/events.ts";
import type { Digest } from "../core/model/item.ts";
import type { Service } from "../core/model/service.ts";
import { readLedger } from "../ledger/reader.ts";
import { majorOf } from "../runs/approval.ts";
import { appliedBy, usedUp } from "../runs/consumed.ts";
import { estateOf } from "../runs/estate.ts";
import { findRun, listRuns } from "../runs/folder.ts";
import type { LoadedChangeSet } from "../workspace.ts";
import type { Inside } from "./inside.ts";
import { toolVersion } from "./version.ts";

/** A clock that was so much ahead when the change set was made is not this clock. */
const mostSkewMs = 120_000;

/** Every reason not to apply it that can be seen before the service is asked. @throws {GuardError} `stale` or `tampered` */
export async function refuseToApply(inside: Inside, saved: LoadedChangeSet, service: Service): Promise<void> {
  await refuseStale(inside, saved, service);
  const { path, header } = saved;
  const { start, selected } = header;
  const isOurs = (await estateOf(inside.root, Math.random)) === start.estate;
  if (isOurs) await sameAsSaved(inside, saved);
  else if (start.change.repeat !== "set" && selected.size > 0) {
    throw new GuardError(
      "stale",
      `${path} was made in another folder, and ${start.change.method} may not be sent twice.`,
      {
        hint: "Nothing was sent. Only the folder that made it knows whether it was applied: apply it there, or preview the plan here.",
      },
    );
  }
}

/** Every reason why nobody need approve it: it could not be applied. @throws {GuardError} `stale` or `tampered` */
export async function refuseToApprove(inside: Inside, saved: LoadedChangeSet, service: Service): Promise<void> {
  await refuseStale(inside, saved, service);
  const isKnown = (await listRuns(inside.root)).some(({ run }) => run === saved.header.start.run);
  if (isKnown) await sameAsSaved(inside, saved);
}

/** Made by another version, for another place, by another clock, too long ago, or applied already. */
async function refuseStale(inside: Inside, { path, header }: LoadedChangeSet, service: Service): Promise<void> {
  const { start, selected, created, expires } = header;
  const now = inside.clock.now();
  const undone = undoneBy(start.from);
  const again =
    undone === undefined
      ? "Nothing was sent. Preview the plan again and review that."
      : `Nothing was sent. Make the undo again: rollcall undo ${undone.run}`;
  const stale = (message: string, hint = again): GuardError => new GuardError("stale", message, { hint });
  if (majorOf(start.tool) !== majorOf(toolVersion())) {
    throw stale(`${path} was saved by ${start.tool}; this is ${toolVersion()}.`);
  }
  if (start.service.endpoint !== service.url) {
    throw stale(
      `${path} was reviewed against ${start.service.endpoint}; the service ${service.name} is ${service.url}.`,
      "Nothing was sent. Put the service's url right in rollcall.config.yaml, name the right one with --service, or preview again.",
    );
  }
  if (created > now + mostSkewMs) {
    throw stale(
      `${path} was made at ${iso(created)}, and it is ${iso(now)} here.`,
      "Nothing was sent. Set this machine's clock (NTP).",
    );
  }
  if (now >= expires) throw stale(`${path} has expired: it was good until ${iso(expires)}.`);
  const by = await appliedBy(inside.root, selected.changeSet);
  if (by !== undefined) throw usedUp(by, { isOver: await isOver(inside, by) });
}

/** The run has an end, and left nothing that it could go on with. A record that can not be read says neither. */
async function isOver({ root }: Inside, run: string): Promise<boolean> {
  let end: FactOf<"end"> | undefined;
  try {
    const folder = await findRun(root, run);
    for await (const found of readLedger(folder.ledger, folder.run)) {
      if (found.type === "end") end = found;
      if (found.type === "resume") end = undefined;
    }
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    return false;
  }
  return end?.sealed === true && Object.keys(end.notStarted).length === 0;
}

/** In its own estate the ledger of the preview says which file it saved: one that was made up does not pass. */
async function sameAsSaved(
  { root }: Inside,
  { path, digest: found, header: { start } }: LoadedChangeSet,
): Promise<void> {
  const folder = (await listRuns(root)).find(({ run }) => run === start.run);
  if (folder === undefined) throw tampered(path, `the run that saved it, ${start.run}, is not recorded here`);
  const saved: Digest[] = [];
  for await (const fact of readLedger(folder.ledger, folder.run)) if (fact.type === "saved") saved.push(fact.digest);
  if (!saved.includes(found)) throw tampered(path, `run ${start.run} saved another file than this`);
}

export function tampered(path: string, why: string): GuardError {
  return new GuardError("tampered", `${path} can not be used: ${why}.`, {
    hint: "Nothing was sent. Preview the plan again, review that, and apply it.",
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

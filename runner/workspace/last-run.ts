import { RunnerError } from "../core/model/errors.ts";
import type { FactOf } from "../core/model/events.ts";
import type { GuardResult } from "../core/model/preview.ts";
import type { RunId } from "../core/model/item.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Service } from "../core/model/service.ts";
import { canonical } from "../core/model/values.ts";
import type { Earlier } from "../core/select/guards.ts";
import { readLedger } from "../ledger/reader.ts";
import { listRuns, newestFirst, type RunFolder } from "../runs/folder.ts";
import type { Inside } from "./inside.ts";

/**
 * What the last run of the same plan found: of this name, on this service, with these inputs, that read its own list whole and
 * was not refused by a guard. A run that was refused shows the very change that is to be noticed, so it is nothing to compare
 * with. Of each ledger no more is read than needed.
 * @param before A run: only those that were begun before it count. Left out: all.
 * @returns Undefined: there is no such run.
 */
export async function lastMatched(
  { root, log }: Inside,
  plan: Plan,
  { url }: Pick<Service, "url">,
  before?: RunId,
): Promise<Earlier | undefined> {
  let isEarlier = before === undefined;
  for await (const folder of newestFirst(await listRuns(root))) {
    if (!isEarlier) {
      isEarlier = folder.run === before;
      continue;
    }
    try {
      const found = await matchedIn(folder, plan, url);
      if (found !== undefined) return found;
    } catch (error) {
      // What a damaged record says is nothing to go by; `audit verify` names the place.
      if (!(error instanceof RunnerError)) throw error;
      log.warn({ run: folder.run, reason: error.message }, "not compared with");
    }
  }
  return undefined;
}

async function matchedIn(folder: RunFolder, plan: Plan, url: string): Promise<Earlier | undefined> {
  let enumerated: FactOf<"enumerated"> | undefined;
  for await (const fact of readLedger(folder.ledger, folder.run)) {
    if (fact.type === "start" && !isAlike(fact, plan, url)) return undefined;
    if (fact.type === "enumerated") enumerated = fact;
    if (fact.type !== "selected") continue;
    const isNarrowed = plan.enumerate.narrowed !== undefined;
    if (enumerated === undefined || (enumerated.narrowed ?? false) !== isNarrowed || isRefused(fact.guards))
      return undefined;
    return { run: folder.run, matched: enumerated.already + enumerated.selected };
  }
  return undefined;
}

/** A run that took its list from elsewhere says nothing of what there was when it ran: its `now` was frozen before. */
function isAlike({ plan, service, inputs, from, started }: FactOf<"start">, wanted: Plan, url: string): boolean {
  return (
    from === undefined &&
    started === undefined &&
    plan.name === wanted.name &&
    service.endpoint === url &&
    canonical(inputs) === canonical(wanted.inputs)
  );
}

function isRefused(guards: readonly GuardResult[]): boolean {
  return guards.some(({ ok }) => !ok);
}

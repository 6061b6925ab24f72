import { RunnerError } from "../../core/model/errors.ts";
import { isRehearsal, rehearsalOf } from "../../core/model/rehearsed.ts";
import type { RunSummary } from "../../core/model/told.ts";
import type { RunState } from "../../core/tally/fold.ts";
import { notStartedReasons } from "../../core/tally/not-started.ts";
import { anchorText } from "../../ledger/anchor.ts";
import { headOf } from "../../ledger/chain.ts";
import type { RunFolder } from "../folder.ts";
import { begunAt } from "../run-id.ts";
import { lostThoughLocked } from "./lost.ts";
import type { Told } from "./tell.ts";
import type { Workers } from "./workers.ts";

/**
 * A run in one look. @param workers `unknown`: it is told as its record has it, whoever has it in hand; whether a record without an
 * end is of a run that died, nobody can say then.
 * @throws {RunnerError} `audit` when it ended before its first record.
 */
export function summaryOf(folder: RunFolder, told: Told, workers: Workers | "unknown"): RunSummary {
  const { state, first, last, damage } = told;
  if (damage !== undefined) return damagedSummary(folder, told, damage);
  const { start, end, selection } = state;
  if (start === undefined || first === undefined || last === undefined) {
    if (workers !== "unknown" && workers.has(folder.run)) return damagedSummary(folder, told, lostThoughLocked);
    throw new RunnerError("audit", `${folder.ledger} has no start record.`, {
      hint: "Nothing was sent: the run ended before it began, or it is just beginning.",
    });
  }
  const status = statusOf(state);
  const worker = status === "open" && workers !== "unknown" ? workers.get(folder.run) : undefined;
  const isOver = end !== undefined || (workers !== "unknown" && worker?.is !== "running");
  return {
    run: folder.run,
    folder: folder.path,
    plan: start.plan.name,
    ...servicePart(start.service),
    by: start.by,
    started: first.t,
    ended: end === undefined ? undefined : last.t,
    status,
    ...(worker && { worker }),
    ...(selection === undefined ? { counts: undefined, open: 0 } : state.counts()),
    notStarted: state.generation > 0 && isOver ? notStartedReasons(state) : {},
    exit: end?.exit,
    anchor: anchorText(folder.run, headOf(last)),
    repeat: start.change.repeat,
    ...(start.from && { from: start.from }),
    ...(state.approvals.length > 0 && { approvals: state.approvals }),
  };
}

/**
 * What the records before the damage say, and nothing that they only seem to say: no end, and no item that was not started. Of a
 * whole record beside a damaged file, what it says of all items.
 */
function damagedSummary({ run, path }: RunFolder, told: Told, damage: string): RunSummary {
  const { state, first, last, isBeside } = told;
  const { start, selection } = state;
  const { counts, open } = state.counts();
  const isOfAll = isBeside === true;
  const known = isOfAll
    ? { counts, open }
    : { counts: { ...counts, "not-started": 0 }, open: counts["not-started"] + open };
  return {
    run,
    folder: path,
    plan: start?.plan.name ?? "",
    ...(start === undefined ? { service: "", endpoint: "" } : servicePart(start.service)),
    by: start?.by ?? { name: "", host: "" },
    started: first?.t ?? begunAt(run),
    ended: undefined,
    status: "damaged",
    damage,
    ...(isOfAll && { isLedgerWhole: true as const }),
    ...(selection === undefined ? { counts: undefined, open: 0 } : known),
    notStarted: isOfAll && state.end !== undefined ? notStartedReasons(state) : {},
    exit: undefined,
    anchor: last === undefined ? "" : anchorText(run, headOf(last)),
  };
}

/** Of a rehearsal both say so: whatever shows a run by its service shows that. */
export function servicePart({
  name,
  kind,
  endpoint,
}: NonNullable<RunState["start"]>["service"]): Pick<RunSummary, "service" | "endpoint" | "rehearsed"> {
  return isRehearsal(kind) ? { service: rehearsalOf(name), endpoint, rehearsed: true } : { service: name, endpoint };
}

function statusOf({ end, generation }: RunState): RunSummary["status"] {
  if (end !== undefined) return end.sealed ? "sealed" : "open";
  // Without its lock a run has sent nothing, and never will.
  return generation > 0 ? "open" : "previewed";
}

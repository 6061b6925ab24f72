import { RunnerError } from "../core/model/errors.ts";
import type { FactOf } from "../core/model/events.ts";
import type { ExplainedRun } from "../core/model/explained.ts";
import type { Frozen } from "../core/model/frozen.ts";
import type { Plan } from "../core/model/plan.ts";
import type { RunSummary } from "../core/model/told.ts";
import { shownAs } from "../core/model/values.ts";
import type { RunState } from "../core/tally/fold.ts";
import type { RunFolder } from "../runs/folder.ts";
import { Heard } from "../runs/history/heard.ts";
import { summaryOf } from "../runs/history/summary.ts";
import { tell } from "../runs/history/tell.ts";
import { workersOn } from "../runs/history/workers.ts";
import { readInventory, readInventoryHeader, type InventoryItem } from "../runs/inventory.ts";
import type { Inside } from "./inside.ts";
import { frozenOf } from "./past.ts";
import { readFrozenPlan } from "./plan.ts";

/** A run as its folder tells it, and its plan compiled again, with everything that was frozen: it decides as it did then. */
export interface Recalled {
  readonly folder: RunFolder;
  readonly plan: Plan;
  readonly frozen: Frozen;
  readonly state: RunState;
  readonly start: FactOf<"start">;
  readonly selection: FactOf<"enumerated">;
  readonly selected: FactOf<"selected">;
  readonly heard: Heard;
  readonly summary: RunSummary;
}

/**
 * Offline, without the plan's secrets, and without a lock: a run that is under way can be looked at.
 * @throws {RunnerError} `usage`: it had not read its list; `audit`: its files are not as it left them.
 */
export async function recall(inside: Inside, folder: RunFolder): Promise<Recalled> {
  const heard = new Heard();
  const told = await tell(folder, (found) => heard.take(found));
  if (told.damage !== undefined)
    throw new RunnerError("audit", `The record of run ${folder.run} is damaged: ${told.damage}.`, {
      hint: `Every place: rollcall audit verify ${folder.run}; then put the file back from a copy.`,
    });
  const { state } = told;
  const { start, selection, selected } = state;
  if (start === undefined || selection === undefined || selected === undefined) throw withoutList(folder);
  const { plan } = await readFrozenPlan(inside, {}, { folder, start, withoutSecrets: true });
  // Of a change set that was applied, these are those of its review: it was decided then.
  const { now, login } = await readInventoryHeader(folder.inventory);
  const frozen = { ...(await frozenOf(folder, state, start)), now, login };
  const summary = summaryOf(folder, told, await workersOn(inside.root));
  return { folder, plan, frozen, state, start, selection, selected, heard, summary };
}

/** Every item of its list, in order; they count only when the generator has finished. @throws {RunnerError} `audit` */
export function itemsIn({ folder, selection }: Recalled): AsyncGenerator<InventoryItem, unknown> {
  return readInventory(folder.inventory, selection.inventory);
}

/** What there is to say of it in front of everything that is explained. */
export function explainedRun({ folder, plan, frozen, start, selection, summary }: Recalled): ExplainedRun {
  return {
    run: folder.run,
    plan: start.plan.name,
    planFile: folder.plan,
    service: start.service.name,
    endpoint: start.service.endpoint,
    list: plan.enumerate.method,
    ...(selection.narrowed && { narrowed: true }),
    now: frozen.now,
    status: summary.status === "previewed" || summary.status === "sealed" ? summary.status : "open",
    ...(summary.worker && { worker: summary.worker }),
    ...(summary.ended !== undefined && { ended: summary.ended }),
    types: Object.fromEntries(plan.enumerate.fields.map((field) => [field.name, shownAs(field)])),
  };
}

function withoutList({ run }: RunFolder): RunnerError {
  return new RunnerError("usage", `Run ${run} ended before it had read its list: there is nothing to explain.`, {
    hint: "`rollcall runs` lists the others.",
  });
}

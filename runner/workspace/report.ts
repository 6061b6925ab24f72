import { RunnerError } from "../core/model/errors.ts";
import type { LedgerRecord } from "../core/model/events.ts";
import type { ItemReport, RunReport, RunSummary } from "../core/model/told.ts";
import type { RunState } from "../core/tally/fold.ts";
import { readLedger } from "../ledger/reader.ts";
import { Between } from "../runs/between.ts";
import { openChangeSet } from "../runs/change-set.ts";
import { findRun, listRuns, type RunFolder } from "../runs/folder.ts";
import { causesOf, type Causes } from "../runs/history/causes.ts";
import { Heard } from "../runs/history/heard.ts";
import { isDoneDespite, itemReport, type Ended } from "../runs/history/item.ts";
import { notSelected, typesIn } from "../runs/history/list.ts";
import { summaryOf } from "../runs/history/summary.ts";
import { tell, tellWhole } from "../runs/history/tell.ts";
import { missingSummary, untoldSummary } from "../runs/history/untold.ts";
import { findRunOrHole } from "../runs/missing-run.ts";
import { workersOn } from "../runs/history/workers.ts";

/** Every run, the oldest first, and those that are missing between others; what one can not tell keeps nobody from the others. */
export async function runSummaries(root: string): Promise<RunSummary[]> {
  const summaries: RunSummary[] = [];
  const workers = await workersOn(root);
  const all = await listRuns(root);
  for (const folder of all) {
    try {
      const told = await tell(folder);
      const hasBegun = told.first !== undefined || told.damage !== undefined || workers.has(folder.run);
      if (hasBegun) summaries.push(summaryOf(folder, told, workers));
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      summaries.push(untoldSummary(folder, "unreadable", error.message));
    }
  }
  const holes = (await Between.of(all)).missing().filter(({ isHole }) => isHole);
  const missing = holes.map((hole) => missingSummary(root, hole));
  return [...summaries, ...missing].sort((left, right) => (left.run < right.run ? -1 : 1));
}

/** @param states Which items to list; undefined: all that are not as wanted. */
export async function report(
  root: string,
  wanted: string,
  { states, limit = 1000 }: { readonly states?: readonly string[]; readonly limit?: number },
): Promise<RunReport> {
  const folder = await findRunOrHole(root, wanted);
  if ("named" in folder) return { summary: missingSummary(root, folder), items: [], types: {}, causes: [] };
  const heard = new Heard();
  const told = await tellWhole(folder, (found) => heard.take(found));
  const { state, damage } = told;
  const summary = summaryOf(folder, told, await workersOn(root));
  // Where an item stood at the damage is not where it ended.
  if (damage !== undefined) return { summary, items: [], types: {}, causes: [] };
  const indexes = itemsIn(state, states);
  // What was refused and is as asked for all the same needs no look, and yet has to be told.
  const caused = states === undefined ? [...indexes, ...doneDespite(state)] : indexes;
  const ended = { state, heard, isOver: Object.keys(summary.notStarted).length > 0 };
  const ours = await itemsOf(folder, ended, indexes.slice(0, limit));
  const titles = new Map(ours.map(({ index = -1, title }) => [index, title]));
  const causes = causesOf(state, { indexes: caused, heard, titles });
  const wantsRefused = (states ?? ["refused"]).includes("refused") && (summary.counts?.refused ?? 0) > 0;
  const refused = wantsRefused ? await refusedIn(folder, state, { limit: limit - ours.length, causes }) : [];
  const items = [...ours, ...refused];
  const list = causes.list();
  const also = alsoOf(state);
  const hasValues = items.length > 0 || also.collateral !== undefined || list.some(({ found }) => found !== undefined);
  return { summary, items, types: hasValues ? await typesIn(folder) : {}, causes: list, ...also, ...goneIn(state) };
}

export async function* recordsOf(root: string, wanted: string): AsyncGenerator<LedgerRecord, void> {
  const folder = await findRun(root, wanted);
  yield* readLedger(folder.ledger, folder.run);
}

function goneIn({ selection }: RunState): Pick<RunReport, "gone"> {
  return selection?.gone === undefined ? {} : { gone: selection.gone };
}

/** Confirmed ones are left out unless asked for: the question is what needs a look. */
function itemsIn({ items }: RunState, states: readonly string[] | undefined): number[] {
  const wanted = (state: string): boolean => (states === undefined ? state !== "confirmed" : states.includes(state));
  const found: number[] = [];
  for (let index = 0; index < items.size; index++) if (wanted(items.stateOf(index))) found.push(index);
  return found;
}

function doneDespite(state: RunState): number[] {
  const found: number[] = [];
  for (let index = 0; index < state.items.size; index++) if (isDoneDespite(state, index)) found.push(index);
  return found;
}

async function itemsOf(folder: RunFolder, ended: Ended, indexes: readonly number[]): Promise<ItemReport[]> {
  if (indexes.length === 0) return [];
  await using changes = await openChangeSet(folder.changeSet, ended.state.selected?.changeSet);
  return (await changes.at(indexes)).map((change) => itemReport(ended, change));
}

/** Items that could not be decided, and why. */
async function refusedIn(
  folder: RunFolder,
  state: RunState,
  { limit, causes }: { readonly limit: number; readonly causes: Causes },
): Promise<ItemReport[]> {
  const found: ItemReport[] = [];
  for await (const item of notSelected(folder, state, ["refused"])) {
    causes.addRefused(item, found.length < limit ? item.title : undefined);
    if (found.length < limit) found.push({ ...item, failure: item.failure ?? { code: "", message: "" } });
  }
  return found;
}

function alsoOf({ collateral, gapMs }: RunState): Pick<RunReport, "collateral" | "gapMs"> {
  if (collateral === undefined) return gapMs === undefined ? {} : { gapMs };
  return { collateral, ...(gapMs === undefined ? {} : { gapMs }) };
}

import { RunnerError } from "../core/model/errors.ts";
import type { LedgerRecord } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import { pick } from "../core/model/pick.ts";
import { shownAs } from "../core/model/values.ts";
import type { ItemState } from "../core/model/outcome.ts";
import { RunState } from "../core/tally/fold.ts";
import { notStartedReasons, whyNotStarted } from "../core/tally/not-started.ts";
import { anchorText } from "../ledger/anchor.ts";
import { headOf } from "../ledger/chain.ts";
import { damageText, readLedger, type Damage } from "../ledger/reader.ts";
import { withEnd } from "../ledger/with-end.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import { openChangeSet } from "../runs/change-set.ts";
import { findRun, listRuns, type RunFolder } from "../runs/folder.ts";
import { readInventory, readInventoryHeader } from "../runs/inventory.ts";
import { takenLocks } from "../runs/lock.ts";
import { currentOwner, standingOf } from "../runs/owner.ts";
import { begunAt } from "../runs/run-id.ts";
import type { ItemReport, RunReport, RunSummary, Worker } from "./reports.ts";
import { Causes } from "./causes.ts";
import { Heard } from "./heard.ts";

/** What a ledger says of its run: everything else about a run is a fold of this. */
export interface Told {
  readonly state: RunState;
  readonly first: LedgerRecord | undefined;
  readonly last: LedgerRecord | undefined;
  /** Behind `last` the ledger is damaged: what follows is not told. */
  readonly damage: string | undefined;
}

type Workers = ReadonlyMap<RunId, Worker>;

export async function runSummaries(root: string): Promise<RunSummary[]> {
  const summaries: RunSummary[] = [];
  const workers = await workersOn(root);
  for (const folder of await listRuns(root)) {
    const told = await tell(folder);
    if (told.first !== undefined || told.damage !== undefined) summaries.push(summaryOf(folder, told, workers));
  }
  return summaries;
}

export async function workersOn(root: string): Promise<Workers> {
  const self = currentOwner();
  const taken = (await takenLocks(root)).flatMap(({ holder }) => holder ?? []);
  return new Map(
    taken.map(({ run, owner, since }) => {
      const { pid, host } = owner;
      return [run, { is: standingOf(owner, self), pid, host, since }];
    }),
  );
}

/** @param states Which items to list; undefined: all that are not as wanted. */
export async function report(
  root: string,
  wanted: string,
  { states, limit = 1000 }: { readonly states?: readonly string[]; readonly limit?: number },
): Promise<RunReport> {
  const folder = await findRun(root, wanted);
  const heard = new Heard();
  const told = await tell(folder, (found) => heard.take(found));
  const summary = summaryOf(folder, told, await workersOn(root));
  // Where an item stood at the damage is not where it ended.
  if (told.damage !== undefined) return { summary, items: [], types: {}, causes: [] };
  const indexes = itemsIn(told.state, states);
  // What was refused and is as asked for all the same needs no look, and yet has to be told.
  const caused = states === undefined ? [...indexes, ...doneDespite(told.state)] : indexes;
  const isOver = Object.keys(summary.notStarted).length > 0;
  const ours = await itemsOf(folder, told.state, { indexes: indexes.slice(0, limit), heard, isOver });
  const causes = causesOf(told.state, { indexes: caused, heard, items: ours });
  const wantsRefused = (states ?? ["refused"]).includes("refused") && (summary.counts?.refused ?? 0) > 0;
  const refused = wantsRefused ? await refusedIn(folder, told.state, { limit: limit - ours.length, causes }) : [];
  const items = [...ours, ...refused];
  const list = causes.list();
  const also = alsoOf(told.state);
  const hasValues = items.length > 0 || also.collateral !== undefined || list.some(({ found }) => found !== undefined);
  return { summary, items, types: hasValues ? await typesIn(folder) : {}, causes: list, ...also };
}

function alsoOf({ collateral, gapMs }: RunState): Pick<RunReport, "collateral" | "gapMs"> {
  if (collateral === undefined) return gapMs === undefined ? {} : { gapMs };
  return { collateral, ...(gapMs === undefined ? {} : { gapMs }) };
}

export async function* recordsOf(root: string, wanted: string): AsyncGenerator<LedgerRecord, void> {
  const folder = await findRun(root, wanted);
  yield* readLedger(folder.ledger, folder.run);
}

export async function tell(folder: RunFolder, each: (found: LedgerRecord) => void = () => undefined): Promise<Told> {
  const state = new RunState();
  let first: LedgerRecord | undefined;
  let last: LedgerRecord | undefined;
  let damage: Damage | string | undefined;
  const records = withEnd(readLedger(folder.ledger, folder.run));
  try {
    for await (const found of records.values) {
      state.fold(found, found);
      each(found);
      first ??= found;
      last = found;
    }
    ({ damage } = records.end());
  } catch (error) {
    // A record that makes no sense beside the ones before it.
    if (error instanceof RangeError) damage = `record ${(last?.seq ?? 0) + 1}: ${error.message}`;
    // A run that ended before its first record has no ledger, and nothing to tell.
    else if (!(error instanceof RunnerError) || errnoOf(error.cause) !== "ENOENT") throw error;
  }
  return { state, first, last, damage: typeof damage === "object" ? damageText(damage) : damage };
}

export function summaryOf(folder: RunFolder, told: Told, workers: Workers): RunSummary {
  const { state, first, last, damage } = told;
  if (damage !== undefined) return damagedSummary(folder, told, damage);
  const { start, end, selection } = state;
  if (start === undefined || first === undefined || last === undefined) {
    throw new RunnerError("audit", `${folder.ledger} has no start record.`, {
      hint: "The run ended before it began; nothing was sent.",
    });
  }
  const status = statusOf(state);
  const worker = status === "open" ? workers.get(folder.run) : undefined;
  return {
    run: folder.run,
    folder: folder.path,
    plan: start.plan.name,
    service: start.service.name,
    endpoint: start.service.endpoint,
    by: start.by,
    started: first.t,
    ended: end === undefined ? undefined : last.t,
    status,
    ...(worker && { worker }),
    ...(selection === undefined ? { counts: undefined, open: 0 } : state.counts()),
    notStarted: state.generation > 0 && worker?.is !== "running" ? notStartedReasons(state) : {},
    exit: end?.exit,
    anchor: anchorText(folder.run, headOf(last)),
    repeat: start.change.repeat,
    ...(start.from && { from: start.from }),
    ...(state.approvals.length > 0 && { approvals: state.approvals }),
  };
}

/** What the records before the damage say, and nothing that they only seem to say: no end, and no item that was not started. */
function damagedSummary({ run, path }: RunFolder, { state, first, last }: Told, damage: string): RunSummary {
  const { start, selection } = state;
  const { counts, open } = state.counts();
  const unknown = counts["not-started"] + open;
  return {
    run,
    folder: path,
    plan: start?.plan.name ?? "",
    service: start?.service.name ?? "",
    endpoint: start?.service.endpoint ?? "",
    by: start?.by ?? { name: "", host: "" },
    started: first?.t ?? begunAt(run),
    ended: undefined,
    status: "damaged",
    damage,
    ...(selection === undefined
      ? { counts: undefined, open: 0 }
      : { counts: { ...counts, "not-started": 0 }, open: unknown }),
    notStarted: {},
    exit: undefined,
    anchor: last === undefined ? "" : anchorText(run, headOf(last)),
  };
}

function statusOf({ end, generation }: RunState): RunSummary["status"] {
  if (end !== undefined) return end.sealed ? "sealed" : "open";
  // Without its lock a run has sent nothing, and never will.
  return generation > 0 ? "open" : "previewed";
}

/** Confirmed ones are left out unless asked for: the question is what needs a look. */
function itemsIn({ items }: RunState, states: readonly string[] | undefined): number[] {
  const wanted = (state: string): boolean => (states === undefined ? state !== "confirmed" : states.includes(state));
  const found: number[] = [];
  for (let index = 0; index < items.size; index++) if (wanted(items.stateOf(index))) found.push(index);
  return found;
}

/** Confirmed, and the service had said no. */
function doneDespite({ items }: RunState): number[] {
  const found: number[] = [];
  for (let index = 0; index < items.size; index++) if (isDoneDespite(items, index)) found.push(index);
  return found;
}

function isDoneDespite(items: RunState["items"], index: number): boolean {
  return items.stateOf(index) === "confirmed" && items.creditOf(index) === "despite";
}

interface Chosen {
  readonly indexes: readonly number[];
  readonly heard: Heard;
}

export async function itemsOf(
  folder: RunFolder,
  state: RunState,
  { indexes, heard, isOver }: Chosen & { readonly isOver: boolean },
): Promise<ItemReport[]> {
  if (indexes.length === 0) return [];
  await using changes = await openChangeSet(folder.changeSet, state.selected?.changeSet);
  return (await changes.at(indexes)).map(({ index, id, title, before, after, group }) => {
    const where: ItemState | "open" = state.items.stateOf(index);
    const failure = heard.failures.get(index);
    const held = where === "diverged" ? heard.heldBy(index) : undefined;
    const found = held === "before" ? pick(before, Object.keys(after)) : held;
    const reason = where === "not-started" && isOver ? whyNotStarted(state, index, group) : undefined;
    return {
      index,
      id,
      title,
      state: where,
      before,
      after,
      ...(where === "confirmed" ? { by: state.items.creditOf(index) } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(found === undefined ? {} : { found }),
      ...(isUndone(state, index) ? { undone: true } : {}),
      ...(failure === undefined ? {} : { failure }),
    };
  });
}

/** Not done as far as reads show, and free to be sent again. */
function isUndone({ items, start }: RunState, index: number): boolean {
  return start?.change.repeat === "set" && items.isShownUndone(index);
}

/** Items that could not be decided, and why: only the inventory has them. What is wrong with that file an audit says. */
async function refusedIn(
  { inventory }: RunFolder,
  { selection }: RunState,
  { limit, causes }: { readonly limit: number; readonly causes: Causes },
): Promise<ItemReport[]> {
  const found: ItemReport[] = [];
  try {
    for await (const { id, as, why = "" } of readInventory(inventory, selection?.inventory)) {
      if (as !== "refused") continue;
      const failure = { code: "", message: why };
      causes.add({ state: as, ...failure }, found.length < limit ? id : undefined);
      if (found.length < limit) found.push({ id, title: id, state: as, before: {}, after: {}, failure });
    }
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
  }
  return found;
}

/** From the list as it was read. Without it values are shown as they are: an audit, and nothing else, judges the file. */
async function typesIn({ inventory }: RunFolder): Promise<RunReport["types"]> {
  try {
    const { fields } = await readInventoryHeader(inventory);
    return Object.fromEntries(fields.map((field) => [field.name, shownAs(field)]));
  } catch (error) {
    if (error instanceof RunnerError) return {};
    throw error;
  }
}

function causesOf(state: RunState, { indexes, heard, items }: Chosen & { items: readonly ItemReport[] }): Causes {
  const titles = new Map(items.map(({ index, title }) => [index, title]));
  const causes = new Causes();
  for (const index of indexes) {
    const where = state.items.stateOf(index);
    if (where === "confirmed" && !isDoneDespite(state.items, index)) continue;
    const cause = where === "diverged" ? heard.divergence(index) : heard.failures.get(index);
    const undone = isUndone(state, index) ? { undone: true as const } : {};
    if (cause !== undefined) causes.add({ state: where, ...cause, ...undone }, titles.get(index));
  }
  return causes;
}

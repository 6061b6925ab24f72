import type { Change } from "../core/model/change.ts";
import { RunnerError } from "../core/model/errors.ts";
import type { BaselineReport, NamedItem } from "../core/model/explained.ts";
import type { Frozen } from "../core/model/frozen.ts";
import type { Fields } from "../core/model/item.ts";
import { pick } from "../core/model/pick.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Service } from "../core/model/service.ts";
import { timeText } from "../core/model/values.ts";
import { titleOf } from "../core/select/decide.ts";
import { compare, fieldsToSee } from "../core/settle/compare.ts";
import { openChangeSet, type FileChangeSet } from "../runs/change-set.ts";
import { readLedger } from "../ledger/reader.ts";
import { findRun, listRuns, newestFirst, type RunFolder } from "../runs/folder.ts";
import type { InventoryItem } from "../runs/inventory.ts";
import { openInventory, type InventoryIndex } from "../runs/inventory-index.ts";
import { workersOn } from "../runs/history/workers.ts";
import type { Inside } from "./inside.ts";
import { readSince } from "./offline.ts";
import { explainedRun, itemsIn, recall, type Recalled } from "./recall.ts";

const mostExamples = 10;

interface Checked {
  readonly plan: Plan;
  readonly service: Pick<Service, "url">;
  /** An inventory that is looked at in place of the service's list. */
  readonly from?: string | undefined;
}

/**
 * The run that a list is to be held against: its id, the beginning of one, or `latest` for the last that changed something. Asked for before anything is read.
 * @throws {RunnerError} `usage` when it can not be one: another plan or service, it sent nothing, or the list that is named was
 * read before it was done, or it is under way.
 */
export async function baselineRun(inside: Inside, wanted: string, { plan, service, from }: Checked): Promise<Recalled> {
  const found =
    wanted === "latest" ? await lastChanging(inside, { plan, service }) : await findRun(inside.root, wanted);
  const base = await recall(inside, found);
  const { folder, start, state, summary } = base;
  if (start.plan.name !== plan.name || start.service.endpoint !== service.url)
    throw unusable(
      `Run ${folder.run} was of the plan ${start.plan.name} on ${start.service.endpoint}, this is ${plan.name} on ${service.url}.`,
    );
  if (state.generation === 0) throw unusable(`Run ${folder.run} sent nothing: it left nothing to compare with.`);
  if (summary.worker?.is === "running")
    throw unusable(
      `Run ${folder.run} is under way (pid ${summary.worker.pid}): what it leaves is not known before it is over.`,
    );
  if (from !== undefined) await refuseOlder(from, base);
  return base;
}

/**
 * The newest run of the plan on the service that changed something, or may have, and is not under way: each check leaves a run
 * as well, which did not. One that is under way is the answer only where there is no other, and is refused then.
 * @throws {RunnerError} `usage`: there is none.
 */
async function lastChanging(inside: Inside, { plan, service }: Checked): Promise<RunFolder> {
  const workers = await workersOn(inside.root);
  let underWay: RunFolder | undefined;
  for await (const folder of newestFirst(await listRuns(inside.root))) {
    try {
      if (!(await hasChanged(folder, plan, service.url))) continue;
      // What it leaves is not known yet: the one before it is the last that is over.
      if (workers.get(folder.run)?.is !== "running") return folder;
      underWay ??= folder;
    } catch (error) {
      // What a damaged record says is nothing to go by; `audit verify` names the place.
      if (!(error instanceof RunnerError)) throw error;
      inside.log.warn({ run: folder.run, reason: error.message }, "not taken for a baseline");
    }
  }
  if (underWay !== undefined) return underWay;
  throw unusable(`No run of the plan ${plan.name} on ${service.url} has changed anything yet.`);
}

async function hasChanged({ ledger, run }: RunFolder, plan: Plan, url: string): Promise<boolean> {
  for await (const fact of readLedger(ledger, run)) {
    if (fact.type === "start" && (fact.plan.name !== plan.name || fact.service.endpoint !== url)) return false;
    if (fact.type === "outcome" && (fact.kind === "accepted" || fact.kind === "lost")) return true;
  }
  return false;
}

/** What a run left can not be seen in a list from before. Of the second in which both were, nobody can say which was first. */
async function refuseOlder(from: string, { folder: { run }, heard: { settled } }: Recalled): Promise<void> {
  const now = await readSince(from);
  if (now * 1000 >= settled) return;
  const [read, known] = [now, Math.ceil(settled / 1000)].map((seconds) => timeText(seconds, "UTC"));
  throw new RunnerError(
    "usage",
    `The list in ${from} was read ${read}, before it was known what run ${run} had changed (${known}): it can not show what became of that.`,
    { hint: "Check without --from, or against a list that was read later." },
  );
}

function unusable(message: string): RunnerError {
  return new RunnerError("usage", message, {
    hint: "A baseline is a run of this plan that made changes: `rollcall runs` lists them.",
  });
}

/** What became of what the baseline left, by the list of a later run. */
export async function baselineReport(base: Recalled, now: Recalled): Promise<BaselineReport> {
  await using changes = await openChangeSet(base.folder.changeSet, base.selected.changeSet);
  await using earlier = await openInventory(base.folder.inventory, base.selection.inventory);
  const holding = new Holding(base, now, { changes, earlier });
  for await (const item of itemsIn(now)) await holding.look(item);
  return { of: explainedRun(base), ...(await holding.told()) };
}

/** Holds items, one after another, against what a run left. A byte for each of its changes stays in memory. */
class Holding {
  readonly #base: Recalled;
  readonly #now: Recalled;
  readonly #frozen: Frozen;
  readonly #changes: FileChangeSet;
  readonly #earlier: InventoryIndex;
  readonly #met: Uint8Array;
  #holding = 0;
  #unjudged = 0;
  #strayed = 0;
  readonly #strays: BaselineReport["strayed"]["examples"][number][] = [];
  readonly #added = { already: 0, selected: 0 };
  readonly #newcomers: NamedItem[] = [];

  constructor(
    base: Recalled,
    now: Recalled,
    { changes, earlier }: { readonly changes: FileChangeSet; readonly earlier: InventoryIndex },
  ) {
    this.#base = base;
    this.#now = now;
    // What it wanted is judged by what the service says today.
    const { lookup } = now.frozen;
    this.#frozen = { ...base.frozen, now: now.frozen.now, lookup: { ...base.frozen.lookup, ...lookup } };
    this.#changes = changes;
    this.#earlier = earlier;
    this.#met = new Uint8Array(changes.size);
  }

  async look(item: InventoryItem): Promise<void> {
    if (this.#earlier.placeOf(item.id) === undefined) this.#welcome(item);
    const index = this.#changes.indexOf(item.id);
    if (index === undefined || !this.#isConfirmed(index)) return;
    this.#met[index] = 1;
    const [change] = await this.#changes.at([index]);
    if (change !== undefined) this.#hold(change, item.fields);
  }

  async told(): Promise<Omit<BaselineReport, "of">> {
    const isRemoval = this.#base.plan.change.expect.kind === "absent";
    const missing = this.#missing();
    const gone = isRemoval ? [] : missing;
    const confirmed = missing.length + this.#met.reduce((sum, one) => sum + one, 0);
    const examples = await this.#changes.at(gone.slice(0, mostExamples));
    return {
      confirmed,
      holding: this.#holding + (isRemoval ? missing.length : 0),
      strayed: { count: this.#strayed, examples: this.#strays },
      gone: { count: gone.length, examples: examples.map(({ id, title }) => ({ id, title })) },
      unjudged: this.#unjudged,
      unverifiable: this.#base.state.counts().counts.unverifiable,
      added: { ...this.#added, examples: this.#newcomers },
    };
  }

  #isConfirmed(index: number): boolean {
    return this.#base.state.items.stateOf(index) === "confirmed";
  }

  /** Confirmed ones that this list does not have. */
  #missing(): readonly number[] {
    const found: number[] = [];
    this.#met.forEach((met, index) => {
      if (met === 0 && this.#isConfirmed(index)) found.push(index);
    });
    return found;
  }

  #hold(change: Change, fields: Fields): void {
    const { plan } = this.#base;
    const isRemoval = plan.change.expect.kind === "absent";
    const needed = isRemoval ? [] : [...fieldsToSee(plan), ...Object.keys(change.after)];
    const isShown = needed.every((name) => Object.hasOwn(fields, name));
    const seen = isShown ? compare(plan, this.#frozen, change, fields) : undefined;
    if (seen === undefined) this.#unjudged += 1;
    else if (seen === "after") this.#holding += 1;
    else this.#stray(change, isRemoval ? undefined : fields);
  }

  #stray({ id, title, after }: Change, fields: Fields | undefined): void {
    this.#strayed += 1;
    if (this.#strays.length >= mostExamples) return;
    const names = Object.keys(after).length > 0 ? Object.keys(after) : fieldsToSee(this.#base.plan);
    this.#strays.push({ id, title, left: after, ...(fields && { found: pick(fields, names) }) });
  }

  #welcome(item: InventoryItem): void {
    const { as, id } = item;
    if (as !== "already" && as !== "selected") return;
    this.#added[as] += 1;
    if (this.#newcomers.length >= mostExamples) return;
    this.#newcomers.push({ id, title: titleOf(this.#now.plan, item) });
  }
}

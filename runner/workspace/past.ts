import { GuardError, RunnerError } from "../core/model/errors.ts";
import type { FactOf } from "../core/model/events.ts";
import type { Undone } from "../core/model/origin.ts";
import { itemId, type ItemId, type RunId } from "../core/model/item.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Absences, Gone } from "../core/model/preview.ts";
import type { Frozen } from "../core/model/frozen.ts";
import { traceOf, type Past, type Trace } from "../core/settle/undo.ts";
import { RunState } from "../core/tally/fold.ts";
import { openChangeSet, type FileChangeSet } from "../runs/change-set.ts";
import { replayRun } from "../runs/ended.ts";
import { listRuns, type RunFolder } from "../runs/folder.ts";
import { readLookups } from "../runs/lookups.ts";
import { ranAs } from "./ran-as.ts";
import { refuseRehearsal } from "./refuse-rehearsal.ts";

/** A run as its record stood at some moment. */
export interface Stood {
  readonly folder: RunFolder;
  readonly state: RunState;
  readonly start: FactOf<"start">;
  /** Of its last record. */
  readonly seq: number;
  /** Wall ms: when the last answer to one of its requests was written. */
  readonly answered: number;
}

/**
 * Where a run stands, or stood at the record `seq`.
 * @throws {GuardError} `stale` when nothing of it was begun, or some of its answers were open.
 */
export async function stoodAt(folder: RunFolder, seq = Infinity): Promise<Stood> {
  const state = new RunState();
  let last = 0;
  let answered = 0;
  await replayRun(folder, (found) => {
    if (found.seq > seq) return;
    state.fold(found, found);
    last = found.seq;
    if (found.type === "outcome") answered = found.t;
  });
  const { start, end } = state;
  if (start === undefined || state.selected === undefined || state.generation === 0)
    throw new GuardError("stale", `Run ${folder.run} sent nothing: there is nothing to take back.`, {
      hint: `What it was: rollcall show ${folder.run}`,
    });
  refuseRehearsal(
    start,
    "there is nothing to take back",
    "Name a run that changed something; `rollcall runs` lists them.",
  );
  if (end?.sealed !== true)
    throw new GuardError("stale", `Run ${folder.run} is not over: some of its answers are open.`, {
      hint: `First: rollcall resume ${folder.run}`,
    });
  return { folder, state, start, seq: last, answered };
}

/** The folder of a run that is taken back. @throws {GuardError} `stale` when it is not recorded here. */
export async function folderOf(root: string, run: RunId): Promise<RunFolder> {
  const folder = (await listRuns(root)).find((one) => one.run === run);
  if (folder !== undefined) return folder;
  throw new GuardError("stale", `Run ${run}, which is to be taken back, is not recorded here.`, {
    hint: "Nothing was sent. Only the folder that holds that run knows what it did: work there.",
  });
}

/**
 * What a run did to its items. A byte or four an item stay in memory, and each distinct pair of old and new values once.
 * @param only Ids: the others count as not touched. @throws {RunnerError} `usage`: the run has no such item.
 */
export async function pastOf(plan: Plan, { folder, state, start }: Stood, only: Undone["only"]): Promise<PastRun> {
  const reopen = (): Promise<FileChangeSet> => openChangeSet(folder.changeSet, state.selected?.changeSet);
  const changes = await reopen();
  try {
    refuseStrangers(changes, only, folder.run);
    const chosen = only && new Set(only);
    const frozen = await frozenOf(folder, state, start);
    const traces = new Traces(changes.size);
    for await (const change of changes) {
      const { index, id } = change;
      if (chosen?.has(id) === false) continue;
      const standing = { state: state.items.stateOf(index), credit: state.items.creditOf(index) };
      traces.set(index, traceOf(plan, frozen, { change, standing }));
    }
    return new PastRun(folder.run, changes, { traces, reopen });
  } finally {
    await changes.close();
  }
}

/** What was frozen when the list of a run was read, and what its lookups gave. */
export async function frozenOf(folder: RunFolder, { selection }: RunState, start: FactOf<"start">): Promise<Frozen> {
  const { now, login } = start;
  const frozen = { now, login, run: ranAs(start) };
  if (selection?.lookups === undefined) return frozen;
  return { ...frozen, lookup: await readLookups(folder.lookups, selection.lookups.digest) };
}

/**
 * The items of a run that somebody names. A text that is an id of the run is that id, whatever it holds; any other is several
 * ids with commas between them. @throws {RunnerError} `usage`: the run has no such item.
 */
export async function idsIn({ folder, state }: Stood, asked: readonly string[]): Promise<readonly ItemId[]> {
  await using changes = await openChangeSet(folder.changeSet, state.selected?.changeSet);
  const isKnown = (text: string): boolean => changes.indexOf(itemId(text)) !== undefined;
  const found = asked.flatMap((text) => {
    if (isKnown(text)) return [text];
    const parts = text.split(",");
    // Where none of them is known, what was written is named as it was written.
    return parts.some(isKnown) ? parts : [text];
  });
  const ids = [...new Set(found)].map(itemId);
  refuseStrangers(changes, ids, folder.run);
  return ids;
}

function refuseStrangers(changes: FileChangeSet, only: Undone["only"], run: RunId): void {
  const strangers = (only ?? []).filter((id) => changes.indexOf(id) === undefined);
  if (strangers.length === 0) return;
  const named = strangers.slice(0, 5).map((id) => JSON.stringify(id));
  throw new RunnerError("usage", `Run ${run} was to change no item ${named.join(" and no item ")}.`, {
    hint: `Its items, by their ids: rollcall show ${run} --states confirmed`,
  });
}

/** Traces by the place of their item; those that are alike are kept once. */
class Traces {
  /** 0: none; else one more than the place of its text. */
  readonly #places: Uint32Array;
  readonly #texts: string[] = [];
  readonly #known = new Map<string, number>();
  size = 0;
  restorable = 0;

  constructor(size: number) {
    this.#places = new Uint32Array(size);
  }

  set(index: number, trace: Trace | undefined): void {
    if (trace === undefined) return;
    this.size += 1;
    if ("before" in trace) this.restorable += 1;
    const text = JSON.stringify(trace);
    const place = this.#known.get(text) ?? this.#texts.push(text);
    this.#known.set(text, place);
    this.#places[index] = place;
  }

  has(index: number): boolean {
    return this.#places[index] !== 0;
  }

  at(index: number): Trace | undefined {
    const text = this.#texts[(this.#places[index] ?? 0) - 1];
    return text === undefined ? undefined : (JSON.parse(text) as Trace);
  }
}

interface Kept {
  readonly traces: Traces;
  readonly reopen: () => Promise<FileChangeSet>;
}

/** What a run did, found by the ids of its items; the file of its changes may be closed by then. */
export class PastRun implements Past {
  readonly run: RunId;
  readonly #changes: Pick<FileChangeSet, "indexOf" | "size">;
  readonly #traces: Traces;
  readonly #reopen: () => Promise<FileChangeSet>;

  constructor(run: RunId, changes: FileChangeSet, { traces, reopen }: Kept) {
    this.run = run;
    this.#changes = changes;
    this.#traces = traces;
    this.#reopen = reopen;
  }

  get size(): number {
    return this.#traces.size;
  }

  /** Of those, how many can be given their old values where they still hold what the run wrote. */
  get restorable(): number {
    return this.#traces.restorable;
  }

  of(id: ItemId): Trace | undefined {
    const index = this.#changes.indexOf(id);
    return index === undefined ? undefined : this.#traces.at(index);
  }

  has(id: ItemId): boolean {
    return this.of(id) !== undefined;
  }

  absences(): Absences {
    return new Missed(this.#changes, { traces: this.#traces, reopen: this.#reopen });
  }
}

/** More than these nobody reads one by one; how many there are is known all the same. */
const mostNamed = 1000;

/** A byte an item; ids and titles of those that are missed are read where the run has them. */
class Missed implements Absences {
  readonly #changes: Pick<FileChangeSet, "indexOf">;
  readonly #traces: Traces;
  readonly #reopen: () => Promise<FileChangeSet>;
  readonly #seen: Uint8Array;

  constructor(changes: Pick<FileChangeSet, "indexOf" | "size">, { traces, reopen }: Kept) {
    this.#changes = changes;
    this.#traces = traces;
    this.#reopen = reopen;
    this.#seen = new Uint8Array(changes.size);
  }

  see(id: ItemId): void {
    const index = this.#changes.indexOf(id);
    if (index !== undefined) this.#seen[index] = 1;
  }

  async gone(): Promise<Gone | undefined> {
    const first: number[] = [];
    let count = 0;
    for (const [index, isSeen] of this.#seen.entries()) {
      if (isSeen === 1 || !this.#traces.has(index)) continue;
      count += 1;
      if (first.length < mostNamed) first.push(index);
    }
    if (count === 0) return undefined;
    const changes = await this.#reopen();
    try {
      return { count, items: (await changes.at(first)).map(({ id, title }) => ({ id, title })) };
    } finally {
      await changes.close();
    }
  }
}

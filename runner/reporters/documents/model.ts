import { digestOfBytes } from "../../core/model/digest.ts";
import type { FactOf } from "../../core/model/events.ts";
import type { ItemReport, RunReport, RunSummary, Worker } from "../../core/model/told.ts";
import type { RunState } from "../../core/tally/fold.ts";
import { bytesOfFile } from "../../ledger/record-file.ts";
import { openChangeSet } from "../../runs/change-set.ts";
import type { RunFolder } from "../../runs/folder.ts";
import { causesOf } from "../../runs/history/causes.ts";
import { Heard } from "../../runs/history/heard.ts";
import { itemReport } from "../../runs/history/item.ts";
import { notSelected, typesIn } from "../../runs/history/list.ts";
import { summaryOf } from "../../runs/history/summary.ts";
import { tellWhole } from "../../runs/history/tell.ts";
import type { Showing } from "../value.ts";
import { Chronicle, type Happening } from "./chronicle.ts";
import { Pulse } from "./pulse.ts";
import { Stops, type StopFacts } from "./stops.ts";
import { Stories, type Step } from "./stories.ts";
import { waveReports, WaveTimes, type WaveReport } from "./waves.ts";

/** What reports say of a run. It comes from the run's folder alone, and nothing in it depends on machine, zone or language. */
export interface RunDocument extends Pick<RunReport, "causes" | "collateral" | "gapMs"> {
  readonly summary: Omit<RunSummary, "folder" | "worker">;
  /** Some process has the run in hand: this is how it stood at a moment. Only who shows it live knows, so no report of a file says it. */
  readonly isUnderWay?: true;
  /** Undefined: the record stops before it. */
  readonly start: FactOf<"start"> | undefined;
  readonly selection: FactOf<"enumerated"> | undefined;
  readonly selected: FactOf<"selected"> | undefined;
  readonly end: FactOf<"end"> | undefined;
  /** The plan as the run read it; undefined: the file is not that any more. */
  readonly plan: string | undefined;
  /** What values are, and that times are shown in UTC. */
  readonly showing: Showing;
  readonly waves: readonly WaveReport[];
  /** What happened to the run besides its changes, in order. */
  readonly happenings: readonly Happening[];
  /** Who or what stopped it. */
  readonly stops: StopFacts;
  /** How many answers came when. */
  readonly pulse: Pulse;
  /** Items that were selected, in the order of the change set, then those that were as desired or could not be decided. */
  items(options?: ItemsWanted): AsyncGenerator<ItemStory, void>;
}

interface ItemsWanted {
  /** All but `filtered-out` when left out. */
  readonly states?: readonly string[];
}

/** `steps`: what happened to it; left out where stories were not asked for, and for what was not selected. */
export interface ItemStory extends ItemReport {
  readonly steps?: readonly Step[];
}

export interface DocumentOptions {
  /** Keep what happened to each item: some 20 bytes a step stay in memory. */
  readonly stories?: boolean;
  /** Who has the run in hand, for who shows it live. Left out: it is told as its record has it. */
  readonly worker?: Worker | undefined;
}

/**
 * Read a run from its folder. A damaged record is told up to its damage, without items; so is one whose plan, list, lookups or
 * changes are not those that it names.
 * @throws {RunnerError} `audit` when it has no start record.
 */
export async function openDocument(
  folder: RunFolder,
  { stories: wantsStories = false, worker }: DocumentOptions = {},
): Promise<RunDocument> {
  const showing = { types: await typesIn(folder), zone: "UTC" };
  const heard = new Heard();
  const times = new WaveTimes();
  const pulse = new Pulse();
  const stops = new Stops();
  const chronicle = new Chronicle(folder.run);
  const stories = wantsStories ? new Stories(showing) : undefined;
  const told = await tellWhole(folder, (record) => {
    heard.take(record);
    times.take(record);
    pulse.take(record);
    stops.take(record);
    chronicle.take(record);
    stories?.take(record);
  });
  const { state, damage } = told;
  const {
    folder: path,
    worker: holder,
    ...summary
  } = summaryOf(folder, told, worker === undefined ? "unknown" : new Map([[folder.run, worker]]));
  const isWhole = damage === undefined;
  const plan = await planOf(folder, state);
  return {
    summary,
    ...(worker?.is === "running" && summary.status === "open" && { isUnderWay: true }),
    start: state.start,
    selection: state.selection,
    selected: state.selected,
    end: isWhole ? state.end : undefined,
    plan,
    showing,
    waves: waveReports(state, times, isWhole),
    happenings: chronicle.happenings,
    stops: stops.facts(state.asked.abort),
    pulse,
    causes: isWhole ? await causesIn(folder, state, heard) : [],
    ...(state.collateral && { collateral: state.collateral }),
    ...(state.gapMs !== undefined && { gapMs: state.gapMs }),
    async *items(wanted = {}) {
      if (!isWhole) return;
      const isOver = Object.keys(summary.notStarted).length > 0;
      for await (const item of selectedItems(folder, { state, heard, isOver }, wanted.states)) {
        yield stories === undefined ? item : { ...item, steps: stories.of(item.index ?? -1) };
      }
      const others = (["already", "refused"] as const).filter((as) => wanted.states?.includes(as) ?? true);
      if (others.length > 0) yield* notSelected(folder, state, others);
    },
  };
}

async function causesIn(folder: RunFolder, state: RunState, heard: Heard): Promise<RunDocument["causes"]> {
  const indexes = Array.from({ length: state.items.size }, (_, index) => index);
  const causes = causesOf(state, { indexes, heard, titles: await exampleTitles(folder, state, heard) });
  if (state.selection !== undefined && state.selection.refused > 0)
    for await (const item of notSelected(folder, state, ["refused"])) causes.addRefused(item, item.title);
  return causes.list();
}

const titlesRead = 1000;

/** Of the first items that are not as wanted: some of them stand as examples of a cause. */
async function exampleTitles(folder: RunFolder, state: RunState, heard: Heard): Promise<ReadonlyMap<number, string>> {
  const indexes: number[] = [];
  for (let index = 0; index < state.items.size && indexes.length < titlesRead; index++)
    if (heard.failures.has(index) || state.items.stateOf(index) === "diverged") indexes.push(index);
  if (indexes.length === 0) return new Map();
  await using changes = await openChangeSet(folder.changeSet, state.selected?.changeSet);
  return new Map((await changes.at(indexes)).map(({ index, title }) => [index, title]));
}

async function* selectedItems(
  folder: RunFolder,
  ended: Parameters<typeof itemReport>[0],
  states: readonly string[] | undefined,
): AsyncGenerator<ItemReport, void> {
  const { state } = ended;
  if (state.items.size === 0) return;
  const isWanted = (index: number): boolean => states?.includes(state.items.stateOf(index)) ?? true;
  await using changes = await openChangeSet(folder.changeSet, state.selected?.changeSet);
  for await (const change of changes) if (isWanted(change.index)) yield itemReport(ended, change);
}

async function planOf({ plan }: RunFolder, { start }: RunState): Promise<string | undefined> {
  // Without its plan a run can still be told; that it is another one an audit says.
  const bytes = await bytesOfFile(plan).catch(() => undefined);
  const isOwn = bytes !== undefined && start !== undefined && digestOfBytes(bytes) === start.plan.digest;
  return isOwn ? bytes.toString("utf8") : undefined;
}

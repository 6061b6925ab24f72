import { formatVersion } from "../../core/model/events.ts";
import { timeText } from "../../core/model/values.ts";
import { count } from "../../reporters/amount.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import { table } from "../../reporters/table.ts";
import type { RunSummary } from "../../core/model/told.ts";
import { openDesk } from "../desk.ts";
import type { Io } from "../io.ts";
import {
  commandLine,
  defineCommand,
  workspaceFlags,
  zoneFlags,
  type WorkspaceFlags,
  type ZoneFlags,
} from "../options.ts";
import { statusText } from "../../reporters/run-status.ts";

export type RunsFlags = WorkspaceFlags & ZoneFlags;

export const command = defineCommand<RunsFlags, []>({
  sentence: "List the runs recorded here, newest first",
  parameters: { flags: { ...workspaceFlags, ...zoneFlags } },
  run: runs,
});

/**
 * List the runs of this workspace. Exit 0 whatever is in them: a list judges no record, and whoever looks for what is wrong needs it
 * most. What can not be read, or is missing, is told as a row; `audit verify` judges, and ends with 9.
 */
export async function runs(io: Io, flags: RunsFlags): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { screen, workspace } = desk;
  const found = (await workspace.runs()).toSorted((left, right) => right.started - left.started);
  if (flags.json) screen.result(cleanJson({ v: formatVersion, runs: found }));
  else if (found.length > 0) screen.result(runsTable(found, { zone: flags.zone, width: screen.width }));
  else screen.note(`No runs in ${workspace.folder} yet. Start with: ${commandLine(io, flags, ["preview", "PLAN"])}`);
  if (!flags.json) for (const line of untoldLines(io, flags, found)) screen.note(screen.paint.bad(line));
  return 0;
}

const mostTold = 5;

/** Why a run in the list has nothing but its id. */
function untoldLines(io: Io, flags: RunsFlags, found: readonly RunSummary[]): readonly string[] {
  const untold = found.filter(({ status }) => status === "unreadable" || status === "missing");
  if (untold.length === 0) return [];
  const why = ({ status, damage = "" }: RunSummary): string =>
    status === "missing" ? `is missing between others: ${damage}` : `can not be read: ${damage}`;
  const rest = untold.length > mostTold ? [`and ${count(untold.length - mostTold)} more`] : [];
  return [
    ...untold.slice(0, mostTold).map((one) => cleanText(`${one.run} ${why(one)}`)),
    ...rest,
    `Check every record: ${commandLine(io, flags, ["audit", "verify"])}`,
  ];
}

interface Shown {
  readonly zone: string;
  readonly width: number;
}

function runsTable(found: readonly RunSummary[], { zone, width }: Shown): string {
  const columns = [
    { head: "run", fixed: true },
    { head: "plan", least: 8, spare: true },
    { head: "service", spare: 2 },
    { head: "status", least: 9 },
    { head: "changed", align: "right" as const, least: 7, spare: true },
    { head: "exit", align: "right" as const, least: 4 },
    { head: "by", spare: 2 },
    // In UTC the id says it.
    ...(zone === "UTC" ? [] : [{ head: "began", fixed: true }]),
  ];
  return table(
    columns,
    found.map((run) => row(run, zone)),
    width,
  );
}

function row(summary: RunSummary, zone: string): readonly string[] {
  const { run, plan, service, status, counts, open, exit, by, started } = summary;
  const changed = counts === undefined || status === "damaged" ? "" : changedOf(counts, open);
  return [
    run,
    cleanText(plan),
    cleanText(service),
    cleanText(statusText({ ...summary, isListRead: counts !== undefined })),
    changed,
    exit === undefined ? "" : String(exit),
    cleanText(by.name),
    timeText(Math.floor(started / 1000), zone) ?? "",
  ];
}

/** `309/312`: confirmed (or accepted where no more can be shown) of all selected. */
function changedOf(counts: NonNullable<RunSummary["counts"]>, open: number): string {
  const { "filtered-out": out, already, refused } = counts;
  const all = Object.values(counts).reduce((sum, number) => sum + number, open) - out - already - refused;
  return `${count(counts.confirmed + counts.unverifiable)}/${count(all)}`;
}

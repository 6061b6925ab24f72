import { formatVersion } from "../../core/model/events.ts";
import { count } from "../../reporters/amount.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import { table } from "../../reporters/table.ts";
import type { RunSummary } from "../../workspace.ts";
import { openDesk } from "../desk.ts";
import type { Io } from "../io.ts";
import { commandLine, defineCommand, workspaceFlags, type WorkspaceFlags } from "../options.ts";

export const command = defineCommand<WorkspaceFlags, []>({
  sentence: "List the runs recorded here, newest first",
  parameters: { flags: workspaceFlags },
  run: runs,
});

/** List the runs of this workspace. */
export async function runs(io: Io, flags: WorkspaceFlags): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { screen, workspace } = desk;
  const found = (await workspace.runs()).toSorted((left, right) => right.started - left.started);
  if (flags.json) screen.result(cleanJson({ v: formatVersion, runs: found }));
  else if (found.length > 0) screen.result(runsTable(found, screen.width));
  else screen.note(`No runs in ${workspace.folder} yet. Start with: ${commandLine(io, flags, ["preview", "PLAN"])}`);
  return 0;
}

function runsTable(found: readonly RunSummary[], width: number): string {
  const columns = [
    // Whole: it is what is copied into the next command.
    { head: "run", least: 22 },
    { head: "plan", least: 8 },
    { head: "service", spare: true },
    { head: "status", least: 9 },
    { head: "changed", align: "right" as const, least: 7 },
    { head: "exit", align: "right" as const, least: 4 },
    { head: "by", spare: true },
  ];
  return table(columns, found.map(row), width);
}

function row({ run, plan, service, status, counts, open, exit, by }: RunSummary): readonly string[] {
  const changed = counts === undefined ? "" : changedOf(counts, open);
  return [
    run,
    cleanText(plan),
    cleanText(service),
    status,
    changed,
    exit === undefined ? "" : String(exit),
    cleanText(by.name),
  ];
}

/** `309/312`: confirmed (or accepted where no more can be shown) of all selected. */
function changedOf(counts: NonNullable<RunSummary["counts"]>, open: number): string {
  const { "filtered-out": out, already, refused } = counts;
  const all = Object.values(counts).reduce((sum, number) => sum + number, open) - out - already - refused;
  return `${count(counts.confirmed + counts.unverifiable)}/${count(all)}`;
}

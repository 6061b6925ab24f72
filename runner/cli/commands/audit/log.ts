import { exitCodes } from "../../../core/model/errors.ts";
import { formatVersion } from "../../../core/model/events.ts";
import type { LogEntry, LogQuery, LogReport } from "../../../core/model/evidence.ts";
import { timeText } from "../../../core/model/values.ts";
import { count } from "../../../reporters/amount.ts";
import { cleanJson, cleanText } from "../../../reporters/clean.ts";
import { table } from "../../../reporters/table.ts";
import { changeText } from "../../../reporters/value.ts";
import { openDesk } from "../../desk.ts";
import type { Io } from "../../io.ts";
import {
  commandLine,
  defineCommand,
  lifeMs,
  wholeNumber,
  workspaceFlags,
  zoneFlags,
  type WorkspaceFlags,
  type ZoneFlags,
} from "../../options.ts";

export type LogFlags = WorkspaceFlags &
  ZoneFlags & {
    readonly device?: string;
    readonly customer?: string;
    readonly by?: string;
    readonly since?: number;
    readonly field?: string;
    readonly limit: number;
  };

function wordFlag(placeholder: string, brief: string) {
  return { kind: "parsed", parse: String, optional: true, placeholder, brief } as const;
}

export const logCommand = defineCommand<LogFlags, []>({
  sentence: "Search all runs: who changed which item, when, from what to what, and was it confirmed",
  parameters: {
    flags: {
      ...workspaceFlags,
      ...zoneFlags,
      device: wordFlag("ID|NAME", "Only this item: its id, or its title"),
      customer: wordFlag(
        "ID|NAME",
        "Only items of this customer, where the list had partner_id, customer_name or partner_name",
      ),
      by: wordFlag("NAME", "Only what this person sent"),
      since: {
        kind: "parsed",
        parse: momentMs,
        optional: true,
        placeholder: "TIME",
        brief: "Not before: a day (2026-01-31), a time (2026-01-31T12:00:00Z), or how long ago (30d)",
      },
      field: wordFlag("NAME", "Only changes of this field"),
      limit: { kind: "parsed", parse: wholeNumber(1), default: "100", placeholder: "N", brief: "At most N rows" },
    },
  },
  run: auditLog,
});

/** Search all runs. Exit 0, or 9 when a record is damaged, so that not everything could be told. */
async function auditLog(io: Io, flags: LogFlags): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { screen, workspace } = desk;
  const report = await workspace.auditLog(queryOf(flags));
  if (flags.json) screen.result(cleanJson({ v: formatVersion, ...report }));
  else if (report.entries.length > 0) screen.result(logText(report, flags, screen.tableWidth));
  else screen.note("No change that was sent fits.");
  if (!flags.json) {
    for (const { run, message } of report.damaged)
      screen.note(screen.paint.bad(`${run}: NOT EVERYTHING COULD BE READ: ${cleanText(message)}`));
    if (report.damaged.length > 0) screen.note(`  Every place: ${commandLine(io, flags, ["audit", "verify"])}`);
    for (const note of report.notes ?? []) screen.note(`note: ${cleanText(note)}`);
  }
  return report.damaged.length === 0 ? 0 : exitCodes.audit;
}

function queryOf({ device, customer, by, since, field, limit }: LogFlags): LogQuery {
  return {
    limit,
    ...(device !== undefined && { device }),
    ...(customer !== undefined && { customer }),
    ...(by !== undefined && { by }),
    ...(since !== undefined && { since }),
    ...(field !== undefined && { field }),
  };
}

const columns = [
  { head: "when", fixed: true },
  { head: "item", least: 10 },
  { head: "id", least: 6, spare: 2 },
  { head: "field", least: 8 },
  { head: "before -> after", least: 14 },
  { head: "state", least: 9 },
  { head: "by", least: 4 },
  { head: "customer", least: 8, spare: 3 },
  { head: "run", fixed: true },
];

function logText({ entries, more }: LogReport, { zone, limit }: LogFlags, width: number): string {
  const rows = entries.map((entry) => rowOf(entry, zone));
  const rest = more ? `\nThe newest ${count(limit)}; --limit N shows more, --since and the other flags others.` : "";
  return `${table(columns, rows, width)}${rest}`;
}

function rowOf(entry: LogEntry, zone: string): readonly string[] {
  const { at, title, id, field, state, by, customer, run } = entry;
  return [
    timeText(Math.floor(at / 1000), zone) ?? "",
    ...[title, id, field ?? ""].map(cleanText),
    whatHappened(entry, zone),
    state,
    ...[by, customer].map(cleanText),
    run,
  ];
}

function whatHappened({ field, before, after, type, method }: LogEntry, zone: string): string {
  if (field === undefined) return cleanText(method);
  return changeText(field, { before, after }, { types: type === undefined ? {} : { [field]: type }, zone });
}

/** A moment in wall ms: a day or a time, in UTC where it says no zone, or how long ago. */
export function momentMs(text: string): number {
  if (/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) {
    const at = Date.parse(/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes("T") ? text : `${text}Z`);
    if (!Number.isNaN(at)) return at;
  }
  if (/^\d/.test(text) && !text.includes("-")) return Date.now() - lifeMs(text);
  throw new Error(
    `expected a day such as 2026-01-31, a time, or how long ago such as 30d, found ${JSON.stringify(text)}`,
  );
}

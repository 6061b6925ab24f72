import { exitCodes } from "../../../core/model/errors.ts";
import { formatVersion } from "../../../core/model/events.ts";
import type { LogQuery } from "../../../core/model/evidence.ts";
import { cleanJson, cleanText } from "../../../reporters/clean.ts";
import { logText } from "../../../reporters/log.ts";
import { openDesk } from "../../desk.ts";
import type { Io } from "../../io.ts";
import {
  commandLine,
  defineCommand,
  sinceMs,
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
        parse: sinceMs,
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
  else if (report.entries.length > 0) screen.result(logText(report, { ...flags, width: screen.tableWidth }));
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

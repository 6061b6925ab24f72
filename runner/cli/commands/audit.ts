import { buildRouteMap } from "@stricli/core";
import { formatVersion } from "../../core/model/events.ts";
import { exitCodes } from "../../core/model/errors.ts";
import { countOf } from "../../reporters/amount.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import type { Paint } from "../../reporters/paint.ts";
import type { AuditReport } from "../../workspace/reports.ts";
import { openDesk } from "../desk.ts";
import type { Io } from "../io.ts";
import { defineCommand, runWord, workspaceFlags, zoneFlags, type WorkspaceFlags, type ZoneFlags } from "../options.ts";
import type { Context } from "../verbs.ts";

export type AuditFlags = WorkspaceFlags &
  ZoneFlags & {
    readonly anchor?: string;
  };

const verifyCommand = defineCommand<AuditFlags, [string]>({
  sentence: "Check the chain of a run's record, and that its counts add up",
  parameters: {
    flags: {
      ...workspaceFlags,
      ...zoneFlags,
      anchor: {
        kind: "parsed",
        parse: anchorText,
        optional: true,
        placeholder: "run:seq:hash",
        brief: "An anchor that was printed or kept elsewhere: finds any change at or before it",
      },
    },
    positional: { kind: "tuple", parameters: [runWord] },
  },
  run: auditVerify,
});

export const command = buildRouteMap<"verify", Context>({
  routes: { verify: verifyCommand },
  docs: { brief: "Check that the record of a run is complete and unchanged" },
});

/** Check the record of a run. Exit 0, or 9 with every finding. */
export async function auditVerify(io: Io, flags: AuditFlags, run: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { screen, workspace } = desk;
  const report = await workspace.audit(run, flags.anchor);
  screen.result(flags.json ? cleanJson({ v: formatVersion, ...report }) : auditText(report, flags, screen.paint));
  return report.ok ? 0 : exitCodes.audit;
}

function auditText(report: AuditReport, { anchor }: AuditFlags, paint: Paint): string {
  const verdict = report.ok
    ? paint.good("the record is complete and unchanged")
    : paint.bad("THE RECORD DOES NOT HOLD");
  const against = anchor === undefined ? "by its own chain" : "by its own chain and against the anchor";
  const notes = report.findings.map(
    ({ seq, message }) => `  ${seq === undefined ? "" : `record ${seq}: `}${cleanText(message)}`,
  );
  return [
    `${report.run}: ${verdict}`,
    `  ${countOf(report.records, "record")}, checked ${against}`,
    `  ${conserved(report)}`,
    `  ${report.sealed ? "sealed: no answer is open" : "not sealed: it has no end record"}`,
    ...notes,
    paint.quiet(`Anchor ${report.anchor}`),
  ].join("\n");
}

function conserved(report: AuditReport): string {
  if (report.conserved === undefined) return "whether every listed item is accounted for can not be checked";
  return report.conserved
    ? "every listed item is accounted for exactly once"
    : "NOT every listed item is accounted for";
}

function anchorText(text: string): string {
  if (/^[^:\s]+:\d+:[0-9a-f]{8,64}$/.test(text)) return text;
  throw new Error(`expected run:seq:hash as it was printed, found ${JSON.stringify(text)}`);
}

import { relative } from "node:path";
import { exitCodes } from "../../core/model/errors.ts";
import { formatVersion } from "../../core/model/events.ts";
import { timeText } from "../../core/model/values.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import { hanging } from "../../reporters/width.ts";
import type { ApprovalFound, ApprovalReport } from "../../workspace/reports.ts";
import { openDesk, type Desk } from "../desk.ts";
import type { Io } from "../io.ts";
import {
  changeSetWord,
  commandLine,
  defineCommand,
  workspaceFlags,
  zoneFlags,
  type WorkspaceFlags,
  type ZoneFlags,
} from "../options.ts";

export type ApprovalsFlags = WorkspaceFlags & ZoneFlags;

export const command = defineCommand<ApprovalsFlags, [string]>({
  sentence: "List and check the approvals of a saved change set, and what it still needs",
  parameters: {
    flags: { ...workspaceFlags, ...zoneFlags },
    positional: {
      kind: "tuple",
      parameters: [changeSetWord],
    },
  },
  run: approvals,
});

/** Exit 0: every approval that the config demands is there; 5: one is missing. */
export async function approvals(io: Io, flags: ApprovalsFlags, file: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const report = await desk.workspace.approvals(file);
  const { screen } = desk;
  if (flags.json) screen.result(cleanJson({ v: formatVersion, type: "approvals", ...report }));
  else screen.result(reportText(report, { desk, flags, file }));
  return report.enough ? 0 : exitCodes.approval;
}

interface Around {
  readonly desk: Desk;
  readonly flags: ApprovalsFlags;
  readonly file: string;
}

function reportText(report: ApprovalReport, { desk, flags, file }: Around): string {
  const { width, paint } = desk.screen;
  const time = (ms: number): string => timeText(Math.floor(ms / 1000), flags.zone) ?? "";
  const found = report.approvals.flatMap((one) => hanging("  ", foundText(one, { desk, time }), width));
  const rules = report.rules.flatMap(({ rule, fulfilled, have }) => {
    const there = have.length === 0 ? "there is none" : `there: ${have.join(", ")}`;
    return hanging("  ", fulfilled ? `${rule}: ${have.join(", ")}` : paint.bad(`${rule}; ${there}`), width);
  });
  return [
    [`${file}, good until ${time(report.expires)}`, `Digest ${report.digest}`],
    found.length === 0 ? ["No approvals lie beside it."] : ["Approvals", ...found],
    rules.length === 0 ? ["The config demands none of these changes."] : ["The config says that", ...rules],
    [nextText(report, { desk, flags, file })],
  ]
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function nextText({ applied, enough }: ApprovalReport, { desk, flags, file }: Around): string {
  const next = (...words: readonly string[]): string => commandLine(desk.io, flags, words);
  if (applied !== undefined) return `It was applied already: ${next("show", applied)}`;
  return enough ? `Apply exactly this: ${next("apply", file)}` : `To approve it: ${next("approve", file)} --key FILE`;
}

function foundText(
  { file, counts, why, key, by, at }: ApprovalFound,
  { desk, time }: { readonly desk: Desk; readonly time: (ms: number) => string },
): string {
  const { io, screen } = desk;
  const path = relative(io.cwd, file);
  const name = cleanText(path.startsWith("..") ? file : path);
  const who = by === undefined || at === undefined ? "" : `${cleanText(by.name)} on ${cleanText(by.host)}, ${time(at)}`;
  if (counts) return screen.paint.good(`${key ?? ""}: ${who} (${name})`);
  return screen.paint.bad(`${name} does not count: ${cleanText(why ?? "")}`);
}

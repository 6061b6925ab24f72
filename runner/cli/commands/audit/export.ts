import { RunnerError } from "../../../core/model/errors.ts";
import { formatVersion } from "../../../core/model/events.ts";
import type { ExportFormat } from "../../../core/model/evidence.ts";
import { cleanJson, cleanJsonText, cleanText } from "../../../reporters/clean.ts";
import { openDesk } from "../../desk.ts";
import type { Io } from "../../io.ts";
import { defineCommand, fileFlag, runWord, workspaceFlags, type WorkspaceFlags } from "../../options.ts";

export type ExportFlags = WorkspaceFlags & {
  readonly format: ExportFormat;
  readonly out?: string;
};

export const exportCommand = defineCommand<ExportFlags, string[]>({
  sentence: "Write what runs did for other programs: a table, JSON lines, or OCSF events",
  parameters: {
    flags: {
      ...workspaceFlags,
      format: {
        kind: "enum",
        values: ["csv", "ndjson", "ocsf"],
        brief:
          "csv: a row for each item and field; ndjson: an object for each item; ocsf: an API Activity event for each request",
      },
      out: fileFlag("Write a new file; else to stdout"),
    },
    positional: { kind: "array", parameter: runWord, minimum: 1 },
  },
  run: auditExport,
});

/** Exit 0; 9 when a record does not hold: nothing is exported then. */
async function auditExport(
  io: Io,
  { format, out, ...flags }: ExportFlags,
  ...runs: readonly string[]
): Promise<number> {
  if (runs.length === 0) {
    throw new RunnerError("usage", "No run is named.", { hint: "Name one or several; `rollcall runs` lists them." });
  }
  if (flags.json && out === undefined) {
    throw new RunnerError("usage", "An export is many lines, and --json promises one document.", {
      hint: "Leave --json out: --format ndjson and ocsf are JSON, line by line. With --out it says what was written.",
    });
  }
  await using desk = await openDesk(io, flags);
  const { workspace, screen } = desk;
  if (out !== undefined) {
    await workspace.saveExport(runs, format, out);
    if (flags.json) screen.result(cleanJson({ v: formatVersion, type: "export", file: out, format }));
    else screen.note(`Written: ${cleanText(out)}`);
    return 0;
  }
  // A program gets every byte; a terminal none that steers it.
  const shown = io.stdout.isTTY === true ? visible(format) : (line: string) => line;
  for await (const line of workspace.auditExport(runs, format)) screen.result(shown(line));
  return 0;
}

function visible(format: ExportFormat): (line: string) => string {
  return format === "csv" ? cleanText : cleanJsonText;
}

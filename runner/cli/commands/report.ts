import { appendFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { exitCodes, RunnerError } from "../../core/model/errors.ts";
import { reasonOf } from "../../core/model/reason.ts";
import { annotationsOf } from "../../reporters/documents/github.ts";
import type { RunDocument } from "../../reporters/documents/model.ts";
import { leastBytes, stepSummaryBytes } from "../../reporters/documents/markdown.ts";
import { documentOf, formatOfName, reportFormats, reportOf } from "../../reporters/documents/report.ts";
import { saveReport } from "../../reporters/documents/save.ts";
import { openDesk, type Desk } from "../desk.ts";
import type { Io } from "../io.ts";
import { defineCommand, fileFlag, runWord, wholeNumber, workspaceFlags, type WorkspaceFlags } from "../options.ts";
import { pour } from "../pour.ts";

const formats = [...reportFormats, "github"] as const;
type Format = (typeof formats)[number];

export type ReportFlags = WorkspaceFlags & {
  readonly format?: Format;
  readonly out?: string;
  readonly force: boolean;
  readonly maxBytes?: number;
};

export const command = defineCommand<ReportFlags, [string]>({
  sentence: "Write what came of a run as a page, a table, or for a CI system",
  parameters: {
    flags: {
      ...workspaceFlags,
      format: {
        kind: "enum",
        values: formats,
        optional: true,
        brief:
          "html: one file, for people; md: for a comment or a step summary; junit, csv, json; github: annotations and the step summary. Else by the ending of --out",
      },
      out: fileFlag("Write it there; to stdout when left out"),
      force: { kind: "boolean", default: false, withNegated: false, brief: "Replace a file that is there" },
      maxBytes: {
        kind: "parsed",
        parse: wholeNumber(leastBytes),
        optional: true,
        placeholder: "N",
        brief: "Of md and github: a page of so many bytes at most, the worst items first; 1,000,000 when left out",
      },
    },
    positional: { kind: "tuple", parameters: [runWord] },
  },
  run: report,
});

/** Tell a run from its folder alone. Exit 0, whatever came of the run, or 9 when its record is damaged. */
export async function report(io: Io, flags: ReportFlags, run: string): Promise<number> {
  const format = formatFor(flags);
  mustFit(flags, format);
  await using desk = await openDesk(io, flags);
  const document = await documentOf(desk.workspace.folder, run, { stories: format === "html" || format === "json" });
  if (format === "github") await tellGithub(desk, document, flags.maxBytes);
  else {
    const { out, force, maxBytes } = flags;
    const pieces = reportOf(document, { format, ...(maxBytes !== undefined && { maxBytes }) });
    if (out === undefined) await pour(pieces, io.stdout);
    else {
      await saveReport(resolve(io.cwd, out), pieces, force);
      desk.screen.note(`Wrote ${out}`);
    }
  }
  return document.summary.status === "damaged" ? exitCodes.audit : 0;
}

function formatFor({ format, json, out }: ReportFlags): Format {
  if (json && format !== undefined && format !== "json")
    throw new RunnerError("usage", `--json and --format ${format} ask for two things.`, {
      hint: "Leave one of them out.",
    });
  const found = json ? "json" : (format ?? (out === undefined ? "md" : formatOfName(out)));
  if (found !== undefined) return found;
  throw new RunnerError("usage", `The name ${out ?? ""} does not say in which format.`, {
    hint: `Add --format: ${formats.join(", ")}.`,
  });
}

/** An option that would do nothing is a mistake. */
function mustFit({ out, force, maxBytes }: ReportFlags, format: Format): void {
  if (format === "github" && out !== undefined)
    throw new RunnerError("usage", "--format github writes annotations and the step summary, and no file.", {
      hint: "Leave --out out, or ask for --format md.",
    });
  if (force && out === undefined)
    throw new RunnerError("usage", "--force replaces a file, and no --out names one.", { hint: "Add --out FILE." });
  if (maxBytes !== undefined && format !== "md" && format !== "github")
    throw new RunnerError("usage", `--max-bytes is of --format md, and this is ${format}.`, {
      hint: "Leave it out: the other formats hold every item.",
    });
}

/** Annotations go to stdout, where the runner reads them; the page is added to the step's summary. */
async function tellGithub({ io }: Desk, document: RunDocument, most = stepSummaryBytes): Promise<void> {
  const path = io.env.GITHUB_STEP_SUMMARY;
  if (path === undefined || path === "") {
    throw new RunnerError("usage", "GITHUB_STEP_SUMMARY is not set: this is no step of GitHub Actions.", {
      hint: "Elsewhere: --format md for the same page.",
    });
  }
  io.stdout.write(annotationsOf(document));
  let page = "";
  // The step may have written something into it before.
  const there = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  const maxBytes = Math.max(leastBytes, Math.min(most, stepSummaryBytes - there));
  for await (const piece of reportOf(document, { format: "md", maxBytes })) page += piece;
  try {
    await appendFile(path, page);
  } catch (cause) {
    throw new RunnerError("record", `The step summary ${path} could not be written: ${reasonOf(cause)}.`, { cause });
  }
}

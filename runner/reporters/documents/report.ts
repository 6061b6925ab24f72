import { RunnerError } from "../../core/model/errors.ts";
import { findRun } from "../../runs/folder.ts";
import { csvOf } from "./csv.ts";
import { htmlOf } from "./html/page.ts";
import { jsonOf } from "./json.ts";
import { junitOf } from "./junit.ts";
import { markdownOf } from "./markdown.ts";
import { openDocument, type RunDocument } from "./model.ts";

/** Files that a run can be told in. */
export const reportFormats = ["html", "md", "junit", "csv", "json"] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface ReportOptions {
  readonly format: ReportFormat;
  /** Of `md`. */
  readonly maxBytes?: number;
}

/** Which format a file of that name is in; undefined: its ending says nothing. */
export function formatOfName(name: string): ReportFormat | undefined {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  if (ending === "xml") return "junit";
  return reportFormats.find((format) => format === ending);
}

/**
 * The document of a run.
 * @param root The folder that holds `.rollcall/`. @param run An id, the beginning of one, or `latest`.
 * @throws {RunnerError} `usage`: there is no such run.
 */
export async function documentOf(
  root: string,
  run: string,
  { stories }: { readonly stories: boolean },
): Promise<RunDocument> {
  return await openDocument(await findRun(root, run), { stories });
}

/** The document as a file, piece by piece; the same bytes on every machine. */
export async function* reportOf(
  document: RunDocument,
  { format, maxBytes }: ReportOptions,
): AsyncGenerator<string, void> {
  switch (format) {
    case "html":
      return yield* htmlOf(document);
    case "md":
      return yield* markdownOf(document, maxBytes === undefined ? {} : { maxBytes });
    case "junit":
      return yield* junitOf(document);
    case "csv":
      return yield* csvOf(document);
    case "json":
      return yield* jsonOf(document);
    default:
      throw new RunnerError("usage", `"${String(format satisfies never)}" is no format of reports.`);
  }
}

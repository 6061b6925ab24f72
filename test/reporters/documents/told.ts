import { openDocument, type RunDocument } from "../../../runner/reporters/documents/model.ts";
import { reportOf, type ReportOptions } from "../../../runner/reporters/documents/report.ts";
import { tellRun, type HowTold, type ToldItem } from "../../support/told-run.ts";

/** The document of a run that a test makes up. */
export async function documentOf(items: readonly ToldItem[], how: HowTold = {}): Promise<RunDocument> {
  return await openDocument((await tellRun(items, how)).folder, { stories: true });
}

/** The whole text of a report. */
export async function textOf(document: RunDocument, options: ReportOptions): Promise<string> {
  let text = "";
  for await (const piece of reportOf(document, options)) text += piece;
  return text;
}

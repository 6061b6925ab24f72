import { lstat } from "node:fs/promises";
import { RunnerError } from "../../core/model/errors.ts";
import type { ExportFormat } from "../../core/model/evidence.ts";
import type { RunId } from "../../core/model/item.ts";
import { readLedger } from "../../ledger/reader.ts";
import { openChangeSet } from "../../runs/change-set.ts";
import { createDraft } from "../../runs/draft.ts";
import { csvHead, csvLines } from "../../runs/export/csv.ts";
import { Failures, itemFacts, type ItemFacts } from "../../runs/export/item-facts.ts";
import { OcsfEvents } from "../../runs/export/ocsf.ts";
import { findRun, type RunFolder } from "../../runs/folder.ts";
import { trailOf } from "../../runs/trail.ts";
import { auditRun } from "../audit.ts";
import type { Inside } from "../inside.ts";
import { thereAlready } from "./new-file.ts";

/**
 * Runs for another program, line by line and without line ends; the same run always gives the same bytes. Each record is
 * checked before anything of it is given out. A run that is named twice is given once.
 * @throws {RunnerError} `audit`: a record does not hold. `usage`: there is no such run.
 */
export async function* exportRuns(
  inside: Inside,
  wanted: readonly string[],
  format: ExportFormat,
): AsyncGenerator<string, void> {
  const folders = new Map<RunId, RunFolder>();
  for (const one of wanted) {
    const folder = await findRun(inside.root, one);
    folders.set(folder.run, folder);
  }
  for (const folder of folders.values()) await mustHold(inside, folder);
  if (format === "csv") yield csvHead();
  for (const folder of folders.values()) yield* linesOf(folder, format);
}

/** The same into a new file, whole or not at all. @throws {RecordError} */
export async function saveLines(lines: AsyncIterable<string>, path: string): Promise<void> {
  if ((await lstat(path).catch(() => undefined)) !== undefined) throw thereAlready(path);
  const draft = await createDraft(path);
  try {
    for await (const line of lines) await draft.add(line);
    await draft.keep();
  } finally {
    await draft.discard();
  }
}

async function mustHold(inside: Inside, folder: RunFolder): Promise<void> {
  const { ok, findings } = await auditRun(inside, folder, {});
  if (ok) return;
  throw new RunnerError("audit", `The record of run ${folder.run} does not hold: ${findings[0]?.message ?? ""}.`, {
    hint: `Nothing is exported from it. See every place with: rollcall audit verify ${folder.run}`,
  });
}

async function* linesOf(folder: RunFolder, format: ExportFormat): AsyncGenerator<string, void> {
  switch (format) {
    case "csv":
      for await (const item of itemsOf(folder)) yield* csvLines(item);
      break;
    case "ndjson":
      for await (const item of itemsOf(folder)) yield JSON.stringify(item);
      break;
    case "ocsf":
      yield* eventsOf(folder);
      break;
    default:
      format satisfies never;
  }
}

async function* itemsOf(folder: RunFolder): AsyncGenerator<ItemFacts, void> {
  const failures = new Failures();
  const trail = await trailOf(folder, (found) => failures.take(found));
  if (trail?.state.selected === undefined) return;
  await using changes = await openChangeSet(folder.changeSet, trail.state.selected.changeSet);
  for await (const change of changes) yield itemFacts(change, folder.run, trail, failures);
}

async function* eventsOf({ ledger, run }: RunFolder): AsyncGenerator<string, void> {
  const events = new OcsfEvents(run);
  for await (const found of readLedger(ledger, run)) yield* events.take(found);
  yield* events.end();
}

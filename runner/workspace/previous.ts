import { stat } from "node:fs/promises";
import { RunnerError } from "../core/model/errors.ts";
import type { FactOf } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import type { Log } from "../core/model/ports.ts";
import { anchorText } from "../ledger/anchor.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import { lastHead } from "../ledger/last-head.ts";
import { headsNamedBy, startOf } from "../runs/begun-after.ts";
import { listRuns, type RunFolder } from "../runs/folder.ts";
import { begunAt } from "../runs/run-id.ts";
import type { Inside } from "./inside.ts";

/** Ledgers that are looked at at once. */
const together = 16;

const notNamed = "not named by the run that begins";

interface Standing {
  readonly run: RunId;
  /** Wall ms. */
  readonly began: number;
  /** `run:seq:hash`; undefined: it has no record yet, or ended before its first one. */
  readonly head: string | undefined;
  readonly names: readonly string[];
}

/**
 * Every head that no start record names as it is now. So each run is named by the next one that begins, whatever the clock says and
 * however many begin at once, and a run that is removed later leaves a gap that shows. Of each ledger mostly only its first and its last
 * records are read.
 * @param run The run that begins.
 */
export async function headsBefore(
  { root, log }: Pick<Inside, "root" | "log">,
  run: RunId,
): Promise<Pick<FactOf<"start">, "previous" | "otherHeads">> {
  const folders = (await listRuns(root)).filter((folder) => folder.run !== run);
  const all: Standing[] = [];
  for (let from = 0; from < folders.length; from += together)
    all.push(...(await Promise.all(folders.slice(from, from + together).map((folder) => standingOf(folder, log)))));
  const named = new Set(all.flatMap(({ names }) => names));
  const unnamed = all.filter(({ head }) => head !== undefined && !named.has(head));
  unnamed.sort((left, right) => right.began - left.began || (left.run < right.run ? 1 : -1));
  const [previous = null, ...otherHeads] = unnamed.flatMap(({ head }) => head ?? []);
  return { previous, ...(otherHeads.length > 0 && { otherHeads }) };
}

/** What can not be read has no head that could be named: `audit verify` says what is wrong with it. */
async function standingOf(folder: RunFolder, log: Log): Promise<Standing> {
  const { run } = folder;
  try {
    const start = await startOf(folder);
    const head = await lastHead(folder.ledger, run);
    if (head === undefined && (await stat(folder.ledger)).size > 0)
      log.warn({ run, reason: "its ledger holds no record of this run" }, notNamed);
    return {
      run,
      began: start?.t ?? begunAt(run),
      head: head && anchorText(run, head),
      names: start === undefined ? [] : headsNamedBy(start).map(textOf),
    };
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    if (errnoOf(error.cause) !== "ENOENT") log.warn({ run, reason: error.message }, notNamed);
    return { run, began: begunAt(run), head: undefined, names: [] };
  }
}

function textOf(head: ReturnType<typeof headsNamedBy>[number]): string {
  return typeof head === "string" ? head : anchorText(head.run, head);
}

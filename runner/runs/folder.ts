import { mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RunnerError } from "../core/model/errors.ts";
import type { RunId } from "../core/model/item.ts";
import { makeFolder, privateFolder, syncFolder, writeFileAtomic } from "../ledger/atomic.ts";
import { diskError, errnoOf } from "../ledger/disk-error.ts";
import { isRunId } from "./run-id.ts";

/** The evidence of one run, as paths. A file may be missing: the run ended before it was written. */
export interface RunFolder {
  readonly run: RunId;
  readonly path: string;
  /** The plan as it was read. */
  readonly plan: string;
  /** What the plan's lookups gave, if it has any. */
  readonly lookups: string;
  readonly inventory: string;
  readonly changeSet: string;
  readonly ledger: string;
  readonly summary: string;
  /** Where people leave requests for the process that has the run in hand; there once somebody did. */
  readonly control: string;
}

/** Where a run keeps its files. @param root The folder that holds `.rollcall/`. */
export function runFolder(root: string, run: RunId): RunFolder {
  const path = join(runsIn(root), run);
  return {
    run,
    path,
    plan: join(path, "plan.yaml"),
    lookups: join(path, "lookups.ndjson"),
    inventory: join(path, "inventory.ndjson"),
    changeSet: join(path, "changeset.ndjson"),
    ledger: join(path, "ledger.ndjson"),
    summary: join(path, "summary.json"),
    control: join(path, "control"),
  };
}

/** Make the folder of a new run, with the plan in it; on disk when it resolves. @throws {RecordError} */
export async function createRunFolder(root: string, run: RunId, plan: string): Promise<RunFolder> {
  const folder = runFolder(root, run);
  await makeFolder(dirname(folder.path));
  try {
    await mkdir(folder.path, { mode: privateFolder });
    await syncFolder(dirname(folder.path));
  } catch (cause) {
    throw diskError("make the folder", folder.path, cause);
  }
  await writeFileAtomic(folder.plan, plan);
  return folder;
}

/** Every run, the oldest first; empty when there is none. @throws {RecordError} when the folder can not be read. */
export async function listRuns(root: string): Promise<RunFolder[]> {
  const names = await namesIn(runsIn(root));
  return names
    .filter(isRunId)
    .sort()
    .map((run) => runFolder(root, run));
}

/**
 * @param wanted An id, the beginning of exactly one, or `latest`. @param itself A run that asks, and does not mean itself.
 * @throws {RunnerError} `usage` when there is none or more than one.
 */
export async function findRun(root: string, wanted: string, itself?: RunId): Promise<RunFolder> {
  if (wanted !== "latest" && !/^[0-9][0-9A-Za-z-]*$/.test(wanted)) throw notAnId(wanted);
  const runs = (await listRuns(root)).filter(({ run }) => run !== itself);
  if (wanted === "latest") return await latestOf(runs, root);
  const found = runs.filter(({ run }) => run.startsWith(wanted));
  const [only] = found;
  if (only === undefined) throw noSuchRun(wanted, root);
  if (found.length > 1) throw ambiguous(wanted, found);
  return only;
}

function runsIn(root: string): string {
  return join(root, ".rollcall", "runs");
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return [];
    throw diskError("list", folder, cause);
  }
}

async function latestOf(runs: readonly RunFolder[], root: string): Promise<RunFolder> {
  for await (const folder of newestFirst(runs)) return folder;
  throw noSuchRun("latest", root);
}

/**
 * Runs from the newest to the oldest. Those begun within one second share a stamp: there the plan's file, written once, says
 * which was later.
 * @param runs The oldest first, as `listRuns` has them.
 */
export async function* newestFirst(runs: readonly RunFolder[]): AsyncGenerator<RunFolder, void> {
  const stampOf = ({ run }: RunFolder): string => run.slice(0, run.indexOf("-"));
  const rest = [...runs];
  for (let last = rest.pop(); last !== undefined; last = rest.pop()) {
    const together = [last];
    for (let next = rest.at(-1); next !== undefined && stampOf(next) === stampOf(last); next = rest.at(-1)) {
      together.unshift(next);
      rest.pop();
    }
    yield* together.length === 1 ? together : await latestWritten(together);
  }
}

async function latestWritten(runs: readonly RunFolder[]): Promise<readonly RunFolder[]> {
  const dated = runs.map(async (folder) => {
    return { folder, written: (await stat(folder.plan).catch(() => undefined))?.mtimeMs ?? -Infinity };
  });
  // Of equals the last comes first, as among the others.
  const all = (await Promise.all(dated)).reverse();
  return all.sort((left, right) => right.written - left.written).map(({ folder }) => folder);
}

function notAnId(wanted: string): RunnerError {
  return new RunnerError("usage", `"${wanted}" can not be a run.`, {
    hint: "Give a run's id, its beginning, or `latest`; `rollcall runs` lists them.",
  });
}

function noSuchRun(wanted: string, root: string): RunnerError {
  const message = wanted === "latest" ? `There is no run yet in ${runsIn(root)}.` : `There is no run ${wanted}.`;
  return new RunnerError("usage", message, { hint: `Looked in ${runsIn(root)}; \`rollcall runs\` lists them.` });
}

function ambiguous(wanted: string, found: readonly RunFolder[]): RunnerError {
  const names = found.slice(0, 5).map(({ run }) => run);
  const more = found.length > names.length ? ` and ${found.length - names.length} more` : "";
  return new RunnerError("usage", `${wanted} begins ${found.length} runs: ${names.join(", ")}${more}.`, {
    hint: "Give more of the id.",
  });
}

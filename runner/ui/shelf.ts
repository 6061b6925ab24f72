import { stat } from "node:fs/promises";
import type { RunId } from "../core/model/item.ts";
import type { RunSummary } from "../core/model/told.ts";
import { listRuns, newestFirst, type RunFolder } from "../runs/folder.ts";
import { summaryOf } from "../runs/history/summary.ts";
import { workersOn, type Workers } from "../runs/history/workers.ts";
import { FollowedRun } from "./follow.ts";
import { standingOf, type Standing } from "./standing.ts";

/** A run in one look. */
export interface Listed {
  readonly summary: RunSummary;
  readonly standing: Standing;
  /** It waits for a person: to go on, or to judge a wave. */
  readonly waits: boolean;
}

export interface Stretch {
  readonly runs: readonly Listed[];
  /** The run after which older ones follow; undefined: there are no older ones. */
  readonly older: RunId | undefined;
}

/** What is kept of a run, and of which file. */
interface Kept {
  readonly mark: string;
  readonly listed: Listed | undefined;
}

/**
 * The runs of a workspace, each in one look. A ledger is read once, and again only when its file has changed; of runs that are
 * under way only what was appended.
 */
export class Shelf {
  readonly #root: string;
  readonly #kept = new Map<RunId, Kept>();
  readonly #followed = new Map<RunId, FollowedRun>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The folder of a run that is recorded here; undefined: it is not. Its path is made from the list, not from what was asked. */
  async find(run: string): Promise<RunFolder | undefined> {
    return (await listRuns(this.#root)).find((folder) => folder.run === run);
  }

  /** Newest first. @param after Only runs older than this one. @throws {RecordError} */
  async list({ after, most }: { readonly after?: RunId | undefined; readonly most: number }): Promise<Stretch> {
    const workers = await workersOn(this.#root);
    const runs: Listed[] = [];
    let isPast = after === undefined;
    for await (const folder of newestFirst(await listRuns(this.#root))) {
      if (runs.length === most) return { runs, older: runs.at(-1)?.summary.run };
      const listed = isPast ? await this.#listed(folder, workers) : undefined;
      if (listed !== undefined) runs.push(listed);
      isPast ||= folder.run === after;
    }
    return { runs, older: undefined };
  }

  /** Undefined: it ended before its first record, and there is nothing to tell. */
  async #listed(folder: RunFolder, workers: Workers): Promise<Listed | undefined> {
    const { run } = folder;
    const worker = workers.get(run);
    const mark = `${await markOf(folder)} ${JSON.stringify(worker)}`;
    const kept = this.#kept.get(run);
    if (kept?.mark === mark && kept.listed?.standing !== "deciding") return kept.listed;
    const followed = await this.#follow(folder);
    const { told, paused } = followed;
    const standing = standingOf(told, worker);
    // What is under way stays in memory, to be followed; of the others this look is enough.
    if (standing === "running" || standing === "deciding") this.#followed.set(run, followed);
    else this.#followed.delete(run);
    const isTold = told.damage !== undefined || told.state.start !== undefined || worker !== undefined;
    const waits = standing === "running" && (paused?.for === "operator" || paused?.for === "person");
    const listed = isTold ? { summary: summaryOf(folder, told, workers), standing, waits } : undefined;
    this.#kept.set(run, { mark, listed });
    return listed;
  }

  async #follow(folder: RunFolder): Promise<FollowedRun> {
    const followed = this.#followed.get(folder.run) ?? new FollowedRun(folder);
    if ((await followed.look()) !== "cut") return followed;
    const anew = new FollowedRun(folder, { hasBegun: true });
    await anew.look();
    return anew;
  }
}

async function markOf({ ledger }: RunFolder): Promise<string> {
  // Without it there is nothing to tell, whatever the reason.
  const found = await stat(ledger).catch(() => undefined);
  return found === undefined ? "" : `${found.ino} ${found.size} ${found.mtimeMs}`;
}

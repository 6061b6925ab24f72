import { stat } from "node:fs/promises";
import { RunnerError } from "../core/model/errors.ts";
import type { RunId } from "../core/model/item.ts";
import type { RunSummary } from "../core/model/told.ts";
import { headsNamedBy } from "../runs/begun-after.ts";
import { Between } from "../runs/between.ts";
import { listRuns, newestFirst, type RunFolder } from "../runs/folder.ts";
import { summaryOf } from "../runs/history/summary.ts";
import { missingSummary, untoldSummary } from "../runs/history/untold.ts";
import { workersOn, type Workers } from "../runs/history/workers.ts";
import { FollowedRun } from "./follow.ts";
import { remarkOf, type Remark } from "./remark.ts";
import { standingOf, type Standing } from "./standing.ts";

/** A run in one look. */
export interface Listed {
  readonly summary: RunSummary;
  readonly standing: Standing;
  /** Who looks at the list is to know of it; left out: the standing says it all. */
  readonly remark?: Remark;
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
  /** What the start of each run names that was looked at. */
  readonly #named = new Map<RunId, ReturnType<typeof headsNamedBy>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The folder of a run that is recorded here; undefined: it is not. Its path is made from the list, not from what was asked. */
  async find(run: string): Promise<RunFolder | undefined> {
    return (await listRuns(this.#root)).find((folder) => folder.run === run);
  }

  /** Newest first. @param after Only runs older than this one. @throws {RecordError} when the folder of runs can not be read. */
  async list({ after, most }: { readonly after?: RunId | undefined; readonly most: number }): Promise<Stretch> {
    const workers = await workersOn(this.#root);
    const folders = await listRuns(this.#root);
    const runs: Listed[] = [];
    let isPast = after === undefined;
    for await (const folder of newestFirst(folders)) {
      if (runs.length === most) return { runs: this.#withMissing(runs, folders), older: runs.at(-1)?.summary.run };
      const listed = isPast ? await this.#listedOrNot(folder, workers) : undefined;
      if (listed !== undefined) runs.push(listed);
      isPast ||= folder.run === after;
    }
    return { runs: this.#withMissing(runs, folders), older: undefined };
  }

  /** Behind each run those that it names and that are missing between others, as far as those say so that were looked at. */
  #withMissing(runs: readonly Listed[], folders: readonly RunFolder[]): readonly Listed[] {
    const there = folders.map(({ run }) => run);
    const named = new Map(
      there.flatMap((run) => (this.#named.has(run) ? [[run, this.#named.get(run) ?? []] as const] : [])),
    );
    const holes = new Between(there, named).missing().filter(({ isHole }) => isHole);
    return runs.flatMap((listed) => {
      const own = holes.filter(({ by }) => by === listed.summary.run);
      const missing = own.map((hole) => missingSummary(this.#root, hole));
      return [listed, ...missing.map((summary): Listed => ({ summary, standing: "damaged" }))];
    });
  }

  /** One that can not be read keeps nobody from the others; it is tried again at every look. */
  async #listedOrNot(folder: RunFolder, workers: Workers): Promise<Listed | undefined> {
    try {
      return await this.#listed(folder, workers);
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      this.#followed.delete(folder.run);
      return { summary: untoldSummary(folder, "unreadable", error.message), standing: "damaged" };
    }
  }

  /** Undefined: it ended before its first record, and there is nothing to tell. @throws {RecordError} when it can not be read. */
  async #listed(folder: RunFolder, workers: Workers): Promise<Listed | undefined> {
    const { run } = folder;
    const worker = workers.get(run);
    const mark = `${await markOf(folder)} ${JSON.stringify(worker)}`;
    const kept = this.#kept.get(run);
    if (kept?.mark === mark && kept.listed?.standing !== "deciding") return kept.listed;
    const followed = await this.#follow(folder);
    const { told } = followed;
    if (told.state.start !== undefined) this.#named.set(run, headsNamedBy(told.state.start));
    const standing = standingOf(told, worker);
    // What is under way stays in memory, to be followed; of the others this look is enough.
    if (standing === "running" || standing === "deciding") this.#followed.set(run, followed);
    else this.#followed.delete(run);
    const isTold = told.damage !== undefined || told.state.start !== undefined || worker !== undefined;
    const remark = remarkOf(followed, standing);
    const listed = isTold
      ? { summary: summaryOf(folder, told, workers), standing, ...(remark && { remark }) }
      : undefined;
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

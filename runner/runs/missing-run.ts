import { RunnerError } from "../core/model/errors.ts";
import type { RunId } from "../core/model/item.ts";
import { Between, type Missing } from "./between.ts";
import { findRun, listRuns, type RunFolder } from "./folder.ts";

/** A run that is missing between others, and the one that names it. */
export type MissingRun = Missing & { readonly by: RunId };

/**
 * As `findRun`; a run that is not there and is missing between others is found as that: what others say of it is told, not that nobody
 * knows it. @throws {RunnerError} `usage` when there is none or more than one.
 */
export async function findRunOrHole(root: string, wanted: string): Promise<RunFolder | MissingRun> {
  try {
    return await findRun(root, wanted);
  } catch (error) {
    if (!(error instanceof RunnerError) || error.code !== "usage" || wanted === "") throw error;
    const all = await listRuns(root);
    if (all.some(({ run }) => run.startsWith(wanted))) throw error;
    const holes = (await Between.of(all))
      .missing()
      .filter(({ isHole, named }) => isHole && named.run.startsWith(wanted));
    const [only] = holes;
    if (only === undefined || holes.length > 1) throw error;
    return only;
  }
}

/** What is to be said of it, as a sentence without its end. */
export function missingText({ named, by }: MissingRun): string {
  return `it is not here any more; run ${by}, which was begun after it, found ${named.seq} records of it`;
}

import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { errnoOf } from "../../ledger/disk-error.ts";
import type { RunFolder } from "../folder.ts";

/**
 * What shows that a ledger without a single record had some. A run writes its first record before any file but the plan's, so a
 * folder with one of the others has lost its record, and so has a run whose folder is gone.
 * @returns What is missing and what shows it, as a sentence without its end; undefined: nothing speaks against a run that ended
 * before its first record, and sent nothing.
 */
export async function lostRecord(folder: RunFolder): Promise<string | undefined> {
  if (!(await isThere(folder.path))) return `its record is gone: there is no folder ${folder.path}`;
  const what = await ledgerText(folder);
  const left = await filesBeside(folder);
  return left.length === 0
    ? undefined
    : `${what}, though the run had begun (${left.join(", ")} ${areThere(left.length)})`;
}

/** Of a run that others name, or that was to be found as it was once. */
export const goneText = "its record is gone: there is no ledger.ndjson";

/** Of a run without a record whose lock is held: whoever holds it has written records before. */
export const lostThoughLocked = "its record is gone: there is none, though somebody holds its lock";

async function ledgerText({ ledger }: RunFolder): Promise<string> {
  const found = await stat(ledger).catch(() => undefined);
  const name = basename(ledger);
  if (found === undefined) return `its record is gone: there is no ${name}`;
  return `its record is gone: ${name} ${found.size === 0 ? "is empty" : "holds no record of this run"}`;
}

async function filesBeside({ lookups, inventory, changeSet, summary, control }: RunFolder): Promise<readonly string[]> {
  const all = [lookups, inventory, changeSet, summary, control];
  const found = await Promise.all(all.map(isThere));
  return all.filter((_, place) => found[place]).map((path) => basename(path));
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    // What can not be looked at may well be there.
    return errnoOf(cause) !== "ENOENT";
  }
}

function areThere(count: number): string {
  return count === 1 ? "is there" : "are there";
}

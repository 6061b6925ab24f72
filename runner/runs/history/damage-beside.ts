import { basename } from "node:path";
import { digestOfBytes } from "../../core/model/digest.ts";
import type { Digest } from "../../core/model/item.ts";
import { RunnerError } from "../../core/model/errors.ts";
import type { RunState } from "../../core/tally/fold.ts";
import { errnoOf } from "../../ledger/disk-error.ts";
import { bytesOfFile, NotAFile } from "../../ledger/record-file.ts";
import { openChangeSet } from "../change-set.ts";
import type { RunFolder } from "../folder.ts";
import { countInventory } from "../inventory.ts";
import { readLookups } from "../lookups.ts";

/**
 * What is wrong with the files that a record names by their digests: its plan, what was looked up, its list and its changes. Each is
 * read through once. @returns The first that is not as it was, without a path; undefined: all are.
 */
export async function damageBeside(folder: RunFolder, state: RunState): Promise<string | undefined> {
  const { start, selection, selected } = state;
  const checks: readonly (readonly [path: string, check: () => Promise<unknown>])[] = [
    [folder.plan, () => checkPlan(folder, start?.plan.digest)],
    [folder.lookups, () => checkLookups(folder, selection?.lookups?.digest)],
    [folder.inventory, async () => selection && (await countInventory(folder.inventory, selection.inventory))],
    [
      folder.changeSet,
      async () => selected && (await (await openChangeSet(folder.changeSet, selected.changeSet)).close()),
    ],
  ];
  for (const [path, check] of checks) {
    const damage = await faultOf(path, check);
    if (damage !== undefined) return damage;
  }
  return undefined;
}

/** @throws {RunnerError} `audit`: it is another plan. @throws {Error} Those of the system. */
export async function checkPlan({ plan }: RunFolder, expected: Digest | undefined): Promise<void> {
  if (expected === undefined || digestOfBytes(await bytesOfFile(plan)) === expected) return;
  throw new RunnerError("audit", `${plan} is not the plan that this run was begun with.`);
}

async function checkLookups({ lookups }: RunFolder, expected: Digest | undefined): Promise<void> {
  if (expected !== undefined) await readLookups(lookups, expected);
}

/** A report says the same on every machine: it names the file, and not where that lies. */
async function faultOf(path: string, check: () => Promise<unknown>): Promise<string | undefined> {
  const name = basename(path);
  try {
    await check();
    return undefined;
  } catch (error) {
    const code = errnoOf(error instanceof RunnerError ? error.cause : error);
    if (code === "ENOENT") return `${name} is gone`;
    if (error instanceof NotAFile) return `${name} is not a file`;
    if (code !== undefined) return `${name} can not be read (${code})`;
    if (error instanceof RunnerError) return error.message.replaceAll(path, name).replace(/\.$/, "");
    throw error;
  }
}

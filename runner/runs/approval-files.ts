import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { RunnerError } from "../core/model/errors.ts";
import type { Digest } from "../core/model/item.ts";
import { reasonOf } from "../core/model/reason.ts";
import { writeFileAtomic, writeFileOnce } from "../ledger/atomic.ts";
import { diskError, errnoOf } from "../ledger/disk-error.ts";
import { keyOfApproval } from "./approval.ts";
import { readSmallFile } from "./small-file.ts";

/** An approval is about 1 kB. */
const maxBytes = 64 * 1024;
/** Nobody gives more, and a stranger's folder can hold any number. */
const mostFiles = 1000;

/** A file beside a change set that is named as an approval of it. */
export type Found = { readonly file: string } & ({ readonly bytes: Buffer } | { readonly fault: string });

/** Where an approval of a change set lies unless somebody says another place. */
export function approvalPath(changeSet: string, keyName: string): string {
  return `${changeSet}.approval-${keyName.replaceAll(/[^\w.-]/g, "_")}.json`;
}

/** Every file beside a change set that is named as an approval of it, in the order of the names. @throws {RecordError} */
export async function approvalFiles(changeSet: string): Promise<readonly Found[]> {
  const folder = dirname(changeSet);
  const beginning = `${basename(changeSet)}.approval-`;
  const names = (await namesIn(folder)).filter((name) => name.startsWith(beginning) && name.endsWith(".json")).sort();
  if (names.length > mostFiles)
    throw new RunnerError("approval", `There are ${names.length} approvals beside ${changeSet}.`, {
      hint: `At most ${mostFiles} are read: leave those that count.`,
    });
  return await Promise.all(names.map((name) => readApproval(join(folder, name))));
}

/**
 * Put an approval in place, whole or not at all. An earlier one by the same key is replaced, anything else is left alone.
 * @throws {RunnerError} `usage`: another file is there. @throws {RecordError}
 */
export async function writeApproval(path: string, text: string, key: Digest): Promise<void> {
  if (await writeFileOnce(path, text)) return;
  const there = await lstat(path).catch((cause: unknown) => {
    throw diskError("read", path, cause);
  });
  const found = there.isFile() ? await readApproval(path) : undefined;
  if (found !== undefined && "bytes" in found && keyOfApproval(found.bytes) === key) {
    await writeFileAtomic(path, text);
    return;
  }
  throw new RunnerError("usage", `${path} is there already, and is no approval by this key.`, {
    hint: "Nothing was written. Give the approval another name with --out FILE; beside the change set it begins with the same words.",
  });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw diskError("read", folder, cause);
  }
}

/** What can not be read does not count, and does not hide the others. */
async function readApproval(file: string): Promise<Found> {
  try {
    const { stat, bytes } = await readSmallFile(file, { maxBytes });
    if (bytes !== undefined) return { file, bytes };
    return { file, fault: stat.isFile() ? `it has ${stat.size} bytes, which is no approval` : "it is not a file" };
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    return { file, fault: `it can not be read (${reasonOf(cause)})` };
  }
}

import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "../core/model/item.ts";
import { reasonOf } from "../core/model/reason.ts";
import { makeFolder, writeFileAtomic } from "../ledger/atomic.ts";
import { diskError, errnoOf } from "../ledger/disk-error.ts";
import { readSignature, type HeadSignature } from "../ledger/signature.ts";
import type { RunFolder } from "./folder.ts";

/** A signature is about half a kilobyte. */
const maxBytes = 64 * 1024;

/** A file among a run's signatures: what it holds, or what is wrong with it, as the end of a sentence. */
export type FoundSignature = { readonly file: string } & (
  { readonly signature: HeadSignature } | { readonly fault: string }
);

/** Every signature that lies with a run, in the order of the names. Whether any proves something its key decides. @throws {RecordError} */
export async function signaturesOf({ path }: RunFolder): Promise<readonly FoundSignature[]> {
  const folder = join(path, "signatures");
  const names = (await namesIn(folder)).filter((name) => name.endsWith(".json")).sort();
  return await Promise.all(names.map((name) => readOne(join(folder, name))));
}

/** Put a signature with its run. The same key over the same record again takes the place of the earlier one. @throws {RecordError} */
export async function writeSignature(
  { path }: RunFolder,
  text: string,
  { seq, key }: { readonly seq: number; readonly key: Digest },
): Promise<string> {
  const folder = join(path, "signatures");
  await makeFolder(folder);
  const file = join(folder, `${seq}-${key.slice(0, 16)}.json`);
  await writeFileAtomic(file, text);
  return file;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return [];
    throw diskError("list", folder, cause);
  }
}

/** What can not be read proves nothing, and does not hide the others. */
async function readOne(file: string): Promise<FoundSignature> {
  try {
    // Of a pipe nobody may ever write to the other end.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile() || stat.size > maxBytes) return { file, fault: "is no signature" };
      const read = readSignature(await handle.readFile("utf8"));
      return "fault" in read ? { file, fault: read.fault } : { file, signature: read };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    return { file, fault: `can not be read (${reasonOf(cause)})` };
  }
}

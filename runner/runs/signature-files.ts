import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "../core/model/item.ts";
import { reasonOf } from "../core/model/reason.ts";
import { makeFolder, writeFileAtomic } from "../ledger/atomic.ts";
import { diskError, errnoOf } from "../ledger/disk-error.ts";
import { readSignature, type HeadSignature } from "../ledger/signature.ts";
import type { RunFolder } from "./folder.ts";
import { readSmallFile } from "./small-file.ts";

/** A signature is about half a kilobyte. */
const maxBytes = 64 * 1024;

/** A file among a run's signatures: what it holds, or what is wrong with it, as the end of a sentence. */
export type FoundSignature = { readonly file: string } & (
  { readonly signature: HeadSignature } | { readonly fault: string }
);

/** Every signature that lies with a run, in the order of the names. Whether any proves something its key decides. @throws {RecordError} */
export async function signaturesOf({ path }: RunFolder): Promise<readonly FoundSignature[]> {
  const folder = join(path, "signatures");
  const found = await namesIn(folder);
  if (found === undefined) return [{ file: folder, fault: "is no folder" }];
  const names = found.filter((name) => name.endsWith(".json")).sort();
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

/** Undefined: something else lies there. */
async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (errnoOf(cause) === "ENOTDIR") return undefined;
    if (errnoOf(cause) === "ENOENT") return [];
    throw diskError("list", folder, cause);
  }
}

/** What can not be read proves nothing, and does not hide the others. */
async function readOne(file: string): Promise<FoundSignature> {
  try {
    const { bytes } = await readSmallFile(file, { maxBytes });
    if (bytes === undefined) return { file, fault: "is no signature" };
    const read = readSignature(bytes.toString("utf8"));
    return "fault" in read ? { file, fault: read.fault } : { file, signature: read };
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    return { file, fault: `can not be read (${reasonOf(cause)})` };
  }
}

import { createHash } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { FactOf } from "../core/model/events.ts";
import { digest, type Digest } from "../core/model/item.ts";
import { privateFile, syncFolder, temporaryName } from "./atomic.ts";
import { diskError } from "./disk-error.ts";
import type { LedgerEnd } from "./reader.ts";

const chunkBytes = 256 * 1024;

/**
 * Make a ledger fit to be appended to: its valid part is copied to a new file, which takes the old one's name. Always, not
 * only for a torn tail: the last process may have stopped at a failed sync, after which the old file's pages may look
 * written and not be; and a former owner that still runs goes on writing to a file nobody reads.
 * The caller took the run's lock before it read `end`, and has found no damage.
 * @returns The fact to note first, when a torn tail was moved aside; undefined: there was none.
 * @throws {RecordError} The old ledger is then as it was.
 */
export async function renewLedger(path: string, end: LedgerEnd): Promise<FactOf<"repair"> | undefined> {
  const repair = end.torn === 0 ? undefined : await moveTailAside(path, end);
  await copyPart(path, { from: 0, bytes: end.bytes }, () => path);
  return repair;
}

async function moveTailAside(path: string, { head, bytes, torn }: LedgerEnd): Promise<FactOf<"repair">> {
  const nameOf = (content: Digest): string => `${basename(path)}.torn-${head.seq}-${content.slice(0, 8)}`;
  const content = await copyPart(path, { from: bytes, bytes: torn }, (found) => join(dirname(path), nameOf(found)));
  return { type: "repair", afterSeq: head.seq, bytes: torn, digest: content, kept: nameOf(content) };
}

/** Copy a part of a file by reading and writing it (a clone would share the pages we do not trust). */
async function copyPart(
  path: string,
  part: { readonly from: number; readonly bytes: number },
  nameOf: (content: Digest) => string,
): Promise<Digest> {
  const temporary = temporaryName(path);
  try {
    const content = await writeCopy(path, part, temporary);
    await rename(temporary, nameOf(content));
    await syncFolder(dirname(path));
    return content;
  } catch (cause) {
    await rm(temporary, { force: true });
    throw diskError("copy", path, cause);
  }
}

async function writeCopy(path: string, part: { from: number; bytes: number }, temporary: string): Promise<Digest> {
  const source = await open(path, "r");
  try {
    const copy = await open(temporary, "wx", privateFile);
    try {
      const content = await pour(source, copy, part);
      await copy.sync();
      return content;
    } finally {
      await copy.close();
    }
  } finally {
    await source.close();
  }
}

async function pour(source: FileHandle, copy: FileHandle, part: { from: number; bytes: number }): Promise<Digest> {
  const content = createHash("sha256");
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, part.bytes)));
  for (let done = 0; done < part.bytes;) {
    const wanted = Math.min(chunk.length, part.bytes - done);
    const { bytesRead } = await source.read(chunk, 0, wanted, part.from + done);
    if (bytesRead === 0) throw new Error(`it became shorter while it was copied`);
    await copy.writeFile(chunk.subarray(0, bytesRead));
    content.update(chunk.subarray(0, bytesRead));
    done += bytesRead;
  }
  return digest(content.digest("hex"));
}

import type { FileHandle } from "node:fs/promises";
import { diskError } from "./disk-error.ts";
import { readable, statedHash, type Head } from "./chain.ts";
import { openForReading } from "./record-file.ts";

/** What is read of a file's end at first; a longer last line is read in whole all the same. */
const firstLook = 16 * 1024;
/** More than any line we write: behind the last record there is no more than the tail that a crash has left. */
const longestLook = 512 * 1024 * 1024;
const lineEnd = 10;

/**
 * Where a ledger stands, as its last whole record claims it: nothing before that is read or checked. What a crash has left behind
 * it is passed over.
 * @returns Undefined: there is no record in it. @throws {RecordError} when it can not be read.
 */
export async function lastHead(path: string): Promise<Head | undefined> {
  const file = await openForReading(path);
  try {
    const { size } = await file.stat();
    for (let look = firstLook; ; look *= 8) {
      const length = Math.min(look, size, longestLook);
      const found = headIn(await tailOf(file, { path, from: size - length, length }), length === size);
      if (found !== undefined || length < look) return found;
    }
  } finally {
    await file.close();
  }
}

interface Part {
  readonly path: string;
  readonly from: number;
  readonly length: number;
}

async function tailOf(file: FileHandle, { path, from, length }: Part): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let read = 0;
  try {
    for (let got = -1; got !== 0 && read < length; read += got)
      got = (await file.read(bytes, read, length - read, from + read)).bytesRead;
  } catch (cause) {
    throw diskError("read", path, cause);
  }
  return bytes.subarray(0, read);
}

/** The last whole line that is a record. @param isAll The bytes begin where the file does: else their first line is a part of one. */
function headIn(bytes: Buffer, isAll: boolean): Head | undefined {
  for (let end = bytes.lastIndexOf(lineEnd); end >= 0;) {
    const before = end === 0 ? -1 : bytes.lastIndexOf(lineEnd, end - 1);
    if (before === -1 && !isAll) return undefined;
    const line = bytes.subarray(before + 1, end);
    const hash = statedHash(line);
    const record = hash === undefined ? undefined : readable(line);
    if (hash !== undefined && record !== undefined) return { seq: record.seq, hash };
    end = before;
  }
  return undefined;
}

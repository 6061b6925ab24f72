import type { FileHandle } from "node:fs/promises";
import { RunnerError } from "../core/model/errors.ts";
import type { LedgerRecord } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import { chained, genesis, headOf, readable, statedHash, type Head } from "./chain.ts";
import { diskError } from "./disk-error.ts";
import { linesOf } from "./lines.ts";
import { openForReading } from "./record-file.ts";

/** What is read of a file's end at first; for longer lines, and where many records say nothing of the disk, more. */
const firstLook = 16 * 1024;
/** Where that is not enough, the file is read from its beginning. */
const longestLook = 8 * 1024 * 1024;
const lineEnd = 10;

/**
 * Where a ledger stands: at its last record that is there to stay. What a crash has left behind it is passed over, and so is what
 * stands behind a hole that power loss has left: whoever goes on with that run cuts it off.
 *
 * Mostly only the end of the file is read. Its last records have to follow from one another back to one that was known to be on
 * disk, as a record behind it says: a hole before that is damage, and is never repaired. Else all records are read, from the first on.
 * Where none follows from the beginning nobody goes on with the run, and the last one stands as it says itself.
 * @returns Undefined: there is no record in it. @throws {RecordError} when it can not be read.
 */
export async function lastHead(path: string, run: RunId): Promise<Head | undefined> {
  const { last, isSettled } = await lookAtTail(path, run);
  return isSettled ? last : ((await headOfChain(path, run)) ?? last);
}

async function lookAtTail(path: string, run: RunId): Promise<Ending> {
  const file = await openForReading(path);
  try {
    const { size } = await file.stat();
    for (let look = firstLook; look <= longestLook; look *= 8) {
      const length = Math.min(look, size);
      const bytes = await tailOf(file, { path, from: size - length, length });
      const found = endingOf(bytes, length === size ? genesis(run) : undefined);
      if (found !== "cut off") return found;
    }
    return { last: undefined, isSettled: false };
  } finally {
    await file.close();
  }
}

/** The records from the first on, as far as they follow from one another. Of what stands behind them no more is held than of a record. */
async function headOfChain(path: string, run: RunId): Promise<Head | undefined> {
  let head = genesis(run);
  try {
    for await (const line of linesOf(path, "until a hole")) {
      const record = line.ended ? chained(line.bytes, head) : undefined;
      if (record === undefined) break;
      head = headOf(record);
    }
  } catch (error) {
    // What has no line end is no record either.
    if (!(error instanceof RunnerError) || error.code !== "audit") throw error;
  }
  return head.seq === 0 ? undefined : head;
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

/** A line that ends as a record does, and reads as one. */
interface Stated {
  readonly line: Buffer;
  readonly record: LedgerRecord;
  readonly head: Head;
}

/** The last record of a ledger; whether those before it lead back to one that was known to be on disk, or to the beginning. */
interface Ending {
  readonly last: Head | undefined;
  readonly isSettled: boolean;
}

/**
 * How a part of a ledger ends.
 * @param from Where the chain stands before the first byte; left out: the part begins within a line.
 * @returns `cut off`: it takes more of the file to tell.
 */
function endingOf(bytes: Buffer, from: Head | undefined): Ending | "cut off" {
  let last: Head | undefined;
  let next: Stated | undefined;
  let onDisk = 0;
  for (const line of linesBackwards(bytes, from !== undefined)) {
    const found = statedIn(line);
    if (next === undefined && found === undefined) continue;
    if (found === undefined || (next !== undefined && chained(next.line, found.head) === undefined))
      return { last, isSettled: false };
    last ??= found.head;
    next = found;
    onDisk = Math.max(onDisk, found.record.synced ?? 0);
    if (onDisk >= found.head.seq) return { last, isSettled: true };
  }
  if (from === undefined) return "cut off";
  return { last, isSettled: next === undefined || chained(next.line, from) !== undefined };
}

/** Whole lines, the last one first. @param isAll The bytes begin where a line does: else their first line is a part of one. */
function* linesBackwards(bytes: Buffer, isAll: boolean): Generator<Buffer, void> {
  for (let end = bytes.lastIndexOf(lineEnd); end >= 0;) {
    const before = end === 0 ? -1 : bytes.lastIndexOf(lineEnd, end - 1);
    if (before === -1 && !isAll) return;
    yield bytes.subarray(before + 1, end);
    end = before;
  }
}

function statedIn(line: Buffer): Stated | undefined {
  const hash = statedHash(line);
  const record = hash === undefined ? undefined : readable(line);
  return hash === undefined || record === undefined ? undefined : { line, record, head: { seq: record.seq, hash } };
}

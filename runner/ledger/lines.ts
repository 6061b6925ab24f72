import { open, type FileHandle } from "node:fs/promises";
import { RunnerError } from "../core/model/errors.ts";
import { diskError } from "./disk-error.ts";

const chunkBytes = 64 * 1024;
/** Longer than any line we write; more than that without a line end is not one of our files. */
const longestLine = 256 * 1024 * 1024;
const lineEnd = 10;

/** One line of a file. `bytes` is without its line end and valid until the next line is asked for. */
export interface Line {
  readonly bytes: Buffer;
  /** Where it begins in the file. */
  readonly offset: number;
  /** False: the file stops without a line end. */
  readonly ended: boolean;
}

/** The lines of a file as bytes, 64 KiB in memory at a time. @throws {RecordError} when it can not be read. */
export async function* linesOf(path: string): AsyncGenerator<Line, void> {
  const file = await openForReading(path);
  try {
    yield* cut(file, path);
  } finally {
    await file.close();
  }
}

/** @throws {RecordError} */
export async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    throw diskError("open", path, cause);
  }
}

async function* cut(file: FileHandle, path: string): AsyncGenerator<Line, void> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let offset = 0;
  for (let read = await fill(file, chunk, path); read > 0; read = await fill(file, chunk, path)) {
    let from = 0;
    for (let end = endIn(chunk, read, from); end !== -1; end = endIn(chunk, read, from)) {
      const rest = chunk.subarray(from, end);
      const bytes = begunBytes === 0 ? rest : Buffer.concat([...begun, rest]);
      yield { bytes, offset, ended: true };
      offset += bytes.length + 1;
      from = end + 1;
      begun = [];
      begunBytes = 0;
    }
    if (from < read) {
      begun.push(Buffer.from(chunk.subarray(from, read)));
      begunBytes += read - from;
    }
    if (begunBytes > longestLine) throw endless(path, offset);
  }
  if (begunBytes > 0) yield { bytes: Buffer.concat(begun), offset, ended: false };
}

async function fill(file: FileHandle, chunk: Buffer, path: string): Promise<number> {
  try {
    return (await file.read(chunk, 0, chunk.length)).bytesRead;
  } catch (cause) {
    throw diskError("read", path, cause);
  }
}

function endIn(chunk: Buffer, read: number, from: number): number {
  const end = chunk.indexOf(lineEnd, from);
  return end < read ? end : -1;
}

function endless(path: string, offset: number): RunnerError {
  return new RunnerError("audit", `${path} has no line end within ${longestLine} bytes of byte ${offset}.`, {
    hint: "The file is damaged; put it back from a copy.",
  });
}

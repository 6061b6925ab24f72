import type { FileHandle } from "node:fs/promises";
import { RunnerError } from "../core/model/errors.ts";
import { diskError } from "./disk-error.ts";
import { openForReading } from "./record-file.ts";

const chunkBytes = 256 * 1024;
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

/**
 * The lines of a file as bytes, 256 KiB in memory at a time.
 * @param upTo `until a hole`: a line that goes on over several reads ends at one in which there are zero bytes, and is the last: no
 * line of ours has any, and power loss may leave more of them than there is memory.
 * @throws {RecordError} when it can not be read. @throws {RunnerError} `audit` where a line is longer than any of ours.
 */
export async function* linesOf(path: string, upTo: UpTo = "the end"): AsyncGenerator<Line, void> {
  for await (const lines of chunksOf(path, { from: 0, upTo })) yield* lines;
}

type UpTo = "the end" | "until a hole";

/**
 * The same for who takes every line, many at a time: for millions of lines a wait for each would take longer than the lines.
 * @param from The byte at which the first of them begins.
 */
export async function eachLine(path: string, each: (line: Line) => void, from = 0): Promise<void> {
  for await (const lines of chunksOf(path, { from, upTo: "the end" })) for (const line of lines) each(line);
}

/** Lines as they end in one chunk after another; those of a chunk are to be taken before the next one is asked for. */
async function* chunksOf(
  path: string,
  { from, upTo }: { readonly from: number; readonly upTo: UpTo },
): AsyncGenerator<Iterable<Line>, void> {
  const file = await openForReading(path);
  try {
    const cutter = new Cutter(path, from);
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let done = 0;
    const next = (): Promise<number> => fill(file, chunk, { path, at: from + done });
    for (let read = await next(); read > 0; read = await next()) {
      done += read;
      yield cutter.cut(chunk.subarray(0, read));
      if (upTo === "until a hole" && cutter.isInHole) break;
    }
    yield cutter.rest();
  } finally {
    await file.close();
  }
}

/** Cuts chunks at line ends, and keeps what a chunk has begun for the next one. */
class Cutter {
  readonly #path: string;
  #begun: Buffer[] = [];
  #begunBytes = 0;
  #offset: number;

  constructor(path: string, offset: number) {
    this.#path = path;
    this.#offset = offset;
  }

  *cut(chunk: Buffer): Generator<Line, void> {
    let from = 0;
    for (let end = chunk.indexOf(lineEnd); end !== -1; end = chunk.indexOf(lineEnd, from)) {
      yield this.#line(chunk.subarray(from, end), true);
      from = end + 1;
    }
    if (from === chunk.length) return;
    this.#begun.push(Buffer.from(chunk.subarray(from)));
    this.#begunBytes += chunk.length - from;
    if (this.#begunBytes > longestLine) throw endless(this.#path, this.#offset);
  }

  /** What was read last of a line that is not whole yet has zero bytes. */
  get isInHole(): boolean {
    return this.#begun.at(-1)?.includes(0) === true;
  }

  /** What the file ends with instead of a line end. */
  *rest(): Generator<Line, void> {
    if (this.#begunBytes > 0) yield this.#line(Buffer.alloc(0), false);
  }

  #line(rest: Buffer, ended: boolean): Line {
    const bytes = this.#begunBytes === 0 ? rest : Buffer.concat([...this.#begun, rest]);
    const offset = this.#offset;
    this.#offset += bytes.length + 1;
    this.#begun = [];
    this.#begunBytes = 0;
    return { bytes, offset, ended };
  }
}

async function fill(
  file: FileHandle,
  chunk: Buffer,
  { path, at }: { readonly path: string; readonly at: number },
): Promise<number> {
  try {
    return (await file.read(chunk, 0, chunk.length, at)).bytesRead;
  } catch (cause) {
    throw diskError("read", path, cause);
  }
}

function endless(path: string, offset: number): RunnerError {
  return new RunnerError("audit", `${path} has no line end within ${longestLine} bytes of byte ${offset}.`, {
    hint: "The file is damaged; put it back from a copy.",
  });
}

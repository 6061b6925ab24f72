import { createHash } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { RunnerError } from "../core/model/errors.ts";
import { formatVersion } from "../core/model/events.ts";
import { digest, type Digest } from "../core/model/item.ts";
import { privateFile, syncFolder, temporaryName } from "../ledger/atomic.ts";
import { diskError } from "../ledger/disk-error.ts";
import { eachLine, linesOf, type Line } from "../ledger/lines.ts";

const bufferedCharacters = 64 * 1024;
const endMark = Buffer.from('{"type":"end"');

/** Start a file of JSON lines under a temporary name; it gets its own name when it is sealed. @throws {RecordError} */
export async function createSealedFile(path: string, type: string, header: object): Promise<SealedWriter> {
  const temporary = temporaryName(path);
  let file: FileHandle;
  try {
    file = await open(temporary, "wx", privateFile);
  } catch (cause) {
    throw diskError("create", path, cause);
  }
  const writer = new SealedWriter(path, temporary, file);
  await writer.add({ type, format: formatVersion, ...header });
  return writer;
}

/** Lines, streamed: 64 KiB wait in memory. A failure leaves nothing behind; nor does `discard`, when it is not wanted any more. */
export class SealedWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #content = createHash("sha256");
  #text = "";

  constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  /** @throws {RecordError} */
  async add(line: object): Promise<void> {
    this.#text += `${JSON.stringify(line)}\n`;
    if (this.#text.length >= bufferedCharacters) await this.#flush();
  }

  /**
   * End the file with a line of `facts` and the digest of all lines before, and give it its name; on disk when it resolves.
   * @throws {RecordError}
   */
  async seal(facts: object): Promise<Digest> {
    await this.#flush();
    const content = digest(this.#content.digest("hex"));
    try {
      await this.#file.writeFile(`${JSON.stringify({ type: "end", ...facts, digest: content })}\n`);
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#temporary, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (cause) {
      await this.discard();
      throw diskError("write", this.#path, cause);
    }
    return content;
  }

  /** Leaves nothing behind. Does nothing once sealed. */
  async discard(): Promise<void> {
    this.#text = "";
    await this.#file.close();
    await rm(this.#temporary, { force: true });
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#text, "utf8");
    this.#text = "";
    this.#content.update(bytes);
    try {
      await this.#file.writeFile(bytes);
    } catch (cause) {
      await this.discard();
      throw diskError("write", this.#path, cause);
    }
  }
}

/** What the end line of a sealed file says, `digest` checked. */
export interface SealedEnd {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly digest: Digest;
  /** Lines before it, the header included. */
  readonly lines: number;
}

/**
 * The lines of a sealed file, its header first. What they say counts only when the generator has finished: only then is it
 * known that the file is whole and as it was written.
 * @param expected The digest that the ledger has for it.
 * @throws {RunnerError} `audit` when it is cut, changed, or another file than expected.
 */
export async function* sealedLines(path: string, expected?: Digest): AsyncGenerator<Line, SealedEnd, undefined> {
  const check = new SealCheck(path);
  for await (const line of linesOf(path)) if (check.isContent(line)) yield line;
  return check.end(expected);
}

/** The same, each line handed to `each`; they count only when it resolves. */
export async function readSealed(
  path: string,
  expected: Digest | undefined,
  each: (line: Line) => void,
): Promise<SealedEnd> {
  const check = new SealCheck(path);
  await eachLine(path, (line) => {
    if (check.isContent(line)) each(line);
  });
  return check.end(expected);
}

/** Sums up the lines of a sealed file, and holds the sum against its last one. */
class SealCheck {
  readonly #path: string;
  readonly #content = createHash("sha256");
  #lines = 0;
  #end: Buffer | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** False for the end line, which has to be the last. */
  isContent({ bytes, ended }: Line): boolean {
    if (this.#end !== undefined) throw damaged(this.#path, "it goes on after its end line");
    if (ended && bytes.subarray(0, endMark.length).equals(endMark)) {
      this.#end = Buffer.from(bytes);
      return false;
    }
    this.#content.update(bytes).update("\n");
    this.#lines += 1;
    return true;
  }

  end(expected: Digest | undefined): SealedEnd {
    if (this.#end === undefined) throw damaged(this.#path, "it was cut: its end line is missing");
    const facts = membersOf(this.#end, this.#path);
    const found = digest(this.#content.digest("hex"));
    if (facts.digest !== found) throw damaged(this.#path, "it is not as it was written: its digest does not fit");
    if (expected !== undefined && expected !== found)
      throw damaged(this.#path, "it is not the file that the ledger names");
    return { facts, digest: found, lines: this.#lines };
  }
}

/** The object that a line holds. @throws {RunnerError} `audit` when it holds none. */
export function membersOf(bytes: Buffer, path: string): Readonly<Record<string, unknown>> {
  const text = bytes.toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw damaged(path, `it holds a line that is none of its own: ${text.slice(0, 60)}`);
}

/** The first line of a sealed file, if it is of that type and of the format that this program reads. @throws {RunnerError} `audit` */
export function headerOf(bytes: Buffer, path: string, type: string): Readonly<Record<string, unknown>> {
  const header = membersOf(bytes, path);
  if (header.type !== type) throw damaged(path, `it does not begin as a file of type ${type} does`);
  if (header.format === formatVersion) return header;
  throw damaged(path, `its format is ${JSON.stringify(header.format)}, this program reads ${formatVersion}`);
}

/** @param why What is wrong with it, as the second half of a sentence. */
export function damaged(path: string, why: string): RunnerError {
  return new RunnerError("audit", `${path} can not be used: ${why}.`, { hint: "Put the file back from a copy." });
}

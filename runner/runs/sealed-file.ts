import { createHash } from "node:crypto";
import { RunnerError } from "../core/model/errors.ts";
import { formatVersion } from "../core/model/events.ts";
import { digest, type Digest } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";
import { isShallow } from "../core/model/shaped.ts";
import { eachLine, linesOf, type Line } from "../ledger/lines.ts";
import { createDraft, type Draft } from "./draft.ts";

const endMark = Buffer.from('{"type":"end"');

/**
 * The counts in the end line of each type of file, in their order. No digest covers that line: there is one way to write it, and any
 * other is damage.
 */
const endCounts = {
  inventory: ["rows", "filtered-out", "already", "refused", "selected"],
  "change-set": ["size"],
  lookups: ["size"],
  "saved-change-set": [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What a sealed file is, as its first line says. */
export type SealedType = keyof typeof endCounts;

/** Start a file of JSON lines under a temporary name; it gets its own name when it is sealed. @throws {RecordError} */
export async function createSealedFile(path: string, type: SealedType, header: object): Promise<SealedWriter> {
  const writer = new SealedWriter(await createDraft(path), type);
  await writer.add({ type, format: formatVersion, ...header });
  return writer;
}

/** Lines under a digest. A failure leaves nothing behind; nor does `discard`, when it is not wanted any more. */
export class SealedWriter {
  readonly #draft: Draft;
  readonly #type: SealedType;
  readonly #content = createHash("sha256");

  constructor(draft: Draft, type: SealedType) {
    this.#draft = draft;
    this.#type = type;
  }

  /** @throws {RecordError} */
  async add(line: object): Promise<void> {
    await this.addText(JSON.stringify(line));
  }

  /** @param line JSON, without its line end. @throws {RecordError} */
  async addText(line: string): Promise<void> {
    this.#content.update(`${line}\n`);
    await this.#draft.add(line);
  }

  /**
   * End the file with a line of its counts and the digest of all lines before, and give it its name; on disk when it resolves.
   * @throws {RecordError}
   */
  async seal(counts: object): Promise<Digest> {
    const content = digest(this.#content.digest("hex"));
    await this.#draft.add(endLine(this.#type, counts as Readonly<Record<string, unknown>>, content));
    await this.#draft.keep();
    return content;
  }

  /** Leaves nothing behind. Does nothing once sealed. */
  async discard(): Promise<void> {
    await this.#draft.discard();
  }
}

/** @param counts Those that a file of this type has; other members are passed over. */
function endLine(type: SealedType, counts: Readonly<Record<string, unknown>>, content: Digest): string {
  const own = endCounts[type].map((name) => [name, counts[name]] as const);
  return JSON.stringify({ type: "end", ...Object.fromEntries(own), digest: content });
}

/** What the end line of a sealed file says, every byte of it checked but the counts. */
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
  #first: Buffer | undefined;
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
    this.#first ??= Buffer.from(bytes);
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
    const { type } = this.#first === undefined ? {} : membersOf(this.#first, this.#path);
    if (!isSealedType(type)) throw damaged(this.#path, "it does not begin as a list, changes or lookups do");
    if (
      !this.#end.equals(Buffer.from(endLine(type, facts, found))) ||
      !endCounts[type].every((name) => Number.isSafeInteger(facts[name]))
    )
      throw damaged(this.#path, "its end line is not as it was written");
    return { facts, digest: found, lines: this.#lines };
  }
}

function isSealedType(type: unknown): type is SealedType {
  return typeof type === "string" && Object.hasOwn(endCounts, type);
}

/** The object that a line holds. @throws {RunnerError} `audit` when it holds none. */
export function membersOf(bytes: Buffer, path: string): Readonly<Record<string, unknown>> {
  return membersIn(bytes.toString("utf8"), path);
}

/** The same of its text. */
export function membersIn(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && isShallow(value)) return value;
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

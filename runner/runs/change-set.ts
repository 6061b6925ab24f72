import type { FileHandle } from "node:fs/promises";
import type { Change, Request, Route } from "../core/model/change.ts";
import type { Digest, ItemId, RunId } from "../core/model/item.ts";
import type { ChangeSet } from "../core/model/run-ports.ts";
import { isCount, isMembers, isText, membersOf, optional, where, wrongMember } from "../core/model/shaped.ts";
import { diskError } from "../ledger/disk-error.ts";
import { openForReading } from "../ledger/record-file.ts";
import { changeSetType, Places } from "./places.ts";
import { createSealedFile, damaged, membersIn, readSealed, type SealedWriter } from "./sealed-file.ts";

/** What the changes were made for; under their digest. */
export interface ChangeSetHeader {
  readonly run: RunId;
  readonly plan: Digest;
  readonly endpoint: string;
}

const changesAtOnce = 256;

/** Start the frozen list of changes. @throws {RecordError} */
export async function createChangeSet(path: string, header: ChangeSetHeader): Promise<ChangeSetWriter> {
  return new ChangeSetWriter(await createSealedFile(path, changeSetType, header));
}

/** One line a change, in the order of their `index`. */
export class ChangeSetWriter {
  readonly #file: SealedWriter;
  #size = 0;

  constructor(file: SealedWriter) {
    this.#file = file;
  }

  async add({ index, id, title, item, each, before, after, request, group }: Change): Promise<void> {
    if (index !== this.#size) throw new RangeError(`Change ${index} can not follow ${this.#size} changes.`);
    this.#size += 1;
    await this.#file.add({ index, id, title, item, each, before, after, request, group });
  }

  async seal(): Promise<Digest> {
    return await this.#file.seal({ size: this.#size });
  }

  async discard(): Promise<void> {
    await this.#file.discard();
  }
}

/**
 * Open a sealed change set. It is read through once and checked; 8 bytes a change stay in memory, 20 when their ids do not rise.
 * @param expected The digest that the ledger has for it.
 * @throws {RunnerError} `audit` when it is cut, changed, or another one than expected.
 */
export async function openChangeSet(path: string, expected?: Digest): Promise<FileChangeSet> {
  const places = new Places(path);
  const { facts, digest } = await readSealed(path, expected, (line) => places.add(line));
  if (facts.size !== places.size) throw damaged(path, `it holds ${places.size} changes, its end line counts others`);
  return new FileChangeSet(path, { places, digest, file: await openForReading(path) });
}

/** Changes on disk, found by their place in the file. Close it when the run is over. */
export class FileChangeSet implements ChangeSet, AsyncIterable<Change>, AsyncDisposable {
  readonly #path: string;
  readonly #places: Places;
  readonly #file: FileHandle;
  readonly digest: Digest;
  #readAlong: readonly Change[] = [];
  #readFrom = 0;

  constructor(path: string, { places, digest, file }: { places: Places; digest: Digest; file: FileHandle }) {
    this.#path = path;
    this.#places = places;
    this.#file = file;
    this.digest = digest;
  }

  get size(): number {
    return this.#places.size;
  }

  indexOf(id: ItemId): number | undefined {
    return this.#places.indexOf(id);
  }

  async at(indexes: readonly number[]): Promise<readonly Change[]> {
    const changes: Change[] = [];
    for (const { first, count } of this.#places.neighbours(indexes)) changes.push(...(await this.#read(first, count)));
    return changes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Change, void> {
    for (let first = 0; first < this.size; first += changesAtOnce) {
      const count = Math.min(changesAtOnce, this.size - first);
      yield* await this.at(Array.from({ length: count }, (_, place) => first + place));
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Changes are asked for a few at a time and mostly in order, so the next ones are read along. */
  async #read(first: number, count: number): Promise<readonly Change[]> {
    const kept = this.#readAlong.slice(first - this.#readFrom, first - this.#readFrom + count);
    if (first >= this.#readFrom && kept.length === count) return kept;
    const along = await this.#fetch(first, Math.min(Math.max(count, changesAtOnce), this.size - first));
    this.#readAlong = along;
    this.#readFrom = first;
    return along.slice(0, count);
  }

  async #fetch(first: number, count: number): Promise<readonly Change[]> {
    const { from, to } = this.#places.span(first, count);
    const text = (await this.#bytes(from, to - from)).toString("utf8");
    const changes = text.split("\n").map((line) => changeIn(line, this.#path));
    if (changes.length === count && changes.every(({ index }, place) => index === first + place)) return changes;
    throw damaged(this.#path, `it was changed while it was in use, near change ${first}`);
  }

  async #bytes(from: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.#file.read(bytes, done, length - done, from + done).catch((cause: unknown) => {
        throw diskError("read", this.#path, cause);
      });
      if (bytesRead === 0) throw damaged(this.#path, "it became shorter while it was in use");
      done += bytesRead;
    }
    return bytes;
  }
}

const isAny = where((value) => value !== undefined);
const shape = membersOf<Change>({
  ...{ index: isCount, id: isText, title: isText, item: isMembers, each: optional(isAny) },
  ...{ before: isMembers, after: isMembers, group: optional(isText) },
  request: membersOf<Request>({
    ...{ method: isText, params: isAny },
    route: optional(membersOf<Route>({ device: isText })),
  }),
});

function changeIn(line: string, path: string): Change {
  const change = membersIn(line, path);
  const wrong = wrongMember(change, shape);
  if (wrong === undefined) return change as unknown as Change;
  throw damaged(path, `its change ${JSON.stringify(change.index)} has no usable ${wrong}`);
}

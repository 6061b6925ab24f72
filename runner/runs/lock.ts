import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { GuardError } from "../core/model/errors.ts";
import type { Owner } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import type { RunLock } from "../core/model/run-ports.ts";
import { timeText } from "../core/model/values.ts";
import { makeFolder, writeFileOnce } from "../ledger/atomic.ts";
import { diskError, errnoOf } from "../ledger/disk-error.ts";
import { NotAFile, textOfFile } from "../ledger/record-file.ts";
import { isProvablyDead } from "./owner.ts";
import { isObject } from "../core/model/object.ts";

// One file a generation, `<scope>/<n>`, made exclusively and never deleted or written again, so that there is no moment
// in which two processes can both believe that they replaced a third. `<n>.released` beside it gives it back.

export interface LockRequest {
  /** The folder that holds `.rollcall/`. */
  readonly root: string;
  /** What only one run at a time may write to. */
  readonly scope: string;
  readonly run: RunId;
  readonly owner: Owner;
  /** Wall ms, for messages. */
  readonly now: number;
}

/** Who took a generation, and since when (wall ms). */
export interface Holder {
  readonly generation: number;
  readonly run: RunId;
  readonly owner: Owner;
  readonly since: number;
}

/**
 * Take the lock: free, given back, or its owner provably dead.
 * @throws {GuardError} `lock` when somebody may still hold it. @throws {RecordError}
 */
export async function takeLock(request: LockRequest): Promise<HeldLock> {
  const folder = folderOf(request);
  await makeFolder(folder);
  for (;;) {
    const newest = await newestOf(folder);
    if (newest.generation > 0 && !newest.isReleased) await mustBeDead(folder, newest.generation, request);
    const next = newest.generation + 1;
    if (await create(folder, next, request)) return new HeldLock(folder, request.scope, next);
    // Somebody was quicker: look at who it is.
  }
}

/**
 * Take the lock from whoever holds it and give it back at once. A former owner that still runs notices before its next batch
 * and stops. The caller records who did this and why.
 * @returns Whom it was taken from; undefined: it was free. @throws {RecordError}
 */
export async function unlock(request: LockRequest): Promise<Holder | "unreadable" | undefined> {
  const folder = folderOf(request);
  await makeFolder(folder);
  for (;;) {
    const newest = await newestOf(folder);
    if (newest.generation === 0 || newest.isReleased) return undefined;
    const holder = await holderOf(folder, newest.generation);
    const next = newest.generation + 1;
    if (!(await create(folder, next, request))) continue;
    await new HeldLock(folder, request.scope, next).release();
    return holder ?? "unreadable";
  }
}

/** A lock that is not free. @param holder Undefined: its file does not say. */
export interface TakenLock {
  /** Of its file. */
  readonly path: string;
  readonly holder: Holder | undefined;
}

/** Locks that somebody holds, dead or alive. @throws {RecordError} */
export async function takenLocks(root: string): Promise<readonly TakenLock[]> {
  const folder = join(root, ".rollcall", "locks");
  const names = await readdir(folder).catch((cause: unknown) => {
    if (errnoOf(cause) === "ENOENT") return [];
    throw diskError("list", folder, cause);
  });
  const taken: TakenLock[] = [];
  for (const name of names.sort()) {
    const { generation, isReleased } = await newestOf(join(folder, name));
    if (generation === 0 || isReleased) continue;
    const path = join(folder, name, `${generation}`);
    taken.push({ path, holder: await holderOf(join(folder, name), generation) });
  }
  return taken;
}

/** Runs that held a lock after one generation and before another; one whose file can not be read counts as unknown. */
export async function heldBetween(
  at: Pick<LockRequest, "root" | "scope">,
  after: number,
  before: number,
): Promise<readonly (RunId | "unknown")[]> {
  const folder = folderOf(at);
  const runs: (RunId | "unknown")[] = [];
  for (let generation = after + 1; generation < before; generation++)
    runs.push((await holderOf(folder, generation))?.run ?? "unknown");
  return runs;
}

/** The lock of this process. */
export class HeldLock implements RunLock, AsyncDisposable {
  readonly #folder: string;
  readonly scope: string;
  readonly generation: number;

  constructor(folder: string, scope: string, generation: number) {
    this.#folder = folder;
    this.scope = scope;
    this.generation = generation;
  }

  /** False as well when the lock's own file has gone, for then a next generation would not be seen. */
  check(): boolean {
    return isThere(join(this.#folder, `${this.generation}`)) && !isThere(join(this.#folder, `${this.generation + 1}`));
  }

  /** Give it back; once is enough. @throws {RecordError} */
  async release(): Promise<void> {
    await writeFileOnce(join(this.#folder, `${this.generation}.released`), "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }
}

/** A name that every file system takes, equal for equal scopes only. */
function folderOf({ root, scope }: Pick<LockRequest, "root" | "scope">): string {
  const readable = scope
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-|-$/g, "");
  const exact = createHash("sha256").update(scope).digest("hex").slice(0, 12);
  return join(root, ".rollcall", "locks", `${readable}-${exact}`);
}

interface Newest {
  /** 0: it was never taken. */
  readonly generation: number;
  readonly isReleased: boolean;
}

async function newestOf(folder: string): Promise<Newest> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw diskError("list", folder, cause);
  });
  const generations = names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number);
  const generation = generations.reduce((most, one) => Math.max(most, one), 0);
  return { generation, isReleased: names.includes(`${generation}.released`) };
}

async function create(folder: string, generation: number, { run, owner, now }: LockRequest): Promise<boolean> {
  const holder: Holder = { generation, run, owner, since: Math.floor(now) };
  return await writeFileOnce(join(folder, `${generation}`), `${JSON.stringify(holder)}\n`);
}

async function mustBeDead(folder: string, generation: number, request: LockRequest): Promise<void> {
  const holder = await holderOf(folder, generation);
  if (holder !== undefined && isProvablyDead(holder.owner, request.owner)) return;
  throw holder === undefined ? heldByUnknown(join(folder, `${generation}`), request) : heldBy(holder, request);
}

/** Undefined: the file can not be read as a lock (it was written by hand, or power failed on a disk without hard links). */
async function holderOf(folder: string, generation: number): Promise<Holder | undefined> {
  const path = join(folder, `${generation}`);
  try {
    const value: unknown = JSON.parse(await textOfFile(path));
    return looksLikeHolder(value) ? value : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof NotAFile) return undefined;
    throw diskError("read", path, cause);
  }
}

function looksLikeHolder(value: unknown): value is Holder {
  if (!isObject(value) || !isObject(value.owner)) return false;
  const { owner, run, since } = value;
  const texts = [owner.host, owner.machine, owner.boot, owner.started, owner.namespace, run];
  return texts.every((text) => typeof text === "string") && Number.isInteger(owner.pid) && Number.isInteger(since);
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    throw diskError("look at", path, cause);
  }
}

function heldBy({ owner, run, since }: Holder, { scope, run: wanted }: LockRequest): GuardError {
  const when = timeText(Math.floor(since / 1000), "UTC") ?? "";
  const message = `The lock ${scope} is held by run ${run}, process ${owner.pid} on ${owner.host}, since ${when}.`;
  const same = run === wanted ? "this run is already being worked on" : "let it finish or stop it";
  return new GuardError("lock", message, {
    hint: `If it still runs, ${same}. If you know that it does not: rollcall unlock ${run} --why "…"`,
  });
}

function heldByUnknown(path: string, { scope }: LockRequest): GuardError {
  return new GuardError("lock", `The lock ${scope} is held, but ${path} does not say by whom.`, {
    hint: 'Make sure that no other run writes to the same service; then rollcall unlock RUN --why "…", with any run that held this lock (rollcall runs).',
  });
}

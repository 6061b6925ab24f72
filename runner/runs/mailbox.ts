import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isPace } from "../core/model/asked-pace.ts";
import type { ControlOp } from "../core/model/events.ts";
import { isObject } from "../core/model/object.ts";
import type { Log } from "../core/model/ports.ts";
import type { ControlRequest, Controls } from "../core/model/run-ports.ts";
import { reasonOf } from "../core/model/reason.ts";
import { makeFolder, syncFolder, writeFileAtomic } from "../ledger/atomic.ts";
import { diskError, errnoOf } from "../ledger/disk-error.ts";
import { lookEvery } from "./look-every.ts";
import { readSmallFile } from "./small-file.ts";

// What people ask of a run from other processes: a file each in the folder of the run. The process that has the run in hand
// writes it into the ledger, of which it is the only writer, and then removes the file; so the file's name is in the ledger
// before it is gone, and whoever comes across it a second time knows.

const lookEveryMs = 200;
/** A request is less than 1 kB, and as much as somebody writes as its reason. */
const maxBytes = 64 * 1024;
const nameOf = /^(\d{13}-[0-9a-f]{12})\.json$/;
const ops: ReadonlySet<string> = new Set<ControlOp>(["pause", "continue", "promote", "abort", "set"]);

/** Leave a request for whoever has the run in hand; on disk when it resolves. @returns Its id. @throws {RecordError} */
export async function leaveRequest(
  folder: string,
  request: Omit<ControlRequest, "id">,
  now: number,
): Promise<ControlRequest> {
  const id = `${String(Math.floor(now)).padStart(13, "0")}-${randomBytes(6).toString("hex")}`;
  await makeFolder(folder);
  await writeFileAtomic(join(folder, `${id}.json`), `${JSON.stringify(request)}\n`);
  return { id, ...request };
}

/** The requests that are left in the folder of a run, and those that come. */
export class Mailbox implements Controls {
  readonly #folder: string;
  readonly #log: Pick<Log, "warn">;
  readonly #told = new Set<string>();

  constructor(folder: string, log: Pick<Log, "warn">) {
    this.#folder = folder;
    this.#log = log;
  }

  async take(): Promise<readonly ControlRequest[]> {
    const found: ControlRequest[] = [];
    for (const name of [...(await this.#names())].sort()) {
      const id = nameOf.exec(name)?.[1];
      if (id === undefined || this.#told.has(id)) continue;
      const request = await this.#read(id);
      this.#told.add(id);
      if (request !== undefined) found.push(request);
    }
    return found;
  }

  listen(heard: (asked: ControlRequest) => void): Disposable {
    const look = async (): Promise<void> => {
      for (const asked of await this.take()) heard(asked);
    };
    // It keeps the process alive: a run that is paused may have nothing else to wait for.
    return lookEvery(lookEveryMs, look, (error) =>
      this.#log.warn({ error }, "the requests to this run can not be read"),
    );
  }

  /** Whether it waits still. */
  async has(id: string): Promise<boolean> {
    return (await this.#names()).includes(`${id}.json`);
  }

  async done(id: string): Promise<void> {
    try {
      await rm(join(this.#folder, `${id}.json`), { force: true });
      await syncFolder(this.#folder);
    } catch (cause) {
      if (errnoOf(cause) !== "ENOENT") throw diskError("remove", join(this.#folder, `${id}.json`), cause);
    }
  }

  async #names(): Promise<readonly string[]> {
    return readdir(this.#folder).catch((cause: unknown) => {
      if (errnoOf(cause) === "ENOENT") return [];
      throw diskError("list", this.#folder, cause);
    });
  }

  /** Undefined: nobody wrote it who knows how, or another process has done with it meanwhile. It hides no other request. */
  async #read(id: string): Promise<ControlRequest | undefined> {
    const path = join(this.#folder, `${id}.json`);
    let why = "";
    try {
      const request = requestIn(JSON.parse(await textOf(path)), id);
      if (request !== undefined) return request;
    } catch (cause) {
      if (errnoOf(cause) === "ENOENT") return undefined;
      if (!(cause instanceof SyntaxError) && errnoOf(cause) === undefined) throw cause;
      why = reasonOf(cause);
    }
    this.#log.warn({ path, why }, "this is no request to a run, and is left where it is");
    return undefined;
  }
}

/** Empty: it is no file, or too long. */
async function textOf(path: string): Promise<string> {
  const { bytes } = await readSmallFile(path, { maxBytes, follow: false });
  return bytes?.toString("utf8") ?? "";
}

/** Characters of a reason at most: it stands in the record for ever. */
export const longestWhy = 1000;
/** And of a person's name, or a host's. */
const longestName = 300;

/** What a request says and nothing else: it becomes a record. */
function requestIn(value: unknown, id: string): ControlRequest | undefined {
  if (!isRequest(value)) return undefined;
  const { op, why, concurrency, perMinute, wave } = value;
  const { name, host, ci } = value.by;
  const by = { name, host, ...(typeof ci === "string" && { ci }) };
  return {
    ...{ id, op, why, by },
    ...(concurrency !== undefined && { concurrency }),
    ...(perMinute !== undefined && { perMinute }),
    ...(wave !== undefined && { wave }),
  };
}

function isRequest(value: unknown): value is Omit<ControlRequest, "id"> {
  if (!isObject(value) || !isObject(value.by)) return false;
  const { op, by, why, wave } = value;
  const isWave = wave === undefined || (Number.isSafeInteger(wave) && Number(wave) >= 0);
  const isPerson = isShort(by.name, longestName) && isShort(by.host, longestName);
  return isPerson && ops.has(String(op)) && isShort(why, longestWhy) && isWave && isPace(value);
}

function isShort(value: unknown, most: number): boolean {
  return typeof value === "string" && value.length <= most;
}

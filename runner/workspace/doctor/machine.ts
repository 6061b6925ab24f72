import { readFileSync } from "node:fs";
import { open, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { exitCodes, RecordError } from "../../core/model/errors.ts";
import { timeText } from "../../core/model/values.ts";
import { privateFile, temporaryName } from "../../ledger/atomic.ts";
import { diskError, errnoOf } from "../../ledger/disk-error.ts";
import { takenLocks, type TakenLock } from "../../runs/lock.ts";
import { currentOwner, standingOf } from "../../runs/owner.ts";
import { okUnless, type Check } from "./check.ts";

/** Below this a long run may fill the disk before it ends. */
const littleBytes = 512 * 1024 ** 2;
const syncs = 5;
/** Every batch of changes waits for one sync. */
const slowSyncMs = 100;

/** The Node that runs this, against what the package asks for. */
export function nodeCheck(version = process.versions.node): Check {
  const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    readonly engines: { readonly node: string };
  };
  const least = manifest.engines.node.replace(/^>=/, "");
  if (isAtLeast(version, least)) return { check: "node", status: "ok", found: `Node ${version}` };
  const found = `Node ${version}, but ${least} or newer is needed`;
  return { check: "node", status: "failed", found, advice: "Install a newer Node.", exit: exitCodes.usage };
}

/**
 * Whether runs can be recorded in a folder: a file is written, synced and taken away again.
 * Time of a sync: the median of five.
 */
export async function diskCheck(root: string): Promise<Check> {
  const home = join(root, ".rollcall");
  try {
    if ((await modeOf(root)) === undefined) {
      return { check: "disk", status: "skipped", found: `not looked at, because there is no folder ${root}` };
    }
    const exists = await modeOf(home);
    const folder = exists === undefined ? root : home;
    const syncMs = await syncTime(folder);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const found = `${folder} is writable, ${sizeText(free)} free, a sync takes ${syncMs.toFixed(1)} ms`;
    return okUnless({ check: "disk", found }, [
      ...(free < littleBytes ? ["Free some space: a run that can not be recorded stops."] : []),
      ...(syncMs > slowSyncMs ? ["Every batch of changes waits for a sync: keep the runs on a faster disk."] : []),
      ...(isOpen(exists) ? [`Others can read the runs: chmod -R go-rwx ${home}`] : []),
    ]);
  } catch (cause) {
    const { message, hint } = cause instanceof RecordError ? cause : diskError("look at", root, cause);
    const advice = hint === undefined ? {} : { advice: hint };
    return { check: "disk", status: "failed", found: message, ...advice, exit: exitCodes.record };
  }
}

/** Locks that runs left, or hold. */
export async function* lockChecks(root: string): AsyncGenerator<Check> {
  let taken: readonly TakenLock[];
  try {
    taken = await takenLocks(root);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const advice = error.hint === undefined ? {} : { advice: error.hint };
    yield { check: "locks", status: "failed", found: error.message, ...advice, exit: exitCodes.record };
    return;
  }
  if (taken.length === 0) yield { check: "locks", status: "ok", found: "no run is writing" };
  for (const lock of taken) yield lockCheck(lock);
}

function lockCheck({ path, holder }: TakenLock): Check {
  if (holder === undefined) {
    const advice = "If no run is writing: rollcall unlock RUN --why TEXT, with any run of that lock.";
    return { check: "locks", status: "warning", found: `${path} does not say who holds it`, advice };
  }
  const { run, owner, since } = holder;
  const who = `run ${run}, process ${owner.pid} on ${owner.host}, since ${timeText(Math.floor(since / 1000), "UTC") ?? ""}`;
  const standing = standingOf(owner, currentOwner());
  if (standing === "gone") {
    const advice = `Finish that run: rollcall resume ${run}. Another run takes the lock over by itself.`;
    return { check: "locks", status: "warning", found: `held by a process that is gone: ${who}`, advice };
  }
  if (standing === "running") return { check: "locks", status: "ok", found: `held by ${who}` };
  const advice = `Whether it still runs can not be seen from here. If you know that it does not: rollcall unlock ${run} --why TEXT`;
  return { check: "locks", status: "warning", found: `held by ${who}`, advice };
}

async function syncTime(folder: string): Promise<number> {
  const path = temporaryName(join(folder, "doctor"));
  try {
    const file = await open(path, "wx", privateFile);
    try {
      const times: number[] = [];
      for (let time = 0; time < syncs; time++) {
        await file.write("a line as long as one of a ledger is, more or less\n".repeat(8));
        const began = performance.now();
        await file.datasync();
        times.push(performance.now() - began);
      }
      return times.sort((left, right) => left - right)[Math.floor(syncs / 2)] ?? 0;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw diskError("write and sync a file in", folder, cause);
  } finally {
    await rm(path, { force: true });
  }
}

/** Undefined: there is no such folder. */
async function modeOf(folder: string): Promise<number | undefined> {
  try {
    return (await stat(folder)).mode;
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return undefined;
    throw diskError("look at", folder, cause);
  }
}

/** Windows has no such modes. */
function isOpen(mode: number | undefined): boolean {
  return mode !== undefined && process.platform !== "win32" && (mode & 0o077) !== 0;
}

function isAtLeast(version: string, least: string): boolean {
  const [have, need] = [version, least].map((text) => text.split(".").map(Number)) as [number[], number[]];
  const place = need.findIndex((part, index) => (have[index] ?? 0) !== part);
  return place === -1 || (have[place] ?? 0) > (need[place] ?? 0);
}

function sizeText(bytes: number): string {
  const gib = bytes / 1024 ** 3;
  return gib >= 1 ? `${gib.toFixed(gib < 10 ? 1 : 0)} GiB` : `${Math.floor(bytes / 1024 ** 2)} MiB`;
}

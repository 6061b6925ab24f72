import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Fact, FactOf, LedgerRecord, Owner } from "../../runner/core/model/events.ts";
import { digest, itemId, runId } from "../../runner/core/model/item.ts";
import { itemStates, type Counts, type ItemState } from "../../runner/core/model/outcome.ts";
import { openJournal } from "../../runner/ledger/writer.ts";
import { replay, type LedgerEnd } from "../../runner/ledger/reader.ts";

export const run = runId("20261123T204700Z-k3m7q");
const owner: Owner = { host: "h", machine: "m", boot: "b", pid: 1, started: "1", namespace: "n" };
const by = { name: "ada", host: "h" };
const aDigest = digest("ab".repeat(32));

/** A folder of its own for one test; `quick`: in memory where that is possible, for tests of thousands of files. */
export function folder(kind: "disk" | "quick" = "disk"): string {
  const base = kind === "quick" && existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const path = mkdtempSync(join(base, "rollcall-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A folder where only so much can be written, until it is `widened`. */
export interface NarrowDisk {
  readonly path: string;
  readonly widen: () => void;
}

/**
 * A tmpfs of its own; without the right to mount one a folder where no file of this process, or of one that it starts, becomes
 * larger than `perFile`. Either way it is the system that refuses to write.
 */
export function narrowDisk(bytes: number, perFile = bytes): NarrowDisk {
  const path = mkdtempSync(join(tmpdir(), "rollcall-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path]).status === 0) {
    onTestFinished(() => void execFileSync("umount", [path]));
    return { path, widen: () => execFileSync("mount", ["-o", "remount,size=64m", path]) };
  }
  const limit = (most: string): void => void execFileSync("prlimit", [`--pid=${process.pid}`, `--fsize=${most}:`]);
  limit(String(perFile));
  onTestFinished(() => limit("unlimited"));
  return { path, widen: () => limit("unlimited") };
}

export const start: FactOf<"start"> = {
  type: "start",
  format: 1,
  run,
  estate: "e",
  tool: "0",
  owner,
  by,
  service: { name: "cove", kind: "simulator", endpoint: "http://127.0.0.1" },
  login: { user_id: 1, partner_id: 2, name: "n" },
  plan: { name: "p", digest: aDigest },
  change: { method: "Set", repeat: "set", destructive: false, unverifiable: false },
  inputs: {},
  secrets: {},
  facts: { lateMs: 0, timeoutMs: 0, listLagMs: 0, byIdLagMs: 0, concurrency: 1, margin: 1 },
  now: 0,
  skewMs: null,
  previous: null,
};

export const intent = (index: number, title = `Gerät ${index} "ü" \u2028`): Fact => ({
  type: "intent",
  index,
  id: itemId(String(index)),
  title,
  attempt: 1,
  wave: 0,
  method: "Set",
  request: aDigest,
  before: { hash: "x", synced: 99, tier: "Bronze" },
  after: { tier: "Gold" },
});

export const sent = (...intents: number[]): Fact => ({ type: "sent", intents });

const noCounts = Object.fromEntries(itemStates.map((state) => [state, 0])) as Record<ItemState, number>;
export const end = (counts: Partial<Counts> = {}): Fact => ({
  type: "end",
  counts: { ...noCounts, ...counts },
  notStarted: {},
  conserved: true,
  sealed: true,
  exit: 0,
  exits: [0],
});

export const resume = (generation: number): Fact => ({
  type: "resume",
  verb: "resume",
  tool: "0",
  owner,
  by,
  generation,
  recheck: false,
});

export const lock = (generation: number): Fact => ({ type: "lock", scope: "s", generation });

/** A clock that moves one ms each time it is asked. */
export function ticking(): { now: () => number; up: () => number } {
  let time = 1000;
  return { now: () => (time += 1), up: () => (time += 0.25) };
}

/** Write a ledger as a run does: each batch is one write, and `true` syncs what was noted before. */
export async function write(path: string, steps: readonly (readonly Fact[] | true)[]): Promise<string> {
  const journal = await openJournal({ path, run, clock: ticking() });
  for (const step of steps) {
    if (step === true) await journal.sync();
    else journal.note(step);
  }
  await journal.close();
  return journal.head;
}

export async function recordsOf(path: string): Promise<{ records: LedgerRecord[]; end: LedgerEnd }> {
  const records: LedgerRecord[] = [];
  const last = await replay(path, run, (record) => records.push(record));
  return { records, end: last };
}

export const linesIn = (path: string): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);

/** A small run: the first two batches are known to be on disk, what follows the last claim is not. */
export const smallRun: readonly (readonly Fact[] | true)[] = [
  [start],
  true,
  [lock(1), intent(0), intent(1)],
  true,
  [sent(3, 4)],
  [intent(2)],
  [intent(3), end()],
];

/** The same shape in few bytes, for tests that change every one of them. */
export const shortRun: readonly (readonly Fact[] | true)[] = [
  [start],
  true,
  [lock(1), sent(1), sent(2)],
  true,
  [sent(3, 4)],
  [{ type: "withdrawn", intents: [5], reason: "ü" }],
  [sent(6), end()],
];

import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunnerError } from "../../runner/core/model/errors.ts";
import type { RunEvent } from "../../runner/core/model/events.ts";
import { currentOwner } from "../../runner/runs/owner.ts";
import { takeLock } from "../../runner/runs/lock.ts";
import { drive, expectSound, productsOf, type Drive, type Driven } from "../support/drive.ts";

const slow = { devices: 200, latencyMs: 30 };
const plan = productsOf({ pace: { concurrency: 4 } });

/** Run until `when`, then press Ctrl-C; again after `secondMs`. */
async function interrupted(
  when: (event: RunEvent, count: number) => boolean,
  {
    secondMs,
    verifyAfterStop = false,
    ...more
  }: Drive & { readonly secondMs?: number; readonly verifyAfterStop?: boolean } = {},
): Promise<Driven & { readonly tookMs: number }> {
  const [stop, abort] = [new AbortController(), new AbortController()];
  let count = 0;
  let pressedAt = Infinity;
  const run = await drive({
    simulator: slow,
    plan,
    ...more,
    options: { stop: stop.signal, abort: abort.signal, verifyAfterStop, ...more.options },
    on: (event) => {
      if (stop.signal.aborted || !when(event, count++)) return;
      stop.abort();
      pressedAt = performance.now();
      if (secondMs !== undefined) setTimeout(() => abort.abort(), secondMs);
    },
  });
  return { ...run, tookMs: performance.now() - pressedAt };
}

const afterOutcomes = (n: number) => {
  let seen = 0;
  return (event: RunEvent): boolean => event.type === "outcome" && ++seen >= n;
};

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => void process.on("unhandledRejection", note));
afterAll(() => {
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

/** The lock is free: it can be taken at once. */
async function expectLockFree(run: Driven): Promise<void> {
  const scope = run.all("lock")[0]?.scope;
  if (scope === undefined) return;
  const lock = await takeLock({
    root: run.inside.root,
    scope,
    run: run.folder.run,
    owner: currentOwner(),
    now: Date.now(),
  });
  await lock.release();
}

describe.concurrent("the first Ctrl-C", () => {
  it("while the list is read: exit 130, nothing is sent, nothing is left open", async () => {
    const run = await interrupted((event) => event.type === "enumerating", { simulator: { devices: 1200 } });
    expect(run.error).toBeInstanceOf(RunnerError);
    expect((run.error as RunnerError).exitCode).toBe(130);
    expect(run.received).toEqual([]);
    expect(run.violations.filter((line) => !line.startsWith("I1"))).toEqual([]);
  });

  it("between the list and the question: nobody is asked, nothing is sent", async () => {
    let asked = 0;
    const run = await interrupted((event) => event.type === "preview", {
      options: { consent: () => (asked++, Promise.resolve({ given: true, how: "library" } as const)) },
    });
    expect((run.error as RunnerError).exitCode).toBe(130);
    expect([asked, run.received.length]).toEqual([0, 0]);
  });

  for (const moment of ["consent", "lock"] as const) {
    it(`after the ${moment}: nothing is sent, everything is not started, exit 130`, async () => {
      const run = await interrupted((event) => event.type === moment);
      expectSound(run);
      expect(run.received).toEqual([]);
      expect(run.all("intent")).toEqual([]);
      expect(run.end.notStarted).toEqual({ interrupted: run.changes.length });
      expect(run.end).toMatchObject({ exit: 130, sealed: true });
      await expectLockFree(run);
    });
  }

  it("while changes are sent: answers under way are heard, the rest is withdrawn, exit 130", async () => {
    const run = await interrupted(afterOutcomes(10));
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 130, sealed: true });
    expect(run.end.counts.pending).toBe(run.received.length);
    expect(run.end.notStarted.interrupted).toBe(run.changes.length - run.received.length);
    // The slots and what was ahead of them, as far as it left before anybody heard of the stop.
    expect(run.received.length).toBeLessThanOrEqual(10 + 4 + 8);
    expect(run.all("withdrawn").length).toBeGreaterThan(0);
    expect(run.all("control")).toHaveLength(1);
    await expectLockFree(run);
  });

  it("with a person waiting: what was sent is verified too, exit 130", async () => {
    const run = await interrupted(afterOutcomes(10), { verifyAfterStop: true });
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 130, sealed: true });
    expect(run.end.counts.confirmed).toBe(run.received.length);
    expect(run.end.counts.pending).toBe(0);
  });

  it("while a lost answer is being settled: it stays open, the run is not sealed, exit 7", async () => {
    const faults = [{ method: "ModifyAccount", nth: 3, fault: "reset-before" }] as const;
    const run = await interrupted(afterOutcomes(6), { simulator: { ...slow, faults }, service: { lateMs: 5000 } });
    expectSound(run);
    expect(run.end.sealed).toBe(false);
    expect(run.end.exits).toEqual([7, 130, 8]);
    expect(run.tookMs).toBeLessThan(2500);
  });

  it("the same with a person waiting: it is settled, and not sent again", async () => {
    const faults = [{ method: "ModifyAccount", nth: 3, fault: "reset-before" }] as const;
    const run = await interrupted(afterOutcomes(6), { simulator: { ...slow, faults }, verifyAfterStop: true });
    expectSound(run);
    expect(run.end.sealed).toBe(true);
    expect(run.end.counts.unknown).toBe(1);
    expect(run.end.exits).toEqual([7, 130]);
  });

  it("while a limit is draining: waits for lost answers are given up", async () => {
    let tripped = false;
    const run = await interrupted((event) => (tripped ||= event.type === "limit") && event.type === "stopped", {
      simulator: {
        ...slow,
        faults: [{ method: "ModifyAccount", nth: [3, 4, 5, 6, 7, 8, 9, 10], fault: "reset-before" }],
      },
      plan: productsOf({
        pace: { concurrency: 4 },
        stop: { errors: 9, consecutive: 2, unknown: 9, driftedPercent: 9 },
      }),
    });
    expectSound(run);
    expect(run.all("control")).toHaveLength(1);
    expect(run.end.sealed).toBe(false);
    expect(run.tookMs).toBeLessThan(2500);
  });

  it("while it is verified: exit 130, what was seen so far counts", async () => {
    const run = await interrupted((event) => event.type === "pass" && event.phase === "begin", {
      verifyAfterStop: true,
    });
    expectSound(run);
    expect(run.end.exit).toBe(130);
    expect(run.end.counts.confirmed + run.end.counts.pending).toBe(run.changes.length);
    expect(run.all("control")).toHaveLength(1);
  });

  it("while calls wait for their turn in a slow pace: they are not waited for", async () => {
    const run = await interrupted(afterOutcomes(1), { plan: productsOf({ pace: { concurrency: 8, perMinute: 60 } }) });
    expectSound(run);
    expect(run.end.exit).toBe(130);
    expect(run.tookMs).toBeLessThan(4000);
  });
});

describe.concurrent("the second Ctrl-C", () => {
  it("gives up answers under way: they stay open", async () => {
    const later = Array.from({ length: 50 }, (_, place) => place + 4);
    const run = await interrupted(afterOutcomes(3), {
      simulator: { devices: 200, faults: [{ method: "ModifyAccount", nth: later, fault: "hang" }] },
      service: { limits: { concurrency: 50, timeoutMs: 10_000, body: 1 << 20, message: 500 } },
      secondMs: 20,
      verifyAfterStop: true,
    });
    expectSound(run);
    expect(run.end.sealed).toBe(false);
    expect(run.end.exits[0]).toBe(7);
    expect(run.tookMs).toBeLessThan(2500);
    await expectLockFree(run);
  });

  it("alone is a stop too", async () => {
    const abort = new AbortController();
    const run = await drive({
      simulator: slow,
      plan,
      options: { abort: abort.signal },
      on: (event) => {
        if (event.type === "outcome") abort.abort();
      },
    });
    expectSound(run);
    expect(run.end.exits).toContain(130);
  });
});

describe.concurrent("a program that stops listening", () => {
  const points: Readonly<Record<string, (event: RunEvent) => boolean>> = {
    "at the start": (event) => event.type === "start",
    "while the list is read": (event) => event.type === "enumerating",
    "at the preview": (event) => event.type === "preview",
    "at the lock": (event) => event.type === "lock",
    "at the first intents": (event) => event.type === "intent",
    "in the middle of the answers": afterOutcomes(20),
    "at the end of the wave": (event) => event.type === "wave" && event.phase === "end",
    "in a pass": (event) => event.type === "enumerating" && event.purpose === "verify",
    "at the end": (event) => event.type === "end",
  };
  for (const [point, isThen] of Object.entries(points)) {
    it(`${point}: answers are waited for and written, files are closed, the lock is given back`, async () => {
      const run = await drive({ simulator: slow, plan, on: (event) => !isThen(event) });
      expect(run.error).toBeUndefined();
      const open = run.evidence.records.length > 0 && run.all("enumerated").length > 0;
      if (open) expect(run.violations).toEqual([]);
      const marked = new Set(run.all("sent").flatMap(({ intents }) => intents));
      const answered = new Set(run.all("outcome").map(({ intent }) => intent));
      const withdrawn = new Set(run.all("withdrawn").flatMap(({ intents }) => intents));
      for (const intent of marked) expect(answered.has(intent) || withdrawn.has(intent)).toBe(true);
      for (const { seq } of run.all("intent")) expect(answered.has(seq) || withdrawn.has(seq)).toBe(true);
      await expectLockFree(run);
      expect(openFilesBelow(run.inside.root)).toEqual([]);
    });
  }
});

function openFilesBelow(root: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlinkSync(join("/proc/self/fd", fd));
      return target.startsWith(root) ? [target] : [];
    } catch {
      return []; // closed meanwhile
    }
  });
}

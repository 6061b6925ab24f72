import { cpSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeAll, afterAll, describe, expect, it, vi } from "vitest";
import type { Plan } from "../../runner/core/model/plan.ts";
import type { Rehearsal } from "../../runner/core/model/rehearsed.ts";
import type { LoadedPlan } from "../../runner/workspace.ts";
import type { RehearseOptions } from "../../runner/workspace/options.ts";
import { openWith } from "../../runner/workspace/open.ts";
import { collect } from "../support/runs.ts";
import { changesReceived, estate, runsIn, yes, type Estate } from "../support/workspace.ts";

const count = 100;
/** Where a rehearsal could leave something. */
const temporary = mkdtempSync(join(tmpdir(), "rollcall-temporary-"));
let here: Estate;
let loaded: LoadedPlan;
let inventory: string;

beforeAll(async () => {
  here = await estate({ devices: 800 });
  const ids = here.movable(count);
  expect(ids).toHaveLength(count);
  loaded = await here.workspace.loadPlan(join(import.meta.dirname, "../support/plans/products.yaml"), {
    service: "simulator",
    set: [`partner=${here.simulator.rootPartner}`, "from=3", "to=4", `ids=${ids.join(",")}`],
  });
  await collect(here.workspace.preview(loaded));
  vi.stubEnv("TMPDIR", temporary);
  inventory = join(here.cwd, ".rollcall", "runs", runsIn(here.cwd)[0] ?? "", "inventory.ndjson");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await here[Symbol.asyncDispose]();
});
afterEach(() => void vi.restoreAllMocks());

/** The plan with other precautions, rehearsed on the list that was read. */
const rehearse = (more: Partial<Plan>, options: RehearseOptions = {}): Promise<Rehearsal> =>
  here.workspace.rehearse({ ...loaded, plan: { ...loaded.plan, ...more } }, { from: inventory, ...options });

const oneWave = (concurrency: number, perMinute?: number): Partial<Plan> => ({
  pace: { concurrency, waves: [{ percent: 100 }], ...(perMinute !== undefined && { perMinute }) },
});
const none = { profile: "none", latencyMs: 300 } as const;

/** Every file below a folder, with its size and when it was changed. */
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    });

describe("a rehearsal", () => {
  it.each(["label-devices.yaml", "products-csv.yaml"])(
    "of %s comes to its end where calls take no time at all",
    async (name) => {
      const file = join(here.cwd, name);
      cpSync(join(import.meta.dirname, "../support/plans", name), file);
      writeFileSync(join(here.cwd, "moves.csv"), `device_id,to\n${here.movable(20).join(",7\n")},7\n`);
      const plan = await here.workspace.loadPlan(file, {
        service: "simulator",
        set: [`partner=${here.simulator.rootPartner}`],
      });
      const told = await here.workspace.rehearse(plan, { profile: "none", latencyMs: 0, seed: 3 });
      expect(told).toMatchObject({ exit: 0, latency: { from: "option", medianMs: 0 } });
      expect(told.counts?.confirmed).toBeGreaterThan(0);
    },
  );

  it("opens no socket, asks the service nothing and leaves the workspace as it is", async () => {
    const before = filesBelow(here.cwd);
    const requests = here.simulator.witness.requests();
    const connect = vi.spyOn(Socket.prototype, "connect");
    const { counts, exit } = await rehearse({}, { profile: "rough", seed: 3 });
    expect(counts).toBeDefined();
    expect(exit).not.toBe(1);
    expect(connect).not.toHaveBeenCalled();
    expect(here.simulator.witness.requests()).toBe(requests);
    expect(filesBelow(here.cwd)).toEqual(before);
    expect(readdirSync(temporary).filter((name) => name.startsWith("rollcall-rehearsal-"))).toEqual([]);
  });

  it("tells the same, byte for byte, for the same seed, and something else for another", async () => {
    const tell = async (seed: number) => JSON.stringify(await rehearse({}, { profile: "rough", seed }));
    const first = await tell(5);
    expect(await tell(5)).toBe(first);
    expect(await tell(6)).not.toBe(first);
  });

  it.each([1, 4, 8])("without faults confirms everything, %i calls at a time", async (concurrency) => {
    const { counts, wavesMs, exit, limits, waves, calls } = await rehearse(oneWave(concurrency), none);
    expect({ exit, limits }).toEqual({ exit: 0, limits: [] });
    expect(counts?.confirmed).toBe(count);
    expect(waves).toMatchObject([{ wave: 1, size: count, confirmed: count, rejected: 0, unknown: 0, others: 0 }]);
    expect(calls).toMatchObject({ changes: count, logins: 1, turnedAway: 0 });
    const ideal = Math.ceil(count / concurrency) * 300;
    expect(wavesMs).toBeGreaterThanOrEqual(ideal);
    expect(wavesMs).toBeLessThanOrEqual(ideal * 1.02);
  });

  it.each([60, 300, 1200])("takes as long as a rate of %i a minute wants", async (perMinute) => {
    const { wavesMs, calls, exit } = await rehearse(oneWave(50, perMinute), none);
    expect(exit).toBe(0);
    const ideal = (count / perMinute) * 60_000;
    expect(wavesMs).toBeGreaterThanOrEqual(ideal * 0.98);
    expect(wavesMs).toBeLessThanOrEqual(ideal * 1.03 + 1000);
    expect(calls.perMinute).toBe(perMinute);
    expect(calls.share).toBeGreaterThan(0.75);
  });

  it("says at which item a storm of refusals trips stop.errors, and what is left", async () => {
    const stop = { ...loaded.plan.stop, errors: 4, consecutive: 99 };
    const { limits, stopped, notStarted, counts, exit, waves } = await rehearse(
      { ...oneWave(1), stop },
      { ...none, faults: { reject: 1 } },
    );
    const [, , , , fifth] = here.movable(count);
    expect(limits).toMatchObject([
      { limit: "errors", tolerated: 4, value: 5, item: { id: String(fifth) }, atMs: expect.any(Number) as number },
    ]);
    expect(stopped).toMatchObject({ reason: "limit" });
    expect(notStarted).toEqual({ limit: count - 5 });
    expect(counts).toMatchObject({ rejected: 5, "not-started": count - 5, confirmed: 0 });
    expect(waves).toMatchObject([{ rejected: 5, confirmed: 0, others: count - 5 }]);
    expect(exit).toBe(6);
  });

  it("is slowed by a service that turns calls away, and ends all the same", async () => {
    const quiet = await rehearse(oneWave(8), none);
    const storm = await rehearse(oneWave(8), { ...none, faults: { throttle: 0.5 } });
    expect(storm).toMatchObject({ exit: 0, counts: { confirmed: count } });
    expect(storm.calls.turnedAway).toBeGreaterThan(0);
    expect(storm.wavesMs).toBeGreaterThan(quiet.wavesMs * 2);
  });

  it("settles what is lost by reading, and confirms it", async () => {
    const { counts, calls, exit } = await rehearse(oneWave(4), {
      ...none,
      faults: { lostAfterApply: 0.2, timeout: 0.1 },
    });
    expect({ exit, confirmed: counts?.confirmed }).toEqual({ exit: 0, confirmed: count });
    expect(calls.changes).toBeGreaterThan(count);
  });

  it("finds out what was accepted and never done", async () => {
    const { counts, exit } = await rehearse(
      { ...oneWave(4), verify: { ...loaded.plan.verify, horizonMs: 1000 } },
      { ...none, faults: { ignored: 0.1 } },
    );
    expect(counts?.diverged).toBeGreaterThan(0);
    expect((counts?.diverged ?? 0) + (counts?.confirmed ?? 0)).toBe(count);
    expect(exit).toBe(7);
  });

  it("waits for what shows late, for as long as the plan does", async () => {
    const verify = { ...loaded.plan.verify, withinMs: 20 * 60_000, everyMs: 30_000, horizonMs: 3_600_000 };
    const late = { ...none, profile: "late-visibility" } as const;
    const patient = await rehearse({ ...oneWave(4), verify }, late);
    expect(patient).toMatchObject({ exit: 0, counts: { confirmed: count } });
    expect(patient.proofMs).toBeGreaterThan(3 * 60_000);
    const hasty = await rehearse({ ...oneWave(4), verify: { ...verify, withinMs: 1000 } }, late);
    expect(hasty.exit).toBe(8);
    expect(hasty.counts?.pending).toBeGreaterThan(0);
  });

  it("goes out in waves, with the pause between them", async () => {
    const pace = { concurrency: 4, waves: [{ count: 1 }, { percent: 10 }, { percent: 100 }], pauseMs: 300_000 };
    const { waves, pauses, durationMs } = await rehearse({ pace }, none);
    expect(waves.map(({ wave, size }) => [wave, size])).toEqual([
      [1, 1],
      [2, 10],
      [3, 89],
    ]);
    expect(pauses).toEqual([{ for: "between-waves", ms: 600_000 }]);
    expect(durationMs).toBeGreaterThan(600_000);
    const [first, second] = waves;
    expect((second?.beginsMs ?? 0) - (first?.beginsMs ?? 0)).toBeGreaterThanOrEqual(300_000);
  });

  it("doubles, and keeps to budgets of groups", async () => {
    const ramp = await rehearse({ pace: { concurrency: 8, waves: [{ percent: 100 }], ramp: "double" } }, none);
    expect(ramp.wavesMs).toBe((3 + Math.ceil((count - 7) / 8)) * 300);
    const per = { text: "item.device_id % 4", of: (_: unknown, { id }: { id: string }) => String(Number(id) % 4) };
    const grouped = await rehearse(
      {
        pace: { concurrency: 2, waves: [{ percent: 100 }], per },
        stop: { ...loaded.plan.stop, of: "group", errors: 2, groups: 1 },
      },
      { ...none, faults: { reject: 1 } },
    );
    expect(grouped.limits.map(({ limit, group }) => [limit, group !== undefined])).toEqual([
      ["errors", true],
      ["errors", true],
      ["groups", false],
    ]);
    expect(grouped).toMatchObject({ exit: 6, stopped: { reason: "limit" } });
  });

  it("waits for the change window, which counts in its time", async () => {
    const window = { days: [1, 2, 3, 4, 5, 6, 7], from: 22 * 60, to: 5 * 60, zone: "UTC" };
    const at = Date.UTC(2026, 0, 31, 21, 30);
    const { pauses, begins, waves, durationMs, listMs } = await rehearse(
      { ...oneWave(1, 60), window },
      { ...none, at },
    );
    expect(begins).toBe(at);
    const [pause] = pauses;
    expect(pause?.for).toBe("window");
    expect((pause?.ms ?? 0) + listMs).toBeGreaterThan(1_799_000);
    expect((pause?.ms ?? 0) + listMs).toBeLessThan(1_801_000);
    expect(waves).toHaveLength(1);
    expect(durationMs).toBeGreaterThan(1_800_000 + (count - 1) * 1000);
  });

  it("takes the gate for what it is told to, and says so", async () => {
    const { enumerate } = loaded.plan;
    const { method, fields, key } = enumerate;
    const gate: NonNullable<Plan["gate"]> = {
      ...{ method, waitMs: 60_000, everyMs: 1000, count: 1, observeOnly: false },
      source: {
        kind: "list",
        fields,
        key,
        optional: false,
        listing: { method, params: (frozen) => enumerate.params(frozen) },
      },
      take: () => {
        throw new Error("nobody knows what it would see");
      },
      pass: () => false,
    };
    const pace = { concurrency: 4, waves: [{ count: 5 }, { percent: 100 }] };
    const told = async (taken: "pass" | "fail" | "inconclusive") => rehearse({ gate, pace }, { ...none, gate: taken });
    expect(await told("pass")).toMatchObject({
      exit: 0,
      gates: { taken: "pass", results: [{ wave: 1 }, { wave: 2 }] },
    });
    const failed = await told("fail");
    expect(failed).toMatchObject({ exit: 6, stopped: { reason: "gate" }, notStarted: { gate: count - 5 } });
    expect(failed.assumed).toContain("The gate was taken to be: fail.");
    expect(failed.durationMs).toBeGreaterThan(60_000);
    expect(await told("inconclusive")).toMatchObject({ exit: 8, stopped: { reason: "person" } });
  });

  it("comes back to busy items, and leaves those alone that never are free", async () => {
    const hold = {
      everyMs: 60_000,
      giveUpMs: 3_600_000,
      when: (_: unknown, { id }: { id: string }) => Number(id) % 2 === 0,
    };
    const free = await rehearse({ ...oneWave(4), hold }, none);
    expect(free).toMatchObject({ exit: 0, counts: { confirmed: count } });
    expect(free.held).toBeGreaterThan(0);
    const never = await rehearse({ ...oneWave(4), hold }, { ...none, faults: { busyMs: 1e9 } });
    expect(never.exit).toBe(8);
    expect(never.notStarted.held).toBeGreaterThan(0);
  });

  it("reads again before each change where the plan wants that", async () => {
    const change = { ...loaded.plan.change, onlyIfUnchanged: true };
    const plain = await rehearse(oneWave(4), none);
    const careful = await rehearse({ ...oneWave(4), change }, none);
    expect(careful).toMatchObject({ exit: 0, counts: { confirmed: count } });
    expect(careful.calls.reads).toBe(plain.calls.reads + count);
    expect(careful.wavesMs).toBe(plain.wavesMs * 2);
  });

  it("says what apply would be refused for", async () => {
    const guards = { ...loaded.plan.guards, max: 10 };
    const { refused, exit, waves, calls } = await rehearse({ guards }, none);
    expect(refused).toMatchObject({ code: "guard", message: expect.stringContaining("100") as string });
    expect({ exit, waves, changes: calls.changes }).toEqual({ exit: 5, waves: [], changes: 0 });
  });

  it("gives up after a quarter of an hour of nothing but being turned away, as a run does, and says so", async () => {
    const { refused, exit, calls, durationMs } = await rehearse({}, { ...none, faults: { throttle: 1 } });
    expect(refused).toMatchObject({ code: "connect", message: expect.stringContaining("for 15 minutes") as string });
    expect({ exit, reads: calls.reads, changes: calls.changes }).toEqual({ exit: 4, reads: 0, changes: 0 });
    expect(calls.turnedAway).toBeGreaterThan(1);
    expect(durationMs).toBeGreaterThan(15 * 60_000);
  });

  it.each([
    ["both an inventory and a run", { run: "latest" }, "not from both"],
    [
      "faults that are more than everything",
      { faults: { timeout: 0.7, ignored: 0.7 } },
      "timeout (70%), lost-after-apply (1%) and ignored (70%) together are more than all calls",
    ],
    ["a share that is none", { faults: { reject: 2 } }, "reject is a share"],
    ["a profile that there is not", { profile: "wild" as "rough" }, '"wild" is no profile'],
  ])("refuses %s", async (_, options, message) => {
    await expect(rehearse({}, options)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(message) as string,
    });
  });
});

describe("the list of a rehearsal", () => {
  it("is that of an earlier run, and its latency that of one that changed something", async () => {
    await using other = await estate({ devices: 100, latencyMs: 20 });
    const plan = await other.plan(other.movable(10));
    await collect(other.workspace.apply(plan, { consent: yes }));
    const [run] = runsIn(other.cwd);
    const first = await other.workspace.rehearse(plan, { run: "latest" });
    const { list, latency } = first;
    expect(list).toMatchObject({ from: "run", run });
    expect(latency).toMatchObject({ from: "run", run });
    expect(latency.medianMs).toBeGreaterThan(15);
    expect(latency.medianMs).toBeLessThan(300);
    // Which of its answers a call lasts as long as is drawn by the seed.
    expect(JSON.stringify(await other.workspace.rehearse(plan, { run: "latest" }))).toBe(JSON.stringify(first));
    const given = await other.workspace.rehearse(plan, { run: "latest", latencyMs: 5 });
    expect(given.latency).toEqual({ from: "option", medianMs: 5, pageMs: 5 });
    // A run of that name with another call, as one that takes labels away again, says nothing of this one.
    const { change } = plan.plan;
    const another = { ...plan, plan: { ...plan.plan, change: { ...change, method: "RemoveAccount" } } };
    expect((await other.workspace.rehearse(another, { run: "latest" })).latency).toMatchObject({ from: "default" });
  });

  it("is read from the service where there is none: reads alone, and nothing is kept", async () => {
    const before = filesBelow(here.cwd);
    const changes = here.simulator.witness.requests("ModifyAccount");
    const requests = here.simulator.witness.requests();
    const rehearsal = await here.workspace.rehearse(loaded, { ...none });
    expect(rehearsal).toMatchObject({ exit: 0, list: { from: "service" }, counts: { confirmed: count } });
    expect(here.simulator.witness.requests()).toBeGreaterThan(requests);
    expect(here.simulator.witness.requests("ModifyAccount")).toBe(changes);
    expect(changesReceived(here.simulator)).toEqual([]);
    expect(filesBelow(here.cwd)).toEqual(before);
    expect(readdirSync(temporary).filter((name) => name.startsWith("rollcall-rehearsal-"))).toEqual([]);
  });

  it("has to be the plan's own", async () => {
    const other = { ...loaded.plan.enumerate, method: "EnumeratePartners" };
    await expect(rehearse({ enumerate: other })).rejects.toMatchObject({ code: "usage" });
  });
});

describe("the record of a rehearsal", () => {
  it("is kept where that is asked for, as a run that says what it is, and is none of the workspace", async () => {
    const keep = join(here.cwd, "..", `${basename(here.cwd)}-kept`, "record");
    const before = filesBelow(here.cwd);
    const { kept, ...told } = await rehearse({}, { profile: "rough", seed: 3, keep });
    expect(kept?.startsWith(keep)).toBe(true);
    expect(filesBelow(here.cwd)).toEqual(before);
    expect(told).toEqual(await rehearse({}, { profile: "rough", seed: 3 }));
    await using workspace = await openWith({ cwd: keep, env: {} }, {});
    const { summary } = await workspace.show("latest");
    expect(summary).toMatchObject({ exit: told.exit, counts: told.counts });
    expect(summary).toMatchObject({ rehearsed: true, service: "rehearsal of simulator" });
    expect(summary.endpoint).toBe(`rehearsal of ${here.simulator.url}`);
    expect(await workspace.audit("latest")).toMatchObject({ ok: true, conserved: true, findings: [] });
    expect(readFileSync(join(kept ?? "", "inventory.ndjson"), "utf8")).toContain("rehearsal of");
    await expect(rehearse({}, { keep })).rejects.toMatchObject({ code: "usage" });
  });

  it("is no run that could be gone on with, taken up again or taken back", async () => {
    const keep = join(here.cwd, "..", `${basename(here.cwd)}-again`);
    const requests = here.simulator.witness.requests();
    await rehearse({}, { ...none, faults: { reject: 0.02 }, keep });
    cpSync(join(here.cwd, "rollcall.config.yaml"), join(keep, "rollcall.config.yaml"));
    await using workspace = await openWith({ cwd: keep, env: {} }, {});
    for (const events of [
      workspace.resume("latest"),
      workspace.verify("latest"),
      workspace.undo("latest"),
      workspace.rerun("latest", { only: ["rejected"], consent: yes }),
    ])
      await expect(collect(events)).rejects.toMatchObject({
        code: "stale",
        message: expect.stringMatching(/^Run \S+ is a rehearsal: nothing of it was sent/) as string,
      });
    expect(here.simulator.witness.requests()).toBe(requests);
  });
});

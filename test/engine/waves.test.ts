import { describe, expect, it } from "vitest";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import type { WaveSize } from "../../runner/core/model/precautions.ts";
import { leaveRequest } from "../../runner/runs/mailbox.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { drive, expectSound, productsOf } from "../support/drive.ts";

const waves = (...sizes: readonly (number | `${number}%`)[]): readonly WaveSize[] =>
  sizes.map((size) => (typeof size === "number" ? { count: size } : { percent: Number.parseFloat(size) }));

const canary = { concurrency: 4, waves: waves(1, "10%", "100%") };
const failing = (more: Partial<FaultRule> = {}): FaultRule => ({
  method: "ModifyAccount",
  fault: "error",
  data: 13501,
  ...more,
});
const by = { name: "ada", host: "desk" };

/** The intents of each wave, by index. */
const membersOf = (records: readonly LedgerRecord[]): number[][] => {
  const members: number[][] = [];
  for (const record of records) if (record.type === "intent") (members[record.wave] ??= []).push(record.index);
  return members.map((wave) => [...new Set(wave)].sort((a, b) => a - b));
};

describe.concurrent("waves", () => {
  it("come one after another, each verified before the next begins", async () => {
    const run = await drive({ simulator: { devices: 400 }, plan: productsOf({ pace: canary }) });
    expectSound(run);
    const size = run.changes.length;
    const tenth = Math.floor(size / 10);
    expect(run.all("selected")[0]?.waves).toEqual([1, tenth, size - 1 - tenth]);
    const begun = run.all("wave").filter(({ phase }) => phase === "begin");
    expect(begun.map(({ wave, size: items }) => [wave, items])).toEqual([
      [0, 1],
      [1, tenth],
      [2, size - 1 - tenth],
    ]);
    for (const end of run.all("wave").filter(({ phase, wave }) => phase === "end" && wave < 2)) {
      const verdicts = run.all("verdict").filter(({ seq }) => seq < end.seq);
      const judged = new Set(verdicts.flatMap(({ indexes }) => indexes));
      for (const index of membersOf(run.records)[end.wave] ?? []) expect(judged).toContain(index);
    }
    expect(run.all("pass").find(({ wave }) => wave === 0)).toMatchObject({ by: "id" });
    expect(run.end).toMatchObject({ exit: 0, notStarted: {} });
  });

  it("are one, ten percent and the rest where a plan with more than 50 items says nothing", async () => {
    const run = await drive({
      simulator: { devices: 400 },
      plan: (simulator) => {
        return { ...productsOf()(simulator), pace: { concurrency: 8 } };
      },
    });
    expectSound(run);
    expect(run.all("selected")[0]?.waves.length).toBe(3);
    expect(run.all("selected")[0]?.waves[0]).toBe(1);
  });

  it("T11: a service that says yes and does nothing gets one request, and the run waits for a person", async () => {
    const run = await drive({
      simulator: { devices: 400, faults: [{ method: "ModifyAccount", fault: "no-effect" }] },
      plan: productsOf({ pace: canary, verify: { withinMs: 2000, everyMs: 100, horizonMs: 500 } }),
    });
    expectSound(run);
    expect(run.received).toHaveLength(1);
    expect(run.end.counts.diverged).toBe(1);
    expect(run.end.notStarted).toEqual({ person: run.changes.length - 1 });
    expect(run.end.exits).toEqual([7, 8]);
  });

  it("hold after a first one that was refused: exit 6, and the rest for a person", async () => {
    const run = await drive({
      simulator: { devices: 400, faults: [failing({ nth: 1 })] },
      plan: productsOf({ pace: canary }),
    });
    expectSound(run);
    expect(run.received).toHaveLength(1);
    expect(run.end.exits).toEqual([6, 8]);
    expect(run.all("stopped")[0]).toMatchObject({ reason: "person", detail: "nothing of the first wave is confirmed" });
  });

  it("go on when somebody promotes the one that waits, and say who and why", async () => {
    const run = await drive({
      simulator: { devices: 200, faults: [failing({ nth: 1 })] },
      plan: productsOf({ pace: canary }),
      job: { waits: { personMs: 20_000, windowMs: 0 } },
      on: (event, simulator) => {
        if (event.type === "run") folder = `${event.folder}/control`;
        if (event.type === "paused")
          return leaveRequest(folder, { op: "promote", by, why: "looked at it" }, Date.now());
        return simulator;
      },
    });
    expectSound(run);
    expect(run.all("control")).toMatchObject([{ op: "promote", by, why: "looked at it" }]);
    expect(run.all("paused")).toMatchObject([{ for: "person" }]);
    expect(run.end.notStarted).toEqual({});
    expect(run.end.counts.rejected).toBe(1);
    expect(run.end.counts.confirmed).toBe(run.changes.length - 1);
  });
  let folder = "";

  it("leave what drifted out of the question whether the first one was good", async () => {
    const run = await drive({
      simulator: {
        devices: 400,
        faults: [{ method: "EnumerateAccountStatistics", nth: 2, fault: "editor", set: { productId: 5 } }],
      },
      plan: (simulator) => {
        const plan = productsOf({ pace: canary })(simulator);
        return { ...plan, change: { ...plan.change, onlyIfUnchanged: true } };
      },
    });
    expectSound(run);
    expect(run.end.notStarted).toEqual({});
  });

  it("are not waited for where verification is at the end", async () => {
    const run = await drive({
      simulator: { devices: 400, faults: [failing({ nth: 1 })] },
      plan: productsOf({ pace: canary, verify: { withinMs: 5000, everyMs: 150, mode: "end" } }),
    });
    expectSound(run);
    expect(run.end.counts.rejected).toBe(1);
    expect(run.end.counts.confirmed).toBe(run.changes.length - 1);
    const passes = run.all("pass").filter(({ phase }) => phase === "begin");
    expect(passes.every(({ wave }) => wave === undefined)).toBe(true);
  });

  it("pause in between for as long as the plan says", async () => {
    const run = await drive({ simulator: { devices: 200 }, plan: productsOf({ pace: { ...canary, pauseMs: 300 } }) });
    expectSound(run);
    const ends = run.all("wave").filter(({ phase, wave }) => phase === "end" && wave < 2);
    const next = run.all("wave").filter(({ phase, wave }) => phase === "begin" && wave > 0);
    for (const [place, end] of ends.entries()) expect((next[place]?.up ?? 0) - end.up).toBeGreaterThanOrEqual(299);
    expect(run.all("paused").map((paused) => paused.for)).toEqual(["between-waves", "between-waves"]);
  });

  it("with a ramp begin with one call, then two, then four", async () => {
    const run = await drive({
      simulator: { devices: 200, latencyMs: 20 },
      plan: productsOf({ count: 16, pace: { concurrency: 8, waves: waves("100%"), ramp: "double" } }),
    });
    expectSound(run);
    const arrivals = run.evidence.witness.received.filter(({ method }) => method === "ModifyAccount");
    const answered = (nth: number): number => run.all("outcome")[nth]?.up ?? Infinity;
    const sorted = arrivals.map(({ arrived }) => arrived).sort((a, b) => a - b);
    // The second comes after the first answer, the fourth after the third.
    expect(sorted[1]).toBeGreaterThan(answered(0) - 1);
    expect(sorted[3]).toBeGreaterThan(answered(2) - 1);
    expect(run.end.exit).toBe(0);
  });

  it("with a cover begin with every value that fits", async () => {
    const run = await drive({
      simulator: { devices: 400 },
      plan: (simulator) => {
        const plan = productsOf({ pace: { concurrency: 4, waves: waves(2, "100%"), cover: ["product_id"] } })(
          simulator,
        );
        return { ...plan, filter: [], change: { ...plan.change, desired: () => ({ product_id: 4 }) } };
      },
    });
    expectSound(run);
    const [first = []] = membersOf(run.records);
    const products = first.map((index) => run.changes[index]?.item.product_id);
    expect(new Set(products).size).toBe(2);
  });

  it("that stop on their own count stop the run, of the wave that is under way", async () => {
    const nth = [3, 30, 31, 32, 33, 34, 35];
    const run = await drive({
      simulator: { devices: 400, faults: [failing({ nth })] },
      plan: productsOf({
        pace: { concurrency: 1, waves: waves(10, "100%") },
        stop: { errors: 1, consecutive: 99, unknown: 0, driftedPercent: 10, of: "wave" },
      }),
    });
    expectSound(run);
    expect(run.all("limit")).toMatchObject([{ limit: "errors", tolerated: 1, value: 2, wave: 1 }]);
    expect(run.end.counts.rejected).toBeGreaterThanOrEqual(3);
  });
});

import { describe, expect, it } from "vitest";
import type { Plan } from "../../runner/core/model/plan.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { drive, expectSound, productsOf, type Driven } from "../support/drive.ts";

const none = { errors: 999, consecutive: 999, unknown: 999, driftedPercent: 100 };
const C = 4;

const limited = (stop: Partial<Plan["stop"]>, more: Partial<Plan> = {}) =>
  productsOf({ pace: { concurrency: C }, stop: { ...none, ...stop }, ...more });

const rejecting = (more: Partial<FaultRule> = {}): FaultRule => ({
  method: "ModifyAccount",
  fault: "error",
  data: 13501,
  ...more,
});

function expectStopped(run: Driven, limit: string, tolerated: number): void {
  expectSound(run);
  const [tripped] = run.all("limit");
  expect(tripped).toMatchObject({ limit, tolerated });
  expect(tripped!.value).toBeGreaterThan(tolerated);
  expect(tripped!.value).toBeLessThanOrEqual(tolerated + C);
  expect(tripped!.inFlight).toBeLessThanOrEqual(2 * C);
  expect(run.all("stopped")[0]).toMatchObject({ reason: "limit" });
  const later = run.records.filter(({ seq, type }) => type === "sent" && seq > tripped!.seq);
  expect(later).toEqual([]);
  const answered = run.all("outcome").filter(({ kind }) => kind !== "not-acted").length;
  expect(run.end.notStarted.limit ?? 0).toBe(
    run.changes.length - new Set(run.all("outcome").map(({ index }) => index)).size,
  );
  expect(answered).toBeLessThanOrEqual(run.changes.length);
  expect(run.end.sealed).toBe(true);
  expect(run.end.exits).toContain(6);
}

describe.concurrent("a limit", () => {
  for (const latencyMs of [0, 15]) {
    for (const errors of [0, 3]) {
      it(`stops at the error that is one more than ${errors}, ${latencyMs} ms away`, async () => {
        const run = await drive({
          simulator: { devices: 400, latencyMs, faults: [rejecting()] },
          plan: limited({ errors }),
        });
        expectStopped(run, "errors", errors);
        expect(run.end.counts.rejected).toBeLessThanOrEqual(errors + 1 + (C - 1));
        expect(run.received.length).toBe(run.end.counts.rejected);
        expect(run.end.exit).toBe(6);
      });
    }
  }

  it("does not count what it tolerates", async () => {
    const run = await drive({
      simulator: { faults: [rejecting({ nth: [2, 5, 9] })] },
      plan: limited({ errors: 3 }),
    });
    expectSound(run);
    expect(run.all("limit")).toEqual([]);
    expect(run.end.counts.rejected).toBe(3);
    expect(run.end.exit).toBe(6);
  });

  it("in percent is of the selection", async () => {
    const run = await drive({
      simulator: { devices: 400, latencyMs: 5, faults: [rejecting({ every: 2 })] },
      plan: limited({ percent: 5 }),
    });
    expectStopped(run, "percent", Math.floor(run.changes.length * 0.05));
  });

  it("on errors in a row is not tripped by as many between successes", async () => {
    const run = await drive({
      simulator: { faults: [rejecting({ every: 2 })] },
      plan: limited({ consecutive: 2 }, { pace: { concurrency: 1 } }),
    });
    expectSound(run);
    expect(run.all("limit")).toEqual([]);
    expect(run.end.counts.rejected).toBeGreaterThan(5);
  });

  it("on errors in a row trips even when a success comes in with them", async () => {
    const run = await drive({
      simulator: { devices: 400, faults: [rejecting({ nth: [9, 10, 11, 12, 13, 14, 15, 16] })] },
      plan: limited({ consecutive: 2 }),
    });
    expectStopped(run, "consecutive", 2);
  });

  it("on what can not be known stops at the first, once it has been read back", async () => {
    const run = await drive({
      simulator: {
        devices: 400,
        latencyMs: 60,
        faults: [{ method: "ModifyAccount", nth: 3, fault: "reset-before" }],
      },
      plan: (simulator) => {
        const plan = limited({ unknown: 0 })(simulator);
        return { ...plan, change: { ...plan.change, repeat: "once" } };
      },
    });
    expectSound(run);
    expect(run.all("limit")[0]).toMatchObject({ limit: "unknown", tolerated: 0, value: 1 });
    expect(run.end.counts.unknown).toBe(1);
    expect(run.end.exits).toEqual([7, 6]);
  });

  it("has no more than twice the slots in doubt while every answer is lost", async () => {
    const run = await drive({
      simulator: { devices: 200, faults: [{ method: "ModifyAccount", fault: "hang-after" }] },
      plan: limited({}, { pace: { concurrency: 3 } }),
    });
    expectSound(run);
    expect(run.end.counts.confirmed).toBe(run.changes.length);
  });

  it("on lost answers in a row stops at once, and what was sent is still settled and verified", async () => {
    const run = await drive({
      simulator: { devices: 200, latencyMs: 5, faults: [{ method: "ModifyAccount", fault: "hang" }] },
      plan: limited({ consecutive: 3 }),
    });
    expectSound(run);
    expect(run.all("limit")[0]).toMatchObject({ limit: "consecutive", tolerated: 3 });
    expect(run.received.length).toBeLessThanOrEqual(2 * C);
    expect(run.end.counts.unknown).toBe(run.received.length);
    expect(run.end.sealed).toBe(true);
  });

  it("verifies what was sent before it tripped", async () => {
    const run = await drive({
      simulator: { devices: 400, latencyMs: 5, faults: [rejecting({ nth: [20, 21, 22, 23, 24] })] },
      plan: limited({ errors: 1 }),
    });
    expectStopped(run, "errors", 1);
    expect(run.end.counts.confirmed).toBeGreaterThanOrEqual(15);
    expect(run.end.counts.pending).toBe(0);
  });
});

import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { crash, inParallel, type Crash, type Scenario } from "../support/crash.ts";

const minutes = 60_000;
const method = "ModifyAccount";

const scenarios: Readonly<Record<string, Scenario["simulator"]>> = {
  "nothing else going wrong": {},
  "the answer lost after the change": { faults: [{ method, nth: 1, fault: "reset-after" }] },
  "a request that acts late, after its connection is gone": {
    faults: [{ method, nth: 1, fault: "late", ms: 350 }],
  },
  "a list that lags behind": { lagMs: 150 },
};

/** Kill at every moment, one after another, until the run ends before the moment comes. */
async function everyMoment(scenario: Scenario): Promise<Crash[]> {
  const whole = await crash(scenario, undefined);
  expect(whole.violations).toEqual([]);
  const moments = Array.from({ length: whole.moments ?? 0 }, (_, place) => place + 1);
  expect(moments.length).toBeGreaterThan(15);
  return inParallel(moments, 3, (moment) => crash(scenario, moment));
}

describe("T6: SIGKILL before and after every write, sync, mark, send and answer", () => {
  for (const [name, simulator] of Object.entries(scenarios)) {
    it(`one item, ${name}: resume ends as some uninterrupted run could have`, { timeout: 4 * minutes }, async () => {
      const crashes = await everyMoment({ items: 1, simulator: simulator ?? {} });
      expect(
        crashes.flatMap(({ violations, folder }, place) =>
          violations.map((one) => `kill ${place + 1}: ${one} ${folder}`),
        ),
      ).toEqual([]);
      for (const { resumeExit } of crashes) expect([0, undefined]).toContain(resumeExit);
      for (const { doubt } of crashes) expect(doubt).toBeLessThanOrEqual(1);
    });
  }

  it("what a file said when the run began is what a resume goes by", { timeout: 4 * minutes }, async () => {
    const crashes = await everyMoment({ items: 2, csv: true });
    expect(crashes.flatMap(({ violations, folder }) => violations.map((one) => `${one} ${folder}`))).toEqual([]);
    for (const { resumeExit } of crashes) expect([0, undefined]).toContain(resumeExit);
    expect(crashes.some(({ resumeExit }) => resumeExit === 0)).toBe(true);
  });

  it("T25: calls about several items, one answer lost", { timeout: 4 * minutes }, async () => {
    const faults: FaultRule[] = [{ method: "AddAccountLabel", nth: 2, fault: "reset-after" }];
    const scenario = { items: 1, labels: true, simulator: { devices: 150, faults } };
    const whole = await crash(scenario, undefined);
    expect(whole.violations).toEqual([]);
    const moments = Array.from({ length: whole.moments ?? 0 }, (_, place) => place + 1).filter((one) => one % 8 === 0);
    expect(moments.length).toBeGreaterThan(3);
    const crashes = await inParallel(moments, 3, (moment) => crash(scenario, moment));
    expect(crashes.flatMap(({ violations, folder }) => violations.map((one) => `${one} ${folder}`))).toEqual([]);
    for (const { resumeExit } of crashes) expect([0, undefined]).toContain(resumeExit);
    expect(crashes.some(({ resumeExit }) => resumeExit === 0)).toBe(true);
  });

  it("three items, one answer lost and one late", { timeout: 6 * minutes }, async () => {
    const faults = [
      { method, nth: 1, fault: "reset-after" },
      { method, nth: 3, fault: "late", ms: 350 },
    ] as FaultRule[];
    const crashes = await everyMoment({ items: 3, simulator: { faults, lagMs: 100 } });
    expect(
      crashes.flatMap(({ violations, folder }, place) =>
        violations.map((one) => `kill ${place + 1}: ${one} ${folder}`),
      ),
    ).toEqual([]);
    for (const { doubt } of crashes) expect(doubt).toBeLessThanOrEqual(3);
  });

  it("300 items under many faults, killed at twelve seeded moments", { timeout: 6 * minutes }, async () => {
    const faults = [
      { method, probability: 0.02, fault: "reset-after" },
      { method, probability: 0.02, fault: "reset-before" },
      { method, probability: 0.01, fault: "late", ms: 350 },
      { method, probability: 0.02, fault: "http-503", when: "after" },
      { method, probability: 0.02, fault: "truncated" },
      // Each halves the pace: a few are as good as many, and are over sooner.
      { method, nth: [40, 41, 180], fault: "http-429" },
    ] as FaultRule[];
    const seeds = Array.from({ length: 12 }, (_, place) => place + 1);
    const crashes = await inParallel(seeds, 2, (seed) =>
      crash(
        { items: 300, simulator: { devices: 1300, seed, lagMs: 100, latencyMs: 2, faults } },
        20 + ((seed * 7919) % 1500),
      ),
    );
    expect(
      crashes.flatMap(({ violations, folder }, place) =>
        violations.map((one) => `seed ${place + 1}: ${one} ${folder}`),
      ),
    ).toEqual([]);
    for (const { doubt, firstExit } of crashes) {
      expect(firstExit).toBe("SIGKILL");
      // Four slots: at most twice as many after a kill on the same boot.
      expect(doubt).toBeLessThanOrEqual(8);
    }
  });
});

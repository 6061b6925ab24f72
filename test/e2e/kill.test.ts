import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { crash, inParallel, wrongIn } from "../support/crash.ts";
import { expectNoHarm, killedAtMoments, scenarios } from "../support/moments.ts";

const minutes = 60_000;
const method = "ModifyAccount";

/** Every third moment, each from another one on; `npm run chaos` goes through all of them. */
const third = 3;

describe("T6: SIGKILL before and after every write, sync, mark, send and answer", () => {
  for (const [place, [name, scenario]] of Object.entries(scenarios).entries())
    it(`${name}: resume ends as some uninterrupted run could have`, { timeout: 4 * minutes }, async () => {
      expectNoHarm(scenario, await killedAtMoments(scenario, [place % third, third]));
    });

  it("T25: calls about several items, one answer lost", { timeout: 4 * minutes }, async () => {
    const faults: FaultRule[] = [{ method: "AddAccountLabel", nth: 2, fault: "reset-after" }];
    const scenario = { items: 1, labels: true, simulator: { devices: 150, faults } };
    expectNoHarm(scenario, await killedAtMoments(scenario, [7, 8]));
  });

  it("300 items under many faults, killed at six seeded moments", { timeout: 6 * minutes }, async () => {
    const faults = [
      { method, probability: 0.02, fault: "reset-after" },
      { method, probability: 0.02, fault: "reset-before" },
      { method, probability: 0.01, fault: "late", ms: 350 },
      { method, probability: 0.02, fault: "http-503", when: "after" },
      { method, probability: 0.02, fault: "truncated" },
      // Each halves the pace: a few are as good as many, and are over sooner.
      { method, nth: [40, 41, 180], fault: "http-429" },
    ] as FaultRule[];
    const seeds = Array.from({ length: 6 }, (_, place) => place + 1);
    const crashes = await inParallel(seeds, 2, (seed) =>
      crash(
        { items: 300, simulator: { devices: 1300, seed, lagMs: 100, latencyMs: 2, faults } },
        20 + ((seed * 7919) % 1500),
      ),
    );
    expect(wrongIn(crashes)).toEqual([]);
    for (const { doubt, firstExit } of crashes) {
      expect(firstExit).toBe("SIGKILL");
      // Four slots: at most twice as many after a kill on the same boot.
      expect(doubt).toBeLessThanOrEqual(8);
    }
  });
});

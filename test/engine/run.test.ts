import { describe, expect, it } from "vitest";
import type { FactOf, RunEvent } from "../../runner/core/model/events.ts";
import { startSimulator } from "../../runner/simulator/server.ts";
import { apply as applyPlan } from "../../runner/workspace/begin.ts";
import { check } from "../support/oracle.ts";
import { collect, evidenceOf, insideOf, newFolder, productPlan, serviceOf, witnessOf } from "../support/runs.ts";
import type { SimulatorOptions } from "../../runner/simulator/server.ts";
import type { Plan } from "../../runner/core/model/plan.ts";

const consent = () => Promise.resolve({ given: true, how: "library" } as const);

async function apply(options: SimulatorOptions, more: Partial<Plan> & { only?: readonly number[] } = {}) {
  const simulator = await startSimulator({ devices: 60, ...options });
  const root = newFolder();
  const plan = productPlan(simulator.rootPartner, { from: 3, to: 4, ...more });
  const events = await collect(
    applyPlan(insideOf(root, serviceOf(simulator)), { plan, notes: [], secretValues: {} }, { consent }),
  );
  const end = events.find((event): event is FactOf<"end"> => event.type === "end")!;
  const sealed = events.find((event): event is Extract<RunEvent, { type: "sealed" }> => event.type === "sealed")!;
  const evidence = evidenceOf(sealed.folder);
  const witness = witnessOf(simulator);
  const violations = check({ ...evidence, witness, method: "ModifyAccount", repeat: "set" });
  await simulator.close();
  return { events, end, violations, ...evidence, witness };
}

describe("a run", () => {
  it("changes what the filter selects, confirms it by enumerating again, and ends green", async () => {
    const { end, violations, changes } = await apply({});
    expect(changes.length).toBeGreaterThan(5);
    expect(end.counts.confirmed).toBe(changes.length);
    expect(end).toMatchObject({ exit: 0, sealed: true, conserved: true });
    expect(violations).toEqual([]);
  });

  it("waits for a list that lags behind the changes", async () => {
    const { end, violations, changes } = await apply({ lagMs: 400 });
    expect(end.counts.confirmed).toBe(changes.length);
    expect(violations).toEqual([]);
  });

  it("settles a lost answer by reading: applied, so it is confirmed, unsure who did it", async () => {
    const { end, violations, changes, records } = await apply({
      faults: [{ method: "ModifyAccount", nth: [2, 5], fault: "reset-after" }],
    });
    expect(records.filter((record) => record.type === "outcome" && record.kind === "lost").length).toBe(2);
    expect(end.counts.confirmed).toBe(changes.length);
    expect(violations).toEqual([]);
  });

  it("sends again what a read proved was never done", async () => {
    const { end, violations, changes } = await apply({
      faults: [{ method: "ModifyAccount", nth: [2, 5], fault: "reset-before" }],
    });
    expect(end.counts.confirmed).toBe(changes.length);
    expect(end.exit).toBe(0);
    expect(violations).toEqual([]);
  });
});

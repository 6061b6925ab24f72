import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Plan } from "../../runner/core/model/plan.ts";
import { ExpressionError } from "../../runner/core/model/frozen.ts";
import { loadPlan } from "../../runner/plan/load.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import type { Simulator } from "../../runner/simulator/server.ts";
import { drive, expectSound, type Driven } from "../support/drive.ts";
import { labelled } from "../support/runs.ts";

const method = "AddAccountLabel";

async function labels(simulator: Simulator): Promise<Plan> {
  const file = fileURLToPath(new URL("../support/plans/label-devices.yaml", import.meta.url));
  const catalogueOf = () => Promise.resolve(cove.catalogue());
  const set = [`partner=${simulator.rootPartner}`];
  return (await loadPlan({ file, set, env: {}, serviceNames: ["simulator"], catalogueOf })).plan;
}

const labelling = (faults: readonly FaultRule[] = [], more: Parameters<typeof drive>[0] = {}): Promise<Driven> =>
  drive({ simulator: { devices: 200, faults }, plan: labels, values: labelled, ...more });

const calls = (run: Driven) => run.evidence.witness.received.filter((call) => call.method === method);

describe.concurrent("calls about several items", () => {
  it("change as many at a time as the plan says, and say of each what became of it", async () => {
    const run = await labelling();
    expectSound(run);
    const { length } = run.changes;
    expect(length).toBeGreaterThan(20);
    expect(run.end.counts).toMatchObject({ confirmed: length, unknown: 0 });
    expect(calls(run).length).toBe(Math.ceil(length / 10));
    expect(run.all("sent").map(({ intents }) => intents.length)).toContain(10);
    // The first intent of a call names its request.
    const named = run.all("sent").map(({ intents: [first] }) => first);
    expect(calls(run).map(({ rpcId }) => Number(rpcId.split("-").at(-2)))).toEqual(named);
  });

  it("are lost as a whole when the answer is, are read back one by one, and the old ones form new calls (T25, trap 37)", async () => {
    const run = await labelling([
      { method, nth: 1, fault: "reset-before" },
      { method, nth: 2, fault: "reset-after" },
    ]);
    expectSound(run);
    const { length } = run.changes;
    expect(run.end.counts).toMatchObject({ confirmed: length, unknown: 0 });
    expect(run.all("outcome").filter(({ kind }) => kind === "lost").length).toBe(20);
    const settled = run.all("read").filter(({ why, seen }) => why === "settle" && seen !== "early-before");
    expect(settled.filter(({ seen }) => seen === "before").length).toBe(10);
    expect(settled.filter(({ seen }) => seen === "after").length).toBe(10);
    expect(run.received.length).toBe(length + 10);
  });

  it("read back an item that the answer does not name (T25)", async () => {
    const run = await labelling([], {
      on: (event, simulator) => {
        if (event.type !== "selected") return;
        const ids = simulator.ids().filter((id) => simulator.device(id)?.productId === 3);
        simulator.setFaults([{ method, item: ids[3]!, fault: "drop-row", device: ids[3]! }]);
      },
    });
    expectSound(run);
    const [left] = run.all("outcome").filter(({ kind }) => kind === "lost");
    expect(left).toMatchObject({ kind: "lost", failure: { code: "not-told" } });
    expect(run.creditOf(left!.id)).toBe("unsure");
    expect(run.end.counts).toMatchObject({ confirmed: run.changes.length, unknown: 0 });
    expect(run.all("outcome").filter(({ kind }) => kind === "accepted").length).toBe(run.changes.length - 1);
  });

  it("reject those that the answer names as failed, and those alone", async () => {
    let gone = 0;
    const run = await labelling([], {
      on: (event, simulator) => {
        if (event.type !== "selected" || gone !== 0) return;
        gone = simulator.ids().filter((id) => simulator.device(id)?.productId === 3)[5]!;
        simulator.remove(gone);
      },
    });
    expectSound(run);
    const rejected = run.all("outcome").filter(({ kind }) => kind === "rejected");
    expect(rejected.map(({ id }) => id)).toEqual([String(gone)]);
    expect(run.stateOf(String(gone))).toBe("vanished");
    expect(run.end.counts).toMatchObject({ confirmed: run.changes.length - 1, vanished: 1 });
  });

  it("are one answer for `stop.consecutive`, however many items they are about", async () => {
    const strict = async (simulator: Simulator): Promise<Plan> => {
      const plan = await labels(simulator);
      return { ...plan, stop: { ...plan.stop, consecutive: 2 } };
    };
    const one = await labelling([{ method, nth: 1, fault: "reset-before" }], { plan: strict });
    expectSound(one);
    expect(one.all("limit")).toEqual([]);
    const many = await labelling([{ method, fault: "error" }], { plan: strict });
    expectSound(many);
    expect(many.all("limit")).toMatchObject([{ limit: "consecutive", tolerated: 2 }]);
    // Two calls are under way at a time.
    expect(many.all("limit")[0]?.value).toBeLessThanOrEqual(4);
  });

  it("leave out what has changed meanwhile, and send the others", async () => {
    let taken = 0;
    const careful = async (simulator: Simulator): Promise<Plan> => {
      const plan = await labels(simulator);
      return { ...plan, change: { ...plan.change, onlyIfUnchanged: true } };
    };
    const run = await labelling([], {
      plan: careful,
      on: (event, simulator) => {
        if (event.type !== "selected" || taken !== 0) return;
        taken = simulator.ids().filter((id) => simulator.device(id)?.productId === 3)[0]!;
        simulator.edit(taken, { productId: 4 });
      },
    });
    expectSound(run);
    expect(run.stateOf(String(taken))).toBe("drifted");
    expect(run.received).not.toContain(String(taken));
    expect(run.end.counts).toMatchObject({ drifted: 1, confirmed: run.changes.length - 1 });
  });

  it("that can not be made of the items that are left are not sent: those items have drifted", async () => {
    const broken = async (simulator: Simulator): Promise<Plan> => {
      const plan = await labels(simulator);
      const { chunk } = plan.change;
      const params: NonNullable<typeof chunk>["params"] = (frozen, items, set) => {
        if (items.length > 1) throw new ExpressionError("division by zero");
        return chunk!.params(frozen, items, set);
      };
      return { ...plan, change: { ...plan.change, chunk: { ...chunk!, params } } };
    };
    const run = await labelling([], { plan: broken });
    expectSound(run);
    expect(run.received).toEqual([]);
    const [unsent] = run.all("outcome");
    expect(unsent).toMatchObject({ kind: "drifted", why: expect.stringContaining("division by zero") as string });
    expect(run.end.counts).toMatchObject({ confirmed: 0, rejected: 0 });
    expect(run.end.counts.drifted + run.end.counts["not-started"]).toBe(run.changes.length);
  });
});

import { describe, expect, it } from "vitest";
import type { Plan } from "../../runner/core/model/plan.ts";
import type { Gate } from "../../runner/core/model/precautions.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import { leaveRequest } from "../../runner/runs/mailbox.ts";
import type { Simulator } from "../../runner/simulator/server.ts";
import type { Value } from "../../runner/core/model/item.ts";
import { drive, expectSound, productsOf } from "../support/drive.ts";

const usedStorage = cove.catalogue().list("EnumerateAccountStatistics")!.field("used_storage")!;

/** The device list once more, after each wave. */
const gated =
  (gate: Partial<Gate>, more: Partial<Plan> = {}) =>
  (simulator: Simulator): Plan => {
    const plan = productsOf({ pace: { concurrency: 4, waves: [{ count: 1 }, { percent: 100 }] }, ...more })(simulator);
    const { method, fields, key } = plan.enumerate;
    return {
      ...plan,
      gate: {
        method,
        source: {
          kind: "list",
          listing: { method, params: (frozen) => plan.enumerate.params(frozen) },
          fields: [...fields, usedStorage],
          key,
          optional: false,
        },
        take: ([rows]) => rows ?? [],
        waitMs: 0,
        everyMs: 50,
        count: 1,
        observeOnly: false,
        ...gate,
      },
    };
  };

/** How many of the devices that the wave changed keep nothing any more. */
const broken = (rows: Value, changed: readonly { readonly id: string }[]): number =>
  (rows as readonly Record<string, Value>[]).filter(
    ({ device_id, used_storage }) => used_storage === 0 && changed.some(({ id }) => id === String(device_id)),
  ).length;

describe.concurrent("a gate", () => {
  it("that passes lets the next wave begin, and is in the record", async () => {
    const run = await drive({ simulator: { devices: 200 }, plan: gated({ pass: () => true }) });
    expectSound(run);
    expect(run.all("gate").map(({ wave, result }) => [wave, result])).toEqual([
      [0, "pass"],
      [1, "pass"],
    ]);
    expect(run.end.exit).toBe(0);
  });

  it("that fails after the only wave ends the run with 6, though everything was sent and confirmed", async () => {
    const pace = { concurrency: 4, waves: [{ percent: 100 }] };
    const run = await drive({ simulator: { devices: 200 }, plan: gated({ fail: () => true }, { pace }) });
    expectSound(run);
    expect(run.end).toMatchObject({ notStarted: {}, gate: "fail", exits: [6] });
  });

  it("that can not tell after the last wave ends the run with 8, and not as if it were good", async () => {
    const pace = { concurrency: 4, waves: [{ percent: 100 }] };
    const run = await drive({ simulator: { devices: 200 }, plan: gated({ pass: () => false }, { pace }) });
    expectSound(run);
    expect(run.end).toMatchObject({ notStarted: {}, gate: "inconclusive", exits: [8] });
  });

  it("stops a change that breaks things after the first device", async () => {
    const run = await drive({
      // Whatever is changed holds no backups any more.
      simulator: {
        devices: 200,
        faults: [{ method: "ModifyAccount", fault: "editor", when: "before", set: { usedStorage: 0 } }],
      },
      plan: gated({ fail: (_, { rows, changed }) => broken(rows, changed) > 0 }),
    });
    expectSound(run);
    expect(run.received).toHaveLength(1);
    expect(run.all("gate")).toMatchObject([{ wave: 0, result: "fail" }]);
    expect(run.end).toMatchObject({ exits: [6], counts: { confirmed: 1 } });
  });

  it("is judged by the time of each measurement, its params too", async () => {
    const asked: number[] = [];
    const judged: number[] = [];
    const run = await drive({
      simulator: { devices: 200 },
      plan: (simulator) => {
        const plan = gated({ waitMs: 1100, pass: (frozen) => judged.push(frozen.now) > 0 })(simulator);
        const { gate } = plan;
        const { source } = gate!;
        const listing: Gate["source"]["listing"] = {
          ...source.listing,
          params: (frozen) => (asked.push(frozen.now), source.listing.params(frozen)),
        };
        return { ...plan, gate: { ...gate!, source: { ...source, listing } } };
      },
    });
    expectSound(run);
    expect(judged).toHaveLength(2);
    expect(asked).toEqual(judged);
    expect(judged[1]! - run.all("start")[0]!.now).toBeGreaterThanOrEqual(2);
  });

  it("that fails stops: exit 6, the rest because of the gate", async () => {
    const run = await drive({ simulator: { devices: 200 }, plan: gated({ fail: () => true }) });
    expectSound(run);
    expect(run.received).toHaveLength(1);
    expect(run.all("stopped")).toMatchObject([{ reason: "gate" }]);
    expect(run.end.notStarted).toEqual({ gate: run.changes.length - 1 });
    expect(run.end.exit).toBe(6);
  });

  it("is overruled for one wave at a time: what two people say of one is no word about the next", async () => {
    let folder = "";
    let waits = 0;
    const left: Promise<unknown>[] = [];
    const run = await drive({
      simulator: { devices: 200 },
      plan: gated({ pass: () => false }, { pace: { concurrency: 2, waves: [{ count: 1 }, { percent: 50 }] } }),
      job: { waits: { personMs: 1500, windowMs: 0 } },
      on: (event) => {
        if (event.type === "run") folder = `${event.folder}/control`;
        if (event.type !== "paused" || (waits += 1) > 1) return true;
        for (const [nth, name] of ["ada", "bob"].entries()) {
          const request = { op: "promote", by: { name, host: "desk" }, why: "good", wave: 0 } as const;
          // The second one is heard in the next wave.
          const later = new Promise((resolve) => setTimeout(resolve, nth * 700));
          left.push(later.then(() => leaveRequest(folder, request, Date.now())));
        }
        return true;
      },
    });
    await Promise.all(left);
    expectSound(run);
    expect(run.all("control").map(({ by, wave }) => [by.name, wave])).toEqual([
      ["ada", 0],
      ["bob", 0],
    ]);
    expect(run.all("wave").filter(({ phase }) => phase === "begin")).toHaveLength(2);
    expect(run.all("stopped")).toMatchObject([{ reason: "person" }]);
  });

  it("that waits to look is not waited for once somebody says that the wave is good", async () => {
    let folder = "";
    let waits = 0;
    let left: Promise<unknown> | undefined;
    const halves = [{ count: 1 }, { percent: 100 }];
    const run = await drive({
      simulator: { devices: 200 },
      plan: gated({ pass: () => true, waitMs: 3_600_000 }, { pace: { concurrency: 2, waves: halves } }),
      on: (event) => {
        if (event.type === "run") folder = `${event.folder}/control`;
        const by = { name: "ada", host: "desk" };
        if (event.type === "waiting" && event.why.includes("gate"))
          left = leaveRequest(folder, { op: "promote", by, why: "good", wave: waits++ }, Date.now());
        return true;
      },
    });
    await left;
    expectSound(run);
    expect(run.all("control").map(({ op, wave }) => [op, wave])).toEqual([
      ["promote", 0],
      ["promote", 1],
    ]);
    expect(run.all("gate")).toEqual([]);
    expect(run.end).toMatchObject({ notStarted: {}, exit: 0 });
  });

  it("that is neither waits for a person; where there is none the run ends with 8", async () => {
    const run = await drive({
      simulator: { devices: 200 },
      plan: gated({ pass: () => false, fail: () => false }),
    });
    expectSound(run);
    expect(run.all("gate")).toMatchObject([{ result: "inconclusive" }]);
    expect(run.end.notStarted).toEqual({ person: run.changes.length - 1 });
    expect(run.end.exit).toBe(8);
  });

  it("that only observes has no power", async () => {
    const run = await drive({ simulator: { devices: 200 }, plan: gated({ fail: () => true, observeOnly: true }) });
    expectSound(run);
    expect(run.all("gate").every(({ result, observed }) => result === "fail" && observed === true)).toBe(true);
    expect(run.end.exit).toBe(0);
  });

  it("measures as often as the plan says, and one that fails is enough", async () => {
    let looks = 0;
    const run = await drive({
      simulator: { devices: 200 },
      plan: gated({ count: 3, pass: () => true, fail: () => ++looks === 3 }),
    });
    expectSound(run);
    expect(looks).toBe(3);
    expect(run.all("gate")).toMatchObject([{ wave: 0, result: "fail" }]);
  });

  it("that can not be read is inconclusive, and says why", async () => {
    const run = await drive({
      simulator: { devices: 200 },
      plan: (simulator) => {
        const plan = gated({ pass: () => true })(simulator);
        const listing = { method: "EnumerateNothing", params: () => ({}) };
        return {
          ...plan,
          gate: { ...plan.gate!, method: "EnumerateNothing", source: { kind: "call", listing, optional: false } },
        };
      },
    });
    expectSound(run);
    expect(run.all("gate")[0]).toMatchObject({ result: "inconclusive" });
    expect(run.all("gate")[0]?.detail).toMatch(/EnumerateNothing/);
    expect(run.end.exit).toBe(8);
  });

  it("on a wave in which nothing was sent is inconclusive", async () => {
    const run = await drive({
      simulator: { devices: 200, faults: [{ method: "EnumerateAccountStatistics", nth: 2, fault: "vanish" }] },
      plan: (simulator) => {
        const plan = gated({ pass: () => true })(simulator);
        return { ...plan, hold: { everyMs: 50, giveUpMs: 10, when: (_, { id }) => id === String(first(simulator)) } };
      },
    });
    expectSound(run);
    expect(run.all("gate")[0]).toMatchObject({
      wave: 0,
      result: "inconclusive",
      detail: "nothing of the wave was sent",
    });
    expect(run.received).toEqual([]);
  });
});

const first = (simulator: Simulator): number | undefined =>
  simulator.ids().find((id) => simulator.device(id)?.productId === 3);

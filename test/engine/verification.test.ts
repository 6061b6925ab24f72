import { describe, expect, it } from "vitest";
import { type Plan } from "../../runner/core/model/plan.ts";
import { ExpressionError } from "../../runner/core/model/frozen.ts";
import { drive, expectSound, productsOf, removalOf } from "../support/drive.ts";

const change = (more: Partial<Plan["change"]>, plan = productsOf({ count: 6 })) => {
  return (simulator: Parameters<typeof plan>[0]): Plan => {
    const whole = plan(simulator);
    return { ...whole, change: { ...whole.change, ...more } };
  };
};

describe.concurrent("a server that accepts and does nothing", () => {
  it("leaves everything pending until the horizon, then diverged: exit 7", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "ModifyAccount", fault: "no-effect" }] },
      plan: productsOf({ count: 6, verify: { withinMs: 3000, everyMs: 100, horizonMs: 400 } }),
    });
    expectSound(run);
    expect(run.end.counts.diverged).toBe(6);
    expect(run.end).toMatchObject({ exit: 7, sealed: true });
    const [first] = run.all("verdict");
    expect(first).toMatchObject({ seen: "before" });
    expect(first?.pastHorizon).toBeUndefined();
  });

  it("leaves it pending, exit 8, when `within` is over before the horizon", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "ModifyAccount", fault: "no-effect" }] },
      plan: productsOf({ count: 6, verify: { withinMs: 250, everyMs: 100 } }),
    });
    expectSound(run);
    expect(run.end.counts.pending).toBe(6);
    expect(run.end).toMatchObject({ exit: 8, sealed: true });
  });
});

describe.concurrent("T4: lists that lag", () => {
  for (const lagMs of [0, 300, 1000]) {
    it(`by ${lagMs} ms: everything is confirmed once it shows`, async () => {
      const run = await drive({ simulator: { lagMs }, plan: productsOf({ count: 8 }) });
      expectSound(run);
      expect(run.end.counts.confirmed).toBe(8);
    });

    it(`by ${lagMs} ms, with lost answers settled by fresh reads: nothing is sent twice`, async () => {
      const run = await drive({
        simulator: { lagMs, faults: [{ method: "ModifyAccount", nth: [2, 6], fault: "reset-after" }] },
        plan: productsOf({ count: 8 }),
      });
      expectSound(run);
      expect(run.received.length).toBe(8);
      expect(run.end.counts.confirmed).toBe(8);
    });
  }

  it("as reads by id may be too: an old value is believed only after their lag", async () => {
    const run = await drive({
      simulator: { byIdLagMs: 400, faults: [{ method: "ModifyAccount", nth: [2, 6], fault: "late", ms: 900 }] },
      service: { lag: { listMs: 200, byIdMs: 400 } },
      plan: productsOf({ count: 8 }),
    });
    expectSound(run);
    expect(run.received.length).toBe(8);
    expect(run.end.counts.confirmed).toBe(8);
  });

  it("by a minute: pending, exit 8, never called diverged for what it can not show yet", async () => {
    const run = await drive({
      simulator: { lagMs: 60_000 },
      service: { lag: { listMs: 60_000, byIdMs: 0 } },
      plan: productsOf({ count: 8, verify: { withinMs: 500, everyMs: 100 } }),
    });
    expectSound(run);
    expect(run.end.counts.pending).toBe(8);
    expect(run.end.exit).toBe(8);
  });

  it("and replicas that go back in time, within what is declared: nothing is sent again early", async () => {
    const stale = { fault: "stale", ms: 400 } as const;
    const run = await drive({
      simulator: {
        faults: [
          { method: "ModifyAccount", nth: [2, 4, 6], fault: "late", ms: 1000, connection: "reset" },
          { method: "GetAccountInfoById", every: 2, ...stale },
          { method: "EnumerateAccountStatistics", every: 2, ...stale },
        ],
      },
      service: { lag: { listMs: 450, byIdMs: 450 } },
      plan: productsOf({ count: 8 }),
    });
    expectSound(run);
    expect(run.received.length).toBe(8);
    expect(run.end.counts.confirmed).toBe(8);
  });

  it("longer than declared: a change may be made twice, and only the age of that read excuses it", async () => {
    const run = await drive({
      simulator: {
        faults: [
          { method: "ModifyAccount", nth: 2, fault: "reset-after" },
          { method: "GetAccountInfoById", fault: "stale", ms: 60_000 },
        ],
      },
      plan: productsOf({ count: 4 }),
    });
    expectSound(run);
    const told: string[] = [];
    run.check(run.evidence, (rule) => told.push(rule));
    expect(told).toEqual(["I6 the read that allowed it was older than declared"]);
    expect(run.received.length).toBe(5);
  });

  it("and goes back in time: an early miss does not unsay what a pass has shown", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "EnumerateAccountStatistics", every: 3, fault: "stale", ms: 5000 }] },
      plan: productsOf({ count: 8, verify: { withinMs: 5000, everyMs: 60 } }),
    });
    expectSound(run);
    expect(run.end.counts.confirmed).toBe(8);
  });
});

describe.concurrent("T13: items that come and go while they are verified", () => {
  const devices = 1200; // three pages
  it("touched ones that another removed are vanished, after two looks", async () => {
    const run = await drive({
      plan: productsOf({ count: 6 }),
      on: (event, simulator) => {
        if (event.type === "wave" && event.phase === "end")
          simulator.remove(
            Number(
              simulator.ids().find((id) => simulator.device(id)?.productId === 4 && simulator.witness.received(id) > 0),
            ),
          );
      },
    });
    expectSound(run);
    expect(run.end.counts).toMatchObject({ confirmed: 5, vanished: 1 });
    expect(run.end.exit).toBe(7);
    expect(run.all("verdict").find(({ seen }) => seen === "absent")?.pass).toBe(2);
  });

  it("a row that the list loses once is not vanished", async () => {
    const run = await drive({
      plan: productsOf({ count: 6 }),
      on: (event, simulator) => {
        if (event.type !== "wave" || event.phase !== "end") return;
        const device = simulator.ids().find((id) => simulator.witness.received(id) > 0)!;
        simulator.setFaults([{ method: "EnumerateAccountStatistics", fault: "drop-row", device, limit: 1 }]);
      },
    });
    expectSound(run);
    expect(run.end.counts.confirmed).toBe(6);
  });

  for (const nth of [1, 2, 3]) {
    it(`rows deleted in front of page ${nth + 1} while paging: nobody else is missed`, async () => {
      const run = await drive({
        simulator: { devices },
        plan: productsOf({ count: 40 }),
        on: (event, simulator) => {
          if (event.type !== "wave" || event.phase !== "end") return;
          const device = simulator.ids().find((id) => simulator.witness.received(id) === 0)!;
          simulator.setFaults([{ method: "EnumerateAccountStatistics", fault: "vanish", device, nth }]);
        },
      });
      expectSound(run);
      expect(run.end.counts.confirmed).toBe(40);
      expect(run.end.exit).toBe(0);
    });
  }

  it("a list that can not be read whole decides nothing: all that was sent stays pending, and the run ends", async () => {
    const run = await drive({
      simulator: { devices },
      plan: productsOf({ count: 6, verify: { withinMs: 400, everyMs: 100 } }),
      on: (event, simulator) => {
        if (event.type === "wave" && event.phase === "end")
          simulator.setFaults([{ method: "EnumerateAccountStatistics", fault: "repeat-first-page" }]);
      },
    });
    expectSound(run);
    expect(run.end.counts.pending).toBe(6);
    expect(run.end).toMatchObject({ exit: 8, sealed: true });
    expect(run.all("pass").every(({ complete }) => !complete)).toBe(true);
  });

  it("a list that can be read again later settles everything", async () => {
    const run = await drive({
      simulator: { devices },
      plan: productsOf({ count: 6 }),
      on: (event, simulator) => {
        if (event.type === "wave" && event.phase === "end")
          simulator.setFaults([{ method: "EnumerateAccountStatistics", fault: "repeat-first-page", nth: [1, 2, 3] }]);
      },
    });
    expectSound(run);
    expect(run.end.counts.confirmed).toBe(6);
  });
});

describe.concurrent("what a plan expects", () => {
  it("`accepted`: nothing can be shown, so it is unverifiable, exit 0, and nothing is read back", async () => {
    const run = await drive({
      plan: change({
        expect: { kind: "accepted" },
        sets: [],
        desired: () => ({}),
        params: (_, item) => ({ accountInfo: { Id: Number(item.id), ProductId: 4 } }),
      }),
    });
    expectSound(run);
    expect(run.end.counts.unverifiable).toBe(6);
    expect(run.end).toMatchObject({ exit: 0, sealed: true });
    expect(run.all("pass")).toEqual([]);
  });

  it("`accepted`, and the answer is lost: unknown, without a read that could not tell", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "ModifyAccount", nth: 3, fault: "reset-after" }] },
      plan: change({
        expect: { kind: "accepted" },
        sets: [],
        desired: () => ({}),
        params: (_, item) => ({ accountInfo: { Id: Number(item.id), ProductId: 4 } }),
      }),
    });
    expectSound(run);
    expect(run.end.counts).toMatchObject({ unverifiable: 5, unknown: 1 });
    expect(run.end).toMatchObject({ exit: 7, sealed: true });
    expect(run.evidence.witness.received.some(({ method }) => method === "GetAccountInfoById")).toBe(false);
  });

  it("an expression over before and after", async () => {
    const run = await drive({
      plan: change({
        expect: { kind: "expression", holds: (_, seen) => seen.after.product_id !== seen.before.product_id },
      }),
    });
    expectSound(run);
    expect(run.end.counts.confirmed).toBe(6);
  });

  it("an expression that does not hold although the set fields are as wanted: diverged", async () => {
    const run = await drive({ plan: change({ expect: { kind: "expression", holds: () => false } }) });
    expectSound(run);
    expect(run.end.counts.diverged).toBe(6);
    expect(run.end.exit).toBe(7);
  });

  it("an expression that can not be evaluated shows nothing, and breaks nothing", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "ModifyAccount", nth: 2, fault: "reset-after" }] },
      plan: change(
        {
          expect: {
            kind: "expression",
            holds: () => {
              throw new ExpressionError("after.product_id is null");
            },
          },
        },
        productsOf({
          count: 6,
          verify: { withinMs: 200, everyMs: 100 },
          stop: { errors: 0, consecutive: 3, unknown: 1, driftedPercent: 0 },
        }),
      ),
    });
    expectSound(run);
    expect(run.end.counts).toMatchObject({ pending: 5, unknown: 1 });
    expect(run.end.exit).toBe(7);
  });

  it("`pending`: an item on its way is pending, not diverged", async () => {
    const run = await drive({
      // Another value than the wanted one, that the plan knows as a step on the way.
      simulator: {
        faults: [{ method: "ModifyAccount", nth: [2, 4], fault: "editor", when: "after", set: { productId: 2 } }],
      },
      plan: change(
        { pending: (_, seen) => seen.after.product_id === 2 },
        productsOf({ count: 6, verify: { withinMs: 300, everyMs: 100 } }),
      ),
    });
    expectSound(run);
    expect(run.end.counts).toMatchObject({ confirmed: 4, pending: 2 });
    expect(run.end.exit).toBe(8);
  });

  it("`unless`: what the set can not say is already as wanted", async () => {
    const run = await drive({
      plan: (simulator) => change({ unless: (_, item) => Number(item.id) % 2 === 0 }, productsOf())(simulator),
    });
    expectSound(run);
    expect(run.end.counts.already).toBeGreaterThan(0);
    expect(run.end.exit).toBe(0);
    expect(run.received.every((id) => Number(id) % 2 === 1)).toBe(true);
  });

  it("a removal that has no effect is diverged past its horizon", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "RemoveAccount", fault: "no-effect" }] },
      plan: removalOf({ count: 4, verify: { withinMs: 3000, everyMs: 100, horizonMs: 300 } }),
    });
    expectSound(run);
    expect(run.end.counts.diverged).toBe(4);
    expect(run.end.exit).toBe(7);
  });
});

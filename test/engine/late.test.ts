import { describe, expect, it } from "vitest";
import type { Plan } from "../../runner/core/model/plan.ts";
import { drive, expectSound, productsOf, type Driven } from "../support/drive.ts";

/** The deadline of a call, and how long after it a request may still act: long enough that a busy machine changes nothing. */
const [timeoutMs, lateMs] = [1000, 500];
const service = { lateMs };

const patient = { errors: 9, consecutive: 9, unknown: 9, driftedPercent: 100 };

function once(more: { readonly count: number }) {
  const plan = productsOf({ ...more, stop: patient });
  return (simulator: Parameters<typeof plan>[0]): Plan => {
    const whole = plan(simulator);
    return { ...whole, change: { ...whole.change, repeat: "once" } };
  };
}

const applied = (run: Driven): number =>
  run.evidence.witness.received.filter(({ effect }) => effect !== undefined).length;

describe.concurrent("T3: a request that acts after its client has gone", () => {
  for (const connection of ["reset", "hang"] as const) {
    // A cut connection is noticed at once: all of deadline and `late` is still to come. A hanging one has used the deadline up.
    const bound = connection === "reset" ? timeoutMs + lateMs : lateMs;
    for (const ms of [0, bound / 2, bound - 300]) {
      it(`${connection}, ${ms} ms later, within what is declared: a \`set\` is applied once and confirmed`, async () => {
        const run = await drive({
          service,
          simulator: { faults: [{ method: "ModifyAccount", nth: [1, 4], fault: "late", ms, connection }] },
          plan: productsOf({ count: 6 }),
        });
        expectSound(run);
        expect(applied(run)).toBe(6);
        expect(run.received.length).toBe(6);
        expect(run.end).toMatchObject({ exit: 0 });
        expect(run.end.counts.confirmed).toBe(6);
      });

      it(`${connection}, ${ms} ms later, within what is declared: a \`once\` is confirmed, never sent again`, async () => {
        const run = await drive({
          service,
          simulator: { faults: [{ method: "ModifyAccount", nth: [1, 4], fault: "late", ms, connection }] },
          plan: once({ count: 6 }),
        });
        expectSound(run);
        expect(run.received.length).toBe(6);
        expect(run.end.counts.confirmed).toBe(6);
      });
    }

    it(`${connection}, later than declared: a \`set\` may be applied twice, and only the lateness excuses it`, async () => {
      const run = await drive({
        service,
        simulator: {
          faults: [{ method: "ModifyAccount", nth: 1, fault: "late", ms: bound + 2 * lateMs, connection }],
        },
        plan: productsOf({ count: 1 }),
        lingerMs: 2000,
      });
      expectSound(run);
      expect(run.received.length).toBe(2);
      expect(run.end.counts.confirmed).toBe(1);
      const { witness } = run.evidence;
      const onTime = witness.received.map((call) => ({
        ...call,
        ...(call.effect === undefined ? {} : { effect: call.arrived }),
      }));
      expect(applied(run)).toBe(2);
      const told: string[] = [];
      run.check(run.evidence, (rule) => told.push(rule));
      expect(told).toEqual(["I6 it acted later than deadline plus `late`"]);
      const excused = run.check({ ...run.evidence, witness: { ...witness, received: onTime } });
      expect(excused.some((line) => line.startsWith("I6"))).toBe(true);
    });
  }

  it("a lost `once` of which nothing can be seen is unknown, and is never sent again", async () => {
    const run = await drive({
      service,
      simulator: { faults: [{ method: "ModifyAccount", nth: [2, 5], fault: "reset-before" }] },
      plan: once({ count: 8 }),
    });
    expectSound(run);
    expect(run.received.length).toBe(8);
    expect(run.end.counts).toMatchObject({ unknown: 2, confirmed: 6 });
    expect(run.end).toMatchObject({ exit: 7, sealed: true });
  });

  it("a `once` that acts later than declared stays unknown, which is not called `not done`", async () => {
    const run = await drive({
      service,
      simulator: { faults: [{ method: "ModifyAccount", nth: 1, fault: "late", ms: 4000, connection: "reset" }] },
      plan: once({ count: 1 }),
      lingerMs: 4500,
    });
    expectSound(run);
    expect(run.received.length).toBe(1);
    expect(applied(run)).toBe(1);
    expect(run.end.counts.unknown).toBe(1);
    expect(run.end.exit).toBe(7);
  });
});

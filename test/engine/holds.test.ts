import { describe, expect, it } from "vitest";
import type { Plan } from "../../runner/core/model/plan.ts";
import { ExpressionError } from "../../runner/core/model/frozen.ts";
import { drive, expectSound, productsOf } from "../support/drive.ts";

/** Which devices are busy, and for how long from the first look at any of them. */
const busyFor = (ms: number, which: (id: number) => boolean, more: Partial<NonNullable<Plan["hold"]>> = {}) => {
  let began: number | undefined;
  return {
    everyMs: 100,
    giveUpMs: 20_000,
    when: (_: unknown, { id }: { readonly id: string }) => {
      began ??= performance.now();
      return which(Number(id)) && performance.now() - began < ms;
    },
    ...more,
  };
};

describe.concurrent("busy items", () => {
  it("a wave of 30 of them finishes later in the same run", async () => {
    let isOver = false;
    const run = await drive({
      simulator: { devices: 400, latencyMs: 2 },
      on: (event) => {
        if (event.type === "wave" && event.phase === "end") isOver = true;
      },
      plan: (simulator) => {
        const plan = productsOf({ count: 60, pace: { concurrency: 4, waves: [{ count: 40 }, { percent: 100 }] } })(
          simulator,
        );
        const ids = simulator.ids().filter((id) => simulator.device(id)?.productId === 3);
        const busy = new Set(ids.slice(5, 35));
        return {
          ...plan,
          hold: busyFor(Infinity, (id) => !isOver && busy.has(id)),
        };
      },
    });
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 0, notStarted: {} });
    expect(run.end.counts.confirmed).toBe(60);
    const held = new Set(run.all("hold").map(({ index }) => index));
    expect(held.size).toBe(30);
    const sent = new Set(run.all("sent").flatMap(({ intents }) => intents));
    const later = run.all("intent").filter(({ seq, index, wave }) => sent.has(seq) && held.has(index) && wave > 0);
    expect(later.length).toBe(30);
    expect(run.received).toHaveLength(60);
    expect(run.all("limit")).toEqual([]);
  });

  it("a first wave of nothing but busy ones waits for them", async () => {
    const run = await drive({
      simulator: { devices: 200 },
      plan: productsOf({
        count: 10,
        pace: { concurrency: 4, waves: [{ count: 2 }, { percent: 100 }] },
        hold: busyFor(2500, () => true),
      }),
    });
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 0, notStarted: {} });
    expect(run.all("intent").filter(({ wave }) => wave === 0).length).toBeGreaterThan(2);
    const first = run.all("wave").find(({ phase, wave }) => phase === "end" && wave === 0);
    const sent = run.all("outcome").filter(({ seq }) => seq < (first?.seq ?? 0));
    expect(sent.length).toBeGreaterThanOrEqual(1);
  });

  it("one that is busy for too long is left alone, and the run says so", async () => {
    const run = await drive({
      simulator: { devices: 200 },
      plan: (simulator) => {
        const plan = productsOf({ count: 6 })(simulator);
        const [first] = simulator.ids().filter((id) => simulator.device(id)?.productId === 3);
        return {
          ...plan,
          hold: busyFor(Infinity, (id) => id === first, { giveUpMs: 350 }),
        };
      },
    });
    expectSound(run);
    expect(run.end.notStarted).toEqual({ held: 1 });
    expect(run.end.exit).toBe(8);
    expect(run.all("hold").at(-1)).toMatchObject({ gaveUp: true });
    expect(run.end.counts.confirmed).toBe(5);
  });

  it("are judged by the time of each look, not by that when the run began: what is quiet for long enough is let go", async () => {
    const quietMs = 3000;
    const began = Date.now();
    const looked: number[] = [];
    const run = await drive({
      simulator: { devices: 200 },
      plan: productsOf({
        count: 1,
        hold: {
          everyMs: 200,
          giveUpMs: 20_000,
          when: ({ now }) => {
            looked.push(now);
            // `item.seen > ago("3s")` of an item that was seen when the run began.
            return Math.floor(began / 1000) > now - quietMs / 1000;
          },
        },
      }),
    });
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 0, notStarted: {} });
    expect(run.end.counts.confirmed).toBe(1);
    expect(run.all("hold").length).toBeGreaterThan(1);
    // The time that it was judged by is the one of the record that tells of the look.
    const told = run.all("read").filter(({ why }) => why === "recheck");
    expect(looked).toHaveLength(told.length);
    for (const [place, now] of looked.entries()) expect(Math.abs(now - told[place]!.t / 1000)).toBeLessThan(1.5);
    expect(run.all("start")[0]!.now).toBeLessThanOrEqual(looked[0]!);
  });

  it("what can not be judged is not sent", async () => {
    const run = await drive({
      simulator: { devices: 200 },
      plan: productsOf({
        count: 6,
        hold: {
          everyMs: 100,
          giveUpMs: 1000,
          when: () => {
            throw new ExpressionError("no such session");
          },
        },
        stop: { errors: 3, consecutive: 3, unknown: 0, driftedPercent: 100 },
      }),
    });
    expectSound(run);
    expect(run.received).toEqual([]);
    expect(run.end.counts.drifted).toBe(6);
  });

  it("burn no budget of those that are called together", async () => {
    const run = await drive({
      simulator: { devices: 200 },
      plan: productsOf({
        count: 8,
        stop: { errors: 0, consecutive: 0, unknown: 0, driftedPercent: 0, drifted: 0 },
        hold: busyFor(2000, (id) => id % 2 === 0),
      }),
    });
    expectSound(run);
    expect(run.end.exit).toBe(0);
  });
});

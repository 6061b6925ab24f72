import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Schedule, type Limits, type Shape } from "../../../runner/core/schedule/schedule.ts";

/** Carry a schedule to its end; `decide` says what becomes of a call. Returns the order of starts, a list a wave. */
function drive(
  schedule: Schedule,
  limits: Limits,
  decide: (index: number, nth: number) => "done" | "lost" | "again" | "withdrawn",
) {
  const waves: number[][] = [];
  const starts = new Map<number, number>();
  let now = 0;
  for (let wave = schedule.openWave(); wave !== undefined; wave = schedule.openWave()) {
    const order: number[] = [];
    const under: number[] = [];
    const settling: number[] = [];
    for (let turn = 0; turn < 10_000; turn++) {
      const step = schedule.next(now);
      if (step.do === "wave-done") break;
      if (step.do === "start") {
        order.push(step.index);
        under.push(step.index);
        starts.set(step.index, (starts.get(step.index) ?? 0) + 1);
        expect(under.length).toBeLessThanOrEqual(limits.concurrency + limits.margin);
        expect(settling.length).toBeLessThan(limits.concurrency);
        continue;
      }
      const index = under.shift();
      if (index !== undefined) {
        const what = decide(index, starts.get(index) ?? 0);
        if (what === "done") schedule.finish(index);
        if (what === "again") schedule.again(index, now + 5);
        if (what === "withdrawn") schedule.withdrawn(index);
        if (what === "lost") {
          schedule.settle(index);
          settling.push(index);
        }
        continue;
      }
      const settled = settling.shift();
      if (settled !== undefined) schedule.finish(settled);
      else now = step.until;
      expect(now).not.toBe(Infinity);
    }
    waves.push(order);
  }
  return { waves, starts };
}

describe("the schedule", () => {
  it("starts items in their frozen order, wave by wave", () => {
    const limits = { concurrency: 2, margin: 2 };
    const { waves } = drive(new Schedule({ size: 6, waves: [1, 2, 3] }, limits), limits, () => "done");
    expect(waves).toEqual([[0], [1, 2], [3, 4, 5]]);
  });

  it("starts nothing new while as many lost answers as slots are being settled", () => {
    const schedule = new Schedule({ size: 9, waves: [9] }, { concurrency: 2, margin: 2 });
    schedule.openWave();
    for (const expected of [0, 1, 2, 3]) expect(schedule.next(0)).toEqual({ do: "start", index: expected });
    schedule.settle(0);
    schedule.settle(1);
    expect(schedule.next(0)).toEqual({ do: "wait", until: Infinity });
    schedule.finish(0);
    expect(schedule.next(0)).toEqual({ do: "start", index: 4 });
  });

  it("stops at once: what is under way is heard, nothing else starts", () => {
    const schedule = new Schedule({ size: 9, waves: [4, 5] }, { concurrency: 2, margin: 0 });
    schedule.openWave();
    schedule.next(0);
    schedule.stop();
    expect(schedule.next(0)).toEqual({ do: "wait", until: Infinity });
    schedule.finish(0);
    expect(schedule.next(0)).toEqual({ do: "wave-done" });
    expect(schedule.openWave()).toBeUndefined();
  });

  it("sends a delayed item back no earlier than it was told", () => {
    const schedule = new Schedule({ size: 1, waves: [1] }, { concurrency: 1, margin: 1 });
    schedule.openWave();
    schedule.next(0);
    schedule.again(0, 100);
    expect(schedule.next(99)).toEqual({ do: "wait", until: 100 });
    expect(schedule.due(99)).toBe(false);
    expect(schedule.next(100)).toEqual({ do: "start", index: 0 });
  });

  it("asks for another turn when an item is put off while it waits for events only", () => {
    const schedule = new Schedule({ size: 1, waves: [1] }, { concurrency: 1, margin: 0 });
    schedule.openWave();
    schedule.next(0);
    expect(schedule.next(0)).toEqual({ do: "wait", until: Infinity });
    expect(schedule.due(0)).toBe(false);
    schedule.again(0, 100);
    expect(schedule.due(0)).toBe(true);
    expect(schedule.next(0)).toEqual({ do: "wait", until: 100 });
    expect(schedule.due(0)).toBe(false);
    expect(schedule.due(100)).toBe(true);
  });

  it("starts nothing during a pause, and ends a wave that is over without waiting for it", () => {
    const schedule = new Schedule({ size: 3, waves: [3] }, { concurrency: 1, margin: 0 });
    schedule.openWave();
    schedule.next(0);
    schedule.again(0, 20);
    schedule.pause(50);
    schedule.pause(40);
    expect(schedule.next(0)).toEqual({ do: "wait", until: 50 });
    expect(schedule.due(20)).toBe(false);
    expect(schedule.next(50)).toEqual({ do: "start", index: 1 });
    schedule.finish(1);
    for (const index of [2, 0]) {
      expect(schedule.next(50)).toEqual({ do: "start", index });
      schedule.finish(index);
    }
    schedule.pause(1000);
    expect(schedule.next(51)).toEqual({ do: "wave-done" });
  });

  it("lets fewer start ahead of the slots the more lost answers are being settled", () => {
    const schedule = new Schedule({ size: 20, waves: [20] }, { concurrency: 2, margin: 4 });
    schedule.openWave();
    const started = (): number => {
      let count = 0;
      while (schedule.next(0).do === "start") count += 1;
      return count;
    };
    expect(started()).toBe(6);
    schedule.settle(0);
    expect(started()).toBe(0);
    schedule.finish(1);
    schedule.finish(2);
    expect(started()).toBe(1);
  });

  it("parks one group and lets the others go on", () => {
    const groupOf = Int32Array.from([0, 1, 0, 1, 0]);
    const schedule = new Schedule({ size: 5, waves: [5], groupOf, groups: 2 }, { concurrency: 5, margin: 5 });
    schedule.openWave();
    expect([schedule.next(0), schedule.next(0)]).toEqual([
      { do: "start", index: 0 },
      { do: "start", index: 1 },
    ]);
    schedule.park(0);
    expect(schedule.next(0)).toEqual({ do: "start", index: 3 });
    schedule.finish(0);
    schedule.finish(1);
    schedule.finish(3);
    expect(schedule.next(0)).toEqual({ do: "wave-done" });
  });

  it("skips what an earlier process has finished, and empty waves", () => {
    const limits = { concurrency: 3, margin: 3 };
    const schedule = new Schedule({ size: 6, waves: [2, 2, 2] }, limits, { isOpen: (index) => index >= 3 });
    expect(drive(schedule, limits, () => "done").waves).toEqual([[3], [4, 5]]);
  });

  it("hands out every item, each exactly as often as it was sent back, within its limits", () => {
    const shapes = fc.array(fc.nat(5), { minLength: 1, maxLength: 5 }).chain((waves) => {
      const size = waves.reduce((sum, wave) => sum + wave, 0);
      return fc.record({
        waves: fc.constant(waves),
        size: fc.constant(size),
        groups: fc.integer({ min: 1, max: 3 }),
        assign: fc.array(fc.nat(2), { minLength: size, maxLength: size }),
        fate: fc.array(fc.constantFrom("done", "lost", "again", "withdrawn"), { minLength: size, maxLength: size }),
        concurrency: fc.integer({ min: 1, max: 4 }),
        margin: fc.nat(4),
        perGroup: fc.integer({ min: 1, max: 3 }),
      });
    });
    fc.assert(
      fc.property(shapes, ({ waves, size, groups, assign, fate, concurrency, margin, perGroup }) => {
        const groupOf = Int32Array.from(assign, (group) => group % groups);
        const shape: Shape = { size, waves, groupOf, groups };
        const limits = { concurrency, margin, perGroup };
        const { starts, waves: seen } = drive(new Schedule(shape, limits), limits, (index, nth) =>
          nth === 1 ? (fate[index] ?? "done") : "done",
        );
        expect(starts.size).toBe(size);
        for (const [index, count] of starts)
          expect(count).toBe(fate[index] === "again" || fate[index] === "withdrawn" ? 2 : 1);
        expect(seen.filter((wave) => wave.length > 0).length).toBe(waves.filter((wave) => wave > 0).length);
      }),
    );
  });
});

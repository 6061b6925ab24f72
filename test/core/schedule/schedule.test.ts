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

/** What a scripted service does with the nth start of an item. */
type Fate = "done" | "lost" | "again" | "withdrawn" | "busy" | "gives-up";

interface Script {
  readonly shape: Shape;
  readonly limits: Limits;
  readonly fates: readonly (readonly Fate[])[];
  /** Groups that are parked after so many answers. */
  readonly parks: ReadonlyMap<number, number>;
  /** The process dies after so many answers; undefined: it does not. */
  readonly dies: number | undefined;
}

interface Told {
  /** Each start: the item, and the wave it was in. */
  readonly starts: { readonly index: number; readonly wave: number; readonly isParked: boolean }[];
  readonly begun: { readonly wave: number; readonly size: number }[];
  readonly done: Set<number>;
}

/** Carries a script out, with a second process where the first one dies: it knows only what a ledger would. */
function carryOut({ shape, limits, fates, parks, dies }: Script): Told {
  const told: Told = { starts: [], begun: [], done: new Set() };
  const nth = new Map<number, number>();
  const parked = new Set<number>();
  let answers = 0;
  const next = (at?: { wave: number; reopens: boolean }): typeof at => {
    const schedule = new Schedule(shape, limits, {
      isOpen: (index) => !told.done.has(index),
      parked,
      ...(at ?? {}),
    });
    let now = 0;
    for (let wave = schedule.openWave(); wave !== undefined; wave = schedule.openWave()) {
      told.begun.push(wave);
      const under: number[] = [];
      const settling: number[] = [];
      for (let turn = 0; turn < 20_000; turn++) {
        const step = schedule.next(now);
        if (step.do === "wave-done") break;
        if (step.do === "start") {
          const isParked = parked.has(shape.groupOf?.[step.index] ?? -1);
          told.starts.push({ index: step.index, wave: wave.wave, isParked });
          under.push(step.index);
          continue;
        }
        const index = under.shift();
        if (index !== undefined) {
          answers += 1;
          if (answers === dies) return { wave: wave.wave, reopens: true };
          const group = parks.get(answers);
          if (group !== undefined && group < (shape.groups ?? 1)) {
            parked.add(group);
            schedule.park(group);
          }
          const start = nth.get(index) ?? 0;
          nth.set(index, start + 1);
          const fate = fates[index]?.[start] ?? "done";
          if (fate === "done" || fate === "gives-up") told.done.add(index);
          if (fate === "done") schedule.finish(index);
          if (fate === "gives-up") schedule.giveUp(index);
          if (fate === "again") schedule.again(index, now + 5);
          if (fate === "busy") schedule.busy(index, now + 7);
          if (fate === "withdrawn") schedule.withdrawn(index);
          if (fate === "lost") {
            schedule.settle(index);
            settling.push(index);
          }
          continue;
        }
        const settled = settling.shift();
        if (settled !== undefined) {
          told.done.add(settled);
          schedule.finish(settled);
        } else now = step.until;
        expect(now).not.toBe(Infinity);
      }
    }
    return undefined;
  };
  const cut = next();
  if (cut !== undefined) next(cut);
  return told;
}

const scripts = fc
  .record({
    waves: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    groups: fc.integer({ min: 1, max: 3 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    margin: fc.nat(3),
    perGroup: fc.integer({ min: 1, max: 3 }),
    ramp: fc.boolean(),
    seed: fc.array(fc.nat(1000), { minLength: 40, maxLength: 40 }),
    dies: fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined }),
    parks: fc.array(fc.tuple(fc.integer({ min: 1, max: 10 }), fc.nat(2)), { maxLength: 2 }),
  })
  .map(({ waves, groups, seed, dies, parks, ...limits }): Script => {
    const size = waves.reduce((sum, wave) => sum + wave, 0);
    const of = (place: number): number => seed[place % seed.length] ?? 0;
    const some = ["done", "lost", "again", "withdrawn", "busy", "busy", "gives-up"] as const;
    const fates = Array.from({ length: size }, (_, index) =>
      [0, 1].map((turn) => some[of(index * 2 + turn) % some.length]!),
    );
    const order = Int32Array.from(
      Array.from({ length: size }, (_, place) => place).sort((a, b) => of(a) - of(b) || a - b),
    );
    const groupOf = Int32Array.from({ length: size }, (_, index) => of(index + 7) % groups);
    return { shape: { size, waves, order, groupOf, groups }, limits, fates, parks: new Map(parks), dies };
  });

describe("T16: waves, groups, busy items, parking, a ramp and a process that dies", () => {
  it("hand out every item that is not parked until it is done with, in the wave it belongs to or a later one", () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const { starts, begun, done } = carryOut(script);
        const { size, waves, order, groupOf } = script.shape;
        const parked = new Set([...script.parks.values()]);
        const ownWave = new Map<number, number>();
        let place = 0;
        for (const [wave, count] of waves.entries())
          for (let nth = 0; nth < count; nth++) ownWave.set(order?.[place++] ?? 0, wave);
        for (let index = 0; index < size; index++)
          if (!parked.has(groupOf?.[index] ?? -1)) expect(done.has(index)).toBe(true);
        for (const { index, wave, isParked } of starts) {
          expect(isParked).toBe(false);
          expect(wave).toBeGreaterThanOrEqual(ownWave.get(index) ?? 0);
        }
        // Waves are never cut anew: the same number is the same wave, and numbers only rise.
        for (const [at, { wave, size: count }] of begun.entries()) {
          if (wave < waves.length) expect(count).toBe(waves[wave]);
          if (at > 0)
            expect(wave - (begun[at - 1]?.wave ?? 0)).toBeGreaterThanOrEqual(script.dies === undefined ? 1 : 0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("keep no item of an earlier wave from its turn when nothing is busy", () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const quiet = script.fates.map((turns) => turns.map((fate) => (fate === "busy" ? "done" : fate)));
        const { starts, begun } = carryOut({ ...script, fates: quiet, dies: undefined, parks: new Map() });
        expect(begun.map(({ wave }) => wave)).toEqual(script.shape.waves.map((_, wave) => wave));
        let last = 0;
        for (const { wave } of starts) {
          expect(wave).toBeGreaterThanOrEqual(last);
          last = wave;
        }
      }),
    );
  });

  it("start one item, then two, then four, where the plan wants a ramp", () => {
    const schedule = new Schedule({ size: 20, waves: [20] }, { concurrency: 8, margin: 8, ramp: true });
    schedule.openWave();
    const started = (): number[] => {
      const indexes: number[] = [];
      for (let step = schedule.next(0); step.do === "start"; step = schedule.next(0)) indexes.push(step.index);
      return indexes;
    };
    const widths: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const indexes = started();
      widths.push(indexes.length);
      for (const index of indexes) schedule.finish(index);
    }
    expect(widths).toEqual([1, 2, 4, 13]);
  });

  it("narrow to fewer slots, and never to more than there were", () => {
    const schedule = new Schedule({ size: 20, waves: [20] }, { concurrency: 4, margin: 0 });
    schedule.openWave();
    const room = (): number => {
      let count = 0;
      while (schedule.next(0).do === "start") count += 1;
      return count;
    };
    schedule.narrow(2);
    expect(room()).toBe(2);
    schedule.narrow(99);
    expect(room()).toBe(2);
  });

  it("begin nothing while they are blocked, and go on as if nothing had been", () => {
    const schedule = new Schedule({ size: 2, waves: [2] }, { concurrency: 1, margin: 0 });
    schedule.openWave();
    schedule.block(Infinity);
    expect(schedule.next(0)).toEqual({ do: "wait", until: Infinity });
    expect(schedule.due(1e9)).toBe(false);
    schedule.block(-Infinity);
    expect(schedule.due(0)).toBe(true);
    expect(schedule.next(0)).toEqual({ do: "start", index: 0 });
  });

  it("open the wave that was cut even when nothing of it is left, since it was not judged", () => {
    const left = { isOpen: (index: number) => index >= 3, wave: 1, reopens: true };
    const schedule = new Schedule({ size: 6, waves: [1, 2, 3] }, { concurrency: 2, margin: 0 }, left);
    expect(schedule.openWave()).toEqual({ wave: 1, size: 2 });
    expect(schedule.next(0)).toEqual({ do: "wave-done" });
    expect(schedule.isLast).toBe(false);
    expect(schedule.openWave()).toEqual({ wave: 2, size: 3 });
    expect(schedule.isLast).toBe(true);
  });
});

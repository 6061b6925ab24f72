import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RateStore } from "../../../runner/core/model/pace-ports.ts";
import { ownStore, SharedRate } from "../../../runner/core/schedule/shared-rate.ts";
import { Limiter } from "../../../runner/rpc/limiter.ts";
import { VirtualTime } from "../../support/virtual-time.ts";

interface Run {
  /** When its calls come, ms after the one before. */
  readonly gaps: readonly number[];
  /** Which of them are turned away. */
  readonly turnedAway: readonly number[];
  /** Killed so long after it began: what it still had is lost. */
  readonly killedAfterMs: number;
  /** Its clock is put forward by so much with each call, as by a machine that slept. */
  readonly jumpMs: number;
}

const run: fc.Arbitrary<Run> = fc.record({
  gaps: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(400)), { minLength: 1, maxLength: 60 }),
  turnedAway: fc.array(fc.nat(59), { maxLength: 3 }),
  killedAfterMs: fc.oneof(fc.constant(Infinity), fc.nat(4000)),
  jumpMs: fc.oneof(fc.constant(0), fc.nat(50)),
});

/** All that left, by all runs, in ms since boot. */
async function sent(perMinute: number, runs: readonly Run[], late: readonly number[]): Promise<number[]> {
  const time = new VirtualTime(70_000, late);
  const store = ownStore();
  const left: number[] = [];
  const lives = runs.map(({ gaps, turnedAway, killedAfterMs, jumpMs }, place) => {
    let ahead = 0;
    const rate = new SharedRate({ store, up: () => time.at, boot: "b", id: `${place}`, perMinute: undefined });
    const clock = time.clock(() => ahead);
    const limiter = new Limiter(perMinute, clock, { rate });
    const end = new AbortController();
    const killed = async (): Promise<void> => {
      await time.sleep(Math.min(killedAfterMs, 1e9));
      end.abort();
    };
    const call = async (nth: number): Promise<void> => {
      const slot = await limiter.take(end.signal, Infinity);
      if (slot.kind !== "taken" || end.signal.aborted) return;
      left.push(time.at);
      ahead += jumpMs;
      const sentUp = clock.up();
      await time.sleep(30);
      if (turnedAway.includes(nth)) limiter.throttled(sentUp, "too many");
    };
    const called = async (): Promise<void> => {
      const calls: Promise<void>[] = [];
      for (const [nth, gap] of gaps.entries()) {
        if (gap > 0) await time.sleep(gap);
        calls.push(call(nth));
      }
      await Promise.all(calls);
    };
    return Promise.all([killed(), called()]);
  });
  await Promise.all([time.run(), ...lives]);
  return left.sort((one, other) => one - other);
}

describe("T19: three runs at once on one service", () => {
  const late = fc.array(fc.double({ min: 0, max: 30, noNaN: true }), { minLength: 1, maxLength: 7 });

  it("no half-open window and no calendar second holds more calls than the rate, whoever is killed, slowed or asleep", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(300, 1200, 6000),
        fc.array(run, { minLength: 3, maxLength: 3 }),
        late,
        async (perMinute, runs, lateness) => {
          const times = await sent(perMinute, runs, lateness);
          // Evenly spaced, so that a window of any length holds its share and no more.
          for (const [place, at] of times.entries())
            if (place > 0) expect(at - times[place - 1]!).toBeGreaterThan(60_000 / perMinute);
          const seconds = new Map<number, number>();
          for (const at of times) seconds.set(Math.floor(at / 1000), (seconds.get(Math.floor(at / 1000)) ?? 0) + 1);
          expect(Math.max(...seconds.values(), 0)).toBeLessThanOrEqual(perMinute / 60);
          for (const [place, at] of times.entries())
            expect((times[place + perMinute] ?? Infinity) - at).toBeGreaterThanOrEqual(60_000);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("share it: together they use it, and none is left out", async () => {
    const whole: Run = { gaps: Array<number>(40).fill(0), turnedAway: [], killedAfterMs: Infinity, jumpMs: 0 };
    const times = await sent(1200, [whole, whole, whole], [0.5]);
    expect(times.length).toBe(120);
    expect(times.at(-1)! - times[0]!).toBeLessThan(119 * 55);
  });

  it("one that is turned away slows all of them down, and all of them get back to the rate", async () => {
    const whole: Run = { gaps: Array<number>(150).fill(0), turnedAway: [3], killedAfterMs: Infinity, jumpMs: 0 };
    const times = await sent(1200, [whole, { ...whole, turnedAway: [] }, { ...whole, turnedAway: [] }], [0.5]);
    const gaps = times.slice(1).map((at, place) => at - times[place]!);
    expect(Math.max(...gaps)).toBeGreaterThan(95);
    expect(gaps.at(-1)!).toBeLessThan(55);
  });
});

describe("runs with different rates", () => {
  const time = (): { up: () => number; at: number } => {
    const one = { at: 100_000, up: () => one.at };
    return one;
  };

  it("without a limit of the service: each call keeps the next one away for as long as its own run's rate says", () => {
    const clock = time();
    const rate = new SharedRate({ store: ownStore(), up: clock.up, boot: "", id: "one", perMinute: undefined });
    expect(rate.take({ perMinute: 60, slots: 1 }).slots).toBe(1);
    expect(rate.take({ perMinute: 600, slots: 1 }).waitMs).toBeCloseTo(1010);
    clock.at += 1011;
    expect(rate.take({ perMinute: 600, slots: 1 }).slots).toBe(1);
    expect(rate.take({ perMinute: 60, slots: 1 }).waitMs).toBeCloseTo(101);
  });

  it("with a limit of the service: a run that wants fewer leaves the rest to the others", () => {
    const clock = time();
    const rate = new SharedRate({ store: ownStore(), up: clock.up, boot: "", id: "one", perMinute: 600 });
    expect(rate.take({ perMinute: 60, slots: 1 }).slots).toBe(1);
    expect(rate.take({ perMinute: 600, slots: 1 }).waitMs).toBeCloseTo(101);
  });
});

it("a slot whose writing took too long is lost, since the next one may have been used by then", () => {
  let at = 100_000;
  let slow = true;
  const inner = ownStore();
  const store: RateStore = {
    read: () => inner.read(),
    replace: (version, text) => {
      if (slow) at += 400;
      slow = false;
      return inner.replace(version, text);
    },
  };
  const rate = new SharedRate({ store, up: () => at, boot: "", id: "one", perMinute: 60 });
  expect(rate.take({ perMinute: 60, slots: 1 })).toMatchObject({ slots: 0, waitMs: 610 });
});

it("somebody who was quicker is seen: the slot is theirs", () => {
  const inner = ownStore();
  const other = new SharedRate({ store: inner, up: () => 100_000, boot: "", id: "one", perMinute: 60 });
  let isFirst = true;
  const store: RateStore = {
    read: () => {
      const seen = inner.read();
      if (isFirst) expect(other.take({ perMinute: 60, slots: 1 }).slots).toBe(1);
      isFirst = false;
      return seen;
    },
    replace: (version, text) => inner.replace(version, text),
  };
  const rate = new SharedRate({ store, up: () => 100_000, boot: "", id: "one", perMinute: 60 });
  expect(rate.take({ perMinute: 60, slots: 1 }).slots).toBe(0);
});

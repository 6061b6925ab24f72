import fc from "fast-check";
import { expect, it } from "vitest";
import { Rate } from "../../../runner/core/schedule/rate.ts";

/** Calls made as soon as the rate lets them, by a caller whose timers run late. */
function moments(rate: Rate, lateness: readonly number[]): number[] {
  let now = 0;
  return lateness.map((late) => {
    now += rate.waitMs(now) + late;
    expect(rate.take(now)).toBe(true);
    return now;
  });
}

it("lets no half-open minute hold more calls than the limit, however late the timers are", () => {
  const lateness = fc.array(fc.double({ min: 0, max: 3000, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), lateness, (perMinute, late) => {
      const sent = moments(new Rate(perMinute), late);
      for (const from of sent) {
        const inWindow = sent.filter((at) => at >= from && at < from + 60_000);
        expect(inWindow.length).toBeLessThanOrEqual(perMinute);
      }
    }),
  );
});

it("spaces calls evenly instead of letting a minute's worth go at once", () => {
  const sent = moments(new Rate(60), [0, 0, 0]);
  expect(sent[1]! - sent[0]!).toBeGreaterThanOrEqual(1000);
  expect(sent[2]! - sent[1]!).toBeLessThan(1020);
});

it("is never in the way without a limit", () => {
  const rate = new Rate();
  expect([rate.take(0), rate.take(0), rate.take(0)]).toEqual([true, true, true]);
});

it("goes by a new limit from the last call on", () => {
  const rate = new Rate(60);
  expect(rate.take(0)).toBe(true);
  rate.set(600);
  expect([rate.waitMs(0), rate.take(100), rate.take(101)]).toEqual([101, false, true]);
  rate.set(undefined);
  expect(rate.take(102)).toBe(true);
});

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

it("keeps to the longest pause the service asked for, and then to its rate", () => {
  const rate = new Rate(600);
  rate.holdUntil(5000);
  rate.holdUntil(3000);
  expect(rate.take(4999)).toBe(false);
  expect(rate.heldMs(4000)).toBe(1000);
  expect(rate.take(5000)).toBe(true);
  expect(rate.take(5001)).toBe(false);
});

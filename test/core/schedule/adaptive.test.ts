import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AdaptiveWidth } from "../../../runner/core/schedule/adaptive.ts";

/** Widths after each answer of a service that takes so long at a width. */
function widths(adaptive: AdaptiveWidth, answers: number, msAt: (width: number, answer: number) => number): number[] {
  return Array.from({ length: answers }, (_, answer) => adaptive.answered(msAt(adaptive.width, answer)));
}

/** Above the knee every further call at a time only makes all of them slower. */
const kneeAt = (knee: number, baseMs: number) => (width: number) => baseMs * Math.max(1, width / knee);

describe("how many calls at a time", () => {
  it("never fewer than one and never more than the ceiling, whatever the answers", () => {
    const answers = fc.array(fc.oneof(fc.nat(50), fc.nat(60_000)), { maxLength: 600 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), answers, (ceiling, all) => {
        const adaptive = new AdaptiveWidth(ceiling);
        expect(adaptive.width).toBe(ceiling);
        for (const ms of all) {
          const width = adaptive.answered(ms);
          expect(width).toBe(adaptive.width);
          expect(Number.isInteger(width) && width >= 1 && width <= ceiling).toBe(true);
        }
      }),
    );
  });

  it("the ceiling, as long as answers are as quick as they were", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.double({ min: 0, max: 60_000, noNaN: true }), (ceiling, ms) => {
        expect(Math.min(...widths(new AdaptiveWidth(ceiling), 300, () => ms))).toBe(ceiling);
      }),
    );
  });

  it("the ceiling, though a quick service's answers differ by some milliseconds, and single ones by much", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 50, noNaN: true }), { minLength: 1, maxLength: 50 }), (times) => {
        const ms = (_: number, answer: number): number => (answer % 3 === 2 ? 5000 : times[answer % times.length]!);
        expect(Math.min(...widths(new AdaptiveWidth(8), 400, ms))).toBe(8);
      }),
    );
  });

  const cases = [
    { ceiling: 64, knee: 8, baseMs: 200 },
    { ceiling: 32, knee: 3, baseMs: 400 },
    { ceiling: 16, knee: 12, baseMs: 1000 },
    { ceiling: 10, knee: 1, baseMs: 150 },
  ];
  for (const { ceiling, knee, baseMs } of cases) {
    it(`of a service that became slow above ${knee} at a time: near ${knee}, and ${ceiling} again when it has recovered`, () => {
      const adaptive = new AdaptiveWidth(ceiling);
      widths(adaptive, 50, () => baseMs);
      widths(adaptive, 600, kneeAt(knee, baseMs));
      const settled = widths(adaptive, 2000, kneeAt(knee, baseMs));
      expect(Math.min(...settled)).toBeGreaterThanOrEqual(Math.floor(knee * 0.75));
      expect(Math.max(...settled)).toBeLessThanOrEqual(Math.ceil(knee * 1.5) + 1);
      widths(adaptive, 64 * (16 + 64), () => baseMs);
      expect(adaptive.width).toBe(ceiling);
    });
  }

  it("of a service that stays slow though it is asked one at a time: more again, since that is not for us", () => {
    const adaptive = new AdaptiveWidth(8);
    widths(adaptive, 50, () => 100);
    const slow = widths(adaptive, 1000, () => 3000);
    expect(Math.min(...slow)).toBe(1);
    expect(adaptive.width).toBe(8);
  });

  it("does not judge a new width by calls that were under way before", () => {
    const adaptive = new AdaptiveWidth(8);
    widths(adaptive, 16, () => 100);
    expect(widths(adaptive, 16, () => 900).at(-1)).toBe(6);
    // Eight calls of the old width, and a window of quick ones.
    widths(adaptive, 8, () => 900);
    expect(widths(adaptive, 16, () => 100).at(-1)).toBe(7);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  afterBoot,
  askedPace,
  freshPace,
  heldPace,
  longestHoldMs,
  paceText,
  readPace,
  throttledPace,
  type SharedPace,
} from "../../../runner/core/schedule/shared-pace.ts";

const hour = 60 * 60_000;
const start: SharedPace = { freeAt: 0, heldUntil: 0 };
const one = { perMinute: 300, slots: 1 };
const sign = { perMinute: 300, measured: undefined, sentAgoMs: 0 };

const halved = (pace: SharedPace, now: number, sentAgoMs = 0): SharedPace =>
  throttledPace(pace, { ...sign, sentAgoMs }, now).pace;
const rateAt = (pace: SharedPace, now: number): number | undefined => askedPace(pace, one, now).result.slowedTo;

describe("a service that turns calls away", () => {
  it("halves the rate, once for everything that was under way, and again for what was sent afterwards", () => {
    const first = halved(start, 1000);
    const second = halved(first, 1010, 50);
    const third = halved(second, 1100, 60);
    expect([first, second, third].map(({ slowed }) => slowed?.perMinute)).toEqual([150, 150, 75]);
  });

  it("never slows below one call a minute, and never below a rate that was set lower", () => {
    let pace = start;
    for (let now = 1000; now < 1020; now++) pace = halved(pace, now);
    expect(pace.slowed?.perMinute).toBe(1);
    expect(throttledPace(start, { ...sign, perMinute: 0.5 }, 0).result).toBe(0.5);
  });

  it("gets five per cent of the rate back for each window in which nothing is turned away", () => {
    const slow = halved(start, 1000);
    const windowMs = (20 * 60_000) / 150;
    expect(rateAt(slow, 1000 + windowMs - 1)).toBe(150);
    expect(rateAt(slow, 1000 + windowMs)).toBe(165);
    expect(rateAt(slow, 1000 + hour)).toBeUndefined();
    const again = throttledPace(slow, { ...sign, sentAgoMs: 5000 }, 5000).pace;
    expect(rateAt(again, 1000 + windowMs)).toBe(150);
  });

  it("counts no window as clean in which it was told to pause", () => {
    const slow = heldPace(halved(start, 1000), 600_000, 1000);
    expect(rateAt(slow, 600_000)).toBe(150);
    expect(rateAt(slow, 601_000 + 8000)).toBe(165);
  });

  it("is not gone by without a rate, set or measured; a measured one ends where it was measured", () => {
    const unset = { perMinute: undefined, measured: undefined, sentAgoMs: 0 };
    expect(throttledPace(start, unset, 5).result).toBeUndefined();
    const { pace, result } = throttledPace(start, { ...unset, measured: 6000 }, 5);
    expect(result).toBe(3000);
    expect(askedPace(pace, { perMinute: undefined, slots: 1 }, 9000).result.slowedTo).toBe(5400);
    expect(askedPace(pace, { perMinute: undefined, slots: 1 }, 20_000).result.slowedTo).toBeUndefined();
  });

  it("holds for an hour at most, and the longest pause counts", () => {
    const held = heldPace(heldPace(start, 5000, 0), 3000, 0);
    expect(askedPace(held, one, 4000).result).toMatchObject({ slots: 0, waitMs: 1000, heldMs: 1000 });
    expect(heldPace(start, 9 * hour, 7).heldUntil).toBe(7 + longestHoldMs);
  });

  it("whatever it says and when: the rate stays between one a minute and what was set", () => {
    const moves = fc.array(fc.tuple(fc.nat(70_000), fc.nat(9000), fc.constantFrom("ask", "throttle", "hold")), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6000 }), moves, (perMinute, steps) => {
        let pace = freshPace(perMinute);
        let now = 0;
        for (const [ms, ago, move] of steps) {
          now += ms;
          if (move === "hold") pace = heldPace(pace, ago, now);
          else if (move === "throttle") pace = throttledPace(pace, { ...sign, perMinute, sentAgoMs: ago }, now).pace;
          else pace = askedPace(pace, { perMinute, slots: 3 }, now).pace;
          const { perMinute: slowed = perMinute } = pace.slowed ?? {};
          expect(slowed).toBeGreaterThanOrEqual(1);
          expect(slowed).toBeLessThanOrEqual(perMinute);
        }
      }),
    );
  });
});

describe("slots", () => {
  it("are given in blocks of a tenth of a second at most, and one where they are further apart", () => {
    const slotsOf = (perMinute: number, slots: number): number =>
      askedPace(start, { perMinute, slots }, 1000).result.slots;
    expect([slotsOf(6000, 50), slotsOf(6000, 3), slotsOf(1200, 50), slotsOf(60, 50)]).toEqual([9, 3, 1, 1]);
    expect(askedPace(start, { perMinute: 6000, slots: 50 }, 1000).pace.freeAt).toBeCloseTo(1000 + 9 * 10.1);
  });
});

describe("what was kept", () => {
  const kept: SharedPace = {
    freeAt: 90,
    heldUntil: 80,
    slowed: { perMinute: 5, ceiling: 9, since: 70, cleanSince: 70 },
  };

  it("is gone by on the same boot", () => {
    expect(readPace(paceText(kept, "b"), "b", 60, 100)).toEqual(kept);
  });

  it("of another boot: the moments are nothing, a slowed rate begins slowed", () => {
    const slowed = { perMinute: 5, ceiling: 9, since: 0, cleanSince: 0 };
    expect(readPace(paceText(kept, "a"), "b", 60, 100)).toEqual({ freeAt: 1010, heldUntil: 0, slowed });
    // A system that has no name for its boot: the moments themselves are not possible.
    expect(readPace(paceText(kept, ""), "", 60, 50)).toEqual(afterBoot(kept, 60));
    expect(readPace(paceText({ ...start, freeAt: 9 * hour }, ""), "", 60, 50)).toEqual(freshPace(60));
  });

  it("can be any text at all", () => {
    for (const text of ["", "{}", "[]", "null", '{"boot":"b","freeAt":"1","heldUntil":0}', '{"boot":"b","freeAt":-1}'])
      expect(readPace(text, "b", 60, 100)).toEqual(freshPace(60));
    const broken = '{"boot":"b","freeAt":1,"heldUntil":0,"slowed":{"perMinute":0}}';
    expect(readPace(broken, "b", 60, 100)).toEqual(freshPace(60));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readPace(text, "b", 60, 100).freeAt).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("a machine that was just started waits as if the last call had been right before", () => {
    const wait = (now: number): number => askedPace(freshPace(1), { perMinute: 1, slots: 1 }, now).result.waitMs;
    expect([wait(20_000), wait(60_600)]).toEqual([40_600, 0]);
  });
});

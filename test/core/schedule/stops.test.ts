import { describe, expect, it } from "vitest";
import { exceeded } from "../../../runner/core/schedule/stops.ts";

const quiet = { errors: 0, consecutive: 0, unknown: 0, drifted: 0 };
const stops = { errors: 3, consecutive: 3, unknown: 0, driftedPercent: 10 };

describe("stops: tolerated counts", () => {
  it("tolerates as many as it says and stops at the next", () => {
    expect(exceeded(stops, { counters: { ...quiet, errors: 3 }, size: 100 })).toBeUndefined();
    expect(exceeded(stops, { counters: { ...quiet, errors: 4 }, size: 100 })).toEqual({
      limit: "errors",
      tolerated: 3,
      value: 4,
    });
    expect(exceeded(stops, { counters: { ...quiet, consecutive: 4 }, size: 100 })?.limit).toBe("consecutive");
    expect(exceeded(stops, { counters: { ...quiet, unknown: 1 }, size: 100 })).toEqual({
      limit: "unknown",
      tolerated: 0,
      value: 1,
    });
  });

  it("takes 0 as a real bound", () => {
    expect(exceeded({ ...stops, errors: 0 }, { counters: { ...quiet, errors: 1 }, size: 100 })?.tolerated).toBe(0);
  });

  it("floors percents of the selection, and tolerates one drifted item in a small one", () => {
    expect(
      exceeded({ ...stops, errors: 99, percent: 2.5 }, { counters: { ...quiet, errors: 3 }, size: 100 })?.limit,
    ).toBe("percent");
    expect(
      exceeded({ ...stops, errors: 99, percent: 2.5 }, { counters: { ...quiet, errors: 2 }, size: 100 }),
    ).toBeUndefined();
    expect(exceeded(stops, { counters: { ...quiet, drifted: 1 }, size: 5 })).toBeUndefined();
    expect(exceeded(stops, { counters: { ...quiet, drifted: 2 }, size: 5 })?.limit).toBe("drifted");
    expect(exceeded({ ...stops, drifted: 0 }, { counters: { ...quiet, drifted: 1 }, size: 500 })?.limit).toBe(
      "drifted",
    );
  });
});

import { describe, expect, it } from "vitest";
import { exceeded } from "../../../runner/core/schedule/stops.ts";

const quiet = { errors: 0, consecutive: 0, unknown: 0, drifted: 0 };
const stops = { errors: 3, consecutive: 3, unknown: 0, driftedPercent: 10 };

describe("stops: tolerated counts", () => {
  it("tolerates as many as it says and stops at the next", () => {
    expect(exceeded(stops, { ...quiet, errors: 3 }, 100)).toBeUndefined();
    expect(exceeded(stops, { ...quiet, errors: 4 }, 100)).toEqual({ limit: "errors", tolerated: 3, value: 4 });
    expect(exceeded(stops, { ...quiet, consecutive: 4 }, 100)?.limit).toBe("consecutive");
    expect(exceeded(stops, { ...quiet, unknown: 1 }, 100)).toEqual({ limit: "unknown", tolerated: 0, value: 1 });
  });

  it("takes 0 as a real bound", () => {
    expect(exceeded({ ...stops, errors: 0 }, { ...quiet, errors: 1 }, 100)?.tolerated).toBe(0);
  });

  it("floors percents of the selection, and tolerates one drifted item in a small one", () => {
    expect(exceeded({ ...stops, errors: 99, percent: 2.5 }, { ...quiet, errors: 3 }, 100)?.limit).toBe("percent");
    expect(exceeded({ ...stops, errors: 99, percent: 2.5 }, { ...quiet, errors: 2 }, 100)).toBeUndefined();
    expect(exceeded(stops, { ...quiet, drifted: 1 }, 5)).toBeUndefined();
    expect(exceeded(stops, { ...quiet, drifted: 2 }, 5)?.limit).toBe("drifted");
    expect(exceeded({ ...stops, drifted: 0 }, { ...quiet, drifted: 1 }, 500)?.limit).toBe("drifted");
  });
});

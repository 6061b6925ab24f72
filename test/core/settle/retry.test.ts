import { describe, expect, it } from "vitest";
import { backoffMs } from "../../../runner/core/settle/retry.ts";

describe("how long a call that was turned away waits", () => {
  it("grows with the time that the service has done nothing else, whatever the number of slots", () => {
    expect([0, 100, 1000, 10_000].map((lasted) => backoffMs(lasted, 0.5))).toEqual([250, 250, 1000, 10_000]);
  });

  it("is a minute at most, and jitters from nothing on", () => {
    expect(backoffMs(3_600_000, 0.999)).toBeLessThanOrEqual(60_000);
    expect(backoffMs(3_600_000, 0)).toBe(0);
  });
});

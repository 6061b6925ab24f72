import { describe, expect, it } from "vitest";
import { Ramp } from "../../../runner/core/schedule/ramp.ts";

describe("a ramp", () => {
  it("lets one start, then two, then four, and bounds nothing once it is as wide as it gets", () => {
    const ramp = new Ramp(4);
    const widths: number[] = [];
    while (!ramp.isOver) {
      let width = 0;
      for (; ramp.mayStart; width++) ramp.started();
      widths.push(width);
      for (let nth = 0; nth < width; nth++) ramp.left(true);
    }
    expect(widths).toEqual([1, 2]);
    expect(ramp.mayStart).toBe(true);
  });

  it("waits for all of a step, and lets another take the place of one that showed nothing", () => {
    const ramp = new Ramp(8);
    ramp.started();
    ramp.left(true);
    ramp.started();
    ramp.started();
    ramp.left(true);
    expect(ramp.mayStart).toBe(false);
    ramp.left(false);
    expect(ramp.mayStart).toBe(true);
    ramp.started();
    expect(ramp.mayStart).toBe(false);
    ramp.left(true);
    expect(ramp.mayStart).toBe(true);
  });

  it("of one slot is over before it begins", () => {
    expect(new Ramp(1).isOver).toBe(true);
  });
});

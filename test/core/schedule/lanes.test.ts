import { describe, expect, it } from "vitest";
import { Lanes } from "../../../runner/core/schedule/lanes.ts";

function lanesOf(groupOf: readonly number[], perGroup = Infinity): Lanes {
  const groups = groupOf.reduce((most, group) => Math.max(most, group), 0) + 1;
  const lanes = new Lanes({ size: groupOf.length, groupOf: Int32Array.from(groupOf), groups, perGroup });
  for (const index of groupOf.keys()) lanes.add(index);
  return lanes;
}

const all = (lanes: Lanes): number[] => {
  const taken: number[] = [];
  for (let index = lanes.take(); index !== undefined; index = lanes.take()) taken.push(index);
  return taken;
};

describe("lanes", () => {
  it("take groups in turn, so that a large one does not starve a small one", () => {
    expect(all(lanesOf([0, 0, 0, 0, 1, 2]))).toEqual([0, 4, 5, 1, 2, 3]);
  });

  it("take no more of a group than it may have under way, and go on once one is back", () => {
    const lanes = lanesOf([0, 0, 1], 1);
    expect(all(lanes)).toEqual([0, 2]);
    expect(lanes.waiting).toBe(1);
    lanes.release(2);
    expect(lanes.take()).toBeUndefined();
    lanes.release(0);
    expect(lanes.take()).toBe(1);
    expect(lanes.waiting).toBe(0);
  });

  it("leave out a group that is parked, and count it no more", () => {
    const lanes = lanesOf([0, 1, 0, 1]);
    expect(lanes.take()).toBe(0);
    lanes.park(0);
    lanes.park(0);
    expect(lanes.waiting).toBe(2);
    lanes.release(0);
    lanes.add(0);
    expect(all(lanes)).toEqual([1, 3]);
    expect(lanes.waiting).toBe(0);
  });

  it("take what came back after those that have waited", () => {
    const lanes = lanesOf([0, 0, 0]);
    const first = lanes.take() ?? -1;
    lanes.release(first);
    lanes.add(first);
    expect(all(lanes)).toEqual([1, 2, 0]);
  });

  it("of very many groups are as quick as of one", () => {
    const size = 200_000;
    const lanes = lanesOf(Array.from({ length: size }, (_, index) => index));
    expect(all(lanes)).toHaveLength(size);
  });
});

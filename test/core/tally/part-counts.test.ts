import { describe, expect, it } from "vitest";
import { Counters, PartCounts } from "../../../runner/core/tally/part-counts.ts";

describe("counts of a part of a run", () => {
  it("remember the longest row, which an accepted answer ends", () => {
    const counters = new Counters();
    counters.lengthen(undefined);
    counters.lengthen(undefined);
    counters.endRow();
    counters.lengthen(undefined);
    expect(counters.consecutive).toBe(2);
  });

  it("take the answer to a call about several items as one", () => {
    const counters = new Counters();
    for (const call of [7, 7, 7, 8, undefined]) counters.lengthen(call);
    expect(counters.consecutive).toBe(3);
  });

  it("are those of the wave that is under way, which goes on counting after a resume", () => {
    const parts = new PartCounts(4, { waves: 2 });
    parts.beginWave(0, 1);
    parts.begin(0, 0, undefined);
    for (const counters of parts.over(0)) counters.change({ errors: 1, unknown: 0 });
    parts.beginWave(0, 1);
    expect(parts.ofWave.errors).toBe(1);
    parts.beginWave(1, 3);
    expect(parts.ofWave.errors).toBe(0);
    // What becomes known of an earlier wave later is not this one's.
    expect(parts.over(0)).toEqual([]);
    parts.begin(1, 1, undefined);
    expect(parts.over(1)).toEqual([parts.ofWave]);
    expect([parts.waveOf(0), parts.waveOf(1), parts.waveOf(2)]).toEqual([0, 1, undefined]);
  });

  it("are those of the group of an item, once it was begun", () => {
    const groups = [
      { name: "a", size: 2 },
      { name: "b", size: 1 },
    ];
    const parts = new PartCounts(3, { waves: 1, groups });
    parts.beginWave(0, 3);
    expect(parts.groupOf(2)).toBeUndefined();
    parts.begin(2, 0, 1);
    expect(parts.groupOf(2)).toBe(1);
    for (const counters of parts.over(2)) counters.change({ errors: 1, unknown: 1 });
    expect(parts.ofGroup(1)).toMatchObject({ errors: 1, unknown: 1 });
    expect(parts.ofGroup(0)).toMatchObject({ errors: 0 });
    expect(parts.ofGroup(5)).toBeUndefined();
  });

  it("know of an item that had to wait that it was begun in a wave beyond those that were planned", () => {
    const parts = new PartCounts(2, { waves: 1 });
    parts.beginWave(0, 2);
    parts.beginWave(1, 1);
    parts.begin(1, 1, undefined);
    expect([parts.waveOf(0), parts.waveOf(1)]).toEqual([undefined, 1]);
  });
});

import { describe, expect, it } from "vitest";
import { exceeded, stopsAt, tripped, type Budgets } from "../../../runner/core/schedule/stops.ts";

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

describe("what a preview says of them", () => {
  it("is one more than is tolerated, of the smaller of count and share", () => {
    expect(stopsAt({ ...stops, percent: 2.5 }, 40)).toEqual({
      of: "run",
      errors: 2,
      consecutive: 4,
      unknown: 1,
      drifted: 5,
    });
    expect(stopsAt(stops, 5)).toMatchObject({ errors: 4, drifted: 2 });
  });

  it("leaves shares out that each wave or group has another number for, and tells how many groups", () => {
    expect(stopsAt({ ...stops, percent: 50, of: "wave" }, 40)).toEqual({
      of: "wave",
      errors: 4,
      consecutive: 4,
      unknown: 1,
    });
    expect(stopsAt({ ...stops, of: "group", groups: 2 }, 40)).toMatchObject({ of: "group", groups: 3 });
  });
});

describe("what stops", () => {
  const counters = (errors: number) => ({ ...quiet, errors });
  const budgets = (
    of: { run?: number; wave?: number; groups?: readonly number[] },
    parked: readonly number[] = [],
  ): Budgets => ({
    parked: new Set(parked),
    ofRun: () => ({ counters: counters(of.run ?? 0), size: 100 }),
    ofWave: () => ({ counters: counters(of.wave ?? 0), size: 10, wave: 1 }),
    ofGroup: (index) => ({ counters: counters(of.groups?.[index] ?? 0), size: 10, group: index }),
    ofGroups: () => (of.groups ?? []).map((errors, group) => ({ counters: counters(errors), size: 10, group })),
  });

  it("is counted over the run, the wave or the group, as the plan says", () => {
    const all = budgets({ run: 9, wave: 1, groups: [1, 9] });
    expect(tripped(stops, all)).toMatchObject({ limit: "errors", value: 9 });
    expect(tripped({ ...stops, of: "wave" }, all)).toBeUndefined();
    expect(tripped({ ...stops, of: "group" }, all, 0)).toBeUndefined();
    expect(tripped({ ...stops, of: "group" }, all, 1)).toMatchObject({ limit: "errors", value: 9, group: 1 });
    expect(tripped({ ...stops, of: "wave" }, budgets({ wave: 4 }))).toMatchObject({ value: 4, wave: 1 });
  });

  it("looks at all groups but the parked ones, when nobody in particular is meant", () => {
    const group = { ...stops, of: "group" } as const;
    expect(tripped(group, budgets({ groups: [9, 0, 8] }))).toMatchObject({ group: 0 });
    expect(tripped(group, budgets({ groups: [9, 0, 8] }, [0]))).toMatchObject({ group: 2 });
    expect(tripped(group, budgets({ groups: [9, 0, 8] }, [0, 2]))).toBeUndefined();
  });

  it("is the number of parked groups too: three are tolerated where the plan does not say", () => {
    const group = { ...stops, of: "group" } as const;
    expect(tripped(group, budgets({}, [0, 1, 2]))).toBeUndefined();
    expect(tripped(group, budgets({}, [0, 1, 2, 3]))).toEqual({ limit: "groups", tolerated: 3, value: 4 });
    expect(tripped({ ...group, groups: 0 }, budgets({}, [7]))).toEqual({ limit: "groups", tolerated: 0, value: 1 });
  });
});

import { describe, expect, it } from "vitest";
import type { Plan } from "../../../runner/core/model/plan.ts";
import { selectionWarnings } from "../../../runner/core/select/lint.ts";
import { zeroCounts } from "../../../runner/core/select/decider.ts";
import { productPlan } from "../../support/runs.ts";

// Says nothing of waves, as most plans.
const base = { ...productPlan(1, { from: 3, to: 4 }), pace: { concurrency: 8 } };
const told = (more: Partial<Plan>, selected: number, rows = 400): readonly string[] =>
  selectionWarnings({ ...base, ...more }, { ...zeroCounts(), rows, selected }).map(({ message }) => message);
const stop = (more: Partial<Plan["stop"]>): Partial<Plan> => ({ stop: { ...base.stop, ...more } });
const waves = (...sizes: NonNullable<Plan["pace"]["waves"]>): Partial<Plan> => ({
  pace: { ...base.pace, waves: sizes },
});

describe("bounds that are none for so many items", () => {
  it.each<[string, Partial<Plan>, number, readonly RegExp[]]>([
    ["nothing of what every plan has", {}, 1, []],
    ["nothing where nothing changes", stop({ percent: 10, errors: 50 }), 0, []],
    [
      "a percentage that is no item",
      stop({ percent: 10 }),
      4,
      [/^stop\.percent: 10% of 4 items is 0: tolerates none\.$/],
    ],
    ["not one that is just 1", stop({ percent: 10 }), 10, []],
    ["one that is just below 1", stop({ percent: 10 }), 9, [/10% of 9 items is 0/]],
    ["not 0, which is meant", stop({ percent: 0 }), 4, []],
    ["not one of a wave", stop({ percent: 10, of: "wave" }), 4, []],
    [
      "a small share of drifted items",
      stop({ driftedPercent: 1 }),
      20,
      [/^stop\.drifted: 1% of 20 items is 0: tolerates 1\.$/],
    ],
    [
      "a limit that is as many as change",
      stop({ errors: 5 }),
      5,
      [/^stop\.errors: tolerates 5, and 5 items would change: it never stops the run\.$/],
    ],
    ["not one that is fewer", stop({ errors: 5 }), 6, []],
    ["lost answers of all", stop({ unknown: 1 }), 1, [/^stop\.unknown: tolerates 1, and 1 item would change/]],
    [
      "a wave that is no item",
      waves({ count: 1 }, { percent: 0.1 }),
      400,
      [/^pace\.waves: 0\.1% of 400 items is 0: the wave has 1 item\.$/],
    ],
    ["not one that is 1", waves({ count: 1 }, { percent: 0.25 }), 400, []],
    [
      "a first wave of all",
      waves({ count: 50 }, { percent: 100 }),
      40,
      [/^pace\.waves: the first wave has all 40 items/],
    ],
    ["a first wave of 100%", waves({ percent: 100 }), 2, [/the first wave has all 2 items/]],
    ["not where there is one item", waves({ count: 1 }), 1, []],
    [
      "a ceiling below one item",
      { guards: { ...base.guards, maxPercent: 0.1 } },
      1,
      [/^guards\.max_percent: 0\.1% of 400 items is 0: none may change\.$/],
    ],
  ])("tells %s", (_, more, selected, messages) => {
    const found = told(more, selected);
    expect(found).toHaveLength(messages.length);
    for (const [place, message] of messages.entries()) expect(found[place]).toMatch(message);
  });

  it("tells none that the plan accepts", () => {
    expect(told({ ...stop({ percent: 10 }), accepts: ["rounds-to-zero"] }, 4)).toEqual([]);
  });
});

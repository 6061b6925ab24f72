import { describe, expect, it } from "vitest";
import type {
  BaselineReport,
  CheckReport,
  ExplainedRun,
  NearMissReport,
  SelectionDifference,
} from "../../../runner/core/model/explained.ts";
import { itemId, runId } from "../../../runner/core/model/item.ts";
import { checkText } from "../../../runner/reporters/explained/check.ts";
import { differenceText } from "../../../runner/reporters/explained/difference.ts";
import { nearMissText } from "../../../runner/reporters/explained/near.ts";
import { paintFor } from "../../../runner/reporters/paint.ts";
import { previewNote, selection } from "../events.ts";
import { explained } from "./run.ts";

const of = explained({ product_id: { type: "integer" } });
const then: ExplainedRun = { ...of, run: runId("20261122T204700Z-first"), now: 1_794_000_000, status: "sealed" };
const around = {
  ...{ zone: "UTC", width: 100, tableWidth: 100, paint: paintFor(false) },
  command: (...words: readonly string[]) => ["rollcall", ...words].join(" "),
};
const named = (id: number) => ({ id: itemId(String(id)), title: `DESK-${id}` });
const clause = { place: 1, text: 'item.os_type == "workstation"', line: 18, names: ["os_type"] };

/** All behind the head. */
const below = (text: string): string => text.split("\n\n").slice(1).join("\n\n");

describe("near misses", () => {
  const report: NearMissReport = {
    ...{ of, rows: 1000, filteredOut: 400, unlooked: 0, clauses: 3 },
    groups: [
      {
        ...{ clause, count: 12, unread: 0, would: { selected: 9, already: 2, refused: 1, unknown: 0 } },
        examples: [
          { ...named(1), fields: { os_type: "server" } },
          { ...named(2), fields: { os_type: null } },
        ],
      },
      {
        ...{ clause: { place: 0, text: "item.a", line: 17, names: [] }, count: 0, unread: 1, examples: [] },
        would: { selected: 0, already: 0, refused: 0, unknown: 0 },
      },
    ],
  };

  it("are told by clause, with what would come of them and a few of them", () => {
    expect(nearMissText(report, around).split("\n")[0]).toBe(
      "400 of 1,000 items were left out by the filter, 12 of them by one clause alone",
    );
    expect(below(nearMissText(report, around))).toBe(`12 items fail only this clause: item.os_type == "workstation"
  plan.yaml:18; without it 9 would change, 2 would be as desired already, 1 could not be decided
  DESK-1 (1): os_type is server
  DESK-2 (2): os_type is unset
  … and 10 more

No item is known to fail only this clause: item.a
  plan.yaml:17
  1 item may fail only this one: other clauses are about what is read of an item by itself, and it
    was not read, so that these can not be judged.

Why one of them is where it is: rollcall explain ${of.run} ID`);
  });

  it("do not count what was not looked at as left out by the filter", () => {
    const wide = { ...around, width: 200 };
    const firstOf = (more: Partial<NearMissReport>) =>
      nearMissText({ ...report, ...more }, wide)
        .split("\nrun ")[0]
        ?.split("\n");
    expect(firstOf({ unlooked: 380 })).toEqual([
      "20 of 1,000 items were left out by the filter, 12 of them by one clause alone",
      "Not looked at: 380 of 1,000 items, since this run was about items that had been chosen before",
    ]);
    const chosenBy = { place: 0, text: "changed by run 20261122T204700Z-first", names: [] };
    expect(firstOf({ unlooked: 400, groups: [], chosenBy })).toEqual([
      "Not looked at: 400 of 1,000 items, since one clause left them out, which is all that an undo asks: changed by run 20261122T204700Z-first",
    ]);
  });

  it("are none where no clause alone keeps an item out", () => {
    expect(nearMissText({ ...report, groups: [] }, around)).toMatch(
      / 0 of them by one clause alone\nrun .*\nplan .*\nlist .*$/,
    );
  });
});

const difference: SelectionDifference = {
  ...{ now: of, then, samePlan: true, sameInputs: true, both: 30 },
  selectedNow: {
    count: 3,
    groups: [
      {
        ...{ cause: "clause", clause, fields: ["os_type"], count: 2 },
        examples: [{ ...named(1), shifts: { os_type: { before: "server", after: "workstation" } } }],
      },
      { cause: "appeared", fields: [], count: 1, examples: [{ ...named(3), shifts: {} }] },
    ],
  },
  selectedThen: {
    count: 2,
    groups: [
      { cause: "refused", fields: [], count: 1, examples: [{ ...named(4), shifts: {}, why: "no row" }] },
      { cause: "clause", clause, fields: [], count: 1, examples: [{ ...named(5), shifts: {} }] },
    ],
  },
};

describe("the difference of two runs", () => {
  it("says of each side what made it, and where no value did, that none did", () => {
    expect(differenceText(difference, around).split("\n")[0]).toBe(
      `Against run ${then.run}, 3 items are newly selected, 2 not any more`,
    );
    expect(below(differenceText(difference, around))).toBe(`Selected now, and not then: 3 items
  2: left out then by a clause (plan.yaml:18): item.os_type == "workstation"; changed in between:
    os_type
    DESK-1 (1): os_type server -> workstation
    … and 1 more
  1: not in the list then
    DESK-3 (3)

Selected then, and not now: 2 items
  1: could not be decided now
    DESK-4 (4): no row
  1: left out now by a clause (plan.yaml:18): item.os_type == "workstation"; no value of theirs
    that it is about changed, so it is the inputs, what was looked up, the moment or the plan
    DESK-5 (5)

Selected in both: 30`);
  });

  it("says so where the plan or its inputs are others", () => {
    expect(differenceText({ ...difference, samePlan: false, sameInputs: false }, around)).toContain(
      "Between the two runs, the text of the plan and the inputs changed",
    );
  });
});

describe("a check", () => {
  const green: CheckReport = {
    ...{ of, folder: "/w", exit: 0, counts: selection({ rows: 9, already: 4, "filtered-out": 5 }), guards: [] },
    preview: previewNote({ rows: 9, already: 4, "filtered-out": 5 }),
  };
  const baseline: BaselineReport = {
    ...{ of: then, confirmed: 7, holding: 3, unjudged: 1, unverifiable: 2 },
    strayed: {
      count: 2,
      examples: [
        { ...named(1), left: { product_id: 4 }, found: { product_id: 7 } },
        { ...named(6), left: {} },
      ],
    },
    gone: { count: 1, examples: [named(2)] },
    added: { already: 1, selected: 2, examples: [named(3)] },
  };

  it("is one sentence first: nothing would change, or how much would", () => {
    expect(checkText(green, around).split("\n")[0]).toBe(
      "Nothing would change: 4 items are as assign-product wants, of 9. Read 2026-11-18T11:06:40Z.",
    );
    const guard = { guard: "max", allowed: "at most 1", found: 2, ok: false, message: "2 items would change" };
    const drift = { ...green, exit: 2, counts: selection({ rows: 9, selected: 2 }), guards: [guard] } as const;
    expect(checkText(drift, around).split("\n").slice(0, 2)).toEqual([
      "DRIFT: 2 of 9 items are not as assign-product wants. Read 2026-11-18T11:06:40Z.",
      "An apply would be refused now: max (see below).",
    ]);
  });

  it("says what became of a baseline, and does not say who did it", () => {
    const text = checkText({ ...green, exit: 2, baseline, since: difference }, around);
    expect(text.split("\n")[0]).toBe(`DRIFT: 2 items do not hold what run ${then.run} left.`);
    expect(text).toContain(`What made the difference: rollcall explain ${of.run} --against ${then.run}`);
    expect(text).toContain(`confirmed 7 items; 3 of them
  hold what it left
  2 items do not hold it any more. Somebody or something changed them since; who, a list does not
  say:
    DESK-1 (1): product_id was left as 4, is 7
    DESK-6 (6): it was removed, and is there again
  1 item not in the list any more: DESK-2 (2)
  1 item can not be judged: this list does not show what that run set.
  2 items were accepted by the service, and no read shows what became of them: whether they hold
    that can not be judged.
  3 items new since then and match: 1 as desired, 2 not: DESK-3 (3) and 2 more`);
  });
});

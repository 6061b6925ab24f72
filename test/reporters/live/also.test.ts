import { describe, expect, it } from "vitest";
import type { AlsoGroup, Collateral } from "../../../runner/core/model/collateral.ts";
import { itemId } from "../../../runner/core/model/item.ts";
import { alsoLines, gapLines } from "../../../runner/reporters/live/also.ts";
import { recapText } from "../../../runner/reporters/live/recap.ts";
import { paintFor } from "../../../runner/reporters/paint.ts";
import { widthOf } from "../../../runner/reporters/width.ts";
import { ended, run, runNote } from "../events.ts";

const types = { quota: { type: "bytes" as const } };
const shown = { types, zone: "UTC", width: 80, paint: paintFor(false) };
const example = (name: string, values: object = {}) => ({ id: itemId(name), title: name, ...values });
const totals = { checked: true, rows: 1204, touched: 0, untouched: 0, appeared: 0, vanished: 0 } as const;

const also = (
  groups: readonly AlsoGroup[],
  more: Partial<Extract<Collateral, { checked: true }>> = {},
): Collateral => ({
  ...{ ...totals, pass: 1, found: groups.reduce((sum, { count }) => sum + count, 0), groups, more: 0 },
  ...more,
});

const all: readonly AlsoGroup[] = [
  {
    ...{ what: "touched", cause: "ours", field: "profile_id", count: 312 },
    examples: ["DESK-1", "DESK-2", "DESK-3"].map((name) => example(name, { before: 5, after: 13 })),
  },
  {
    ...{ what: "touched", cause: "unknown", field: "quota", count: 1 },
    examples: [example("DESK-4", { before: 2 ** 30, after: null })],
  },
  {
    ...{ what: "untouched", cause: "elsewhere", field: "product_id", count: 2 },
    examples: [example("LAP-1\u001b[2J", { before: 2, after: 5 }), example("LAP-2", { before: 2, after: 3 })],
  },
  { what: "appeared", cause: "elsewhere", count: 1, examples: [example("NEW-1")] },
  { what: "vanished", cause: "elsewhere", count: 2, examples: [example("OLD-1"), example("OLD-2")] },
  { what: "vanished", cause: "unknown", count: 1, examples: [example("OLD-3")] },
];

describe("what else changed, for people", () => {
  it("stands by field and cause with a few examples, in 80 columns, and says no more than is known", () => {
    const lines = alsoLines(also(all), shown);
    expect(lines).toEqual([
      "Also changed: 319 items are not as in the first list",
      "  profile_id on 312 items that a change was or may have been sent to, and on",
      "    no other: by all appearances a side effect",
      "    DESK-1 5 -> 13, DESK-2 5 -> 13, DESK-3 5 -> 13 and 309 more",
      "  quota on 1 item that a change was or may have been sent to: by that, or by",
      "    somebody else",
      "    DESK-4 1 GiB -> unset",
      "  product_id on 2 items that this run sent nothing to",
      "    LAP-1 2 -> 5, LAP-2 2 -> 3",
      "  1 item appeared in the list",
      "    NEW-1",
      "  2 items that this run sent nothing to: not in the list any more",
      "    OLD-1, OLD-2",
      "  1 item that a change was or may have been sent to: not in the list any more",
      "    OLD-3",
    ]);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
  });

  it("is nothing where nothing changed", () => expect(alsoLines(also([]), shown)).toEqual([]));

  it("says how many are only counted, and what a narrowed list leaves open", () => {
    const lines = alsoLines(also(all.slice(3, 4), { more: 5000, narrowed: true }), shown);
    expect(lines.slice(-2)).toEqual([
      "  5,000 items are counted above and not told by field",
      "  compared were the items of the first list alone, which the plan narrows",
    ]);
  });

  it("says that it was not looked at, and why", () => {
    expect(alsoLines({ checked: false, why: "no whole list was read after the last change" }, shown)).toEqual([
      "Whether anything else changed was not checked: no whole list was read after the",
      "last change.",
    ]);
  });
});

describe("the gap", () => {
  it("is told with what an edit in it comes to, and nothing where no item was read right before", () => {
    expect(gapLines(undefined, 80)).toEqual([]);
    expect(gapLines(412.3, 80)).toEqual([
      "Where an item was read again right before its change was sent, that was at most",
      "413 ms before. What somebody else wrote to the same fields in that time is",
      "overwritten, and nothing shows it.",
    ]);
    expect(gapLines(0, 200)[0]).toContain("at most 1 ms before");
    expect(gapLines(1134.9, 200)[0]).toContain("at most 2 s before");
  });
});

describe("the recap", () => {
  const base = {
    ...{ ...shown, run: runNote, causes: [], repeat: "set" as const, anchor: `${run}:512:abcdef`, elapsedMs: 14_320 },
    command: (...words: readonly string[]) => ["rollcall", ...words].join(" "),
  };

  it("tells both behind the counts", () => {
    const collateral = also(all.slice(3, 4));
    const end = { ...ended({ confirmed: 3 }), gapMs: 400, collateral: { ...totals, found: 1, appeared: 1 } };
    expect(
      recapText({ ...base, end, collateral })
        .split("\n\n")
        .slice(1),
    ).toEqual([
      "Also changed: 1 item is not as in the first list\n  1 item appeared in the list\n    NEW-1",
      expect.stringMatching(/^Where an item was read again .* at most\n400 ms before\./) as string,
      `Anchor ${run}:512:abcdef`,
    ]);
  });

  it("of a run that could not look says so by itself", () => {
    const end = { ...ended({ confirmed: 3 }), collateral: { checked: false, why: "it was stopped" } as const };
    expect(recapText({ ...base, end })).toContain("Whether anything else changed was not checked: it was stopped.");
  });
});

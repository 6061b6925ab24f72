import { describe, expect, it } from "vitest";
import type { Guards } from "../../../runner/core/model/precautions.ts";
import { runId } from "../../../runner/core/model/item.ts";
import { zeroCounts } from "../../../runner/core/select/decider.ts";
import { changeFromLast, evaluateGuards } from "../../../runner/core/select/guards.ts";

const frozen = { now: 0, login: { user_id: 1, partner_id: 1, name: "me" }, run: { id: runId("r"), started: 0 } };
const plain: Guards = { require: [], min: 1, allowEmpty: false, allowRefused: 0 };
const counts = (selected: number, more: object = {}) => ({
  rows: 100,
  "filtered-out": 100 - selected,
  already: 0,
  refused: 0,
  selected,
  ...more,
});
const breaches = (guards: Partial<Guards>, selection: ReturnType<typeof counts>) =>
  evaluateGuards({ ...plain, ...guards }, selection, frozen)
    .filter((guard) => !guard.ok)
    .map((guard) => guard.guard);

describe("guards", () => {
  it("min counts matched items, so that a finished job runs green again", () => {
    expect(breaches({}, counts(0))).toEqual(["min"]);
    expect(breaches({}, counts(0, { already: 1 }))).toEqual([]);
    expect(breaches({ min: 0 }, counts(0))).toEqual([]);
  });

  it("max and max_percent hold at their bound, break one above it, and 0 is a real bound", () => {
    expect(breaches({ max: 5 }, counts(5))).toEqual([]);
    expect(breaches({ max: 5 }, counts(6))).toEqual(["max"]);
    expect(breaches({ max: 0 }, counts(1))).toEqual(["max"]);
    expect(breaches({ maxPercent: 25 }, counts(25))).toEqual([]);
    expect(breaches({ maxPercent: 25 }, counts(26))).toEqual(["max_percent"]);
    expect(breaches({ maxPercent: 0 }, counts(1))).toEqual(["max_percent"]);
    expect(breaches({ maxPercent: 33.3 }, counts(1, { rows: 3 }))).toEqual(["max_percent"]);
  });

  it("every given bound holds at once", () => {
    expect(breaches({ max: 5, maxPercent: 5 }, counts(10))).toEqual(["max", "max_percent"]);
  });

  it("an empty list is an error of its own unless allowed", () => {
    const none = counts(0, { rows: 0, "filtered-out": 0 });
    expect(breaches({}, none)).toEqual(["allow_empty", "min"]);
    expect(breaches({ allowEmpty: true }, none)).toEqual([]);
  });

  it("one refused item blocks unless allow_refused covers it", () => {
    expect(breaches({}, counts(5, { refused: 1 }))).toEqual(["allow_refused"]);
    expect(breaches({ allowRefused: 1 }, counts(5, { refused: 1 }))).toEqual([]);
  });

  it("shows the plan's own message when a requirement fails", () => {
    const rule = { text: "inputs.to > 0", holds: () => false, message: () => "No product given." };
    const [result] = evaluateGuards({ ...plain, require: [rule] }, counts(5), frozen);
    expect(result).toMatchObject({ guard: "require", ok: false, message: "No product given." });
  });
});

describe("a change from the last run", () => {
  const of = (percent: number | undefined, matched: number, before: number | undefined) => {
    const guards = { require: [], min: 1, allowEmpty: false, allowRefused: 0 };
    const run = runId("20261123T204700Z-k3m7q");
    return changeFromLast(
      { ...guards, ...(percent === undefined ? {} : { changeFromLast: percent }) },
      { already: Math.floor(matched / 2), selected: Math.ceil(matched / 2) },
      before === undefined ? undefined : { run, matched: before },
    )[0];
  };

  it.each<[percent: number, before: number, now: number, expected: readonly [ok: boolean, found: string]]>([
    [25, 100, 100, [true, "100 after 100"]],
    [25, 100, 125, [true, "125 after 100 (+25%)"]],
    [25, 100, 126, [false, "126 after 100 (+26%)"]],
    [25, 100, 75, [true, "75 after 100 (-25%)"]],
    [25, 100, 74, [false, "74 after 100 (-26%)"]],
    [25, 3, 4, [false, "4 after 3 (+33.33%)"]],
    [25, 3, 3, [true, "3 after 3"]],
    [33.4, 3, 4, [true, "4 after 3 (+33.33%)"]],
    [33.3, 3, 4, [false, "4 after 3 (+33.33%)"]],
    [0, 7, 7, [true, "7 after 7"]],
    [0, 7, 8, [false, "8 after 7 (+14.29%)"]],
    [25, 7, 0, [false, "0 after 7 (-100%)"]],
    [100, 7, 0, [true, "0 after 7 (-100%)"]],
    [100, 7, 14, [true, "14 after 7 (+100%)"]],
    [100, 7, 15, [false, "15 after 7 (+114.29%)"]],
    [25, 0, 0, [true, "0 after 0"]],
    [100, 0, 1, [false, "1 after 0"]],
    [0.57, 10_000, 10_057, [true, "10057 after 10000 (+0.57%)"]],
    [0.57, 10_000, 10_058, [false, "10058 after 10000 (+0.58%)"]],
  ])("of at most %d%%, from %d to %d: %j", (percent, before, now, [ok, found]) => {
    expect(of(percent, now, before)).toMatchObject({ guard: "change_from_last", ok, found });
  });

  it("holds in the first run, and says that there is nothing to compare with", () => {
    expect(of(25, 12, undefined)).toMatchObject({ ok: true, found: "no earlier run to compare with" });
  });

  it("is no guard of a plan that does not ask", () => {
    expect(of(undefined, 12, 1)).toBeUndefined();
  });
});

describe("an empty list", () => {
  const guards = { require: [], min: 1, allowEmpty: false, allowRefused: 0 };
  const results = (more: object, counts = zeroCounts()) =>
    evaluateGuards({ ...guards, ...more }, counts, frozen).map(({ guard, ok }) => `${guard} ${ok}`);

  it.each<[string, object, readonly string[]]>([
    ["is refused, though the plan is content with no match", { min: 0 }, ["allow_empty false", "min true"]],
    ["passes where the plan says so", { allowEmpty: true }, ["allow_empty true", "min true"]],
    ["passes whatever the fewest matches are", { allowEmpty: true, min: 5 }, ["allow_empty true", "min true"]],
  ])("%s", (_, more, expected) => {
    expect(results(more)).toEqual(expected);
  });

  it("is not a list of which nothing matches: that needs guards.min", () => {
    const counts = { ...zeroCounts(), rows: 3, "filtered-out": 3 };
    expect(results({ allowEmpty: true }, counts)).toEqual(["min false"]);
    expect(results({ min: 0 }, counts)).toEqual(["min true"]);
  });
});

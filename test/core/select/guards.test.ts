import { describe, expect, it } from "vitest";
import type { Guards } from "../../../runner/core/model/plan.ts";
import { runId } from "../../../runner/core/model/item.ts";
import { evaluateGuards } from "../../../runner/core/select/guards.ts";

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

import { describe, expect, it } from "vitest";
import type { Change } from "../../../runner/core/model/change.ts";
import { itemId, type Fields } from "../../../runner/core/model/item.ts";
import { itemStates } from "../../../runner/core/model/outcome.ts";
import { type Plan } from "../../../runner/core/model/plan.ts";
import { ExpressionError } from "../../../runner/core/model/frozen.ts";
import { traceOf, undoneBy, whyNothingGoesBack, type Standing } from "../../../runner/core/settle/undo.ts";
import { frozen } from "../../support/plan.ts";
import { productPlan } from "../../support/runs.ts";

const plan = productPlan(1, { from: 3, to: 4 });
const change = (before: Fields = { product_id: 3 }): Change => ({
  ...{ index: 0, id: itemId("7"), title: "seven", item: { device_id: 7, product_id: 3 } },
  ...{ before, after: { product_id: 4 }, request: { method: "ModifyAccount", params: {} } },
});
const trace = (standing: Partial<Standing>, more: Partial<Plan> = {}, before?: Fields) =>
  traceOf({ ...plan, ...more }, frozen, {
    change: change(before),
    standing: { state: "confirmed", credit: "ours", ...standing },
  });

describe("what a run left of an item", () => {
  it("is put back where it is confirmed and ours", () => {
    expect(trace({})).toEqual({ before: { product_id: 3 }, after: { product_id: 4 } });
  });

  it.each(["already", "refused", "not-started", "drifted", "rejected", "filtered-out"] as const)(
    "is nothing where it ended %s",
    (state) => expect(trace({ state })).toBeUndefined(),
  );

  it.each([
    ["confirmed", "unsure", "the answer was lost"],
    ["confirmed", "despite", "the service said no"],
    ["pending", "ours", "could not be seen yet"],
    ["unknown", "unsure", "not known whether the change was made"],
    ["diverged", "ours", "another value than it wrote"],
    ["vanished", "ours", "gone from the list"],
    ["unverifiable", "ours", "no read has shown"],
    ["open", "ours", "no read has shown"],
  ] as const)("stays as it is where it ended %s, by: %s", (state, credit, why) => {
    expect(trace({ state, credit })).toMatchObject({ why: expect.stringContaining(why) as string });
  });

  it("has an answer for every state", () => {
    const answers = itemStates.map((state) => trace({ state }));
    expect(answers.filter((one) => one !== undefined && "before" in one)).toHaveLength(1);
  });

  it("stays as it is where undo.unless says so, with the plan's reason, and where that can not be said", () => {
    const reason = "An empty alias is not accepted.";
    const unless = (_: unknown, before: Fields) => before.product_id === 3;
    expect(trace({}, { undo: { possible: true, reason, unless } })).toEqual({ why: reason });
    expect(trace({}, { undo: { possible: true, reason, unless: () => false } })).toHaveProperty("before");
    const fails = (): boolean => {
      throw new ExpressionError("no such key: x");
    };
    expect(trace({}, { undo: { possible: true, reason, unless: fails } })).toEqual({
      why: "undo.unless can not be evaluated: no such key: x",
    });
  });

  it("stays as it is where the old value was not kept whole", () => {
    expect(trace({}, {}, { product_id: { $withheld: true } })).toMatchObject({
      why: "the old value of product_id holds something that is never kept",
    });
  });
});

describe("nothing of a run goes back", () => {
  const because = (more: Partial<Plan["change"]>, rest: Partial<Plan> = {}) =>
    whyNothingGoesBack({ ...plan, ...rest, change: { ...plan.change, ...more } })?.why;

  it("only for a reason", () => expect(because({})).toBeUndefined());

  it.each([
    [
      "the plan says so, with its reason",
      {},
      { undo: { possible: false, reason: "Mails are out." } },
      "Mails are out.",
    ],
    ["it removed things", { sets: [], expect: { kind: "absent" } }, {}, "not in the list any more"],
    ["nothing can be read", { sets: [], expect: { kind: "accepted" } }, {}, "no read shows"],
    ["no field is set", { sets: [], expect: { kind: "expression", holds: () => true } }, {}, "sets no field"],
  ] as const)("when %s", (_, more, rest, why) => expect(because(more, rest)).toContain(why));

  it("when what it set is secret", () => {
    const fields = plan.enumerate.fields.map((field) => ({ ...field, secret: field.name === "product_id" }));
    const enumerate = { ...plan.enumerate, fields };
    expect(because({}, { enumerate })).toBe("the old value of product_id is secret, and is never kept");
  });
});

describe("the run that is taken back", () => {
  it("is named by an undo itself, by what was saved of one, and by what takes that up again", () => {
    const undone = { run: frozen.run.id, seq: 12, only: [itemId("7")] };
    expect(undoneBy({ kind: "undo", ...undone })).toEqual(undone);
    expect(undoneBy({ kind: "rerun", run: frozen.run.id, only: ["rejected"], undoes: undone })).toEqual(undone);
    expect(undoneBy({ kind: "rerun", run: frozen.run.id, only: ["rejected"] })).toBeUndefined();
    expect(undoneBy(undefined)).toBeUndefined();
  });
});

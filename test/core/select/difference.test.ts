import { expect, it } from "vitest";
import { itemId, type Item } from "../../../runner/core/model/item.ts";
import { Differences, type DecidedItem } from "../../../runner/core/select/difference.ts";
import { productPlan } from "../../support/runs.ts";

const plan = (() => {
  const base = productPlan(1, { from: 3, to: 4 });
  return { ...base, filter: base.filter.map((one) => ({ ...one, text: "item.product_id in [3, 4]" })) };
})();

const item = (id: number, product: number, as: DecidedItem["as"], more: Partial<DecidedItem> = {}): DecidedItem => ({
  id: itemId(String(id)),
  fields: { device_id: id, device_name: `DESK-${id}`, product_id: product } satisfies Item["fields"],
  as,
  ...more,
});

/** Cause, clause, changed fields and number of each group, of what is selected now and of what was then. */
function told(pairs: readonly (readonly [now: DecidedItem | undefined, then: DecidedItem | undefined])[]) {
  const differences = new Differences(plan, plan);
  for (const [now, then] of pairs) differences.look(now, then);
  const { both, selectedNow, selectedThen } = differences.told();
  const groups = ({ groups: all }: typeof selectedNow) =>
    all.map(({ cause, clause, fields, count }) => [cause, clause?.place, fields.join(), count]);
  return { both, now: groups(selectedNow), then: groups(selectedThen) };
}

it.each<[string, DecidedItem | undefined, DecidedItem | undefined, object]>([
  ["selected in both", item(1, 3, "selected"), item(1, 3, "selected"), { both: 1 }],
  ["selected in neither", item(1, 9, "filtered-out"), undefined, {}],
  ["new in the list", item(1, 3, "selected"), undefined, { now: [["appeared", undefined, "", 1]] }],
  ["gone from the list", undefined, item(1, 3, "selected"), { then: [["vanished", undefined, "", 1]] }],
  [
    "let pass by a clause, since a value changed",
    item(1, 3, "selected"),
    item(1, 9, "filtered-out", { clause: 0 }),
    { now: [["clause", 0, "product_id", 1]] },
  ],
  [
    "let pass by a clause with the same values",
    item(1, 3, "selected"),
    item(1, 3, "filtered-out", { clause: 0 }),
    { now: [["clause", 0, "", 1]] },
  ],
  [
    "left out by a clause now",
    item(1, 9, "filtered-out", { clause: 1 }),
    item(1, 3, "selected"),
    { then: [["clause", 1, "product_id", 1]] },
  ],
  ["as wanted now", item(1, 4, "already"), item(1, 3, "selected"), { then: [["desired", undefined, "product_id", 1]] }],
  [
    "not decided now",
    item(1, 3, "refused", { why: "no" }),
    item(1, 3, "selected"),
    { then: [["refused", undefined, "", 1]] },
  ],
  [
    "not among the chosen ones then",
    item(1, 3, "selected"),
    item(1, 3, "filtered-out"),
    { now: [["unchosen", undefined, "", 1]] },
  ],
])("an item that is %s", (_, now, then, wanted) => {
  expect(told([[now, then]])).toEqual({ both: 0, now: [], then: [], ...wanted });
});

it("names a few of each group with what changed, and counts them all", () => {
  const differences = new Differences(plan, plan);
  for (let id = 0; id < 9; id++) differences.look(item(id, 4, "already"), item(id, 3, "selected"));
  differences.look(undefined, item(99, 3, "selected"));
  const { selectedThen } = differences.told();
  expect(selectedThen.count).toBe(10);
  expect(selectedThen.groups.map(({ count, examples }) => [count, examples.length])).toEqual([
    [9, 5],
    [1, 1],
  ]);
  expect(selectedThen.groups[0]?.examples[0]).toEqual({
    ...{ id: "0", title: "DESK-0", shifts: { product_id: { before: 3, after: 4 } } },
  });
});

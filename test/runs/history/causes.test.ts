import { expect, it } from "vitest";
import { Causes } from "../../../runner/runs/history/causes.ts";

it("causes are counted, and of diverged items the commonest values alone are told apart", () => {
  const causes = new Causes();
  for (let value = 1; value <= 6; value++)
    for (let each = 0; each < value; each++)
      causes.add({ state: "diverged", code: "", message: "", found: { product_id: value } }, `PC-${value}-${each}`);
  causes.add({ state: "rejected", code: "13501", message: "Access denied" }, undefined);
  expect(causes.list().map(({ state, found, message, count }) => [state, found ?? message, count])).toEqual([
    ["diverged", { product_id: 6 }, 6],
    ["diverged", "other values", 6],
    ["diverged", { product_id: 5 }, 5],
    ["diverged", { product_id: 4 }, 4],
    ["rejected", "Access denied", 1],
  ]);
  expect(causes.list()[0]?.examples).toEqual(["PC-6-0", "PC-6-1", "PC-6-2"]);
});

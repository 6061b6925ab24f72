import fc from "fast-check";
import { expect, it } from "vitest";
import { LargestGroups } from "../../../runner/core/select/largest.ts";

function largestOf(values: readonly (string | number | null)[], most?: number) {
  const groups = new LargestGroups({ partner_id: "customer" }, most);
  for (const customer of values) groups.count({ customer });
  return groups.told().partner_id;
}

it("tells the largest group by the name that was asked for", () => {
  expect(largestOf(["a", "b", "a", "a"])).toEqual({ name: "a", items: 3, percent: 75 });
});

it("counts items without a value as a group", () => {
  expect(largestOf([null, null, 7])).toMatchObject({ name: "null", items: 2 });
});

it("tells a group of none where nothing was counted", () => {
  expect(largestOf([])).toEqual({ name: "", items: 0, percent: 0 });
});

it("is exact while its memory lasts, and never too small beyond", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 14 }),
      (all, most) => {
        const counts = new Map<number, number>();
        for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
        const exact = Math.max(...counts.values());
        const { items } = largestOf(all, most) ?? { items: -1 };
        if (counts.size <= most) expect(items).toBe(exact);
        expect(items).toBeGreaterThanOrEqual(exact);
        expect(items - exact).toBeLessThanOrEqual(all.length / (most + 1));
      },
    ),
  );
});

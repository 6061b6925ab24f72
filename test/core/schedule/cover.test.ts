import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cover } from "../../../runner/core/schedule/cover.ts";

type Row = Readonly<Record<string, string | number | null>>;

function orderOf(rows: readonly Row[], fields: readonly string[], first: number): number[] {
  const cover = new Cover(fields);
  for (const row of rows) cover.look(row);
  return [...cover.order(first)];
}

const os = (...names: readonly string[]): Row[] => names.map((name) => ({ os: name }));

describe("a first wave that covers", () => {
  it.each<[string, readonly Row[], number, readonly number[]]>([
    ["takes one of each value, in order, and then as it comes", os("w", "w", "l", "m", "w"), 3, [0, 2, 3, 1, 4]],
    ["fills up with whoever comes next where there are fewer values", os("w", "w", "l"), 3, [0, 2, 1]],
    ["takes the earliest of several that bring the same", os("w", "l", "l"), 2, [0, 1, 2]],
    ["has as many values as fit", os("a", "b", "c"), 2, [0, 1, 2]],
    ["is empty where nothing is", [], 3, []],
    ["counts an empty value as one", [{ os: null }, { os: null }, { os: "w" }], 2, [0, 2, 1]],
  ])("%s", (_, rows, first, expected) => {
    expect(orderOf(rows, ["os"], first)).toEqual(expected);
  });

  it("prefers the item that brings most values", () => {
    const rows: Row[] = [
      { os: "w", product: 1 },
      { os: "w", product: 2 },
      { os: "l", product: 3 },
    ];
    // The first brings two, then the third brings two, the second only one.
    expect(orderOf(rows, ["os", "product"], 2)).toEqual([0, 2, 1]);
  });

  it("is an order of all items, and covers no less than the first items would", () => {
    const row = fc.record({ os: fc.constantFrom("w", "l", "m"), product: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), fc.nat(12), (rows, first) => {
        const order = orderOf(rows, ["os", "product"], first);
        expect([...order].sort((a, b) => a - b)).toEqual(rows.map((_, index) => index));
        const values = (indexes: readonly number[]): number =>
          new Set(indexes.flatMap((index) => [`os ${rows[index]?.os}`, `product ${rows[index]?.product}`])).size;
        const plain = rows.slice(0, first).map((_, index) => index);
        expect(values(order.slice(0, first))).toBeGreaterThanOrEqual(values(plain));
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itemId } from "../../../runner/core/model/item.ts";
import { KeyIndex } from "../../../runner/core/tally/key-index.ts";
import { bytesInUse } from "../../support/heap.ts";

const anyId = fc.oneof(
  fc.nat({ max: 50 }).map(String),
  fc.maxSafeNat().map(String),
  fc.constantFrom("0", "00", "-0", "-1", "007", "1e3", " 1", "1 ", "", "9007199254740991", "9007199254740992"),
  fc.constantFrom("9007199254740993", "99999999999999999999", "0x10", "١", "device-a", "__proto__", "1.0"),
  fc.string(),
);

describe("which place an item has", () => {
  it("answers as a Map does, for ids of any shape", () => {
    fc.assert(
      fc.property(fc.array(anyId, { maxLength: 300 }), fc.array(anyId), fc.boolean(), (anyOrder, others, isSorted) => {
        const ids = isSorted ? anyOrder.toSorted((left, right) => Number(left) - Number(right)) : anyOrder;
        const index = new KeyIndex();
        const map = new Map<string, number>();
        ids.forEach((id, place) => {
          expect(index.set(itemId(id), place)).toBe(!map.has(id));
          if (!map.has(id)) map.set(id, place);
        });
        expect(index.size).toBe(map.size);
        for (const id of [...ids, ...others]) expect(index.get(itemId(id))).toBe(map.get(id));
      }),
    );
  });

  it("tells apart ids that a number would make equal", () => {
    const index = new KeyIndex();
    const alike = ["7", "07", "7.0", " 7", "9007199254740992", "9007199254740993"];
    alike.forEach((id, place) => expect(index.set(itemId(id), place)).toBe(true));
    expect(alike.map((id) => index.get(itemId(id)))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("keeps the first place of an id that comes twice", () => {
    const index = new KeyIndex();
    expect(index.set(itemId("5"), 1)).toBe(true);
    expect(index.set(itemId("5"), 2)).toBe(false);
    expect(index.get(itemId("5"))).toBe(1);
  });

  it.each([
    ["rise", 4.1, (place: number) => 3_000_000_000 + place * 7],
    ["rise in wide steps", 8.1, (place: number) => place * 5_000_000_000],
    ["come in any order", 22, (place: number) => 3_000_000_000 + ((place * 7_919) % 500_009)],
  ])("holds half a million ids that %s in at most %d bytes each", (_, bytes, idAt) => {
    const count = 500_000;
    const before = bytesInUse();
    const index = new KeyIndex();
    let known = 0;
    for (let place = 0; place < count; place++) known += Number(!index.set(itemId(String(idAt(place))), place));
    expect(known).toBe(0);
    expect(bytesInUse() - before).toBeLessThan(bytes * count + 512 * 1024);
    expect(index.size).toBe(count);
    for (let place = 0; place < count; place += 997) {
      expect(index.get(itemId(String(idAt(place))))).toBe(place);
    }
    expect(index.get(itemId("2999999999"))).toBeUndefined();
  });
});

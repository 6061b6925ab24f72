import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FieldFacts } from "../../runner/core/model/catalogue.ts";
import { itemId, type Item } from "../../runner/core/model/item.ts";
import type { ChangeSet } from "../../runner/core/model/run-ports.ts";
import { bytesInUse } from "../support/heap.ts";
import { FirstList, LaterList } from "../../runner/engine/two-lists.ts";

const field = (name: string): FieldFacts => ({
  ...{ name, source: name, spellings: [name], type: "integer", volatile: false, secret: false },
});
const fields = { own: [field("own")], others: [field("other")] };
const item = (id: number, own: number, other: number): Item => ({ id: itemId(String(id)), fields: { own, other } });

/** As much of a change set as the two lists ask for. */
function changing(ids: readonly string[]): ChangeSet {
  return {
    size: ids.length,
    indexOf: (id: string) => (ids.includes(id) ? ids.indexOf(id) : undefined),
    at: () => Promise.reject(new Error("nobody asks")),
  };
}

const rows = fc.uniqueArray(fc.tuple(fc.nat(20), fc.nat(1), fc.nat(1)), { selector: ([id]) => id, maxLength: 15 });

describe("two lists", () => {
  it("differ as a plain comparison of every row says, whatever was selected and touched", () => {
    fc.assert(
      fc.property(rows, rows, fc.func(fc.nat(2)), (before, after, decided) => {
        const standing = (id: number): number => decided(id);
        const selected = before.map(([id]) => id).filter((id) => standing(id) > 0);
        const first = new FirstList(fields, changing(selected.map(String)), before.length);
        for (const row of before) first.add(item(...row));
        const later = new LaterList(first, (id) => selected.includes(Number(id)) && standing(Number(id)) === 2);
        later.see(after.map((row) => item(...row)));

        const was = new Map(before.map((row) => [row[0], row]));
        const differs = ([id, own, other]: readonly [number, number, number]): boolean => {
          const old = was.get(id);
          return old !== undefined && (old[2] !== other || (old[1] !== own && standing(id) !== 2));
        };
        const wanted = after.filter(differs).map(([id]) => id);
        expect(later.touched).toBe(wanted.filter((id) => standing(id) === 2).length);
        expect(later.untouched).toBe(wanted.filter((id) => standing(id) !== 2).length);
        expect(later.appeared.count).toBe(after.filter(([id]) => !was.has(id)).length);
        for (const [id] of before) {
          const is = wanted.includes(id) ? "differing" : after.some(([one]) => one === id) ? "same" : "missing";
          expect(later.at(itemId(String(id))).is).toBe(is);
        }
      }),
    );
  });

  it("that differ in more items than are kept: all are counted", () => {
    const count = LaterList.mostKept + 5;
    const first = new FirstList(fields, changing([]), count);
    for (let id = 0; id < count; id++) first.add(item(id, 1, 1));
    const later = new LaterList(first, () => false);
    later.see(Array.from({ length: count }, (_, id) => item(id, 1, 2)));
    expect(later.untouched).toBe(count);
    expect(later.at(itemId("0")).is).toBe("differing");
    expect(later.at(itemId(String(count - 1))).is).toBe("counted");
  });

  it("cost 13 bytes a row, and 8 more an item that is to change", () => {
    const size = 300_000;
    const before = bytesInUse();
    const first = new FirstList(fields, { size, indexOf: (id: string) => Number(id) } as unknown as ChangeSet, size);
    for (let id = 0; id < size; id++) first.add(item(id, 1, 1));
    const later = new LaterList(first, () => true);
    const bytes = (bytesInUse() - before) / size;
    expect(bytes).toBeGreaterThan(18);
    expect(bytes).toBeLessThan(24);
    expect(later.touched).toBe(0);
  });
});

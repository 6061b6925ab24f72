import fc from "fast-check";
import { expect, it } from "vitest";
import { IncompleteError } from "../../../runner/core/model/errors.ts";
import { itemId } from "../../../runner/core/model/item.ts";
import { AgreedPasses } from "../../../runner/core/select/agreement.ts";

/** Reads pages of `size` from a list that `move` may change before each of them. */
function read(
  list: number[],
  size: number,
  move: (request: number) => void,
): { readonly rows: number[]; readonly requests: number } {
  const passes = new AgreedPasses<number>(1, (row) => itemId(String(row)), "hint");
  const rows: number[] = [];
  for (let requests = 1; ; requests++) {
    const number = passes.next();
    if (number === undefined) return { rows, requests: requests - 1 };
    move(requests);
    rows.push(...passes.take(list.slice((number - 1) * size, number * size)));
  }
}

it("gives every row of a list that keeps still, in order, in two passes", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(500), { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (list, size) => {
      const pages = Math.ceil(list.length / size) + 1;
      expect(read(list, size, () => undefined)).toEqual({ rows: list, requests: 2 * pages });
    }),
  );
});

it("gives all that stays, each row once, or nothing is whole, when rows come and go in one pass", () => {
  const edits = fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat(30), fc.boolean()), { maxLength: 6 });
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 25 }), edits, (start, moves) => {
      const list = [...start];
      const stay = start.filter((row) => !moves.some(([, moved]) => moved === row));
      // Pages of the first pass alone: it ends with an empty one.
      const move = (request: number): void => {
        if (request > Math.floor(stay.length / 4) + 1) return;
        for (const [when, row] of moves.filter(([at]) => at === request)) {
          const place = list.indexOf(row);
          if (place >= 0) list.splice(place, 1);
          else list.splice(when % (list.length + 1), 0, row);
        }
      };
      try {
        const { rows } = read(list, 4, move);
        expect(new Set(rows).size).toBe(rows.length);
        expect(rows).toEqual(expect.arrayContaining(stay));
      } catch (error) {
        expect(error).toBeInstanceOf(IncompleteError);
      }
    }),
    { numRuns: 2000 },
  );
});

it("believes no row of a list that is never the same twice", () => {
  let next = 0;
  const list: number[] = [];
  const move = (): void => void list.splice(0, list.length, next++, next++);
  expect(() => read(list, 4, move)).toThrow(IncompleteError);
});

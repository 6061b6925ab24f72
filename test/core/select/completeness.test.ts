import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IncompleteError } from "../../../runner/core/model/errors.ts";
import { itemId } from "../../../runner/core/model/item.ts";
import { WholeList, type PageRequest } from "../../../runner/core/select/completeness.ts";

type Serve = (page: PageRequest, request: number) => readonly number[];

/** Read a list that `serve` answers page by page. */
function readAll(serve: Serve, pageSize = 3): number[] {
  const whole = new WholeList<number>(pageSize, (row) => itemId(String(row)));
  const given: number[] = [];
  let requests = 0;
  for (let page = whole.next(); page !== undefined; page = whole.next()) {
    if (++requests > 5000) throw new Error("does not end");
    const rows = serve(page, requests);
    given.push(...whole.take(rows));
  }
  return given;
}

const still =
  (rows: readonly number[], cap = Infinity): Serve =>
  ({ start, count }) =>
    rows.slice(start, start + Math.min(count, cap));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => 8 + index * 3);

describe("a list that stands still", () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 30])("of %i rows is read whole, in order, each row once", (count) => {
    expect(readAll(still(upTo(count)))).toEqual(upTo(count));
  });
  it("is read whole at whatever smaller page size the server really has", () => {
    for (const cap of [2, 3, 5, 499]) expect(readAll(still(upTo(1200), cap), 500)).toEqual(upTo(1200));
  });
  it("may come in any order that begins as one", () => {
    const shuffled = [9, 4, 7, 1, 8, 2, 30, 12, 11];
    expect(readAll(still(shuffled))).toEqual(shuffled);
  });
  it.each<[string, number[]]>([
    ["as text", [100, 101, 102, 103, 97, 98, 99]],
    ["customer by customer", [1, 4, 7, 10, 2, 5, 8, 3, 6, 9]],
  ])("may be sorted %s, which looks like the order of the key on the first page", (_name, rows) => {
    expect(readAll(still(rows))).toEqual(rows);
  });
  it("is looked at behind its last row only once that row came alone", () => {
    const beyond: boolean[] = [];
    readAll((page) => {
      beyond.push(page.isBeyond);
      return still(upTo(5))(page, 0);
    });
    expect(beyond).toEqual([false, false, false, true]);
  });
});

describe("T13: a list that moves while it is read", () => {
  interface Step {
    readonly add: boolean;
    readonly at: number;
  }
  const steps = fc.array(fc.option(fc.record({ add: fc.boolean(), at: fc.nat(60) }), { freq: 2 }), { maxLength: 40 });
  const change = (rows: number[], step: Step): void => {
    if (!step.add) rows.splice(step.at % Math.max(1, rows.length), 1);
    else if (!rows.includes(step.at * 3 + 1)) rows.push(step.at * 3 + 1);
    rows.sort((left, right) => left - right);
  };
  const moving = (
    size: number,
    script: readonly (Step | null)[],
  ): { serve: Serve; always: number[]; ever: number[] } => {
    const rows = upTo(size);
    const always = new Set(rows);
    const ever = new Set(rows);
    const serve: Serve = (page, request) => {
      const step = script[request - 2];
      if (request > 1 && step !== null && step !== undefined) change(rows, step);
      rows.forEach((row) => ever.add(row));
      [...always].filter((row) => !rows.includes(row)).forEach((row) => always.delete(row));
      return still(rows)(page, request);
    };
    return {
      serve,
      get always() {
        return [...always];
      },
      get ever() {
        return [...ever];
      },
    };
  };

  it("gives every row that was there the whole time exactly once, or refuses", () => {
    let whole = 0;
    fc.assert(
      fc.property(fc.nat(20), fc.integer({ min: 2, max: 6 }), steps, (size, pageSize, script) => {
        const list = moving(size, script);
        try {
          const given = readAll(list.serve, pageSize);
          whole += 1;
          expect(new Set(given).size).toBe(given.length);
          expect(list.always.filter((row) => !given.includes(row))).toEqual([]);
          expect(given.filter((row) => !list.ever.includes(row))).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(IncompleteError);
        }
      }),
      { numRuns: 500 },
    );
    expect(whole).toBeGreaterThan(50);
  });

  it("starts again when a row before the boundary is removed, and gives nothing of the page it could not prove", () => {
    const rows = upTo(10);
    const serve: Serve = (page, request) => {
      if (request === 2) rows.shift();
      return still(rows)(page, request);
    };
    expect(readAll(serve)).toEqual(upTo(10).slice(1));
  });
});

it("is not fooled by a page that leaves out a row: all of a list that stands still, or nothing", () => {
  // Two slips in a row can hide each other: an end that is confirmed by a page that leaves out what was behind it.
  const request = fc.integer({ min: 1, max: 8 }).map((half) => half * 2);
  const slips = fc.array(fc.record({ request, place: fc.nat(6) }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 2, max: 6 }), slips, (size, pageSize, script) => {
      const rows = upTo(size);
      const serve: Serve = (page, number) => {
        const left = script.filter((slip) => slip.request === number).map(({ place }) => place);
        return still(rows)(page, number).filter((_row, place) => !left.includes(place));
      };
      try {
        expect(readAll(serve, pageSize)).toEqual(rows);
      } catch (error) {
        expect(error).toBeInstanceOf(IncompleteError);
      }
    }),
    { numRuns: 500 },
  );
});

describe("T13: a server that pages badly is refused", () => {
  const rows = upTo(10);
  const cases: Record<string, Serve> = {
    "repeats the first page for ever": ({ count }) => rows.slice(0, count),
    "gives the whole list whatever is asked": () => rows,
    "never gives more than one row": ({ start }) => rows.slice(start, start + 1),
    "answers an empty page in the middle": ({ start, count }) => (start > 3 ? [] : rows.slice(start, start + count)),
    "loses a row inside a page": ({ start, count }) =>
      rows.slice(start, start + count).filter((_, place) => start === 0 || place !== 1 || start > 7),
    "gives a row twice half way": still([1, 2, 3, 4, 5, 2, 6, 7]),
    "gives a row twice in no order": still([9, 4, 7, 1, 9, 2]),
    "fills a list it first called empty": (_page, request) => (request % 2 === 1 ? [] : rows),
  };
  it.each(Object.keys(cases))("%s", (name) => {
    expect(() => readAll(cases[name]!)).toThrow(IncompleteError);
  });
  it("and the message says where the list moved, or that the first page came again", () => {
    expect(() => readAll(cases["never gives more than one row"]!)).toThrow(/nothing from row 1 on, and is now/);
    expect(() => readAll(cases["repeats the first page for ever"]!)).toThrow(/row 2 on, the first page came again/);
  });
});

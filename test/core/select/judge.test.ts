import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExpressionError, type Frozen } from "../../../runner/core/model/frozen.ts";
import { itemId, runId, type Item } from "../../../runner/core/model/item.ts";
import type { Clause, Plan } from "../../../runner/core/model/plan.ts";
import { decide } from "../../../runner/core/select/decide.ts";
import { judge, onlyFailing, placesOf } from "../../../runner/core/select/judge.ts";
import { NearMisses } from "../../../runner/core/select/near-misses.ts";
import { productPlan } from "../../support/runs.ts";

const frozen: Frozen = {
  now: 1_795_000_000,
  login: { user_id: 1, partner_id: 1, name: "x" },
  run: { id: runId("20261123T204700Z-k3m7q"), started: 1_795_000_000 },
};

/** What a clause is to say of an item: `t`rue, `f`alse or an `e`rror. */
type Says = "t" | "f" | "e";

const clause = (place: number): Clause => ({
  text: `item.c${place} == "t"`,
  line: 10 + place,
  holds: (_, { fields }) => {
    if (fields[`c${place}`] === "e") throw new ExpressionError(`c${place} can not be told`, "ask somebody");
    return fields[`c${place}`] === "t";
  },
});

const planOf = (clauses: number, more: Partial<Plan> = {}): Plan => {
  const plan = productPlan(1, { from: 3, to: 4 });
  return { ...plan, filter: Array.from({ length: clauses }, (_, place) => clause(place)), ...more };
};

const itemOf = (says: readonly Says[], product = 3, id = 7): Item => ({
  id: itemId(String(id)),
  fields: {
    ...{ device_id: id, device_name: `DESK-${id}`, product_id: product },
    ...Object.fromEntries(says.map((one, place) => [`c${place}`, one])),
  },
});

describe("the clauses of a filter, on one item", () => {
  it.each<[readonly Says[], readonly string[], number | undefined]>([
    [["t", "t", "t"], ["true", "true", "true"], undefined],
    [["t", "f", "t"], ["true", "false", "true"], 1],
    [["f", "t", "f"], ["false", "true", "false"], undefined],
    [["f", "e", "t"], ["false", "error", "true"], undefined],
    [["e", "t", "t"], ["error", "true", "true"], undefined],
    [["f"], ["false"], 0],
    [[], [], undefined],
  ])("of %j are all judged, whatever the ones before them say", (says, results, only) => {
    const judged = judge(planOf(says.length), frozen, itemOf(says));
    expect(judged.map(({ result }) => result)).toEqual(results);
    expect(onlyFailing(judged)?.place).toBe(only);
  });

  it("say why they can not be evaluated", () => {
    expect(judge(planOf(1), frozen, itemOf(["e"]))).toEqual([
      { result: "error", why: "c0 can not be told", hint: "ask somebody" },
    ]);
  });

  it("about what is read of an item by itself are not judged where it was not read", () => {
    const [first, second] = [clause(0), { ...clause(1), late: true }];
    const [field] = productPlan(1, { from: 3, to: 4 }).enumerate.fields;
    const reads = [
      { method: "Read", when: "before", fields: [{ ...field!, name: "c1" }], params: () => ({}), take: () => ({}) },
    ] as const;
    const plan = planOf(0, { filter: [first, second], reads });
    const unread = judge(plan, frozen, itemOf(["f"]));
    expect(unread.map(({ result }) => result)).toEqual(["false", "unread"]);
    expect(onlyFailing(unread)).toEqual({ place: 0, isSure: false });
    const read = judge(plan, frozen, itemOf(["t", "f"]));
    expect(onlyFailing(read)).toEqual({ place: 1, isSure: true });
    const near = new NearMisses(plan, frozen, 2);
    near.look(itemOf(["f"]));
    near.look(itemOf(["t", "f"], 3, 8));
    expect(near.told().map(({ clause: { place }, count, unread: unjudged }) => [place, count, unjudged])).toEqual([
      [1, 1, 0],
      [0, 0, 1],
    ]);
  });

  it("name the fields that they are about, and where they stand", () => {
    const texts = ["item.product_id == 3", "item . device_name == 'item.device_id'", "item.product_id2 == 1"];
    const filter = texts.map((text, place) => ({ text, line: place + 5, holds: () => true }));
    expect(placesOf(planOf(0, { filter })).map(({ line, names }) => [line, names])).toEqual([
      [5, ["product_id"]],
      [6, ["device_id", "device_name"]],
      [7, []],
    ]);
    expect(placesOf(planOf(1, { undoes: frozen.run.id }))[0]).not.toHaveProperty("line");
  });
});

describe("near misses", () => {
  const says = fc.constantFrom<Says>("t", "t", "f", "f", "e");
  const lists = fc.integer({ min: 1, max: 4 }).chain((clauses) =>
    fc.record({
      clauses: fc.constant(clauses),
      items: fc.array(fc.tuple(fc.array(says, { minLength: clauses, maxLength: clauses }), fc.constantFrom(3, 4)), {
        maxLength: 40,
      }),
    }),
  );

  /** Clauses whose contrary would let an item pass, found by trying each. */
  function flipped(plan: Plan, item: Item): readonly (readonly [place: number, as: string])[] {
    return plan.filter.flatMap((one, place) => {
      const contrary = { ...one, holds: (at: Frozen, about: Item) => !one.holds(at, about) };
      const { as } = decide({ ...plan, filter: plan.filter.with(place, contrary) }, frozen, item);
      const isOut = decide(plan, frozen, item).as === "filtered-out";
      return isOut && (as === "selected" || as === "already") ? [[place, as] as const] : [];
    });
  }

  it("are exactly the items that the contrary of one clause would select (property)", () => {
    fc.assert(
      fc.property(lists, ({ clauses, items }) => {
        const plan = planOf(clauses);
        const near = new NearMisses(plan, frozen, 3);
        const wanted = new Map<string, number>();
        for (const [place, [one, product]] of items.entries()) {
          const item = itemOf(one, product, place);
          near.look(item);
          for (const [clauseAt, as] of flipped(plan, item))
            wanted.set(`${clauseAt} ${as}`, (wanted.get(`${clauseAt} ${as}`) ?? 0) + 1);
        }
        const found = near
          .told()
          .flatMap(({ clause: { place }, would }) =>
            (["selected", "already"] as const).flatMap((as) =>
              would[as] === 0 ? [] : [[`${place} ${as}`, would[as]] as const],
            ),
          );
        expect(new Map(found)).toEqual(wanted);
        for (const { count, would, examples } of near.told()) {
          expect(would.selected + would.already + would.refused + would.unknown).toBe(count);
          expect(examples.length).toBe(Math.min(3, count));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("come commonest first, with the fields that the clause names", () => {
    const filter = [
      { text: "item.product_id == 3", line: 4, holds: (_: Frozen, { fields }: Item) => fields.product_id === 3 },
      clause(1),
    ];
    const near = new NearMisses(planOf(0, { filter }), frozen, 1);
    near.look(itemOf(["t", "f"], 3, 1));
    near.look(itemOf(["t", "t"], 9, 2));
    near.look(itemOf(["t", "t"], 4, 3));
    expect(near.told()).toEqual([
      {
        clause: { place: 0, text: "item.product_id == 3", line: 4, names: ["product_id"] },
        count: 2,
        would: { selected: 1, already: 1, refused: 0, unknown: 0 },
        unread: 0,
        examples: [{ id: "2", title: "DESK-2", fields: { product_id: 9 } }],
      },
      expect.objectContaining({ count: 1, clause: expect.objectContaining({ place: 1 }) as unknown }),
    ]);
  });
});

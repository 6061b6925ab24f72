import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FieldFacts } from "../../../runner/core/model/catalogue.ts";
import type { AlsoChanged } from "../../../runner/core/model/collateral.ts";
import { itemId, type Fields, type Value } from "../../../runner/core/model/item.ts";
import type { Plan } from "../../../runner/core/model/plan.ts";
import {
  batchesOf,
  comparedFields,
  groupsOf,
  oursAmong,
  printOf,
  shiftsOf,
  type Findings,
} from "../../../runner/core/settle/collateral.ts";
import { productPlan } from "../../support/runs.ts";

const field = (name: string, more: Partial<FieldFacts> = {}): FieldFacts => ({
  ...{ name, source: name, spellings: [name], type: "string", volatile: false, secret: false },
  ...more,
});

const changed = (id: number, ...names: readonly string[]): AlsoChanged => ({
  id: itemId(String(id)),
  title: `item ${id}`,
  fields: Object.fromEntries(names.map((name) => [name, { before: 1, after: 2 }])),
});

const kind = (items: readonly AlsoChanged[], count = items.length) => ({ count, items });
const findings = (more: Partial<Findings> = {}): Findings => ({
  ...{ touched: kind([]), untouched: kind([]), appeared: kind([]), vanished: kind([]) },
  ...more,
});
const many = (count: number, ...names: readonly string[]) =>
  Array.from({ length: count }, (_, place) => changed(place, ...names));

describe("the fields that are held against each other", () => {
  const plan = productPlan(1, { from: 3, to: 4 });
  const having = (fields: readonly FieldFacts[], more: Partial<Plan> = {}): Plan => ({
    ...plan,
    ...more,
    enumerate: { ...plan.enumerate, ...more.enumerate, fields },
  });
  const names = (of: Plan) => {
    const { own, others } = comparedFields(of);
    return [own, others].map((some) => some.map(({ name }) => name));
  };

  it("are those of the list; what the change is about stands apart", () => {
    expect(names(having([field("device_id"), field("product_id"), field("note")]))).toEqual([
      ["product_id"],
      ["device_id", "note"],
    ]);
  });

  it("what shows the name of what is set changes with it", () => {
    const named = field("product_name", { source: "I10", follows: "I9" });
    const fields = [
      field("product_id", { source: "I9" }),
      named,
      field("profile_name", { source: "I56", follows: "I54" }),
    ];
    expect(names(having(fields))).toEqual([["product_id", "product_name"], ["profile_name"]]);
  });

  it("are not those that change by themselves or are secret", () => {
    const fields = [
      field("size", { volatile: true }),
      field("key", { secret: true }),
      field("word", { type: "secret" }),
      field("note"),
    ];
    expect(names(having(fields))).toEqual([[], ["note"]]);
  });

  it("are not those that are read of each item by itself, or made of others", () => {
    const [made, read] = [field("made", { source: "" }), field("read")];
    const reads = [{ method: "Get", when: "before", fields: [read], params: () => ({}), take: () => ({}) }] as const;
    const whole = having([field("note"), made, read], { reads });
    expect(names({ ...whole, enumerate: { ...whole.enumerate, asked: [field("note"), read] } })).toEqual([
      [],
      ["note"],
    ]);
  });

  it("a set column under another name is what the change is about too", () => {
    const fields = [field("product_id", { source: "PD" }), field("tier", { source: "PD" }), field("note")];
    expect(names(having(fields))).toEqual([["product_id", "tier"], ["note"]]);
  });

  it("what the plan looks at to see whether it is done is what the change is about", () => {
    const change = { ...plan.change, looks: ["product_id", "state"] };
    expect(names(having([field("product_id"), field("state"), field("note")], { change }))).toEqual([
      ["product_id", "state"],
      ["note"],
    ]);
  });
});

describe("a field of a touched item is a side effect", () => {
  const scope = { touched: 6, untouched: 54 };
  const ours = (found: Partial<Findings>, of = scope) => [...oursAmong(findings(found), of)];

  it.each([
    ["where it changed on all of them and on no other", [many(6, "a"), []], scope, true],
    ["where it changed on half of them", [many(3, "a"), []], scope, true],
    ["but not on less than half", [many(2, "a"), []], scope, false],
    ["but not on one alone, of however many", [many(1, "a"), []], { touched: 1, untouched: 100_000 }, false],
    ["but not where an untouched one changed too", [many(6, "a"), many(1, "a")], scope, false],
    ["whatever else the untouched ones changed", [many(6, "a"), many(1, "b")], scope, true],
    ["but not where everything was touched", [many(60, "a"), []], { touched: 60, untouched: 0 }, false],
    ["but not where that may be chance", [many(2, "a"), []], { touched: 2, untouched: 3 }, false],
    ["two of two among many", [many(2, "a"), []], { touched: 2, untouched: 58 }, true],
  ] as const)("%s", (_, [touched, untouched], of, isOurs) => {
    expect(ours({ touched: kind(touched), untouched: kind(untouched) }, of)).toEqual(isOurs ? ["a"] : []);
  });

  it("but not where more untouched items changed than are known", () => {
    expect(ours({ touched: kind(many(6, "a")), untouched: kind(many(1, "b"), 2) })).toEqual([]);
  });

  it("also where not all touched ones are known, as far as those go", () => {
    expect(ours({ touched: kind(many(100, "a"), 500) }, { touched: 500, untouched: 500 })).toEqual(["a"]);
  });
});

describe("items under their causes", () => {
  it("an item whose fields have two causes is in both, each time with its own", () => {
    const touched = [...many(5, "a"), changed(9, "a", "b")];
    const batches = batchesOf(findings({ touched: kind(touched) }), new Set(["a"]), () => true);
    expect(batches.map(({ cause, items }) => [cause, items.length])).toEqual([
      ["ours", 6],
      ["unknown", 1],
    ]);
    expect(batches[1]!.items).toEqual([changed(9, "b")]);
  });

  it("a touched item that is gone is nobody's in particular, an untouched one is not ours", () => {
    const batches = batchesOf(findings({ vanished: kind([changed(1), changed(2)]) }), new Set(), (id) => id === "1");
    expect(batches.map(({ cause, items }) => [cause, items[0]!.id])).toEqual([
      ["unknown", "1"],
      ["elsewhere", "2"],
    ]);
  });

  it("are grouped by field, commonest first, with three examples", () => {
    const items = [changed(10, "b"), ...many(5, "a")];
    const groups = groupsOf([{ what: "untouched", cause: "elsewhere", items }]);
    expect(groups.map(({ field: name, count, examples }) => [name, count, examples.length])).toEqual([
      ["a", 5, 3],
      ["b", 1, 1],
    ]);
    expect(groups[1]!.examples).toEqual([{ id: "10", title: "item 10", before: 1, after: 2 }]);
  });
});

const specs = [
  field("text"),
  field("set", { type: "set" }),
  field("zero", { type: "integer", zeroIsUnset: true }),
  field("object", { type: "object" }),
];
const scalar = fc.oneof(fc.string({ maxLength: 3 }), fc.integer({ min: 0, max: 2 }), fc.constant(null));
const values = fc.record({
  text: scalar,
  set: fc.array(fc.constantFrom("x", "y"), { maxLength: 3 }),
  zero: fc.constantFrom(0, 1, null),
  object: fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }), fc.dictionary(fc.constantFrom("m", "n"), scalar)),
}) as fc.Arbitrary<Fields>;

/** Written for the test alone. */
function isAlike(name: string, left: Value, right: Value): boolean {
  if (name === "zero") return (left ?? 0) === (right ?? 0);
  if (name === "set") return text(new Set(left as string[])) === text(new Set(right as string[]));
  return text(left) === text(right);
}

function text(value: unknown): string {
  if (value instanceof Set) return text([...(value as Set<unknown>)].sort());
  const sorted = (_: string, one: unknown): unknown =>
    one !== null && typeof one === "object" && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one;
  return JSON.stringify(value, sorted);
}

describe("what an item looks like", () => {
  it("differs exactly in the fields in which a plain comparison finds a difference, and so does its print", () => {
    fc.assert(
      fc.property(values, values, (before, after) => {
        const wanted = specs.map(({ name }) => name).filter((name) => !isAlike(name, before[name]!, after[name]!));
        expect(Object.keys(shiftsOf(specs, before, after))).toEqual(wanted);
        expect(printOf(specs, before) === printOf(specs, after)).toBe(wanted.length === 0);
      }),
    );
  });

  it("is the same where a field is left out and where it is not set", () => {
    expect(printOf(specs, {})).toBe(printOf(specs, { text: null, set: [], zero: 0, object: null }));
  });
});

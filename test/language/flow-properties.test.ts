import fc from "fast-check";
import { expect, it } from "vitest";
import { ExpressionError } from "../../runner/core/model/frozen.ts";
import type { CelMap } from "../../runner/language/cel.ts";
import { ExpressionFaults, Scope, type Expression, type RecordType } from "../../runner/language/expression.ts";

const row: RecordType = { kind: "row", members: { id: "int", to: "int" }, about: { to: { mayBeNull: true } } };
const scope = new Scope({
  item: {
    kind: "item",
    members: { a: "int", b: "int", c: "int", s: "string", l: "list", m: "list" },
    about: {
      ...{ a: { mayBeNull: true }, b: { mayBeNull: true }, s: { mayBeNull: true } },
      ...{ l: { mayBeNull: true, holdsNull: true }, m: { holdsNull: true } },
    },
  },
  inputs: { kind: "inputs", members: { k: "int", ids: "list<int>" }, about: { k: { mayBeNull: true } } },
  lookup: { kind: "lookup", members: { rows: { listOf: row }, ids: "list<int>" } },
});
const numbers = [null, 0, 5];
const lists = [
  { l: null, m: [null, 5], k: 5, to: null },
  { l: [0, 5], m: [], k: null, to: 5 },
  { l: [null], m: [5, 0], k: null, to: null },
  { l: [5, null], m: [null], k: 0, to: 0 },
  { l: null, m: [0], k: null, to: 5 },
];
/** Every combination of what an item may have with some of what lists may hold. */
const worlds: readonly CelMap[] = numbers
  .flatMap((a) => numbers.flatMap((b) => [0, 5].flatMap((c) => [null, "", "x"].map((s) => ({ a, b, c, s })))))
  .flatMap((item, place) =>
    [place, place + 2].map((at) => {
      const { l, m, k, to } = lists[at % lists.length]!;
      const rows = [
        { id: 5, to },
        { id: 0, to: 5 },
      ];
      return { item: { ...item, l, m }, inputs: { k, ids: [5] }, lookup: { rows, ids: [0, 5] } };
    }),
  );

/** Another seed tries other conditions. */
const seed = Number(process.env.FLOW_SEED ?? 7);
const numRuns = Number(process.env.FLOW_RUNS ?? 1000);

/** Of one element of a list, and of one row. */
const tests = ["v != null", "v == null", "v > 0", "v == item.a", "has(v)", "v != 0", "v in item.m", "v < inputs.k"];
const rowTests = ["r.to != null", "r.to == item.a", "r.to > 0", "r.id > item.c", "has(r.to)", "r.to != inputs.k"];
const results = ["v", "v", "coalesce(v, item.a)", "v + 1", "item.b", "coalesce(v, 0)"];

const conditions = fc.letrec<{ number: string; text: string; list: string; rows: string; condition: string }>(
  (tie) => ({
    number: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom("item.a", "item.a", "item.b", "item.c", "inputs.k", "5", "0", "-1"),
      tie("list").map((x) => `size(${x})`),
      tie("number").map((x) => `-(${x})`),
      fc.tuple(tie("number"), tie("number")).map(([x, y]) => `coalesce(${x}, ${y})`),
      fc.tuple(tie("number"), tie("number")).map(([x, y]) => `(${x} + ${y})`),
      fc.tuple(tie("condition"), tie("number"), tie("number")).map(([x, y, z]) => `(${x} ? ${y} : ${z})`),
    ),
    text: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      fc.constantFrom("item.s", '"x"', '""'),
      fc.tuple(tie("text"), tie("text")).map(([x, y]) => `coalesce(${x}, ${y})`),
      tie("text").map((x) => `${x}.trim()`),
    ),
    list: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(
        "item.l",
        "item.m",
        "inputs.ids",
        "lookup.ids",
        "lookup.rows.map(r, r.to)",
        "[item.a]",
        "[5, null]",
      ),
      fc.tuple(tie("number"), tie("number")).map(([x, y]) => `[${x}, ${y}]`),
      fc.tuple(tie("list"), tie("list")).map(([x, y]) => `dyn(coalesce(dyn(${x}), dyn(${y})))`),
      fc.tuple(tie("list"), fc.constantFrom("+", "union"), tie("list")).map(([x, op, y]) => joined(x, op, y)),
      fc.tuple(tie("condition"), tie("list"), tie("list")).map(([x, y, z]) => `(${x} ? dyn(${y}) : dyn(${z}))`),
      fc.tuple(tie("list"), fc.constantFrom(...tests)).map(([x, test]) => `${x}.filter(v, ${test})`),
      fc.tuple(tie("list"), fc.constantFrom(...results)).map(([x, result]) => `${x}.map(v, ${result})`),
      fc
        .tuple(tie("list"), fc.constantFrom(...tests), fc.constantFrom(...results))
        .map(([x, test, result]) => `${x}.map(v, ${test}, ${result})`),
      fc.tuple(tie("rows"), fc.constantFrom("r.to", "r.id", "coalesce(r.to, 0)")).map(([x, y]) => `${x}.map(r, ${y})`),
    ),
    rows: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      fc.constant("lookup.rows"),
      fc.tuple(tie("rows"), fc.constantFrom(...rowTests)).map(([x, test]) => `${x}.filter(r, ${test})`),
      fc.tuple(tie("rows"), fc.constantFrom(...rowTests)).map(([x, test]) => `${x}.map(r, ${test}, r)`),
      tie("condition").map((x) => `(${x} ? lookup.rows : lookup.rows.filter(r, r.to != null))`),
    ),
    condition: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(
        "item.a != null",
        "item.a == null",
        "item.b != null",
        "item.s == null",
        "has(item.a)",
        "[item.b].exists(t, has(t))",
        "item.s != null",
      ),
      fc
        .tuple(tie("number"), fc.constantFrom("==", "!=", "<", ">="), tie("number"))
        .map(([x, op, y]) => `(${x} ${op} ${y})`),
      fc.tuple(tie("text"), fc.constantFrom("==", "!="), tie("text")).map(([x, op, y]) => `(${x} ${op} ${y})`),
      fc.tuple(tie("text"), tie("text")).map(([x, y]) => `${x}.startsWith(${y})`),
      tie("number").map((x) => `(${x} in [5, item.c])`),
      fc.tuple(tie("number"), tie("list")).map(([x, y]) => `(${x} in ${y})`),
      fc.tuple(tie("list"), fc.constantFrom("all", "exists"), fc.constantFrom(...tests)).map(asked("v")),
      fc.tuple(tie("rows"), fc.constantFrom("all", "exists"), fc.constantFrom(...rowTests)).map(asked("r")),
      fc
        .tuple(tie("condition"), fc.constantFrom("&&", "||"), tie("condition"))
        .map(([x, op, y]) => `(${x} ${op} ${y})`),
      fc.tuple(tie("condition"), tie("condition"), tie("condition")).map(([x, y, z]) => `(${x} ? ${y} : ${z})`),
      tie("condition").map((x) => `!${x}`),
      fc.tuple(tie("number"), tie("number")).map(([x, y]) => `[${x}, ${y}].all(v, v != null)`),
      fc.tuple(tie("number"), tie("number")).map(([x, y]) => `[${x}, ${y}].exists(v, v > 0)`),
    ),
  }),
);

function joined(left: string, by: string, right: string): string {
  return by === "+" ? `(dyn(${left}) + dyn(${right}))` : `union(dyn(${left}), dyn(${right}))`;
}

function asked(variable: string) {
  return ([list, name, test]: readonly [string, string, string]): string => `${list}.${name}(${variable}, ${test})`;
}

function compiled(text: string, within = scope): Expression | "told" | undefined {
  try {
    return within.compile(text);
  } catch (error) {
    if (!(error instanceof ExpressionFaults)) throw error;
    return error.faults.every(({ code }) => code === "may-be-empty") ? "told" : undefined;
  }
}

function result(expression: Expression, world: CelMap): unknown {
  try {
    return expression.evaluate(world);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

/** Undefined: it is inside of a list. */
function valueAt(world: CelMap, path: string): unknown {
  const [name = "", member = ""] = path.split(".");
  return (world[name] as CelMap | undefined)?.[member];
}

it("an item with empty fields is never refused by a condition that was let pass", () => {
  fc.assert(
    fc.property(conditions.condition, (text) => {
      const expression = compiled(text);
      if (expression === undefined || expression === "told") return;
      const refused = worlds.find((world) => result(expression, world) instanceof Error);
      if (refused !== undefined) expect([refused, result(expression, refused)]).toBeUndefined();
    }),
    { numRuns, seed },
  );
});

it("what a condition proves is so wherever it holds", () => {
  fc.assert(
    fc.property(conditions.condition, fc.boolean(), (text, outcome) => {
      const expression = compiled(text);
      if (expression === undefined || expression === "told") return;
      const proven = expression.proves(outcome);
      for (const world of worlds.filter((one) => result(expression, one) === outcome)) {
        const wrong = [...proven].filter((path) => valueAt(world, path) === null);
        if (wrong.length > 0) expect([world, wrong]).toBeUndefined();
      }
    }),
    { numRuns, seed },
  );
});

it.each([
  "[item.a, coalesce(item.a, (item.a + coalesce(item.a, item.a)))].all(v, v != null) && ![(item.b != null ? 0 : coalesce((item.a + item.a), item.a)), coalesce(item.a, (item.a != null ? item.a : coalesce(item.a, item.c)))].all(v, v != null)",
  // The same with its sides the other way round.
  "[item.a, coalesce(item.a, (item.a + coalesce(item.a, item.a)))].all(v, v != null) && ![(item.b == null ? coalesce((item.a + item.a), item.a) : 0), coalesce(item.a, (item.a != null ? item.a : coalesce(item.a, item.c)))].all(v, v != null)",
  // The first test is only true where the second one is: without a value it can not be evaluated, and the whole is false.
  "([-item.b].all(v, v != null) && item.b != null) ? true : [item.a, item.a + item.a].all(v, v != null)",
  // Nothing is in no list, unless what is looked for can not be evaluated.
  "[item.a, -item.a].all(v, v != null) && (item.b != null ? item.a : item.a + item.a) in [5, item.c]",
])("a condition that was once let pass, and that some items would have been refused by: %#", (text) => {
  expect(compiled(text)).toBe("told");
});

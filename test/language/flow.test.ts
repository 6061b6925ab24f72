import { describe, expect, it } from "vitest";
import { ExpressionFaults, Scope, type RecordType } from "../../runner/language/expression.ts";

const item: RecordType = {
  kind: "item",
  members: {
    id: "int",
    used: "int",
    seen: "int",
    name: "string",
    alias: "string",
    active: "bool",
    tags: "list",
    labels: "list",
    profile: "map",
    answer: "dyn",
  },
  about: Object.fromEntries(
    ["used", "seen", "name", "alias", "active", "tags", "profile"].map((name) => [
      name,
      { mayBeNull: true, ...(name === "tags" && { holdsNull: true }) },
    ]),
  ),
};
const row: RecordType = {
  kind: "row",
  members: { id: "int", to: "int", text: "string" },
  about: { to: { mayBeNull: true }, text: { mayBeNull: true } },
};
const scope = new Scope({
  now: "int",
  inputs: {
    kind: "inputs",
    members: { ids: "list<int>", zones: "list<string>", limit: "int" },
    about: { limit: { mayBeNull: true } },
  },
  item,
  items: { listOf: item },
  lookup: {
    kind: "lookup",
    members: { moves: { tableOf: row, by: "int" }, rows: { listOf: row }, names: "list<string>" },
  },
});

function faultsOf(text: string, within = scope): readonly string[] {
  try {
    within.compile(text);
    return [];
  } catch (error) {
    if (error instanceof ExpressionFaults) return error.faults.map(({ start, message }) => `${start}: ${message}`);
    throw error;
  }
}

describe("a value that may be empty", () => {
  it.each<string>([
    "item.used == 5",
    "item.used != null",
    "item.used in [5, 6]",
    "item.used in inputs.ids",
    "item.used in lookup.moves",
    "item.id > 5",
    "item.labels.exists(label, label == 'x')",
    "coalesce(item.used, 0) > 5",
    "coalesce(item.used, item.seen, now) > 5",
    "coalesce(item.name, '').startsWith('a')",
    "item.used != null && item.used > 5",
    "null != item.used && item.used > 5",
    "item.used == null || item.used > 5",
    "item.used != null ? item.used > 5 : false",
    "item.used == null ? false : item.used > 5",
    "has(item.used) && item.used > 5",
    "!has(item.used) || item.used > 5",
    "!(item.used == null) && item.used > 5",
    "!(item.used == null || item.seen == null) && item.used > item.seen",
    "item.used == 5 && item.used > 4",
    "item.used in [5, 6] && item.used > 4",
    "item.used in lookup.moves && item.used > 4",
    "item.used == item.id && item.used > 4",
    "(item.used == item.seen && item.seen != null) && item.used > 4",
    "coalesce(item.used, 0) > 0 && item.used > 4",
    "coalesce(item.used, -1) != -1 && item.used + 1 > 4",
    "coalesce(item.used, -1) >= 0 && item.used > 3",
    "coalesce(item.used, -1) == -1 || item.used > 3",
    "coalesce(item.name, '').trim() != '' && item.name.startsWith('a')",
    "item['used'] != null && item.used > 4",
    "[item.used, item.seen].all(v, v != null) && item.used > item.seen",
    "(item.used == null ? now : item.used) > 5",
    "item.active == true && item.id > 1",
    "item.active != null && item.active",
    "union(item.tags, ['x']) == ['x']",
    "key(item.used, item.seen) == 'x'",
    "item.answer > 5 && item.answer.deep.deeper > 1",
    // What decides the result does so on either side.
    "item.used > 5 || item.used == null",
    "item.used > 5 && item.used != null",
    "item.id in lookup.moves && lookup.moves[item.id].to != null && lookup.moves[item.id].to > 3",
    "lookup.rows.all(r, r.to == null || r.to > 3)",
    "lookup.rows.filter(r, r.to != null).all(r, r.to > 3)",
    "inputs.limit == null || item.id < inputs.limit",
    // Elements of lists that are not written out.
    "item.name in lookup.names && item.name.startsWith('a')",
    "item.name in inputs.zones && item.name.startsWith('a')",
    "item.name in item.profile && item.profile != null && item.name.startsWith('a')",
    "item.name in coalesce(item.name, '').split(',') && item.name.startsWith('a')",
    "item.used in (item.id > 5 ? inputs.ids : [5]) && item.used > 3",
    "item.used in (inputs.ids + [item.id]) && item.used > 3",
    "item.tags != null && item.tags.exists(t, t == 'x')",
    "item.tags != null && item.tags.exists(t, t != null && t.startsWith('x'))",
    "coalesce(item.tags, []).filter(t, t != null).exists(t, t.startsWith('x'))",
    "union(item.tags, ['y']).map(t, coalesce(t, '')).all(t, t.startsWith('x'))",
    "item.tags != null && item.tags[0] != null && item.tags[0].startsWith('x')",
    "lookup.names.exists(n, n.startsWith('a'))",
    "lookup.names.join(',') == ''",
    "item.tags != null && item.tags.filter(t, t != null).join(',') == ''",
    "lookup.names[0].startsWith('a')",
    "lookup.rows.map(r, r.to != null, r.to).exists(to, to > 3)",
    "lookup.rows.map(r, coalesce(r.to, 0)).exists(to, to > 3)",
    "lookup.rows.filter(r, r.to != null).filter(r, r.id > 3).exists(q, q.to > 3)",
    "lookup.rows.map(r, r.to != null, r).exists(q, q.to > 3)",
    "[item.used, item.seen].filter(v, v != null).all(v, v > 3)",
  ])("may stand in %s", (text) => {
    expect(faultsOf(text)).toEqual([]);
  });

  it.each<[text: string, at: number, message: string]>([
    ["item.used > 5", 0, "item.used may be empty on some items"],
    ["5 >= item.used", 5, "item.used may be empty on some items"],
    ["item.used + 5 == 8", 0, "item.used may be empty on some items"],
    ["coalesce(item.used, -1) >= -1 && item.used > 3", 33, "item.used may be empty on some items"],
    ["-item.used == 8", 1, "item.used may be empty on some items"],
    ["item.name.startsWith('x')", 0, "item.name may be empty on some items"],
    ["'x'.startsWith(item.name)", 15, "item.name may be empty on some items"],
    ["ago(item.used) > 5", 4, "item.used may be empty on some items"],
    ["size(item.tags) > 5", 5, "item.tags may be empty on some items"],
    ["'x' in item.tags", 7, "item.tags may be empty on some items"],
    ["item.tags.exists(tag, tag == 'x')", 0, "item.tags may be empty on some items"],
    ["item.profile.name == 'x'", 0, "item.profile may be empty on some items"],
    ["item.active && item.id > 1", 0, "item.active may be empty on some items"],
    ["!item.active", 1, "item.active may be empty on some items"],
    ["item.active ? 1 : 2", 0, "item.active may be empty on some items"],
    ["dyn(item.used) > 5", 0, "dyn(item.used) may be empty"],
    ["coalesce(item.used, item.seen) > 5", 0, "coalesce(item.used, item.seen) may be empty"],
    ["(item.id > 5 ? dyn(null) : dyn(item.used)) > 5", 1, "item.id > 5 ? dyn(null) : dyn(item.used) may be empty"],
    ["item.used != null || item.used > 5", 21, "item.used may be empty on some items"],
    ["item.used == null && item.used > 5", 21, "item.used may be empty on some items"],
    ["item.used != null ? true : item.used > 5", 27, "item.used may be empty on some items"],
    ["item.used != 5 && item.used > 4", 18, "item.used may be empty on some items"],
    ["item.seen != null && item.used > 4", 21, "item.used may be empty on some items"],
    ["(item.seen == null || item.used != null) && item.used > 4", 44, "item.used may be empty on some items"],
    ["!(item.used in [5]) && item.used > 4", 23, "item.used may be empty on some items"],
    ["lookup.moves[item.id].to > 3", 0, "lookup.moves[item.id].to may be empty in some rows"],
    ["lookup.moves[item.used].id > 3", 13, "item.used may be empty on some items"],
    ["lookup.rows.all(r, r.to > 3)", 19, "r.to may be empty"],
    ["lookup.rows.all(r, r.to != null) && lookup.rows[0].to > 3", 36, "lookup.rows[0].to may be empty in some rows"],
    ["items.all(a, a.used != null && items.all(b, b.used > a.used))", 44, "b.used may be empty"],
    ["item.id < inputs.limit", 10, "inputs.limit is null where no value is given"],
    // Elements of lists that are not written out.
    ["item.tags != null && item.tags.exists(t, t.startsWith('x'))", 41, "t may be empty"],
    ["item.tags != null && item.tags[0].startsWith('x')", 21, "item.tags[0] may be empty on some items"],
    [
      "item.tags != null && item.name in item.tags && item.name.trim() == ''",
      47,
      "item.name may be empty on some items",
    ],
    ["item.used in (inputs.ids + [inputs.limit]) && item.used > 3", 46, "item.used may be empty on some items"],
    ["item.used in coalesce([-1, item.used], [5]) && item.used > 3", 47, "item.used may be empty on some items"],
    ["item.used in (item.id > 5 ? [0, item.used] : [5]) && item.used > 3", 53, "item.used may be empty on some items"],
    ["item.used in lookup.rows.map(r, r.to) && item.used > 3", 41, "item.used may be empty on some items"],
    ["coalesce(item.tags, []).join(',') == ''", 0, "coalesce(item.tags, []) may hold null"],
    ["lookup.rows.map(r, r.to).exists(x, x > 3)", 35, "x may be empty"],
    ["lookup.rows.filter(r, r.id > 3).exists(q, q.to > 3)", 42, "q.to may be empty"],
    ["[inputs.limit, item.used].filter(v, v != 3).all(v, v < 9)", 51, "v may be empty"],
    ["(item.id > 5 ? [item.used, item.seen] : [5]).exists(v, v < 9)", 55, "v may be empty"],
    ["[item.used, 5][0] > 3", 0, "[item.used, 5][0] may be empty"],
  ])("is told in %s", (text, at, message) => {
    expect(faultsOf(text).filter((fault) => fault.includes(" may ") || fault.includes("is null"))).toEqual([
      `${at}: ${message}`,
    ]);
  });

  it("is told once for each value", () => {
    expect(faultsOf("item.used > 5 && item.used < 9 || item.used == item.used + 1")).toHaveLength(1);
    expect(faultsOf("item.used > 5 && item.seen > 5")).toHaveLength(2);
  });

  it("is told with what to write", () => {
    const hintOf = (text: string): string | undefined => {
      try {
        scope.compile(text);
        return undefined;
      } catch (error) {
        return (error as ExpressionFaults).faults[0]?.hint;
      }
    };
    expect(hintOf("item.used > 5")).toBe(
      "Write coalesce(item.used, 0), or item.used != null && … before it, or optional: false at the field if every item has it.",
    );
    expect(hintOf("item.name.trim() == ''")).toBe(
      'Write coalesce(item.name, ""), or item.name != null && … before it, or optional: false at the field if every item has it.',
    );
    expect(hintOf("item.profile.name == 'x'")).toBe(
      "Write item.profile != null && … before it, or optional: false at the field if every item has it.",
    );
    expect(hintOf("coalesce(item.used, item.seen) > 5")).toBe(
      "Give it one more value: coalesce(item.used, item.seen, 0).",
    );
  });

  it("is known not to be where something has been tested before", () => {
    const tested = scope.compile("item.used != null && coalesce(item.name, '') != ''").proves(true);
    expect([...tested].sort()).toEqual(["item.name", "item.used"]);
    expect(faultsOf("item.used > 5 && item.name.startsWith('a')", scope.knowing(tested))).toEqual([]);
    expect([...scope.compile("item.used == null || item.id == 1").proves(false)]).toEqual(["item.used"]);
  });

  it("is not followed for long through an expression of a stranger", () => {
    const block = (from: number): string =>
      `(${["used", "seen"].map((name, place) => `item.${name} > ${from + place}`).join(" || ")})`;
    const began = performance.now();
    expect(faultsOf(Array.from({ length: 36 }, (_, place) => block(place)).join(" && ")).length).toBeLessThan(3);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

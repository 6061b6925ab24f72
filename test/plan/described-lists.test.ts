import { describe, expect, it } from "vitest";
import type { Catalogue } from "../../runner/core/model/catalogue.ts";
import { IncompleteError } from "../../runner/core/model/errors.ts";
import type { Fields, Value } from "../../runner/core/model/item.ts";
import type { Plan } from "../../runner/core/model/plan.ts";
import type { PlanOptions } from "../../runner/plan/load.ts";
import { declared, openCatalogue } from "../support/boxes.ts";
import { dice, oneOf, type Dice } from "../support/dice.ts";
import { frozen, load, places, problemsOf } from "../support/plan.ts";

const methods = [
  declared("box.list", "enumerate"),
  declared("box.other", "enumerate"),
  declared("box.get", "read"),
  declared("box.set", "change", { chunkMax: 3 }),
  declared("box.drop", "change", { destructive: true }),
];
const open = openCatalogue(methods);
const closed = openCatalogue(methods, { isOpen: false });

const at = (catalogue: Catalogue): Partial<PlanOptions> => ({
  serviceNames: ["boxes"],
  catalogueOf: () => Promise.resolve(catalogue),
});

/** A plan for boxes. Its lines stand where they stand. */
function boxPlan(
  list: string,
  {
    filter = "true",
    change = '  set: { on: true }\n  call: box.set\n  params: { id: "${{ item.id }}", on: "${{ set.on }}" }\n',
    rest = "",
    before = "",
  } = {},
): string {
  return `rollcall: 1
name: boxes
service: boxes
${before}enumerate:
${list}filter: ${filter}
change:
${change}${rest}`;
}

const usual = `  call: box.list
  key: id
  fields: { id: id, on: { from: on, type: boolean } }
`;

async function planOf(list: string, more: Parameters<typeof boxPlan>[1] = {}, catalogue = open): Promise<Plan> {
  const { plan } = await load(boxPlan(list, more), at(catalogue));
  return plan;
}

/** The items of an answer, complete, as id and fields. */
function itemsOf(plan: Plan, answer: Value, part = {}): readonly (readonly [string, Fields])[] {
  const { enumerate: list } = plan;
  const items = list.described!.items(frozen, part, answer);
  return items.map((item) => [item.id, list.complete?.(frozen, item) ?? item.fields]);
}

const refusalOf = (plan: Plan, answer: Value): string => {
  try {
    itemsOf(plan, answer);
  } catch (error) {
    if (error instanceof IncompleteError) return error.message;
    throw error;
  }
  throw new Error("the answer was taken");
};

const told = async (text: string, catalogue = open): Promise<readonly string[]> => {
  const problems = await problemsOf(text, at(catalogue));
  return problems.map(({ line, column, code, message }) => `${line}:${column} ${code}: ${message}`);
};

const on = "on: { from: on, type: boolean, default: false }";

describe("rows of a list that the plan describes", () => {
  it.each<readonly [string, string, Value, readonly (readonly [string, Fields])[]]>([
    ["the answer itself", `  fields: { id: id, ${on} }\n`, [{ id: "a", on: 1 }], [["a", { id: "a", on: true }]]],
    [
      "a list inside",
      `  rows: data.boxes\n  fields: { id: id, ${on} }\n`,
      { data: { boxes: [{ id: 7, on: "true" }] } },
      [["7", { id: 7, on: true }]],
    ],
    [
      "a map by the key",
      `  rows: { at: ., map_key: id }\n  fields: { id: id, ${on} }\n`,
      { a: { on: true }, b: {} },
      [
        ["a", { id: "a", on: true }],
        ["b", { id: "b", on: false }],
      ],
    ],
    [
      "a map of single values",
      `  rows: { at: ., map_key: id }\n  fields: { id: id, on: { from: value, type: boolean } }\n`,
      { a: true, b: 0 },
      [
        ["a", { id: "a", on: true }],
        ["b", { id: "b", on: false }],
      ],
    ],
    [
      "single values",
      `  rows: { at: names, scalar: id }\n  fields: { id: id, ${on} }\n`,
      { names: ["a", 3] },
      [
        ["a", { id: "a", on: false }],
        ["3", { id: 3, on: false }],
      ],
    ],
    [
      "lists in lists, with members of what is around them",
      `  rows: groups[].clients[]\n  fields: { id: id, group: ^id, root: ^^version, ${on} }\n`,
      {
        version: 2,
        groups: [
          { id: "g", clients: [{ id: "c1" }, { id: "c2" }] },
          { id: "h", clients: [] },
        ],
      },
      [
        ["c1", { id: "c1", group: "g", root: 2, on: false }],
        ["c2", { id: "c2", group: "g", root: 2, on: false }],
      ],
    ],
    [
      "rows that are lists",
      `  fields: { id: "[0]", ${on.replace("from: on", 'from: "[1]"')} }\n`,
      [
        ["a", true],
        ["b", null],
      ],
      [
        ["a", { id: "a", on: true }],
        ["b", { id: "b", on: false }],
      ],
    ],
    [
      "one row in each of several",
      `  rows: groups[].head\n  fields: { id: id, ${on} }\n`,
      { groups: [{ head: { id: 1 } }, { head: { id: 2 } }] },
      [
        ["1", { id: 1, on: false }],
        ["2", { id: 2, on: false }],
      ],
    ],
    ["null, which is an empty list", `  rows: boxes\n  fields: { id: id, ${on} }\n`, { boxes: null }, []],
    [
      "a list that some groups leave out",
      `  rows: groups[].boxes[]\n  fields: { id: id, ${on} }\n`,
      { groups: [{ boxes: [{ id: 1 }] }, {}, { boxes: null }] },
      [["1", { id: 1, on: false }]],
    ],
  ])("are %s", async (_, fields, answer, expected) => {
    expect(itemsOf(await planOf(`  call: box.list\n  key: id\n${fields}`), answer)).toEqual(expected);
  });

  it.each<readonly [string, string, Value, string]>([
    ["nothing is where they should be", "  rows: data.boxes\n", { data: {} }, "The answer has no list at data.boxes"],
    ["what is around them is null", "  rows: data.boxes\n", { data: null }, "The answer has no list at data.boxes"],
    ["they are no list", "", { id: 1 }, "The answer has no rows: what was read is not a list"],
    [
      "a list in lists is none",
      "  rows: groups[].boxes[]\n",
      { groups: [{ boxes: { id: 1 } }] },
      "no list at groups[].boxes[]",
    ],
    ["no group has its list", "  rows: groups[].boxes[]\n", { groups: [{}, {}] }, "no list at groups[].boxes"],
    [
      "one of several is null",
      "  rows: groups[].head\n",
      { groups: [{ head: { id: 1 } }, { head: null }] },
      "One of the rows is null",
    ],
    ["a map is none", "  rows: { at: ., map_key: id }\n", [{ id: 1 }], "rows.map_key needs a map"],
    ["a row has no members", "", [{ id: 1 }, 2], "Row 2: it is 2, which has no members"],
    ["a row is null", "", [{ id: 1 }, null], "Row 2: it is null, which has no members"],
    ["a row has no key", "", [{ id: 1 }, { on: true }], "Row 2: there is no id, and an item needs"],
    ["a key is empty", "", [{ id: "" }], 'Row 1: id is "", and an item needs'],
    ["a key is broken", "", [{ id: 1.5 }], "Row 1: id is 1.5, and an item needs"],
    ["a key is true", "", [{ id: true }], "Row 1: id is true, and an item needs"],
    ["a key is an object", "", [{ id: { a: 1 } }], "Row 1: id is"],
    ["two rows have one key", "", [{ id: 1 }, { id: 2 }, { id: "1" }], "Rows 1 and 3 have the same id: 1."],
    [
      "a value is of another type",
      "",
      [{ id: 1, on: "perhaps" }],
      'Row 1: on: expected true or false, found "perhaps"',
    ],
  ])("refuse the list where %s", async (_, rows, answer, expected) => {
    const plan = await planOf(`  call: box.list\n  key: id\n${rows}  fields: { id: id, ${on} }\n`);
    expect(refusalOf(plan, answer)).toContain(expected);
  });
});

/** What is said of an answer, with the hint. */
const hintOf = (plan: Plan, answer: Value): string | undefined => {
  try {
    itemsOf(plan, answer);
  } catch (error) {
    if (error instanceof IncompleteError) return `${error.message} | ${error.hint}`;
  }
  return undefined;
};

describe("what is said of a row", () => {
  it("names the members that it has, and that a row may have been sent twice", async () => {
    const plan = await planOf(usual.replace("type: boolean", "type: boolean, optional: false"));
    expect(hintOf(plan, [{ ident: 1, on: true }])).toBe(
      "Row 1: there is no id, and an item needs a text or a whole number as its key | The row has ident, on.",
    );
    expect(hintOf(plan, [{ id: 1, off: true }])).toBe("Row 1: on is not there | The row has id, off.");
    expect(
      hintOf(plan, [
        { id: 1, on: true },
        { id: 1, on: true },
      ]),
    ).toMatch(/the same id: 1\. .* sent it so: run again\.$/);
  });

  it("says of a comparison with null that a whole item is never null", async () => {
    const [problem] = await problemsOf(
      boxPlan(usual, {
        change:
          '  set: { on: true }\n  call: box.set\n  params: ["${{ item.id }}", "${{ set.on }}"]\n  expect: after != null\n',
      }),
      at(open),
    );
    expect(problem).toMatchObject({ hint: "It is never null as a whole: compare a member of it, such as item.name." });
  });

  it("says of a duration without a unit which one to write", async () => {
    const [problem] = await problemsOf(boxPlan(usual, { rest: "verify: { within: 2 }\n" }), at(open));
    expect(problem).toMatchObject({ code: "bad-type", hint: "Write it with its unit, such as 2s." });
  });

  it("says of a value that is not sent how it can be", async () => {
    const change = '  set: { on: true }\n  call: box.set\n  params: { id: "${{ item.id }}" }\n';
    const [problem] = await problemsOf(boxPlan(usual, { change }), at(open));
    expect(problem).toMatchObject({ code: "set-not-sent", hint: expect.stringContaining("compute a field of row") });
  });
});

describe("fields of a list that the plan describes", () => {
  it("are empty sets where null is no error and has no default", async () => {
    const plan = await planOf(
      `  call: box.list
  key: id
  fields:
    id: id
    on: { from: on, type: boolean }
    tags: { from: tags, type: set }
    more: { from: more, type: set, default: [a] }
    list: { from: list, type: list }
`,
    );
    expect(itemsOf(plan, [{ id: "1", tags: null, on: true }])).toEqual([
      ["1", { id: "1", on: true, tags: [], more: ["a"], list: null }],
    ]);
  });

  it.each<readonly [string, Value, Value]>([
    ["integer", "12", 12],
    ["integer", 12, 12],
    ["integer", { $int: "18446744073709551615" }, "18446744073709551615"],
    ["number", "1.5", 1.5],
    ["boolean", "1", true],
    ["bytes", "64K", 65536],
    ["unix_time", 0, null],
    ["unix_time", "1700000000", 1_700_000_000],
    ["hex", "0x1F", 31],
    ["hex", "0xffffffffffffffff", "18446744073709551615"],
    ["set", ["b", "a"], ["b", "a"]],
    ["object", { a: { $int: "9007199254740993" } }, { a: { $int: "9007199254740993" } }],
    ["string", 5, "5"],
    ["string", "", ""],
  ])("of type %s read %j as %j", async (type, given, expected) => {
    const plan = await planOf(
      `  call: box.list\n  key: id\n  fields: { id: id, on: on, x: { from: x, type: ${type} } }\n`,
      {
        change: '  call: box.set\n  params: ["${{ item.id }}"]\n  expect: accepted\n',
      },
    );
    expect(itemsOf(plan, [{ id: 1, x: given }])).toEqual([["1", { id: 1, on: null, x: expected }]]);
  });

  it("read empty text as unset where the service means that by it", async () => {
    const list =
      "  call: box.list\n  key: id\n  fields: { id: id, on: { from: on, type: boolean }, a: { from: a, type: string }, b: b }\n";
    const plan = await planOf(list, {}, openCatalogue(methods, { emptyIsUnset: true }));
    expect(itemsOf(plan, [{ id: 1, on: "", a: "", b: "" }])).toEqual([["1", { id: 1, on: null, a: null, b: null }]]);
    expect(itemsOf(await planOf(list), [{ id: 1, a: "", b: "" }])).toEqual([["1", { id: 1, on: null, a: "", b: "" }]]);
  });

  it("without a type may be compared with anything, and are kept as they came", async () => {
    const list = "  call: box.list\n  key: id\n  fields: { id: id, on: { from: on, type: boolean }, x: x }\n";
    const plan = await planOf(list, { filter: "item.x == 3" });
    const [item] = plan.enumerate.described!.items(frozen, {}, [{ id: 1, x: 3 }]);
    expect(plan.filter[0]!.holds(frozen, item!)).toBe(true);
  });

  it("can be computed of the row, of the fields above, and of what was looked up", async () => {
    const plan = await planOf(
      `  call: box.list
  key: id
  fields:
    group: { from: ^name, type: string, default: none }
    name: name
    label: { value: 'item.group + "!"' }
    both: { value: 'item.label + row.tags[0]', type: string }
    id: { value: 'item.group + "/" + row.name', type: string }
    on: { from: on, type: boolean }
  rows: groups[].boxes[]
`,
    );
    const answer = {
      groups: [{ name: "g", boxes: [{ name: "a", tags: ["x"] }] }, { boxes: [{ name: "b", tags: ["y"] }] }],
    };
    expect(itemsOf(plan, answer)).toEqual([
      ["g/a", { group: "g", name: "a", label: "g!", both: "g!x", id: "g/a", on: null }],
      ["none/b", { group: "none", name: "b", label: "none!", both: "none!y", id: "none/b", on: null }],
    ]);
    expect(refusalOf(plan, { groups: [{ boxes: [{ name: "b", tags: [] }] }] })).toContain("Row 1: both: row.tags[0]");
    // What needs the row comes from the service; what does not is made whenever the item is looked at.
    expect(plan.enumerate.asked?.map(({ name }) => name)).toEqual(["group", "name", "both", "id", "on"]);
  });

  it("are as old as such a list may be, and refused where they have to be there", async () => {
    const plan = await planOf(usual.replace("id: id,", "id: id, x: { from: a.x, optional: false },"));
    expect(plan.enumerate.fields.map(({ lagMs }) => lagMs)).toEqual([20, 20, 20]);
    expect(() => itemsOf(plan, [{ id: 1, a: {} }])).toThrow("x is not there");
  });

  it("come from the same rows, or are others", async () => {
    const one = await planOf(`  rows: boxes\n${usual}`);
    const other = await planOf(`  rows: crates\n${usual}`);
    expect(one.enumerate.fields.map(({ source }) => source)).toEqual(["boxes: id", "boxes: on"]);
    expect(other.enumerate.fields.map(({ source }) => source)).toEqual(["crates: id", "crates: on"]);
  });
});

describe("pages of a list that the plan describes", () => {
  const paged = (page: string, params: string): string => `  page: ${page}\n  params: ${params}\n${usual}`;

  const size = "${{ page.size }}";
  it.each<readonly [string, string, { readonly paging: object; readonly first: Value; readonly later: Value }]>([
    [
      "{ by: offset, size: 3 }",
      `{ from: "\${{ page.offset }}", n: "${size}" }`,
      { paging: { by: "offset", size: 3, start: 0 }, first: { from: 0, n: 3 }, later: { from: 8, n: 3 } },
    ],
    [
      "{ by: offset, start: 1 }",
      `["\${{ page.offset }}", "${size}"]`,
      { paging: { by: "offset", size: 500, start: 1 }, first: [1, 500], later: [8, 3] },
    ],
    [
      "{ by: number, size: 2 }",
      '{ page: "${{ page.number }}" }',
      { paging: { by: "number", size: 2, start: 1 }, first: { page: 1 }, later: { page: 9 } },
    ],
    [
      "{ by: cursor, next: meta.next }",
      '{ after: "${{ coalesce(page.cursor, omit) }}" }',
      { paging: { by: "cursor", size: 500 }, first: {}, later: { after: "z" } },
    ],
    ["{ by: cursor, next: next }", '["${{ page.cursor }}"]', { paging: { by: "cursor" }, first: [null], later: ["z"] }],
    ["{ by: none }", "{ all: true }", { paging: { by: "none" }, first: { all: true }, later: { all: true } }],
  ])("%s are asked for with %s", async (page, params, { paging, first, later }) => {
    const { enumerate: list } = await planOf(paged(page, params));
    expect(list.described!.paging).toMatchObject(paging);
    expect(list.params(frozen)).toEqual(first);
    expect(list.params(frozen, { page: { size: 3, offset: 8, number: 9, cursor: "z" } })).toEqual(later);
  });

  it("by cursor end where the answer says nothing of another", async () => {
    const { enumerate } = await planOf(paged("{ by: cursor, next: meta.next }", '{ c: "${{ page.cursor }}" }'));
    const { paging } = enumerate.described!;
    const nexts = [
      { meta: { next: "n" } },
      { meta: { next: { $int: "9007199254740993" } } },
      { meta: { next: "" } },
      { meta: { next: false } },
      {},
    ];
    expect(nexts.map((answer) => (paging.by === "cursor" ? paging.next(answer) : "none"))).toEqual([
      "n",
      { $int: "9007199254740993" },
      null,
      null,
      null,
    ]);
    expect(enumerate.params(frozen, { page: { size: 500, cursor: { $int: "9007199254740993" } } })).toEqual({
      c: { $int: "9007199254740993" },
    });
  });

  it("by ids are parts, of which each is one page", async () => {
    const { enumerate } = await planOf(
      paged('{ by: ids, size: 2, ids: "[1, 2, 9007199254740993, 2, 9007199254740993]" }', '["${{ page.ids }}"]'),
    );
    expect(enumerate.described!.paging).toEqual({ by: "none" });
    const parts = enumerate.parts!(frozen);
    expect(parts.map((part) => enumerate.params(frozen, part))).toEqual([[[1, 2]], [[{ $int: "9007199254740993" }]]]);
  });

  it("are narrowed, and verified in another list or scope, page by page", async () => {
    const change = { rest: 'verify: { params: { scope: all, from: "${{ page.offset }}" } }\n' };
    const list = `${paged("{ by: offset, size: 2 }", '{ from: "${{ page.offset }}", n: "${{ page.size }}" }')}  narrow: { q: { a: 1 } }\n`;
    const { enumerate, verify } = await planOf(list, change);
    const page = { size: 2, offset: 4 };
    expect(enumerate.narrowed!(frozen, { page })).toEqual({ from: 4, n: 2, q: { a: 1 } });
    expect(enumerate.params(frozen, { page })).toEqual({ from: 4, n: 2 });
    expect(verify.list!.params(frozen, { page })).toEqual({ from: 4, n: 2, scope: "all" });
    const other = await planOf(list, {
      rest: 'verify: { call: box.other, params: ["${{ page.offset }}", "${{ page.size }}"] }\n',
    });
    expect(other.verify.list).toMatchObject({ method: "box.other", key: "id" });
    expect(other.verify.list!.params(frozen)).toEqual([0, 2]);
    expect(other.verify.list!.params(frozen, { page })).toEqual([4, 2]);
    expect(other.verify.list!.described!.items(frozen, {}, [{ id: 1 }])).toEqual([
      { id: "1", fields: { id: 1, on: null } },
    ]);
  });
});

describe("a plan that describes its list wrongly", () => {
  it.each<readonly [string, string, readonly string[]]>([
    ["without a key", usual.replace("  key: id\n", ""), ["4:1 missing-key: nothing says which field is the key"]],
    [
      "with a key that is no field",
      usual.replace("key: id", "key: name"),
      ["6:8 unknown-field: the key name is not among the fields"],
    ],
    [
      "with a key that is a list",
      usual.replace("id: id,", "id: { from: id, type: list },"),
      ["6:8 bad-key: the key id is of type list"],
    ],
    [
      "with a key that has a default",
      usual.replace("id: id,", "id: { from: id, default: 1 },"),
      ["6:8 bad-key: the key id has a default, which more than one item could have"],
    ],
    ["with what is no path", usual.replace("from: on", "from: a..b"), ["7:33 bad-path: a..b is not a path"]],
    ["with rows that are no path", `${usual}  rows: a..b\n`, ["8:9 bad-path: a..b is not a path"]],
    ["with rows that begin outside", `${usual}  rows: ^a\n`, ["8:9 bad-path: ^a begins outside of the answer"]],
    [
      "with rows that are neither",
      `${usual}  rows: { at: . }\n`,
      ["8:3 bad-rows: rows.at needs one of map_key and scalar"],
    ],
    [
      "with a name that no expression reads",
      "  call: box.list\n  key: id\n  fields: [id, a.b]\n",
      [
        "7:16 bad-name: a.b is a field of the list, but item.a.b can not be read in an expression",
        "10:10 unknown-field: on is set but not among the fields",
      ],
    ],
    [
      "with a column of customers",
      usual.replace("{ id: id,", "{ id: id, c: { custom: 7 },"),
      ["7:34 bad-field: box.list has no custom columns"],
    ],
    [
      "that pages by cursor, and not where",
      `${usual}  page: { by: cursor }\n  params: ["\${{ page.cursor }}"]\n`,
      ["8:3 missing-key: pages by cursor need next"],
    ],
    [
      "that pages by cursor with ids",
      `${usual}  page: { by: cursor, next: n, ids: "[1]" }\n  params: ["\${{ page.cursor }}"]\n`,
      ["8:32 bad-key: ids is for pages by ids, these are by cursor"],
    ],
    [
      "that pages where next leads nowhere",
      `${usual}  page: { by: cursor, next: ^n }\n  params: ["\${{ page.cursor }}"]\n`,
      ["8:29 bad-path: ^n is not a path"],
    ],
    [
      "that pages by none with a size",
      `${usual}  page: { by: none, size: 5 }\n`,
      ["8:21 bad-key: size is for pages by offset, number, cursor, ids, these are by none"],
    ],
    [
      "that never asks for the next page",
      `${usual}  page: { by: offset, size: 5 }\n`,
      ["8:3 offset-not-used: enumerate.params does not use page.offset, so the same page would come again and again"],
    ],
    [
      "that never says how long a page is",
      `${usual}  page: { by: number }\n  params: ["\${{ page.number }}"]\n`,
      [
        "8:3 size-not-used: enumerate.params does not use page.size, and page.size does not say how many items a page has",
      ],
    ],
    [
      "that uses what another kind of page has",
      `${usual}  page: { by: offset, size: 5 }\n  params: ["\${{ page.offset }}", "\${{ page.number }}"]\n`,
      ["9:44 unknown-field: page has no number"],
    ],
    [
      "that uses pages and has none",
      `${usual}  params: ["\${{ page.offset }}"]\n`,
      ["8:17 unknown-name: there is no page here"],
    ],
    [
      "that sets what has no type",
      usual.replace("on: { from: on, type: boolean }", "on: on"),
      ["10:14 missing-type: on is set and has no type"],
    ],
    [
      "that misspells how it pages",
      `${usual}  page: { by: ofset, size: 5 }\n  params: ["\${{ page.offset }}"]\n`,
      ["8:15 bad-value: enumerate.page.by must be one of none, offset, number, cursor, ids"],
    ],
    [
      "that goes to a device",
      `${usual}  route: { device: 1 }\n`,
      ["8:3 no-route: box.list goes to the service as a whole, not to one device"],
    ],
  ])("%s", async (_, list, expected) => {
    const found = await told(boxPlan(list));
    expect(found).toHaveLength(expected.length);
    for (const [place, text] of expected.entries()) expect(found[place]).toContain(text);
  });

  it.each<readonly [string, Parameters<typeof boxPlan>[1], string]>([
    [
      "more items in a call than it takes",
      {
        change:
          '  call: box.set\n  params: ["${{ items.map(i, i.id) }}"]\n  chunk: 4\n  result: { succeeded: done, failed: failed }\n  expect: accepted\n',
      },
      "chunk-too-large: box.set takes at most 3 items in one call",
    ],
    [
      "a change that can not be taken back",
      { change: '  call: box.drop\n  params: ["${{ item.id }}"]\n  expect: absent\n' },
      "destructive: box.drop can not be taken back",
    ],
    [
      "a change that only reads",
      { change: '  call: box.get\n  params: ["${{ item.id }}"]\n  expect: accepted\n' },
      "not-a-change: box.get is a read call",
    ],
    [
      "a read that changes",
      { rest: 'read: { call: box.set, params: ["${{ item.id }}"], fields: { x: . } }\n' },
      "not-a-read: box.set is a change call",
    ],
    [
      "a lookup that changes",
      { before: "lookups: { l: { call: box.set, fields: [a] } }\n" },
      "not-a-read: box.set is a change call",
    ],
    ["another list that changes", { rest: "verify: { call: box.set }\n" }, "not-a-list: box.set is a change call"],
  ])("%s", async (_, more, expected) => {
    expect(await told(boxPlan(usual, more))).toEqual([expect.stringContaining(expected)]);
  });

  it("another list whose pages are not asked for", async () => {
    const list = `${usual}  page: { by: offset, size: 5 }\n  params: ["\${{ page.offset }}"]\n`;
    expect(await told(boxPlan(list, { rest: "verify: { call: box.other }\n" }))).toEqual([
      "15:11 offset-not-used: verify.params does not use page.offset, so the same page would come again and again",
    ]);
    expect(await told(boxPlan(list, { rest: "verify: { params: [1] }\n" }))).toEqual([
      "15:11 offset-not-used: verify.params does not use page.offset, so the same page would come again and again",
    ]);
  });

  it("all at once, each in its place", async () => {
    const list = "  call: box.list\n  rows: ^a\n  page: { by: offset }\n  fields: { on: { from: a..b } }\n";
    const found = places(await problemsOf(boxPlan(list, { filter: "item.on == nobody" }), at(open)));
    expect(found).toEqual(
      expect.arrayContaining([
        "4:1 missing-key",
        "6:9 bad-path",
        "7:3 offset-not-used",
        "7:3 size-not-used",
        "8:25 bad-path",
        "9:20 unknown-name",
      ]),
    );
  });
});

describe("calls that nobody has declared", () => {
  const undeclared = boxPlan(usual.replace("box.list", "crate.list"), {
    before: "lookups: { l: { call: crate.look, fields: [a] } }\n",
    rest: 'read: { call: crate.get, params: ["${{ item.id }}"], fields: { x: . } }\nverify: { call: crate.other }\nundo: { call: crate.undo, params: ["${{ item.id }}"] }\n',
    change: '  set: { on: true }\n  call: crate.set\n  params: ["${{ item.id }}", "${{ set.on }}"]\n',
  });

  it("pass where the service takes any, with a word on those that read", async () => {
    const { plan, notes } = await load(undeclared, at(open));
    expect(notes.map(({ line, code, severity }) => `${line} ${severity} ${code}`)).toEqual(
      [4, 6, 14, 15].map((line) => `${line} note undeclared-method`),
    );
    expect(notes[1]).toMatchObject({ message: "nothing says that crate.list only reads" });
    expect(plan.change.repeat).toBe("once");
  });

  it("are errors where it does not, with what may be meant", async () => {
    const found = await problemsOf(undeclared, at(closed));
    expect(found.map(({ line, code }) => `${line} ${code}`)).toEqual(
      [4, 6, 12, 14, 15, 16].map((line) => `${line} unknown-method`),
    );
    const near = await problemsOf(boxPlan(usual.replace("box.list", "box.lst")), at(closed));
    expect(near).toMatchObject([{ code: "unknown-method", hint: "Did you mean box.list?" }]);
  });

  it("are to be declared where the config says which there are, and a near name is an addition", async () => {
    const found = await problemsOf(undeclared, at({ ...closed, configured: "boxes" }));
    const kinds = ["read", "enumerate", "change", "read", "enumerate", "change"];
    const calls = ["look", "list", "set", "get", "other", "undo"].map((name) => `crate.${name}`);
    expect(found.map(({ message, hint }) => [message, hint])).toEqual(
      calls.map((call, place) => [
        `methods of boxes does not declare ${call}, and undeclared is refuse`,
        `Declare it in the config, under methods of boxes: { ${call}: { kind: ${kinds[place]} } }.`,
      ]),
    );
    const near = await problemsOf(
      boxPlan(usual.replace("box.list", "box.lst")),
      at({ ...closed, configured: "boxes" }),
    );
    expect(near).toMatchObject([
      {
        hint: "Did you mean box.list? Else declare it in the config, under methods of boxes: { box.lst: { kind: enumerate } }.",
      },
    ]);
  });

  it("stay closed to a plan that would open them by itself", async () => {
    const own = undeclared.replace("service: boxes\n", "service: boxes\nallow_undocumented: true\n");
    const found = await problemsOf(own, at({ ...closed, configured: "boxes" }));
    expect(found.filter(({ code }) => code === "unknown-method")).toHaveLength(6);
  });

  it("may be nearly one that is declared", async () => {
    const { notes } = await load(boxPlan(usual.replace("box.list", "box.lst")), at(open));
    expect(notes).toMatchObject([
      { code: "undeclared-method", hint: expect.stringContaining("Did you mean box.list?") },
    ]);
  });
});

it("never fails otherwise than by refusing the list, whatever the answer is", async () => {
  const shapes = [
    "  rows: .\n",
    "  rows: a\n",
    "  rows: a[].b[]\n",
    "  rows: a[].b\n",
    "  rows: { at: a, map_key: id }\n",
    "  rows: { at: a, scalar: id }\n",
  ];
  const fields = [
    "  fields: { id: id, x: ., on: on }\n",
    "  fields: { id: id, on: ^id, n: { from: b, type: integer }, s: { from: a, type: set }, y: { value: row.b, type: integer } }\n",
  ];
  const change = { change: '  call: box.set\n  params: ["${{ item.id }}"]\n  expect: accepted\n' };
  const lists = shapes.flatMap((rows) => fields.map((some) => `  call: box.list\n  key: id\n${rows}${some}`));
  const plans = await Promise.all(lists.map((list) => planOf(list, change)));
  let taken = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const roll = dice(seed);
    const answer = roll(2) === 0 ? anyValue(roll, 5) : { a: anyValue(roll, 4) };
    for (const plan of plans) {
      try {
        taken += itemsOf(plan, answer).length;
      } catch (error) {
        if (!(error instanceof IncompleteError)) throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  }
  expect(taken).toBeGreaterThan(50);
});

/** JSON whose members are often those that the plans look for. */
function anyValue(roll: Dice, depth: number): Value {
  const inside = (): Value => anyValue(roll, depth - 1);
  const length = roll(4);
  switch (roll(depth === 0 ? 7 : 12)) {
    case 0:
      return null;
    case 1:
      return roll(2) === 0;
    case 2:
      return roll(5) - 1;
    case 3:
      return oneOf(roll, ["", "a", "0x1F", "12", "$int", "1e400", "\u0000"]);
    case 4:
      return { $int: oneOf(roll, ["9007199254740993", "5", "x", ""]) };
    case 5:
      return oneOf(roll, [1.5, 1e21, -0, 2 ** 60]);
    case 6:
      return [];
    case 7:
    case 8:
      return Array.from({ length }, inside);
    default: {
      const names = ["id", "a", "b", "on", "$int", "__proto__", "constructor", "value"];
      return Object.fromEntries(Array.from({ length: length + 1 }, () => [oneOf(roll, names), inside()]));
    }
  }
}

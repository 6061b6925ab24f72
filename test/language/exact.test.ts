import { describe, expect, it } from "vitest";
import type { Value } from "../../runner/core/model/item.ts";
import { ExpressionError } from "../../runner/core/model/frozen.ts";
import { omit, type CelMap } from "../../runner/language/cel.ts";
import { Scope } from "../../runner/language/expression.ts";
import { lostPart, parsePath } from "../../runner/language/paths.ts";
import { readSource } from "../../runner/language/source.ts";
import { compileTemplate } from "../../runner/language/template.ts";

const big = { $int: "9007199254740993" };
const scope = new Scope({ item: "map", row: "dyn" });
const names: CelMap = {
  item: { id: big, ids: [1, big], whole: { owner: big, name: "a", inner: { n: big } }, small: 5 },
  row: big,
};

function render(text: Value, given: CelMap = names): Value | typeof omit {
  const template = compileTemplate(text, {
    scope,
    report: (_, { message }) => {
      throw new Error(message);
    },
  });
  return template.render(given);
}

describe("a whole number beyond 2^53 in expressions", () => {
  it.each<[string, Value]>([
    ["item.id", big],
    ["row", big],
    ["item.id + 1", { $int: "9007199254740994" }],
    ["item.id - 9007199254740992", 1],
    ["item.id == 9007199254740993", true],
    ["item.id == 9007199254740992", false],
    ["item.id > 9007199254740992", true],
    ["item.id in item.ids", true],
    ["9007199254740994 in item.ids", false],
    ["item.ids", [1, big]],
    ["item.ids.map(i, i + 1)", [2, { $int: "9007199254740994" }]],
    ["item.ids[1]", big],
    ["union(item.ids, [9007199254740993])", [1, big]],
    ["minus(item.ids, [9007199254740993])", [1]],
    ["string(item.id)", "9007199254740993"],
    ["hex_text(item.id)", "0x20000000000001"],
    ["hex_text(-31)", "-0x1f"],
    ["key(item.id, 1)", '["9007199254740993","1"]'],
    ["item.whole", { owner: big, name: "a", inner: { n: big } }],
    ['merge(item.whole, {"name": "b"})', { owner: big, name: "b", inner: { n: big } }],
    ['merge(item.whole, {"owner": {"x": 1}})', { owner: { x: 1 }, name: "a", inner: { n: big } }],
    ['merge({"owner": {"x": 1}}, item.whole)', { owner: big, name: "a", inner: { n: big } }],
    ["item.whole == item.whole", true],
    ["9007199254740993", big],
  ])("%s is %j", (text, expected) => expect(render(`\${{ ${text} }}`)).toEqual(expected));

  it("stands inside a text as its digits", () => {
    expect(render(["box ${{ item.id }}", { a: "${{ item.id }}" }])).toEqual(["box 9007199254740993", { a: big }]);
  });

  it.each(["item.id == 'a'", "item.id.owner", "size(item.id)", "item.id < 'a'"])(
    "%s is an error, and names it",
    (text) => {
      expect(() => render(`\${{ ${text} }}`)).toThrow(ExpressionError);
    },
  );
});

describe("an object that would pass for such a number", () => {
  it.each([{ $int: "5" }, { $int: 5 }, { $int: "9007199254740993", more: 1 }, { a: [{ $int: "x" }] }])(
    "%j of a service is never sent",
    (value) => {
      expect(() => render("${{ row }}", { ...names, row: value })).toThrow(
        "an object with a member $int can not be sent",
      );
    },
  );

  it("can not be written in a plan", () => {
    expect(() => readSource("a: { $int: '9007199254740993' }\n", "plan.yaml")).toThrow("$int can not be a key");
    expect(() => render('${{ {"$int": "9007199254740993"} }}')).toThrow("$int can not be a key");
  });
});

describe("a path that leads nowhere", () => {
  it.each<[string, Value, string | undefined]>([
    [".", null, undefined],
    ["a", { a: null }, undefined],
    ["a", {}, "a"],
    ["a.b", { a: null }, "a.b"],
    ["a.b", { a: { b: 1 } }, undefined],
    ["a[]", { a: {} }, "a[]"],
    ["a[]", { a: null }, undefined],
    ["a[].b[]", { a: [{ b: [] }, {}] }, undefined],
    ["a[].b[]", { a: [{}, {}] }, "a[].b"],
    ["a[].b[]", { a: [] }, undefined],
    ["a[].b[]", { a: [{ b: {} }] }, "a[].b[]"],
    ["a[1]", { a: [1] }, "a[1]"],
    ["a[0].b", { a: [{ b: 1 }] }, undefined],
    ["constructor", {}, "constructor"],
  ])("%s in %j is lost at %j", (text, value, expected) => {
    expect(lostPart({ value, around: [] }, parsePath(text)!)).toBe(expected);
  });
});

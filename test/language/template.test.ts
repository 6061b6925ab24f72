import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Value } from "../../runner/core/model/item.ts";
import { omit, type CelMap } from "../../runner/language/cel.ts";
import { Scope } from "../../runner/language/expression.ts";
import { compileTemplate, parseParts } from "../../runner/language/template.ts";

const scope = new Scope(
  {
    omit: "dyn",
    item: { kind: "item", members: { id: "int", name: "string", seen: "int", tags: "list", extra: "map" } },
  },
  new Set(["inputs.pw"]),
);
const names: CelMap = {
  omit,
  item: { id: 7, name: "${{ item.id }}", seen: null, tags: ["a"], extra: { a: { b: 1 } } },
};

function render(value: Value): Value | typeof omit {
  const faults: string[] = [];
  const template = compileTemplate(value, {
    scope,
    secrets: new Set(["pw"]),
    report: (path, { start, code }) => faults.push(`${path.join(".")}+${start} ${code}`),
  });
  if (faults.length > 0) throw new Error(faults.join(", "));
  return template.render(names);
}

describe("a template", () => {
  it.each<[Value, Value | typeof omit]>([
    ["${{ item.id }}", 7],
    ["  ${{ item.id }}", "  7"],
    ["a ${{ item.id }} b ${{ item.id + 1 }}", "a 7 b 8"],
    ["${{ item.tags }}", ["a"]],
    ["${{ item.seen }}", null],
    ["$${{ item.id }}", "${{ item.id }}"],
    ["a $${{ b }} ${{ item.id }}", "a ${{ b }} 7"],
    ["$ {{ }} }} { $", "$ {{ }} }} { $"],
    ["${{ {'a': {'b': item.id}} }}", { a: { b: 7 } }],
    ["${{ '}}' }}", "}}"],
    ['${{ "a\\"}}" + r\'\\d}}\' }}!', 'a"}}\\d}}!'],
    ["${{ '''}}'it's''' }}", "}}'it's"],
    [
      { a: "${{ omit }}", b: ["${{ omit }}", 1], "${{ item.id }}": true },
      { b: [1], "${{ item.id }}": true },
    ],
    ["${{ omit }}", omit],
    [
      [1, true, null, "x"],
      [1, true, null, "x"],
    ],
    ["", ""],
  ])("%j renders to %j", (template, expected) => {
    expect(render(template)).toEqual(expected);
  });

  it("never looks at its output again", () => {
    expect(render("x ${{ item.name }}")).toBe("x ${{ item.id }}");
    expect(render("${{ item.name }}")).toBe("${{ item.id }}");
  });

  it("keeps a secret as a reference", () => {
    expect(render("${{ inputs.pw }}")).toEqual({ $secret: [{ input: "pw" }] });
    expect(render("a${{ inputs.pw }}${{ item.id }}")).toEqual({ $secret: ["a", { input: "pw" }, "7"] });
  });

  it.each<[Value, string]>([
    ["a ${{ item.id", "+2 bad-template"],
    ["${{ }}", "+3 bad-expression"],
    [{ a: ["x ${{ item.nope }}"] }, "a.0+11 unknown-field"],
    ["${{ 'a }}", "+0 bad-template"],
  ])("%j is refused at its place", (template, place) => {
    expect(() => render(template)).toThrow(place);
  });

  it.each(["a ${{ item.seen }}", "a ${{ item.tags }}", "a ${{ omit }}"])("%j has no text to put in", (template) => {
    expect(() => render(template)).toThrow(/can not stand inside a text/);
  });

  it("of a text without marks is that text, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes("${{"));
        expect(render(text)).toBe(text);
      }),
    );
  });

  it("gives back any text that is put in as a literal", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, text) => {
        fc.pre(!before.includes("${{") && !before.endsWith("$"));
        const parts = parseParts(`${before}\${{ ${JSON.stringify(text)} }}`);
        expect(Array.isArray(parts)).toBe(true);
        expect((parts as readonly object[]).at(-1)).toMatchObject({ expression: ` ${JSON.stringify(text)} ` });
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlanError } from "../../runner/core/model/errors.ts";
import { readSource } from "../../runner/language/source.ts";

function problemOf(text: string): { line: number; column: number; code: string; message: string; hint?: string } {
  try {
    readSource(text, "plan.yaml");
  } catch (error) {
    if (error instanceof PlanError) return error.problems[0]!;
    throw error;
  }
  throw new Error("the text was read");
}

describe("a YAML text", () => {
  it("is read as YAML 1.2 core: no surprises of older versions", () => {
    const text = "a: no\nb: 2026-01-31\nc: 1.50\nd: 1e3\ne: ~\nf: 0x1F\n843: x\n";
    expect(readSource(text, "f").value).toEqual({
      a: "no",
      b: "2026-01-31",
      c: 1.5,
      d: 1000,
      e: null,
      f: 31,
      "843": "x",
    });
  });

  it.each<[string, string, string]>([
    ["a tag that would lose a negation", "filter: !(item.x == 1)", "1:9 yaml-tag"],
    ["a known tag", "a: !!str 1", "1:10 yaml-tag"],
    ["an anchor", "a: &x 1", "1:7 yaml-alias"],
    ["an anchor of a map", "a: &x { b: 1 }", "1:7 yaml-alias"],
    ["an anchor of a list", "a: &x [1]", "1:7 yaml-alias"],
    ["an alias", "a: &x 1\nb: *x", "1:7 yaml-alias"],
    ["a merge key", "<<: { a: 1 }", "1:1 merge-key"],
    ["a duplicate key", "a: 1\nb: 2\na: 3", "3:1 duplicate-key"],
    ["a leading zero", "a: 0123", "1:4 leading-zero"],
    ["an integer beyond 2^53", "a: 9007199254740993", "1:4 large-number"],
    ["infinity", "a: .inf", "1:4 large-number"],
    ["a second document", "a: 1\n---\nb: 2", "2:1 bad-yaml"],
    ["a %YAML line", "%YAML 1.1\n---\na: yes", "1:1 bad-yaml"],
    ["a key that is a list", "? [a]\n: 1", "1:3 bad-yaml"],
    ["a key __proto__", "a: { __proto__: { x: 1 } }", "1:6 bad-key"],
    ["a key $secret", "a: { $secret: [] }", "1:6 bad-key"],
  ])("is refused for %s", (_, text, place) => {
    const { line, column, code } = problemOf(text);
    expect(`${line}:${column} ${code}`).toBe(place);
  });

  it("shows one error for one slip, with the fix for an unquoted template in braces", () => {
    const problem = problemOf("a: 1\nb: { x: ${{ y }} }\n");
    expect(problem).toMatchObject({ line: 2, code: "bad-yaml" });
    expect(problem.hint).toMatch(/quotes/);
  });

  it("never pollutes a prototype", () => {
    expect(() => readSource("__proto__: { polluted: true }", "f")).toThrow(PlanError);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each<[string, string]>([
    ["flow lists", "[".repeat(100_000)],
    ["flow maps", "{a: ".repeat(50_000)],
    ["block lists on one line", "- ".repeat(100_000)],
    ["keys on one line", "? ".repeat(50_000)],
    ["indentation", Array.from({ length: 400 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
    ["lists inside strings' brackets", `a: "]]]]]"\nb: ${"[".repeat(1000)}`],
  ])("that nests without end in %s is refused before it is parsed", (_, text) => {
    expect(problemOf(text).code).toBe("too-deep");
  });

  it("of an alias bomb is refused without being expanded", () => {
    const lines = Array.from(
      { length: 40 },
      (_, level) => `l${level}: &l${level} [${level === 0 ? "x" : `*l${level - 1}, *l${level - 1}`}]`,
    );
    expect(problemOf(lines.join("\n")).code).toBe("yaml-alias");
  });

  it("that is too large is refused", () => {
    expect(problemOf("a".repeat(5_000_000)).code).toBe("too-large");
  });

  it("keeps wide but flat texts", () => {
    const ids = Array.from({ length: 5000 }, (_, id) => id);
    expect(
      readSource(`ids: [${ids.join(", ")}]\n${ids.map((id) => `k${id}: [{ a: ${id} }]`).join("\n")}`, "f").value,
    ).toMatchObject({ ids });
  });
});

describe("a place", () => {
  const place = (
    text: string,
    path: readonly (string | number)[],
    offset: number,
    at: "key" | "value" = "value",
  ): string => {
    const { line, column } = readSource(text, "f").problem({ path, at, offset, code: "x", message: "x" });
    return `${line}:${column}`;
  };

  it.each<[string, string, readonly (string | number)[], number, string]>([
    ["plain", "a: item.x == 1", ["a"], 5, "1:9"],
    ["double quotes", 'a: "item.x == 1"', ["a"], 5, "1:10"],
    ["escapes", 'a: "\\"x\\" == item.y"', ["a"], 7, "1:14"],
    ["single quotes", "a: 'it''s == item.y'", ["a"], 8, "1:14"],
    ["a literal block", "a: |\n  item.x\n  == item.y\n", ["a"], 10, "3:6"],
    ["a folded block", "a: >-\n  item.x\n  == item.y\n", ["a"], 10, "3:6"],
    ["a folded plain text", "a: item.x\n  == item.y\n", ["a"], 10, "2:6"],
    ["a list element", "f:\n  - a == 1\n  - b == 2\n", ["f", 1], 2, "3:7"],
    ["a missing member", "a:\n  b: 1\n", ["a", "c"], 0, "2:3"],
    ["an empty value", "a:\nb: 1", ["a"], 0, "1:3"],
  ])("inside %s is exact", (...[, text, path, offset, expected]) => {
    expect(place(text, path, offset)).toBe(expected);
  });

  it("of a key is the key's", () => {
    expect(place("a:\n  bb: 1\n", ["a", "bb"], 0, "key")).toBe("2:3");
  });

  it("inside any quoted text points at the character that is meant", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('"', "'", "\\", "\n", "\t", "é", "a", "b", " ", "{"), { minLength: 1, maxLength: 30 }),
        (characters) => {
          const value = `${characters.join("")}Z`;
          const text = `a: ${JSON.stringify(value)}`;
          expect(place(text, ["a"], value.length - 1)).toBe(`1:${text.length - 1}`);
        },
      ),
    );
  });

  it("is the place of the value in whatever JSON is written", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(fc.integer(), fc.string(), fc.boolean()), {
          minKeys: 1,
        }),
        (value) => {
          const text = JSON.stringify(value, null, 1);
          const source = readSource(text, "f");
          expect(source.value).toEqual(value);
          for (const [place, name] of Object.keys(value).entries())
            expect(source.problem({ path: [name], code: "", message: "" }).line).toBe(place + 2);
        },
      ),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExpressionError } from "../../runner/core/model/frozen.ts";
import { lower, type CelMap } from "../../runner/language/cel.ts";
import { ExpressionFaults, Scope } from "../../runner/language/expression.ts";
import { maxList, maxSteps, maxText, Work } from "../../runner/language/work.ts";

const big = Array.from({ length: 5000 }, (_, place) => place);
const names: CelMap = {
  now: 0,
  item: { text: "a".repeat(60_000), huge: " ".repeat(4_000_000), list: big, words: big.map(String), map: { a: 1 } },
};
const scope = new Scope({
  now: "int",
  item: { kind: "item", members: { text: "string", huge: "string", list: "list", words: "list", map: "map" } },
});

/** Refused when compiled, refused when evaluated, or a value; anything else fails the test. */
function attempt(text: string): "fault" | "error" | "value" {
  try {
    lower(scope.compile(text).evaluate(names));
    return "value";
  } catch (error) {
    if (error instanceof ExpressionFaults) return "fault";
    if (error instanceof ExpressionError) return "error";
    throw error;
  }
}

describe("a hostile expression", () => {
  it.each<[string, string]>([
    ["signs", "!".repeat(30_000) + "true"],
    ["spaced signs", "- ".repeat(5000) + "1"],
    ["brackets", "(".repeat(30_000)],
    ["lists", "[".repeat(10_000)],
    ["maps", '{"a":'.repeat(5000)],
    ["conditions", "true ? ".repeat(5000)],
    ["a long sum", "1" + " + 1".repeat(5000)],
    ["members", "item" + ".map".repeat(5000)],
    ["a huge text", `"${"a".repeat(100_000)}"`],
    ["a backtracking pattern", 'item.text.matches("^(a+)+$")'],
    ["three lists inside one another", "item.list.all(a, item.list.all(b, item.list.all(c, true)))"],
    ["doubling by bind", "cel.bind(a, item.text + item.text, a + a)"],
    ["optional types", "item.?map"],
    ["the library's own namespaces", "google.protobuf.Duration"],
    ["constructors", "item.constructor"],
    ["an RE2 pattern that is too wide", 'rematch(item.text, "(a{900}){900}")'],
    ["a long RE2 pattern", `rematch("a", "${"a".repeat(600)}")`],
    ["a pattern of many states", 'rematch("a", "((a?){30}){30}")'],
    ["timestamps of the library", 'timestamp("2026-01-31T00:00:00Z").getDate("Europe/Berlin")'],
  ])("is refused for %s when the plan is loaded", (_, text) => {
    expect(attempt(text)).toBe("fault");
  });

  it.each<[string, string]>([
    ["nested lists", "item.list.all(a, item.list.all(b, a + b >= 0))"],
    ["a list through itself", "item.list.filter(x, x in (item.list + [x])).size() > 0"],
    ["long texts", "item.text + item.text"],
    ["replacing letters by texts", 'item.text.replace("a", "aaaaaaaa")'],
    ["joining", "item.words.join(item.text)"],
    ["splitting into letters", 'item.text.split("")'],
    ["doubling by a chain of lists", doublings(12)],
    ["a long chain of list functions", "item.list" + ".map(x, x)".repeat(30) + ".size() > 0"],
    ["doubling what is inside by a chain of lists", "[1]" + ".map(x, [x, x])".repeat(30)],
    ["one list in many places", "[item.list.map(a, item.list)].map(b, item.list.map(c, b))"],
    ["doubling lists", "[item.list].map(x, x + x + x)[0]"],
    ["a union of long lists", "union(item.list, item.words)"],
    ["comparing long lists again and again", "item.list.all(x, item.list == item.list.map(y, y))"],
    ["searching long texts again and again", 'item.list.all(x, !item.text.contains("b"))'],
    ["a pattern of fewer states again and again", 'item.list.all(x, rematch(item.text, "((a?){10}){8}[bc]") == false)'],
    ["a new pattern for every element", 'item.list.map(x, rematch("a", "(a{20}){20}" + string(x))).size() > 0'],
    ["the beginning of a huge text", "item.list.all(x, item.huge.startsWith(item.huge))"],
    ["the order of huge texts", "item.list.all(x, item.huge <= item.huge)"],
    ["a huge text that is no time", "item.list.all(x, time(item.huge) == 1 || true)"],
    ["failures that do not matter", "item.list.all(x, key(item.huge) == 'a' || true)"],
    ["messages about a huge list", "item.list.all(x, dyn(item.words) == dyn(x) || true)"],
    ["a pattern on a long text again and again", 'item.list.all(x, rematch(item.text, "(a|a)*b") == false)'],
  ])("is stopped at %s when it is evaluated", (_, text) => {
    const began = performance.now();
    expect(attempt(text)).toBe("error");
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it("finds a backtracking pattern quickly by RE2", () => {
    expect(new Scope({}).compile('rematch("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")').evaluate({})).toBe(
      false,
    );
  });

  it("never reaches what is not data", () => {
    for (const name of ["constructor", "__proto__", "prototype", "toString", "hasOwnProperty", "valueOf"]) {
      for (const object of ["item.map", "item.list", "item.text", "[1]", '{"a": 1}', '"a"', "1"]) {
        expect(attempt(`${object}["${name}"] == 1`)).not.toBe("value");
        expect(attempt(`${object}.${name} == 1`)).not.toBe("value");
      }
      expect(attempt(`has(item.map.${name}) ? 1 : item.map.a`)).not.toBe("error");
    }
  });

  it("made of anything at all ends as a value, a fault or an error", () => {
    const leaf = fc.constantFrom(
      "item.text",
      "item.list",
      "item.words",
      "item.map",
      "now",
      "1",
      "2.5",
      "'a'",
      "true",
      "null",
      "[]",
      "{}",
      "x",
    );
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc
          .tuple(
            tie("expression"),
            fc.constantFrom("+", "-", "*", "/", "%", "==", "!=", "<", "in", "&&", "||"),
            tie("expression"),
          )
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc
          .tuple(tie("expression"), fc.constantFrom("all", "exists", "map", "filter"), tie("expression"))
          .map(([a, name, b]) => `${a}.${name}(x, ${b})`),
        fc
          .tuple(fc.constantFrom("size", "string", "int", "ago", "dyn", "has", "key"), tie("expression"))
          .map(([name, a]) => `${name}(${a})`),
        fc
          .tuple(tie("expression"), fc.constantFrom("split", "join", "contains"), tie("expression"))
          .map(([a, name, b]) => `${a}.${name}(${b})`),
        fc.tuple(tie("expression"), tie("expression"), tie("expression")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
        fc.array(tie("expression"), { maxLength: 3 }).map((elements) => `[${elements.join(", ")}]`),
        tie("expression").map((a) => `dyn(${a})[0]`),
      ),
    }));
    fc.assert(
      fc.property(expression, (text) => {
        expect(["value", "fault", "error"]).toContain(attempt(text));
      }),
      { numRuns: 400 },
    );
  });

  it("made of noise ends as a fault or a value", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."abx1.()[]{}'\"\\!-+*/?:,<>=&| \n\t$é".split("")), maxLength: 60 }),
        (text) => {
          expect(["value", "fault", "error"]).toContain(attempt(text));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("the count of work", () => {
  it("stops at the bound and not before", () => {
    const work = new Work();
    work.spend(maxSteps);
    expect(() => work.spend(1)).toThrow(ExpressionError);
    expect(() => new Work().text(maxText + 1)).toThrow(/characters/);
    expect(() => new Work().list(maxList + 1)).toThrow(/elements/);
  });
});

function doublings(count: number): string {
  return "[".repeat(count) + "item.text" + "].map(x, x + x)[0]".repeat(count);
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wildcard } from "../../../runner/simulator/filter/wildcard.ts";
import { matchesPlainly } from "./expressions.ts";

describe("a wildcard pattern", () => {
  it.each([
    ["", "", true],
    ["*", "", true],
    ["", "a", false],
    ["a*c", "abcbc", true],
    ["a*c", "abcb", false],
    ["**a", "ba", true],
    ["?", "", false],
    ["[a-c_-]x", "_x", true],
    ["[a-c_-]x", "-x", true],
    ["[a-c]x", "dx", false],
    ["[^a]", "^", true],
    ["[]", "[]", true],
    ["[ab", "[ab", true],
    ["a.c", "abc", false],
    ["(a|b)+", "(a|b)+", true],
    ["a\nb*", "a\nb\nc", true],
  ])("%j on %j: %j", (pattern, text, expected) => {
    expect(wildcard(pattern)(text)).toBe(expected);
  });

  it("matches what trying everything matches", () => {
    const piece = fc.constantFrom("a", "b", "*", "?", "[ab]", "[a-b]", ".");
    const pattern = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(""));
    const text = fc.array(fc.constantFrom("a", "b", "c", "."), { maxLength: 8 }).map((letters) => letters.join(""));
    fc.assert(
      fc.property(pattern, text, (one, other) => {
        expect(wildcard(one)(other)).toBe(matchesPlainly(one, other));
      }),
      { numRuns: 3000 },
    );
  });

  it("takes no time over patterns that ruin regular expressions", () => {
    const began = performance.now();
    const test = wildcard(`${"*a".repeat(500)}*b`);
    for (let round = 0; round < 20; round += 1) expect(test("a".repeat(5_000))).toBe(false);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

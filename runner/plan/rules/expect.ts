import { meant } from "../../language/suggest.ts";
import type { Rule } from "./rule.ts";

const words = ["absent", "accepted"];

/** What stands in place of an expression: `absent` or `accepted`, though it be misspelt. */
export function meantWord(expected: string): string | undefined {
  return meant(expected.trim(), words);
}

/** Every change can be proved: by what it sets, or by what the plan expects. */
export const expect: Rule = function* ({ document }) {
  const { set, expect: expected } = document.change;
  const word = expected === undefined ? undefined : meantWord(expected);
  if (word !== undefined && word !== expected) {
    yield {
      path: ["change", "expect"],
      code: "bad-value",
      message: `expect: ${expected ?? ""} is no word that is known, and no expression`,
      hint: `Did you mean ${word}?`,
    };
    return;
  }
  if (set === undefined && expected === undefined) {
    yield {
      path: ["change"],
      at: "key",
      code: "missing-expect",
      message: "the change has neither set nor expect: nothing could confirm it",
      hint: "Add set, or expect: absent, accepted or an expression.",
    };
  }
  if (set !== undefined && (expected === "accepted" || expected === "absent")) {
    const why =
      expected === "accepted"
        ? "set is confirmed by the list, accepted by nothing"
        : "an item that is gone has no fields";
    yield {
      path: ["change", "expect"],
      code: "expect-with-set",
      message: `expect: ${expected} together with set: ${why}`,
      hint: "Keep one of the two.",
    };
  }
};

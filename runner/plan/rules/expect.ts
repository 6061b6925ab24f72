import type { Rule } from "./rule.ts";

/** Every change can be proved: by what it sets, or by what the plan expects. */
export const expect: Rule = function* ({ document }) {
  const { set, expect: expected } = document.change;
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

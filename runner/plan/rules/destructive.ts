import type { Rule } from "./rule.ts";

/** What can not be taken back says so, and has a ceiling. */
export const destructive: Rule = function* ({ document, catalogue, isFaulty }) {
  const { call, destructive: said } = document.change;
  if (catalogue.method(call)?.destructive && said !== true) {
    yield {
      path: said === undefined ? ["change", "call"] : ["change", "destructive"],
      code: "destructive",
      message: `${call} can not be taken back`,
      hint: "Add destructive: true to change, and guards.max.",
    };
  }
  if (said && document.guards?.max === undefined && !isFaulty(["guards", "max"])) {
    yield {
      path: ["change", "destructive"],
      at: "key",
      code: "destructive-without-max",
      message: "a destructive change needs guards.max",
      hint: "Add guards.max: the most items that may be affected.",
    };
  }
};

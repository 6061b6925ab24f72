import { written, type Rule } from "./rule.ts";

/** Paging, order and columns belong to the service: a plan that wrote them would break the proof that the list is whole. */
export const reserved: Rule = function* ({ document, list }) {
  for (const { path, use } of list?.reserved ?? []) {
    if (written(document.enumerate.params ?? {}, path) === undefined) continue;
    yield {
      path: ["enumerate", "params", ...path.split(".")],
      at: "key",
      code: "reserved-param",
      message: `${path} belongs to the service`,
      hint: `Use ${use}.`,
    };
  }
};

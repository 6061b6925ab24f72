import { written, type Rule } from "./rule.ts";

/** Paging, order and columns belong to the service: a plan that wrote them would break the proof that the list is whole. */
export const reserved: Rule = function* ({ document, list }) {
  if (list !== undefined && list.reserved.length > 0 && Array.isArray(document.enumerate.params)) {
    yield {
      path: ["enumerate", "params"],
      code: "positional-params",
      message: `${list.method} gets more params from Rollcall, and those are put in by name`,
      hint: "Write the params by name: a map, not a list.",
    };
  }
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

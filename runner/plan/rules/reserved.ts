import type { ListFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { Finding, Path } from "../../language/source.ts";
import { written, type Rule } from "./rule.ts";

/** Paging, order and columns belong to the service: a plan that wrote them would break the proof that the list is whole. */
export const reserved: Rule = function* ({ document, list }) {
  yield* reservedParams(["enumerate", "params"], document.enumerate.params ?? {}, list);
};

/** What a plan may not write in the params of a list. */
export function* reservedParams(path: Path, params: Value, list: ListFacts | undefined): Generator<Finding> {
  if (list !== undefined && list.reserved.length > 0 && Array.isArray(params)) {
    yield {
      path,
      code: "positional-params",
      message: `${list.method} gets more params from Rollcall, and those are put in by name`,
      hint: "Write the params by name: a map, not a list.",
    };
  }
  for (const { path: reservedPath, use } of list?.reserved ?? []) {
    if (written(params, reservedPath) === undefined) continue;
    yield {
      path: [...path, ...reservedPath.split(".")],
      at: "key",
      code: "reserved-param",
      message: `${reservedPath} belongs to the service`,
      hint: `Use ${use}.`,
    };
  }
}

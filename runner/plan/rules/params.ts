import type { MethodFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { Finding } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import type { Rule } from "./rule.ts";

/** Parameters are those of the method. */
export const params: Rule = function* ({ document, catalogue }) {
  if (document.allow_undocumented) return;
  yield* unknownParams(
    ["enumerate", "params"],
    document.enumerate.params ?? {},
    catalogue.method(document.enumerate.call),
  );
  yield* unknownParams(["change", "params"], document.change.params, catalogue.method(document.change.call));
};

/** Names of params that a method does not have. */
export function* unknownParams(
  path: readonly string[],
  given: Value,
  method: MethodFacts | undefined,
): Generator<Finding> {
  if (method === undefined || typeof given !== "object" || given === null || Array.isArray(given)) return;
  for (const name of Object.keys(given)) {
    if (method.params.includes(name)) continue;
    yield {
      path: [...path, name],
      at: "key",
      code: "unknown-param",
      message: `${method.name} has no parameter ${name}`,
      hint: didYouMean(name, method.params),
    };
  }
}

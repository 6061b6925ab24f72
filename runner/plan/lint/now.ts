import type { Value } from "../../core/model/item.ts";
import { carriedBy, carriedIn } from "../../language/carried.ts";
import type { Lint, LintContext } from "./lint.ts";

/**
 * A value that is another one in every run is never as desired: each run changes everything again. Where the filter looks at
 * the field, or `unless` says what needs nothing, the plan has an end of its own.
 */
const dependsOnNow: Lint = function* (context) {
  const { document, compiled } = context;
  if (document.change.unless !== undefined) return;
  for (const [name, value] of Object.entries(document.change.set ?? {})) {
    const isLookedAt = compiled.filter.some((clause) => clause?.uses.has(`item.${name}`) || clause?.uses.has("item"));
    if (isLookedAt || !isOfNow(value, context)) continue;
    yield {
      path: ["change", "set", name],
      code: "depends-on-now",
      message: `${name} becomes another value in every run, so no item is ever as desired, and every run changes all of them again`,
      hint: "Give the moment as an input of type time; or let the filter keep only items whose value is too old.",
    };
  }
};

/** By way of computed fields too. */
function isOfNow(value: Value, { made }: LintContext): boolean {
  const seen = new Set<string>();
  const reaches = (names: ReadonlySet<string>): boolean =>
    [...names].some((name) => {
      if (name === "now") return true;
      const expression = name.startsWith("item.") ? made?.expressions.get(name.slice("item.".length)) : undefined;
      if (expression === undefined || seen.has(name)) return false;
      seen.add(name);
      return reaches(carriedIn(expression.text));
    });
  return reaches(carriedBy(value));
}

export const nowLints: readonly Lint[] = [dependsOnNow];

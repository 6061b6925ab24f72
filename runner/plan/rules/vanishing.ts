import type { FieldFacts } from "../../core/model/catalogue.ts";
import { deepMerge } from "../merge.ts";
import { written, type Rule } from "./rule.ts";

/**
 * Verification reads the same list again. If the service's own filter or scope uses a field that changes, every changed
 * item would be gone from it and look lost, or, for a removal, look done.
 */
export const vanishing: Rule = function* ({ document, list, fields, listParams, verifyParams }) {
  const sets = Object.keys(document.change.set ?? {});
  const changing = fields.filter(({ name }) => sets.includes(name));
  if (list === undefined || changing.length === 0) return;
  // Another list has a scope and a filter of its own.
  if (document.verify?.call !== undefined && document.verify.call !== list.method) return;
  const { filterPath } = list;
  const verified = verifyParams === undefined ? listParams : deepMerge(listParams, verifyParams);
  const filter = filterPath === undefined ? undefined : written(verified, filterPath);
  const isOwn = filterPath !== undefined && written(verifyParams ?? null, filterPath) !== undefined;
  for (const field of changing) {
    if (filterPath === undefined || typeof filter !== "string" || !mentions(filter, field)) continue;
    yield {
      path: [isOwn ? "verify" : "enumerate", "params", ...filterPath.split(".")],
      code: "filter-on-set",
      message: `the list is filtered by ${field.name}, which the change sets: changed items would be gone when the list is read again`,
      hint: "Take it out here, and write it under filter.",
    };
  }
  for (const { path, field } of list.scope) {
    const source = list.field(field)?.source;
    if (verifyParams !== undefined && written(verifyParams, path) !== undefined) continue;
    if (written(listParams, path) === undefined || !changing.some((one) => one.source === source)) continue;
    yield {
      path: ["enumerate", "params", ...path.split(".")],
      code: "scope-on-set",
      message: `${path} is the scope of the list, and the change sets ${field}: changed items would leave it`,
      hint: `Write verify.params with the ${path} below which they are to be found afterwards.`,
    };
  }
};

/** Names in the filter's own language, outside its quotes. */
function mentions(filter: string, field: FieldFacts): boolean {
  const words = new Set(filter.replace(/'[^']*'|"[^"]*"/g, " ").match(/[A-Za-z_]\w*/g) ?? []);
  return [field.name, field.source, ...field.spellings].some((spelling) => words.has(spelling));
}

import type { Value } from "../../core/model/item.ts";
import { params } from "./params.ts";
import type { Rule } from "./rule.ts";

/**
 * Values that the plan itself writes are ones that the call can take, where their types have not shown already that they are
 * not; what a template gives is looked at item by item.
 */
export const encoding: Rule = function* (context) {
  const { document, catalogue } = context;
  const { call } = document.change;
  const faults = catalogue.encode?.(call, withoutTemplates(document.change.params)).faults ?? [];
  if (faults.length === 0) return;
  const told = new Set([...params(context)].map(({ path }) => JSON.stringify(path)));
  for (const { path: below, message, hint } of faults) {
    const path = ["change", "params", ...below];
    if (!told.has(JSON.stringify(path))) yield { path, code: "bad-value", message: `${call}: ${message}`, hint };
  }
};

function withoutTemplates(value: Value): Value {
  if (typeof value === "string") return value.includes("${{") ? null : value;
  if (Array.isArray(value)) return (value as readonly Value[]).map(withoutTemplates);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Value>>).map(([name, member]) => [name, withoutTemplates(member)]),
  );
}

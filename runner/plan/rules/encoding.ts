import type { Value } from "../../core/model/item.ts";
import type { Rule } from "./rule.ts";

/** Values that the plan itself writes are ones that the call can take; what a template gives is looked at item by item. */
export const encoding: Rule = function* ({ document, catalogue }) {
  const { call, params } = document.change;
  for (const { path, message, hint } of catalogue.encode?.(call, withoutTemplates(params)).faults ?? []) {
    yield { path: ["change", "params", ...path], code: "bad-value", message: `${call}: ${message}`, hint };
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

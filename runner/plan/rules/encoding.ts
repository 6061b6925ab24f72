import type { Catalogue } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { Finding } from "../../language/source.ts";
import type { CallDocument } from "../document.ts";
import { serves } from "../meant.ts";
import { params } from "./params.ts";
import type { Rule } from "./rule.ts";

/**
 * Values that the plan itself writes are ones that the call can take, where their types have not shown already that they are
 * not; what a template gives is looked at item by item.
 */
export const encoding: Rule = function* (context) {
  const { document, catalogue } = context;
  const { change, undo } = document;
  const faults = [...faultsOf("change", change, catalogue), ...faultsOf("undo", undo ?? {}, catalogue)];
  if (faults.length === 0) return;
  const told = new Set([...params(context)].map(({ path }) => JSON.stringify(path)));
  yield* faults.filter(({ path }) => !told.has(JSON.stringify(path)));
};

function faultsOf(part: string, { call, params: given }: Partial<CallDocument>, catalogue: Catalogue): Finding[] {
  if (call === undefined || given === undefined || !serves(catalogue.method(call), "change")) return [];
  const { faults = [] } = catalogue.encode?.(call, withoutTemplates(given)) ?? {};
  return faults.map(({ path: below, message, hint }) => {
    return { path: [part, "params", ...below], code: "bad-value", message: `${call}: ${message}`, hint };
  });
}

function withoutTemplates(value: Value): Value {
  if (typeof value === "string") return value.includes("${{") ? null : value;
  if (Array.isArray(value)) return (value as readonly Value[]).map(withoutTemplates);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Value>>).map(([name, member]) => [name, withoutTemplates(member)]),
  );
}

import { hole } from "../../core/model/catalogue.ts";
import type { Finding } from "../../language/source.ts";
import { parseParts } from "../../language/template.ts";
import { callsOf, type WrittenCall } from "./calls.ts";
import { written, type Rule, type RuleContext } from "./rule.ts";

/** A filter that the service applies is one that it can read: it would refuse the whole list, or leave out the wrong items. */
export const filters: Rule = function* (context) {
  for (const call of callsOf(context)) yield* filterFindings(call, context);
};

function* filterFindings({ path, call, given }: WrittenCall, { catalogue, document }: RuleContext): Generator<Finding> {
  const { filterPath, filterFaults } = catalogue.list(call) ?? {};
  const text = filterPath === undefined ? undefined : written(given, filterPath);
  if (filterPath === undefined || typeof text !== "string") return;
  const isLenient = document.allow_undocumented ?? false;
  for (const { isNote = false, ...fault } of filterFaults?.(withHoles(text)) ?? []) {
    const isSure = fault.code === "secret-field";
    const severity = isNote || (isLenient && !isSure) ? ({ severity: "note" } as const) : {};
    yield { path: [...path, ...filterPath.split(".")], ...severity, ...fault };
  }
}

/** The text, as long as it is, without what its expressions give. One that does not end was reported. */
function withHoles(text: string): string {
  const parts = parseParts(text);
  if ("message" in parts) return "";
  return parts.reduce((rest, part) => {
    if ("literal" in part) return rest;
    const [from, to] = [part.offset - "${{".length, part.offset + part.expression.length + "}}".length];
    return rest.slice(0, from) + hole.repeat(to - from) + rest.slice(to);
  }, text);
}

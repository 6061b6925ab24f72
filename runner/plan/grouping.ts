import { ExpressionError } from "../core/model/frozen.ts";
import { type Grouping } from "../core/model/precautions.ts";
import { shown, type Cel } from "../language/cel.ts";
import type { Expression, Scope } from "../language/expression.ts";
import type { Binding } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import type { PlanDocument } from "./document.ts";

/** The group of items that have no value there. */
const nobody = "(none)";

/** The field that `pace.per` is the bare name of. Undefined: it is an expression. */
export function fieldOf(per: string): string | undefined {
  return /^\s*([A-Za-z]\w*)\s*$/.exec(per)?.[1];
}

/** @param declared Names of fields; undefined: not known. A name that is none of them is told by a rule. */
export function compileGrouping(
  { pace: { per } = {} }: PlanDocument,
  {
    compiler,
    scope,
    declared,
  }: { readonly compiler: Compiler; readonly scope: Scope; readonly declared: readonly string[] | undefined },
): Expression | undefined {
  if (per === undefined) return undefined;
  const field = fieldOf(per);
  if (field !== undefined && declared?.includes(field) !== true) return undefined;
  return compiler.expression(["pace", "per"], field === undefined ? per : `item.${field}`, {
    scope,
    gives: "a text, a whole number, or true or false",
    fits: (type) => type === "string" || type === "int" || type === "bool" || type === "null",
  });
}

/** Only for a plan without problems. */
export function groupingOf({ pace = {} }: PlanDocument, compiled: Expression, binding: Binding): Grouping {
  const { per = compiled.text, per_concurrency: concurrency } = pace;
  return {
    text: per.trim(),
    ...(concurrency !== undefined && { concurrency }),
    of: (frozen, item) => nameOf(compiled.evaluate(binding.item(frozen, item)), per.trim()),
  };
}

function nameOf(value: Cel, per: string): string {
  if (value === null || value === "") return nobody;
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return value.toString();
  throw new ExpressionError(
    `pace.per ${per} gives ${shown(value)}, which can not name a group`,
    "A group is named by a text, a whole number, or true or false.",
  );
}

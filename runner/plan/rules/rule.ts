import type { Catalogue, FieldFacts, ListFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { Finding } from "../../language/source.ts";
import type { PlanDocument } from "../document.ts";
import type { CompiledList } from "../parts.ts";

/** What rules look at. */
export interface RuleContext {
  readonly document: PlanDocument;
  readonly catalogue: Catalogue;
  /** Undefined: the call is not a list that is known; that is reported by one rule alone. */
  readonly list: ListFacts | undefined;
  /** What the list is asked for with, compiled. */
  readonly asked: CompiledList;
  /** The declared fields that are known. */
  readonly fields: readonly FieldFacts[];
  /** `enumerate.params` with the inputs in place, where that could be rendered; else as written. */
  readonly listParams: Value;
  /** Members of names that `change.params` uses, such as `set.product_id`. */
  readonly paramsUse: ReadonlySet<string>;
}

/** One thing that can be wrong with a plan. Every rule runs, so that all problems are shown at once. */
export type Rule = (context: RuleContext) => Iterable<Finding>;

/** The member at a dotted path, and whether it is written at all. */
export function written(value: Value, path: string): Value | undefined {
  return path.split(".").reduce<Value | undefined>((node, name) => {
    if (typeof node !== "object" || node === null || Array.isArray(node)) return undefined;
    const members = node as Readonly<Record<string, Value>>;
    return Object.hasOwn(members, name) ? members[name] : undefined;
  }, value);
}

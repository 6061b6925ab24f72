import type { Finding, Path } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import { fieldOf } from "../grouping.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** What waves cover and what groups are made of are fields of the items; and groups have what is said of groups. */
export const pace: Rule = function* (context) {
  const { cover = [], per, per_concurrency: concurrency } = context.document.pace ?? {};
  for (const [place, name] of cover.entries()) {
    const path = ["pace", "cover", place];
    if (cover.indexOf(name) < place)
      yield { path, code: "duplicate-field", message: `pace.cover has ${name} twice`, hint: "Leave one of them out." };
    else yield* fieldFindings(path, name, context);
  }
  const field = per === undefined ? undefined : fieldOf(per);
  if (field !== undefined) yield* fieldFindings(["pace", "per"], field, context);
  if (concurrency === undefined || per !== undefined) return;
  yield {
    path: ["pace", "per_concurrency"],
    at: "key",
    code: "missing-key",
    message: "per_concurrency is of each group, and nothing groups the items",
    hint: "Add per: a field, or an expression over item; concurrency is that of the whole run.",
  };
};

function* fieldFindings(path: Path, name: string, { fields, isUnsure, list }: RuleContext): Generator<Finding> {
  if (list === undefined || isUnsure(name) || fields.some((one) => one.name === name)) return;
  const near = didYouMean(
    name,
    fields.map((one) => one.name),
  );
  const hint = list.field(name) === undefined ? near : "Add it to enumerate.fields.";
  yield {
    path,
    code: "unknown-field",
    message: `${name} is not among the fields of the list, or of what is read before the change`,
    hint: hint ?? "Write one of the plan's fields.",
  };
}

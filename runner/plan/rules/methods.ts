import type { Catalogue, MethodFacts } from "../../core/model/catalogue.ts";
import type { Finding, Path } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import { callsOf } from "./calls.ts";
import { sureness, type Rule, type RuleContext } from "./rule.ts";

/** The list is read with a list call, the change made with a change call, and both are known. */
export const methods: Rule = function* (context) {
  yield* listCall(context);
  yield* changeCall(context);
  yield* otherCalls(context);
};

function* listCall({ document, catalogue, list }: RuleContext): Generator<Finding> {
  const { call } = document.enumerate;
  const path = ["enumerate", "call"];
  const method = catalogue.method(call);
  if (method === undefined && list === undefined) yield unknown(path, call, catalogue);
  else if (method !== undefined && method.kind !== "enumerate" && method.kind !== "read") {
    yield {
      path,
      code: "not-a-list",
      message: `${call} is a ${method.kind} call: reading a list with it could change things`,
      hint: "Use a call that enumerates.",
    };
  } else if (list === undefined) {
    yield {
      path,
      code: "not-yet",
      message: `${call} can not be read as a list: its answer has no items with an Id, or it is not known how it pages`,
    };
  } else if (method !== undefined && !document.allow_undocumented) yield* unsure(path, method);
}

function* changeCall({ document, catalogue }: RuleContext): Generator<Finding> {
  const { call } = document.change;
  const path = ["change", "call"];
  const method = catalogue.method(call);
  if (method === undefined) {
    if (!document.allow_undocumented) yield unknown(path, call, catalogue);
  } else if (method.kind !== "change") {
    yield { path, code: "not-a-change", message: `${call} is a ${method.kind} call, which changes nothing` };
  } else if (!document.allow_undocumented) yield* unsure(path, method);
}

/** Calls that other rules have a say on. */
function* otherCalls(context: RuleContext): Generator<Finding> {
  const { catalogue, document } = context;
  if (document.allow_undocumented) return;
  for (const { path, call, isPart = false } of callsOf(context)) {
    const method = catalogue.method(call);
    const [part] = path;
    if (method !== undefined && !isPart && part !== "enumerate" && part !== "change")
      yield* unsure([...path.slice(0, -1), "call"], method);
  }
}

function* unsure(path: Path, { name, confidence }: MethodFacts): Generator<Finding> {
  if (confidence === undefined) return;
  yield {
    path,
    severity: "note",
    code: "unsure-method",
    message: `${name} is not documented by the vendor: ${sureness[confidence]}`,
    hint: "Try it on one item first. allow_undocumented: true takes this note away.",
  };
}

function unknown(path: readonly string[], call: string, catalogue: Catalogue): Finding {
  const elsewhere = catalogue.elsewhere?.(call);
  if (elsewhere !== undefined)
    return { path, code: "not-yet", message: `${call} can not be called yet: it is served by ${elsewhere}` };
  const hint =
    didYouMean(call, catalogue.methodNames) ??
    `${catalogue.hasReference === true ? "`rollcall catalog methods` lists the calls; " : ""}allow_undocumented: true lets a change pass that is not among them.`;
  return { path, code: "unknown-method", message: `the catalogue has no method ${call}`, hint };
}

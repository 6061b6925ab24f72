import type { Catalogue, MethodFacts } from "../../core/model/catalogue.ts";
import type { Finding, Path } from "../../language/source.ts";
import { meant } from "../../language/suggest.ts";
import { serves } from "../meant.ts";
import { unknownMethod } from "../unknown-method.ts";
import { callsOf } from "./calls.ts";
import { listed, sureness, type Rule, type RuleContext } from "./rule.ts";

/** The list is read with a list call, the change made with a change call, and both are known. */
export const methods: Rule = function* (context) {
  yield* listCall(context);
  yield* changeCall(context);
  yield* verifyCall(context);
  yield* otherCalls(context);
};

function* listCall({ document, catalogue, list, isDescribed }: RuleContext): Generator<Finding> {
  const { call } = document.enumerate;
  const path = ["enumerate", "call"];
  const method = catalogue.method(call);
  if (method === undefined && isDescribed && catalogue.isOpen) yield undeclaredRead(path, call, catalogue);
  else if (method === undefined && (list === undefined || isDescribed))
    yield unknownCall(path, call, { catalogue, purpose: "list" });
  else if (method !== undefined && !serves(method, "list")) {
    yield notAList(path, method);
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
  if (method === undefined && catalogue.isOpen) yield* undeclaredChange(path, call, catalogue);
  else if (method === undefined) {
    const listing = catalogue.hasReference === true ? "`rollcall catalog methods` lists the calls; " : "";
    const remedy = `${listing}allow_undocumented: true lets a change pass that is not among them.`;
    if (!document.allow_undocumented) yield unknownCall(path, call, { catalogue, purpose: "change", remedy });
  } else if (method.kind !== "change") {
    yield notAChange(path, method);
  } else if (!document.allow_undocumented) yield* unsure(path, method);
}

function* verifyCall({ document, catalogue, isDescribed }: RuleContext): Generator<Finding> {
  const { call = document.enumerate.call } = document.verify ?? {};
  if (call === document.enumerate.call) return;
  const path = ["verify", "call"];
  const method = catalogue.method(call);
  const list = catalogue.list(call);
  const notYet = (why: string): Finding => ({ path, code: "not-yet", message: `${call} ${why}` });
  if (method !== undefined && !serves(method, "list")) yield notAList(path, method);
  else if (isDescribed && list !== undefined)
    yield notYet("is a list that the service knows, and that of enumerate is none");
  else if (isDescribed && method === undefined && catalogue.isOpen) yield undeclaredRead(path, call, catalogue);
  else if (isDescribed && method !== undefined && catalogue.described?.(call) !== undefined) return;
  else if (method?.isRouted) yield notYet("is answered where a device lives: items can not be looked for there");
  else if (list === undefined && method === undefined) yield unknownCall(path, call, { catalogue, purpose: "list" });
  else if (list === undefined) yield notYet("can not be read as a list: it is not known how it pages");
}

function notAList(path: Path, { name, kind }: MethodFacts): Finding {
  const message = `${name} is a ${kind} call: reading a list with it could change things`;
  return { path, code: "not-a-list", message, hint: "Use a call that enumerates." };
}

/** @param path Of a call that is to change something. */
export function notAChange(path: Path, { name, kind }: MethodFacts): Finding {
  const message = `${name} is a ${kind} call, which changes nothing`;
  return { path, code: "not-a-change", message, hint: "Use a call that changes items." };
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

/** A read that nobody has declared, where such calls may be made. */
export function undeclaredRead(path: Path, call: string, catalogue: Catalogue): Finding {
  return {
    path,
    severity: "note",
    code: "undeclared-method",
    message: `nothing says that ${call} only reads`,
    hint: `${nearby(call, catalogue)}Try it with care; the config can declare it: methods: { ${call}: { kind: enumerate } }, or kind: read.`,
  };
}

/** What is sent once at most may be anything; a name that is nearly a declared one is worth a word. */
export function* undeclaredChange(path: Path, call: string, catalogue: Catalogue): Generator<Finding> {
  const near = nearby(call, catalogue).trim();
  if (near === "") return;
  const message = `${call} is not declared in the config`;
  yield { path, severity: "note", code: "undeclared-method", message, hint: near };
}

function nearby(call: string, { methodNames }: Catalogue): string {
  const near = meant(call, methodNames);
  return near === undefined ? "" : `Did you mean ${near}? `;
}

/** A call that is not in the catalogue. */
export function unknownCall(path: Path, call: string, known: Parameters<typeof unknownMethod>[2]): Finding {
  const { catalogue, remedy } = known;
  const elsewhere = catalogue.elsewhere?.(call);
  if (elsewhere !== undefined)
    return { path, code: "not-yet", message: `${call} can not be called yet: it is served by ${elsewhere}` };
  return unknownMethod(path, call, { ...known, remedy: remedy ?? listed(catalogue, "methods") });
}

import type { Finding } from "../../language/source.ts";
import type { PlanDocument } from "../document.ts";
import { notAChange, undeclaredChange, unknownCall } from "./methods.ts";
import type { Rule } from "./rule.ts";

/** Going back is a change of its own, or has a reason why it is none. */
export const undo: Rule = function* ({ document, catalogue }) {
  const { undo: written } = document;
  if (written === undefined) return;
  const { possible = true, reason, unless, call, params } = written;
  if (reason === undefined && (!possible || unless !== undefined)) {
    yield {
      path: ["undo"],
      at: "key",
      code: "missing-reason",
      message: possible
        ? "undo.unless leaves items alone and does not say why"
        : "undo is not possible: for what reason?",
      hint: "Add reason: it is shown with every preview.",
    };
  }
  if (!possible && (call !== undefined || unless !== undefined)) {
    yield {
      path: ["undo", call === undefined ? "unless" : "call"],
      at: "key",
      code: "bad-key",
      message: "undo is not possible, so nothing is done there",
      hint: "Keep reason alone.",
    };
  }
  if (call === undefined) yield* callKeys(written);
  else yield* callFindings({ call, params, destructive: written.destructive }, catalogue);
};

function* callKeys(written: NonNullable<PlanDocument["undo"]>): Generator<Finding> {
  for (const name of ["params", "route", "chunk", "result", "destructive"] as const) {
    if (written[name] === undefined) continue;
    yield {
      path: ["undo", name],
      at: "key",
      code: "missing-key",
      message: `undo.${name} is about a call, and there is none`,
      hint: "Add call. Without it the change itself is made with the old values.",
    };
  }
}

function* callFindings(
  {
    call,
    params,
    destructive,
  }: { readonly call: string; readonly params: unknown; readonly destructive: boolean | undefined },
  catalogue: Parameters<Rule>[0]["catalogue"],
): Generator<Finding> {
  const path = ["undo", "call"];
  const method = catalogue.method(call);
  if (params === undefined)
    yield { path, at: "key", code: "missing-key", message: "undo.call has no params", hint: "Add params." };
  if (method === undefined && catalogue.isOpen) yield* undeclaredChange(path, call, catalogue);
  else if (method === undefined) yield unknownCall(path, call, { catalogue, purpose: "change" });
  else if (method.kind !== "change") yield notAChange(path, method);
  else if (method.destructive && destructive !== true)
    yield {
      path,
      code: "destructive",
      message: `${call} can not be taken back`,
      hint: "Add destructive: true to undo.",
    };
}

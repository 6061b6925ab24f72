import type { EnvelopeRules } from "../../core/model/protocol.ts";
import type { ServiceCompiler } from "./compiler.ts";
import { valueCondition } from "./conditions.ts";
import type { EnvelopeDocument } from "./document.ts";
import { answerScope } from "./names.ts";

export function compileEnvelope(document: EnvelopeDocument, compiler: ServiceCompiler): EnvelopeRules {
  const { version = "2.0", method = "method", params = "params", id = "id" } = document;
  reportClashes(document, compiler);
  const success =
    document.success === undefined
      ? undefined
      : compiler.condition(["envelope", "success"], document.success, answerScope(["body"]));
  const succeeds = valueCondition(success, "body");
  return {
    version: version === "omit" ? undefined : version,
    ...{ method, params, id },
    hasNumericIds: document.numeric_ids ?? false,
    emptyParams: document.empty_params ?? "object",
    result: compiler.memberFinder(["envelope", "result"], document.result ?? "result"),
    error: compiler.finder(["envelope", "error"], document.error ?? "error"),
    success: document.success === undefined ? undefined : (body) => succeeds(body) === true,
    contentType: document.content_type ?? "application/json",
    nullId: document.null_id ?? "refuse",
  };
}

/** Members of every request, with what each is for. */
export function membersOf(document: EnvelopeDocument): ReadonlyMap<string, string> {
  const { version, method = "method", params = "params", id = "id" } = document;
  const own = [
    [method, "the method"],
    [params, "the params"],
    [id, "the id"],
  ] as const;
  return new Map(version === "omit" ? own : [["jsonrpc", "the version"], ...own]);
}

function reportClashes(document: EnvelopeDocument, compiler: ServiceCompiler): void {
  const taken = new Map(document.version === "omit" ? [] : [["jsonrpc", "the version"]]);
  for (const key of ["method", "params", "id"] as const) {
    const member = document[key] ?? key;
    const by = taken.get(member);
    taken.set(member, `the ${key}`);
    if (by === undefined) continue;
    const message = `${compiler.place(["envelope", key])} is the member of ${by} as well`;
    compiler.report(["envelope", key], { code: "same-place", message, hint: "Each has a member of its own." });
  }
}

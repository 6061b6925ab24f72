import type { Catalogue, MethodFacts } from "../../core/model/catalogue.ts";
import { mostProblems } from "../../core/model/errors.ts";
import type { Value } from "../../core/model/item.ts";
import type { Finding, Path } from "../../language/source.ts";
import { didYouMean, nearest } from "../../language/suggest.ts";
import { callsOf, type WrittenCall } from "./calls.ts";
import { listed, type Rule } from "./rule.ts";
import { literalFindings, membersOf, shapeIn } from "./literals.ts";

/** Parameters are those of the method, and what is written out fits their types, at any depth. */
export const params: Rule = function* (context) {
  if (context.document.allow_undocumented) return;
  let found = 0;
  for (const call of callsOf(context)) {
    for (const finding of callFindings(call, context.catalogue)) {
      yield finding;
      // No more are told, and a stranger's plan can have any number of them.
      if (++found > mostProblems) return;
    }
  }
};

function* callFindings(written: WrittenCall, catalogue: Catalogue): Generator<Finding> {
  const method = catalogue.method(written.call);
  const given = membersOf(written.given);
  if (method === undefined || given === undefined) return;
  for (const [name, value] of Object.entries(given)) {
    const path = [...written.path, name];
    const param = method.params.find((one) => one.name === name);
    if (param === undefined) yield unknownParam(path, name, { method, catalogue });
    else {
      for (const finding of literalFindings({ path, name, value, shape: shapeIn(catalogue, param.type) }, catalogue))
        if (!isReserved(finding, written)) yield finding;
    }
  }
  if (written.isPart !== true) yield* missing(written, method, given);
}

/** What belongs to the service is no value to be put right: another rule says that it has to go. */
function isReserved(finding: Finding, { path, list }: WrittenCall): boolean {
  const below = `${finding.path.slice(path.length).join(".")}.`;
  return list?.reserved.some((own) => below.startsWith(`${own.path}.`)) ?? false;
}

function unknownParam(
  path: Path,
  name: string,
  { method, catalogue }: { readonly method: MethodFacts; readonly catalogue: Catalogue },
): Finding {
  const known = method.params.map((one) => one.name);
  const hint =
    known.length === 0
      ? `${method.name} takes none.`
      : (didYouMean(name, known) ?? listed(catalogue, `methods ${method.name}`));
  return { path, at: "key", code: "unknown-param", message: `${method.name} has no parameter ${name}`, hint };
}

/** That a parameter is needed is an error only where the vendor says so: that its type has no "unset" proves little. */
function* missing(
  { path, list }: WrittenCall,
  method: MethodFacts,
  given: Readonly<Record<string, Value>>,
): Generator<Finding> {
  const reserved = [...(list?.reserved ?? []), ...(method.reserved ?? [])];
  for (const { name, type, required } of method.params) {
    const isFilledIn = reserved.some((own) => own.path === name || own.path.startsWith(`${name}.`));
    if (required === undefined || isFilledIn || Object.hasOwn(given, name) || isMisspelt(name, given, method)) continue;
    yield {
      path,
      at: "key",
      code: "missing-param",
      message: `${method.name} ${required === "documented" ? "needs" : "probably needs"} the parameter ${name} (${type})`,
      hint: `Add ${name}: …`,
      ...(required === "documented" ? {} : { severity: "note" }),
    };
  }
}

/** It is there under a name that the call has not: that is told. */
function isMisspelt(name: string, given: Readonly<Record<string, Value>>, { params }: MethodFacts): boolean {
  const known = params.map((one) => one.name);
  return Object.keys(given).some((written) => !known.includes(written) && nearest(written, known) === name);
}

import type { Catalogue, MethodFacts, ParamFacts } from "../../core/model/catalogue.ts";
import { mostProblems } from "../../core/model/errors.ts";
import type { Value } from "../../core/model/item.ts";
import type { Finding, Path } from "../../language/source.ts";
import { didYouMean, nearest } from "../../language/suggest.ts";
import { callsOf, type WrittenCall } from "./calls.ts";
import { listed, type Rule, type RuleContext } from "./rule.ts";
import { literalFindings, membersOf, shapeIn } from "./literals.ts";

/** Parameters are those of the method, and what is written out fits their types, at any depth. */
export const params: Rule = function* (context) {
  if (context.document.allow_undocumented) return;
  let found = 0;
  for (const call of callsOf(context)) {
    for (const finding of callFindings(call, context)) {
      yield finding;
      // No more are told, and a stranger's plan can have any number of them.
      if (++found > mostProblems) return;
    }
  }
};

function* callFindings(written: WrittenCall, around: RuleContext): Generator<Finding> {
  const { catalogue } = around;
  const method = catalogue.method(written.call);
  if (method === undefined || method.takesAny || isGivenByName(written, method)) return;
  const given = membersOf(written.given);
  const params = given === undefined ? inOrder(written.given, method) : byName(given, method);
  for (const { step, name, value, param } of params) {
    const path = [...written.path, step];
    if (param === undefined) yield unknownParam(path, step, { method, catalogue });
    else {
      for (const finding of literalFindings({ path, name, value, shape: shapeIn(catalogue, param.type) }, around))
        if (!isReserved(finding, written)) yield finding;
    }
  }
  if (written.isPart !== true) yield* missing(written, method, new Set(params.map(({ name }) => name)));
}

/** Written in order although more is put in by name: that is reported, and the order says nothing then. */
function isGivenByName({ given, list }: WrittenCall, { isRouted }: MethodFacts): boolean {
  return Array.isArray(given) && (isRouted === true || (list?.reserved ?? []).length > 0);
}

interface Given {
  readonly step: string | number;
  readonly name: string;
  readonly value: Value;
  /** Undefined: the call takes none such. */
  readonly param: ParamFacts | undefined;
}

function byName(given: Readonly<Record<string, Value>>, { params }: MethodFacts): readonly Given[] {
  return Object.entries(given).map(([name, value]) => {
    return { step: name, name, value, param: params.find((one) => one.name === name) };
  });
}

function inOrder(given: Value, { params }: MethodFacts): readonly Given[] {
  return (Array.isArray(given) ? (given as readonly Value[]) : []).map((value, place) => {
    return { step: place, name: params[place]?.name ?? "", value, param: params[place] };
  });
}

/** What belongs to the service is no value to be put right: another rule says that it has to go. */
function isReserved(finding: Finding, { path, list }: WrittenCall): boolean {
  const below = `${finding.path.slice(path.length).join(".")}.`;
  return list?.reserved.some((own) => below.startsWith(`${own.path}.`)) ?? false;
}

function unknownParam(
  path: Path,
  step: string | number,
  { method, catalogue }: { readonly method: MethodFacts; readonly catalogue: Catalogue },
): Finding {
  const { name: call, params } = method;
  const known = params.map((one) => one.name);
  if (typeof step === "number") {
    const message = `${call} has no parameter number ${step + 1}`;
    const hint = known.length === 0 ? `${call} takes none.` : `It takes, in this order: ${known.join(", ")}.`;
    return { path, code: "unknown-param", message, hint };
  }
  const hint =
    known.length === 0 ? `${call} takes none.` : (didYouMean(step, known) ?? listed(catalogue, `methods ${call}`));
  return { path, at: "key", code: "unknown-param", message: `${call} has no parameter ${step}`, hint };
}

/** That a parameter is needed is an error only where the vendor says so: that its type has no "unset" proves little. */
function* missing({ path, list }: WrittenCall, method: MethodFacts, given: ReadonlySet<string>): Generator<Finding> {
  const reserved = [...(list?.reserved ?? []), ...(method.reserved ?? [])];
  for (const { name, type, required } of method.params) {
    const isFilledIn = reserved.some((own) => own.path === name || own.path.startsWith(`${name}.`));
    if (required === undefined || isFilledIn || given.has(name) || isMisspelt(name, given, method)) continue;
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
function isMisspelt(name: string, given: ReadonlySet<string>, { params }: MethodFacts): boolean {
  const known = params.map((one) => one.name);
  return [...given].some((written) => !known.includes(written) && nearest(written, known) === name);
}

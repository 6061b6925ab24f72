import type { Catalogue, ListFacts, MethodFacts } from "../../core/model/catalogue.ts";
import { mostProblems } from "../../core/model/errors.ts";
import type { Value } from "../../core/model/item.ts";
import type { Finding } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import type { LookupDocument } from "../document.ts";
import { listed, type Rule, type RuleContext } from "./rule.ts";
import { literalFindings, membersOf, shapeIn } from "./literals.ts";

/** Parameters are those of the method, and what is written out fits their types, at any depth. */
export const params: Rule = function* (context) {
  if (context.document.allow_undocumented) return;
  let found = 0;
  for (const finding of allFindings(context)) {
    yield finding;
    // No more are told, and a stranger's plan can have any number of them.
    if (++found > mostProblems) return;
  }
};

function* allFindings({ document, catalogue, list }: RuleContext): Generator<Finding> {
  const { enumerate, change } = document;
  for (const [name, lookup] of Object.entries(document.lookups ?? {})) {
    const { call, params: given = {} } = lookup;
    if (call === undefined) continue;
    yield* callFindings({ path: ["lookups", name, "params"], given, call, list: listOf(lookup, catalogue) }, catalogue);
  }
  const { call, params: given = {}, narrow = {} } = enumerate;
  yield* callFindings({ path: ["enumerate", "params"], given, call, list }, catalogue);
  yield* callFindings({ path: ["enumerate", "narrow"], given: narrow, call, list, isPart: true }, catalogue);
  yield* callFindings(
    { path: ["change", "params"], given: change.params, call: change.call, list: undefined },
    catalogue,
  );
}

/** The list that a lookup is read as; undefined: its answer is taken as it comes. */
export function listOf({ call, rows, value }: LookupDocument, catalogue: Catalogue): ListFacts | undefined {
  return call === undefined || value !== undefined || rows !== undefined ? undefined : catalogue.list(call);
}

interface Written {
  readonly path: readonly string[];
  readonly given: Value;
  readonly call: string;
  /** The list that fills in parameters of its own; undefined for a change. */
  readonly list: ListFacts | undefined;
  /** More is given elsewhere, so that nothing is missed here. */
  readonly isPart?: true;
}

function* callFindings(written: Written, catalogue: Catalogue): Generator<Finding> {
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
  if (written.isPart === undefined) yield* missing(written, method, given);
}

/** What belongs to the service is no value to be put right: another rule says that it has to go. */
function isReserved(finding: Finding, { path, list }: Written): boolean {
  const below = `${finding.path.slice(path.length).join(".")}.`;
  return list?.reserved.some((own) => below.startsWith(`${own.path}.`)) ?? false;
}

function unknownParam(
  path: readonly string[],
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
  { path, list }: Written,
  method: MethodFacts,
  given: Readonly<Record<string, Value>>,
): Generator<Finding> {
  for (const { name, type, required } of method.params) {
    const isFilledIn = list?.reserved.some((own) => own.path === name || own.path.startsWith(`${name}.`)) ?? false;
    if (required === undefined || isFilledIn || Object.hasOwn(given, name)) continue;
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

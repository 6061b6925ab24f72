import type { FieldFacts } from "../core/model/catalogue.ts";
import type { Expression } from "../language/expression.ts";
import type { Finding } from "../language/source.ts";
import type { Template } from "../language/template.ts";
import { compileCall, type CompiledCall } from "./calls.ts";
import type { Compiler } from "./compiler.ts";
import { setFault } from "./desired.ts";
import type { CallDocument, PlanDocument } from "./document.ts";
import type { CompiledList } from "./parts.ts";
import { resultScope, type Scopes } from "./scopes.ts";

/** Everything of a plan that is an expression or a template, compiled. A part with a problem is undefined, or null. */
export interface Compiled {
  readonly list: CompiledList;
  readonly total: Expression | undefined;
  readonly filter: readonly (Expression | undefined)[];
  readonly set: Readonly<Record<string, Template>>;
  readonly call: CompiledCall;
  readonly unless: Expression | undefined;
  readonly undo: { readonly call: CompiledCall | undefined; readonly unless: Expression | undefined };
  readonly expect: Expression | undefined;
  readonly pending: Expression | undefined;
  readonly require: readonly { readonly that: Expression | undefined; readonly message: Template }[];
}

/** Compile a plan's expressions and templates; problems are left in the compiler. */
export function compilePlan(
  document: PlanDocument,
  scopes: Scopes,
  { compiler, list }: { readonly compiler: Compiler; readonly list: CompiledList },
): Compiled {
  const { enumerate, change, undo = {}, guards = {} } = document;
  const calls = { compiler, scopes, answer: resultScope(document.inputs ?? {}) };
  const optional = (name: "unless" | "pending", scope: Scopes["item"]): Expression | undefined => {
    const text = change[name];
    return text === undefined ? undefined : compiler.condition(["change", name], text, scope);
  };
  return {
    list,
    total:
      enumerate.total === undefined
        ? undefined
        : compiler.expression(["enumerate", "total"], enumerate.total, {
            scope: scopes.list,
            gives: "a whole number",
            fits: (type) => type === "int",
          }),
    filter: clausesOf(document).map(({ text, path }) => compiler.condition(path, text, scopes.item)),
    set: Object.fromEntries(
      Object.entries(change.set ?? {}).map(([name, value]) => [
        name,
        compiler.template(["change", "set", name], value, scopes.set),
      ]),
    ),
    call: compileCall(["change"], change, calls),
    undo: {
      call: isCall(undo) ? compileCall(["undo"], undo, calls) : undefined,
      unless:
        undo.unless === undefined ? undefined : compiler.condition(["undo", "unless"], undo.unless, scopes.before),
    },
    unless: optional("unless", scopes.item),
    pending: optional("pending", scopes.after),
    expect: isWord(change.expect) ? undefined : compiler.condition(["change", "expect"], change.expect, scopes.after),
    require: (guards.require ?? []).map(({ that, message }, place) => ({
      that: compiler.condition(["guards", "require", place, "that"], that, scopes.list),
      message: compiler.template(["guards", "require", place, "message"], message, scopes.list),
    })),
  };
}

/** A rule says so where one of the two is missing. */
function isCall(undo: NonNullable<PlanDocument["undo"]>): undo is CallDocument {
  return undo.call !== undefined && undo.params !== undefined;
}

/** What a plan sets, against the types of its fields. */
export function* setFindings(compiled: Compiled, fields: readonly FieldFacts[]): Generator<Finding> {
  for (const [name, template] of Object.entries(compiled.set)) {
    const field = fields.find((one) => one.name === name);
    if (field?.untyped === true) {
      const hint = "Write { from: …, type: … } where it is read: integer, string, set, list, object …";
      yield { path: ["change", "set", name], code: "missing-type", message: `${name} is set and has no type`, hint };
      continue;
    }
    const fault = field && setFault(field, template);
    if (fault) yield { path: ["change", "set", name], ...fault };
  }
}

/** The clauses of a filter, each with its place in the document. */
export function clausesOf({
  filter,
}: PlanDocument): readonly { readonly text: string; readonly path: readonly (string | number)[] }[] {
  if (typeof filter === "boolean") return [];
  if (typeof filter === "string") return [{ text: filter, path: ["filter"] }];
  return filter.map((text, place) => ({ text, path: ["filter", place] }));
}

/** `absent` and `accepted` are words; anything else is an expression. */
function isWord(expect: string | undefined): expect is "absent" | "accepted" | undefined {
  return expect === undefined || expect === "absent" || expect === "accepted";
}

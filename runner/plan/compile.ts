import type { FieldFacts } from "../core/model/catalogue.ts";
import type { Expression, Scope } from "../language/expression.ts";
import { elementsPath } from "../language/names.ts";
import type { Finding, Path } from "../language/source.ts";
import type { Template } from "../language/template.ts";
import { compileCall, type CompiledCall } from "./calls.ts";
import type { Compiler } from "./compiler.ts";
import { setFault } from "./desired.ts";
import type { CallDocument, PlanDocument } from "./document.ts";
import type { CompiledList } from "./parts.ts";
import { compileGrouping } from "./grouping.ts";
import { meantWord } from "./rules/expect.ts";
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
  /** Which items are busy. */
  readonly hold: Expression | undefined;
  /** What a gate makes of what it has measured. */
  readonly gate: { readonly pass: Expression | undefined; readonly fail: Expression | undefined };
  /** What groups items. */
  readonly per: Expression | undefined;
  readonly warn: readonly { readonly when: Expression | undefined; readonly message: Template }[];
}

/** Compile a plan's expressions and templates; problems are left in the compiler. */
export function compilePlan(
  document: PlanDocument,
  scopes: Scopes,
  {
    compiler,
    list,
    read,
    declared,
  }: {
    readonly compiler: Compiler;
    readonly list: CompiledList;
    /** Names of fields that are read of an item by itself. */
    readonly read: readonly string[];
    /** Names of all fields that an item has before its change. Undefined: not known. */
    readonly declared: readonly string[] | undefined;
  },
): Compiled {
  const { enumerate, change, undo = {}, guards = {}, warn = [], hold, gate } = document;
  const answer = resultScope(document.inputs ?? {});
  const optional = (path: Path, text: string | undefined, scope: Scope): Condition => {
    return text === undefined ? none : conditionOf(path, text, { compiler, scope });
  };
  const filter = compileFilter(document, { compiler, scope: scopes.item, read });
  const unless = optional(["change", "unless"], change.unless, scopes.item.knowing(filter.passed));
  const chosen = [...filter.passed, ...unless.otherwise];
  const set = compileSet(change, compiler, scopes.set.knowing(chosen));
  const before = chosen.map((path) => named(path, "before"));
  const undoUnless = optional(["undo", "unless"], undo.unless, scopes.before.knowing(before));
  const present = presentIn(set);
  const after = scopes.after.knowing([...before, ...present]);
  // What is taken back is what was there before, and the item had passed the filter then.
  const old = [...before, ...undoUnless.otherwise].map((path) => named(path, "set", "before"));
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
    filter: filter.clauses,
    set,
    call: compileCall(["change"], change, { compiler, answer, scopes: knowingAll(scopes, [...chosen, ...present]) }),
    undo: {
      call: isCall(undo)
        ? compileCall(["undo"], undo, { compiler, answer, scopes: knowingAll(scopes, [...chosen, ...old]) })
        : undefined,
      unless: undoUnless.expression,
    },
    unless: unless.expression,
    pending: optional(["change", "pending"], change.pending, after).expression,
    expect: optional(["change", "expect"], isWord(change.expect) ? undefined : change.expect, after).expression,
    hold: optional(["hold", "when"], hold?.when, scopes.item.knowing(filter.passed)).expression,
    gate: {
      pass: optional(["gate", "pass"], gate?.pass, scopes.measured).expression,
      fail: optional(["gate", "fail"], gate?.fail, scopes.measured).expression,
    },
    per: compileGrouping(document, { compiler, scope: scopes.item.knowing(chosen), declared }),
    require: (guards.require ?? []).map(({ that, message }, place) => {
      const { expression, otherwise } = optional(["guards", "require", place, "that"], that, scopes.list);
      const told = scopes.list.knowing(otherwise);
      return { that: expression, message: compiler.template(["guards", "require", place, "message"], message, told) };
    }),
    warn: warn.map(({ when, message }, place) => {
      const scope = scopes.params.knowing([...chosen, ...present]);
      const { expression, passed } = optional(["warn", place, "when"], when, scope);
      const told = scopes.list.knowing(passed);
      return { when: expression, message: compiler.template(["warn", place, "message"], message, told) };
    }),
  };
}

interface Condition {
  readonly expression: Expression | undefined;
  /** Values that are not null where it is true, and where it is false. */
  readonly passed: readonly string[];
  readonly otherwise: readonly string[];
}

const none: Condition = { expression: undefined, passed: [], otherwise: [] };

/** A value that was said to be null at times counts as tested from there on: it is said once. */
function conditionOf(
  path: Path,
  text: string,
  { compiler, scope }: { readonly compiler: Compiler; readonly scope: Scope },
): Condition {
  const told = new Set<string>();
  const expression = compiler.condition(path, text, scope, told);
  return {
    expression,
    passed: [...told, ...(expression?.proves(true) ?? [])],
    otherwise: [...told, ...(expression?.proves(false) ?? [])],
  };
}

/** Each clause sees items that have passed those before it; clauses about what is read of an item come last. */
function compileFilter(
  document: PlanDocument,
  { compiler, scope, read }: { readonly compiler: Compiler; readonly scope: Scope; readonly read: readonly string[] },
): { readonly clauses: Compiled["filter"]; readonly passed: readonly string[] } {
  const isLate = ({ text }: { readonly text: string }): boolean => read.some((name) => text.includes(name));
  const clauses = clausesOf(document);
  const compiled = new Map<string, Expression | undefined>();
  const passed: string[] = [];
  for (const clause of [...clauses.filter((one) => !isLate(one)), ...clauses.filter(isLate)]) {
    const condition = conditionOf(clause.path, clause.text, { compiler, scope: scope.knowing(passed) });
    compiled.set(clause.path.join("."), condition.expression);
    passed.push(...condition.passed);
  }
  return { clauses: clauses.map(({ path }) => compiled.get(path.join("."))), passed };
}

function compileSet({ set = {} }: PlanDocument["change"], compiler: Compiler, scope: Scope): Compiled["set"] {
  return Object.fromEntries(
    Object.entries(set).map(([name, value]) => [name, compiler.template(["change", "set", name], value, scope)]),
  );
}

function presentIn(set: Compiled["set"]): readonly string[] {
  return Object.entries(set).flatMap(([name, { mayBeNull, holdsNull }]) => [
    ...(mayBeNull ? [] : [`set.${name}`]),
    ...(holdsNull ? [] : [elementsPath(`set.${name}`)]),
  ]);
}

/** The same value of an item under another name. */
function named(path: string, name: string, from = "item"): string {
  return path.replaceAll(new RegExp(`\\b${from}\\b`, "g"), name);
}

/** For calls: about one item, or several. */
function knowingAll(scopes: Scopes, paths: readonly string[]): Scopes {
  return {
    ...scopes,
    item: scopes.item.knowing(paths),
    params: scopes.params.knowing(paths),
    chunk: scopes.chunk.knowing(paths.map((path) => named(path, "items[]"))),
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

/** `absent` and `accepted` are words, misspelt ones too; anything else is an expression. */
function isWord(expect: string | undefined): expect is undefined {
  return expect === undefined || meantWord(expect) !== undefined;
}

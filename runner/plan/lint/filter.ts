import { ExpressionError } from "../../core/model/frozen.ts";
import type { Value } from "../../core/model/item.ts";
import { isObject } from "../../core/model/object.ts";
import type { Expression } from "../../language/expression.ts";
import type { Path } from "../../language/source.ts";
import { clausesOf } from "../compile.ts";
import { written } from "../rules/rule.ts";
import type { Lint, LintContext } from "./lint.ts";

/** A filter, or a clause of it, that keeps whatever comes. */
const alwaysTrue: Lint = function* ({ document, compiled }) {
  const clauses = clausesOf(document);
  const kept = clauses.filter((_, place) => isTrue(compiled.filter[place]));
  const isEverything = document.filter === true || (kept.length > 0 && kept.length === clauses.length);
  if (isEverything) {
    const { max, max_percent: percent } = document.guards ?? {};
    const unbounded = max === undefined && (percent ?? 100) >= 100 ? ", and no guard bounds how many can change" : "";
    yield {
      path: clauses[0]?.path ?? ["filter"],
      code: "always-true",
      message: `the filter keeps every item of the list${unbounded}`,
      hint: "Say with an expression which items are meant; guards.max bounds how many can change.",
    };
    return;
  }
  for (const { path, text } of kept)
    yield {
      path,
      code: "always-true",
      message: `${text.trim()} is true of every item, so this clause leaves nothing out`,
      hint: "Say what the clause is to leave out, or take it away.",
    };
};

/** What is true where nothing is known is true of every item: CEL's `||` needs only one side. */
function isTrue(expression: Expression | undefined): boolean {
  try {
    return expression?.evaluate({}) === true;
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

/** The service leaves items out by something that the filter does not look at: nobody would miss them. */
const narrowHides: Lint = function* (context) {
  const { narrow } = context.document.enumerate;
  if (narrow === undefined) return;
  const looked = lookedAt(context);
  for (const { path, offset, field } of narrowedBy(narrow, context)) {
    if (looked.has(field) || looked.has("item")) continue;
    yield {
      path,
      ...(offset !== undefined && { offset }),
      code: "narrow-hides",
      message: `narrow leaves items out by ${field}, and no clause of the filter looks at that: items that the filter would keep are never seen`,
      hint: `Ask the same in the filter as well, with item.${field} among the fields; or move it to params, which say what the list is.`,
    };
  }
};

interface Narrowed {
  readonly path: Path;
  readonly offset?: number;
  /** Its name in the plan, or as the service knows it where the plan does not have it. */
  readonly field: string;
}

function* narrowedBy(narrow: Value, context: LintContext): Generator<Narrowed> {
  const { list, fields } = context;
  const at: Path = ["enumerate", "narrow"];
  const filter = list?.filterPath === undefined ? undefined : written(narrow, list.filterPath);
  if (list?.filterPath !== undefined && typeof filter === "string")
    yield* narrowedByText(filter, [...at, ...list.filterPath.split(".")], context);
  for (const { path, field } of list?.scope ?? [])
    if (written(narrow, path) !== undefined)
      yield { path: [...at, ...path.split(".")], field: nameOf(list?.field(field)?.source, context) ?? field };
  for (const { path, name } of membersOf(narrow, at)) {
    const field = fields.find((one) => one.name === name || one.source === name);
    if (field !== undefined) yield { path, field: field.name };
  }
}

/** Names of fields in a text that the service filters by; each once. */
function* narrowedByText(text: string, path: Path, context: LintContext): Generator<Narrowed> {
  const told = new Set<string>();
  for (const { 0: word, index } of withoutValues(text).matchAll(/[A-Za-z_]\w*/g)) {
    const known = context.list?.field(word);
    if (known === undefined || told.has(known.source)) continue;
    told.add(known.source);
    yield { path, offset: index, field: nameOf(known.source, context) ?? known.name };
  }
}

/** As long as it is, with blanks in place of texts in quotes and of expressions. */
function withoutValues(text: string): string {
  return text.replace(/\$\{\{[\s\S]*?\}\}|'[^']*'|"[^"]*"/g, (value) => " ".repeat(value.length));
}

function nameOf(source: string | undefined, { fields }: LintContext): string | undefined {
  return source === undefined || source === "" ? undefined : fields.find((one) => one.source === source)?.name;
}

function* membersOf(value: Value, path: Path): Generator<{ readonly path: Path; readonly name: string }> {
  if (!isObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    yield { path: [...path, name], name };
    yield* membersOf(member, [...path, name]);
  }
}

/** Names of the fields that the filter looks at, those that its computed fields are made of included; `item`: all of them. */
function lookedAt({ compiled, made }: LintContext): ReadonlySet<string> {
  const looked = new Set<string>();
  const look = ({ uses }: Pick<Expression, "uses">): void => {
    for (const name of uses) {
      const field = name === "item" ? name : name.startsWith("item.") ? name.slice("item.".length) : undefined;
      if (field === undefined || looked.has(field)) continue;
      looked.add(field);
      const expression = made?.expressions.get(field);
      if (expression !== undefined) look(expression);
    }
  };
  for (const clause of compiled.filter) if (clause !== undefined) look(clause);
  return looked;
}

export const filterLints: readonly Lint[] = [alwaysTrue, narrowHides];

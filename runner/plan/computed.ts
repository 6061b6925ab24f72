import type { FieldFacts } from "../core/model/catalogue.ts";
import type { Fields, Item, Value } from "../core/model/item.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { readValue, ValueError, type FieldType } from "../core/model/values.ts";
import { lower } from "../language/cel.ts";
import type { Expression, Scope } from "../language/expression.ts";
import { elementsPath } from "../language/names.ts";
import type { Finding } from "../language/source.ts";
import type { Binding } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import type { DescribedList } from "./described-list.ts";
import type { DeclaredFields, MadeField } from "./rules/fields.ts";
import { celTypes, type ScopeField } from "./scopes.ts";

/** The fields of the plan with what the plan itself makes of them. */
export interface MadeFields {
  /** Types and ages of computed ones filled in. */
  readonly fields: readonly FieldFacts[];
  readonly expressions: ReadonlyMap<string, Expression>;
  /** Those that are computed where the row is there that the item is made of. */
  readonly ofRow: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** What the fields of a list are in expressions that compute others: a computed one only where the plan says its type. */
export function declaredTypes({ fields, made }: DeclaredFields): readonly ScopeField[] {
  return fields.map((facts) => {
    const field = made.get(facts.name);
    return { ...facts, type: field?.value !== undefined && field.type === undefined ? "dyn" : facts.type };
  });
}

/**
 * Fields that are never null: the key, sets, and what the plan sees to; and the elements of lists that never hold null.
 * @param expressions Of computed fields; undefined: they are not known yet, and taken to be there.
 */
export function presentFields(
  { fields, made }: DeclaredFields,
  key: string | undefined,
  expressions?: MadeFields["expressions"],
): ReadonlySet<string> {
  const isPresent = ({ name, source, type }: FieldFacts): boolean => {
    const { value, fallback = null, required = false } = made.get(name) ?? {};
    if (required || fallback !== null) return true;
    if (value !== undefined) return expressions?.get(name)?.empty === undefined;
    return type === "set" || source === key;
  };
  const isFull = ({ name }: FieldFacts): boolean =>
    made.get(name)?.value !== undefined && expressions?.get(name)?.holdsNull !== true;
  return new Set([
    ...fields.filter(isPresent).map(({ name }) => name),
    ...fields.filter(isFull).map(({ name }) => elementsPath(name)),
  ]);
}

/** Compile computed fields. Each may use those above it. */
export function compileComputed(
  { fields, made }: DeclaredFields,
  {
    key,
    compiler,
    scope,
    described,
  }: {
    /** Name of the field by which items are told apart. */
    readonly key: string;
    readonly compiler: Compiler;
    readonly scope: Scope;
    /** The list, where the plan itself describes it. */
    readonly described: DescribedList | undefined;
  },
): MadeFields {
  const all: FieldFacts[] = [];
  const expressions = new Map<string, Expression>();
  const ofRow = new Set<string>();
  const findings: Finding[] = [];
  const places = new Map(fields.map(({ name }, place) => [name, place]));
  for (const [place, field] of fields.entries()) {
    const { value, type } = made.get(field.name) ?? {};
    if (value === undefined) {
      all.push(field);
      continue;
    }
    const path = ["enumerate", "fields", field.name];
    const expression = compiler.expression([...path, "value"], value, {
      scope,
      gives: type === undefined ? "a value" : `what is ${type}`,
      fits: (found) => type === undefined || fits(found, type),
    });
    if (expression !== undefined) {
      expressions.set(field.name, expression);
      const below = [...expression.uses].find((name) => (places.get(name.slice("item.".length)) ?? -1) >= place);
      if (below?.startsWith("item.") === true) findings.push(isBelow(path, field.name, below));
    }
    const known = type ?? typeOf(expression?.type ?? "dyn");
    if (known === undefined && expression !== undefined) findings.push(withoutType(path, field.name));
    const own = { ...field, type: known ?? "string", ...ageOf(expression, all, key) };
    if (described === undefined || !(field.name === key || usesRow(expression))) all.push(own);
    else {
      ofRow.add(field.name);
      // Without the row it can not be made again, so that it is one of the fields that the service shows.
      const { emptyIsUnset, lagMs } = described.facts;
      all.push({ ...own, source: described.sourceOf(value), spellings: [field.name], emptyIsUnset, lagMs });
    }
  }
  return { fields: all, expressions, ofRow, findings };
}

function usesRow(expression: Expression | undefined): boolean {
  return [...(expression?.uses ?? [])].some((name) => name === "row" || name.startsWith("row."));
}

function isBelow(path: readonly string[], name: string, used: string): Finding {
  const message = `${name} uses ${used}, which is not above it`;
  return {
    path,
    at: "key",
    code: "unknown-field",
    message,
    hint: "A field is made of the fields above it: move it down.",
  };
}

function withoutType(path: readonly string[], name: string): Finding {
  const message = `the type of ${name} does not follow from its expression`;
  const hint = "Add type: string, integer, number, boolean, set, list or object.";
  return { path, at: "key", code: "missing-key", message, hint };
}

/** Completes the items that the service gives. Undefined: nothing is left to do. */
export function completion(
  { fields, expressions, ofRow }: MadeFields,
  made: ReadonlyMap<string, MadeField>,
  binding: Binding,
): ((frozen: Frozen, item: Item) => Fields) | undefined {
  if (made.size === 0) return undefined;
  return (frozen, item) => {
    const found: Record<string, Value> = {};
    for (const field of fields) {
      const { name } = field;
      const expression = ofRow.has(name) ? undefined : expressions.get(name);
      const { fallback = null, required = false } = made.get(name) ?? {};
      // A new item each time: its names are made of the fields above.
      const value =
        expression === undefined
          ? (item.fields[name] ?? null)
          : computedValue(field, expression, () =>
              expression.evaluate(binding.item(frozen, { ...item, fields: found })),
            );
      found[name] = value ?? fallback;
      if (found[name] === null && required) throw new ExpressionError(`${name} is not there`);
    }
    return found;
  };
}

function computedValue(field: FieldFacts, { text }: Expression, evaluate: () => ReturnType<Expression["evaluate"]>) {
  try {
    return readValue(field, lower(evaluate()));
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof ValueError)
      throw new ExpressionError(
        `${field.name} (${text.length > 80 ? `${text.slice(0, 77)}...` : text}): ${error.message}`,
        error instanceof ExpressionError ? error.hint : undefined,
      );
    throw error;
  }
}

/** Whether an expression's type can be read as a field of that type. */
export function fits(found: string, type: FieldType): boolean {
  const wanted = celTypes[type];
  if (found === wanted || found === "null" || (wanted === "double" && found === "int")) return true;
  return (wanted === "list" && found.startsWith("list")) || (wanted === "map" && found.startsWith("map"));
}

function typeOf(found: string): FieldType | undefined {
  if (found.startsWith("list")) return "list";
  if (found.startsWith("map")) return "object";
  return simple[found];
}

const simple: Readonly<Record<string, FieldType>> = {
  int: "integer",
  double: "number",
  string: "string",
  bool: "boolean",
};

/** As old as the oldest field that it is made of; what is looked up for it is read again with the list. */
function ageOf(
  expression: Expression | undefined,
  above: readonly FieldFacts[],
  key: string,
): { readonly lagMs?: number } {
  const uses = expression?.uses ?? new Set();
  const lags = above
    .filter(({ name }) => name !== key && (uses.has("item") || uses.has(`item.${name}`)))
    .map(({ lagMs }) => lagMs ?? Infinity);
  const oldest = Math.max(0, ...lags);
  return oldest === Infinity ? {} : { lagMs: oldest };
}

import type { FieldFacts } from "../core/model/catalogue.ts";
import { IncompleteError } from "../core/model/errors.ts";
import { itemId, type Fields, type Item, type ItemId, type Value } from "../core/model/item.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { type Enumeration, type Part } from "../core/model/listing.ts";
import { isObject } from "../core/model/object.ts";
import type { PathsMet } from "../core/model/paths-met.ts";
import { emptyOf, readValue, ValueError } from "../core/model/values.ts";
import { keepable } from "../core/model/withheld.ts";
import { lower, shown } from "../language/cel.ts";
import type { Expression } from "../language/expression.ts";
import { endOf, listAt, lostPart, takenAt, valuesAt, type Found, type ValuePath } from "../language/paths.ts";
import type { Binding } from "./binding.ts";
import type { MadeFields } from "./computed.ts";
import type { DescribedList } from "./described-list.ts";
import { idOf } from "./item-id.ts";
import { mayHave, rowsIn } from "./lookup-rows.ts";
import type { MadeField } from "./rules/fields.ts";

interface Reading {
  readonly list: DescribedList;
  readonly key: string;
  readonly madeFields: MadeFields;
  readonly made: ReadonlyMap<string, MadeField>;
  readonly binding: Binding;
  readonly isSecret: (member: string) => boolean;
}

type Items = NonNullable<Enumeration["described"]>["items"];

/** Makes items of an answer to the call of a described list. */
export function itemsFrom(reading: Reading): Items {
  const { list, key } = reading;
  const fields = fieldsOf(reading);
  const paths = fields.flatMap(({ path }) => (path === undefined ? [] : [path]));
  return (frozen, part, answer, met) => {
    const places = new Map<ItemId, number>();
    return rowsOf(answer, list).map((row, place) => {
      const item = inRow(place, () => {
        if (!mayHave(row.value, paths)) throw withoutMembers(row.value);
        if (met !== undefined) look(row, fields, met);
        return itemOf(row, fields, { ...reading, frozen, part });
      });
      const before = places.get(item.id);
      if (before !== undefined)
        throw new IncompleteError(`Rows ${before + 1} and ${place + 1} have the same ${key}: ${item.id}.`, {
          hint: twice,
        });
      places.set(item.id, place);
      return item;
    });
  };
}

function look(row: Found, fields: readonly RowField[], met: PathsMet): void {
  for (const { facts, path } of fields)
    if (path !== undefined && !met.isFound(facts.name)) met.note(facts.name, endOf(row, path));
}

const twice =
  "Each item needs a key of its own: name another field as enumerate.key. If it is the same row twice, the service may have sent it so: run again.";

function rowsOf(answer: Value, { rows }: DescribedList): readonly Found[] {
  const start = { value: answer, around: [] };
  const lost = lostPart(start, rows.path);
  if (lost !== undefined)
    throw new IncompleteError(`The answer has no list at ${lost}: ${shown(answer)}.`, { hint: rowsHint });
  const found = valuesAt(start, listAt(rows.path));
  // Where a path leads to rows one by one, null is a row and no empty list.
  const isHole = found.some(({ value }) => value === null) && found.some(({ value }) => isRow(value));
  if (isHole) throw new IncompleteError("One of the rows is null.");
  try {
    return rowsIn(answer, { ...rows, path: listAt(rows.path) });
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new IncompleteError(`The answer has no rows: ${error.message}.`, { cause: error, hint: rowsHint });
  }
}

const rowsHint = "Say with enumerate.rows where the rows are in the answer.";

function isRow(value: Value): boolean {
  return value !== null && !Array.isArray(value);
}

function withoutMembers(row: Value): ExpressionError {
  const hint = "Say with enumerate.rows where the rows are; a list of single values is { at: …, scalar: name }.";
  return new ExpressionError(`it is ${shown(row)}, which has no members`, hint);
}

/** Whatever is wrong with one row, the list is not known: nothing is decided from it. */
function inRow<T>(place: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ExpressionError || error instanceof ValueError)) throw error;
    const hint = error instanceof ExpressionError && error.hint !== undefined ? { hint: error.hint } : {};
    throw new IncompleteError(`Row ${place + 1}: ${error.message}`, { cause: error, ...hint });
  }
}

/** Where a field comes from: a path in the row, or an expression. */
interface RowField {
  readonly facts: FieldFacts;
  readonly path: ValuePath | undefined;
  readonly value: Expression | undefined;
  readonly fallback: Value;
  /** In place of null: a set is then empty, unless the plan says what else. */
  readonly empty: Value;
  /** Null, and no fallback, is an error. */
  readonly required: boolean;
  /** False: other fields are made of it here, and the item gets it later. */
  readonly isKept: boolean;
}

/** In the order of the plan: those that the row shows, and what expressions over it are made of. */
function fieldsOf({ list, madeFields, made }: Reading): readonly RowField[] {
  const { fields, expressions, ofRow } = madeFields;
  const needed = new Set<string>();
  for (const { name } of fields.toReversed()) {
    if (!ofRow.has(name) && !needed.has(name)) continue;
    const uses = expressions.get(name)?.uses ?? new Set();
    for (const one of fields) if (uses.has("item") || uses.has(`item.${one.name}`)) needed.add(one.name);
  }
  return fields.flatMap((facts): readonly RowField[] => {
    const { name } = facts;
    const value = expressions.get(name);
    const isKept = value === undefined || ofRow.has(name);
    if (!isKept && !needed.has(name)) return [];
    const path = value === undefined ? list.pathOf(facts) : undefined;
    const { fallback = null, required = false } = made.get(name) ?? {};
    return [{ facts, path, value, fallback, required, empty: emptyOf(facts, { fallback, required }), isKept }];
  });
}

function itemOf(
  row: Found,
  fields: readonly RowField[],
  around: Reading & { readonly frozen: Frozen; readonly part: Part },
): Item {
  const kept: Record<string, Value> = {};
  const seen: Record<string, Value> = {};
  for (const field of fields) {
    const { name } = field.facts;
    const value = named(name, () => valueOf(row, field, { ...around, seen }));
    if (field.required && (value ?? field.fallback) === null)
      throw new ExpressionError(`${name} is not there`, membersHint(row.value));
    if (field.isKept) kept[name] = value;
    seen[name] = value ?? field.fallback;
  }
  const key = kept[around.key] ?? null;
  const id = idOf(key);
  if (id !== undefined) return { id, fields: kept };
  const found = key === null ? `there is no ${around.key}` : `${around.key} is ${shown(key)}`;
  const hint = key === null ? membersHint(row.value) : undefined;
  throw new ExpressionError(`${found}, and an item needs a text or a whole number as its key`, hint);
}

/** Names alone: values may be anything. */
function membersHint(row: Value): string | undefined {
  const names = isObject(row) ? Object.keys(row) : [];
  if (names.length === 0) return undefined;
  return `The row has ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}.`;
}

function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ExpressionError) throw new ExpressionError(`${name}: ${error.message}`, error.hint);
    if (error instanceof ValueError) throw new ValueError(`${name}: ${error.message}`);
    throw error;
  }
}

function asItCame(raw: Value, { emptyIsUnset = false }: FieldFacts): Value {
  return raw === "" && emptyIsUnset ? null : raw;
}

function valueOf(
  row: Found,
  { facts, path, value: expression, empty }: RowField,
  {
    frozen,
    part: { each },
    binding,
    isSecret,
    seen,
  }: Reading & { readonly frozen: Frozen; readonly part: Part; readonly seen: Fields },
): Value {
  if (path !== undefined) {
    const raw = takenAt(row, path);
    return keepable(facts.untyped === true ? asItCame(raw, facts) : (readValue(facts, raw) ?? empty), isSecret);
  }
  if (expression === undefined) return null;
  const item = { id: itemId(""), fields: { ...seen }, ...(each === undefined ? {} : { each }) };
  return readValue(facts, lower(expression.evaluate(binding.inRow(frozen, item, keepable(row.value, isSecret)))));
}

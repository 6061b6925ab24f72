import type { FieldFacts } from "../core/model/catalogue.ts";
import type { Value } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import { readValue, ValueError, type FieldSpec, type FieldType } from "../core/model/values.ts";
import { isMap, shown, type Cel } from "../language/cel.ts";
import { compositeKey } from "../language/functions.ts";
import { tableKey } from "../language/table.ts";
import { elementsAt, isSpread, takenAt, valuesAt, type Found, type ValuePath } from "../language/paths.ts";
import { isObject } from "../core/model/object.ts";

/** A member of a lookup's rows, and where it stands in what was read. */
export interface RowField {
  readonly name: string;
  readonly path: ValuePath;
  /** What it is read as. Undefined: it is kept as it came. */
  readonly type: FieldType | undefined;
  /** Of an enum: what its values are called. */
  readonly tokens?: FieldSpec["tokens"];
  /** What it was when it came, where that is known. */
  readonly came?: FieldFacts;
  /** Never null when it came. */
  readonly isPresent?: boolean;
  readonly fallback: Value;
  /** Null, and no fallback, is an error. */
  readonly required: boolean;
}

/** How rows are made of answers. */
export interface RowShape {
  readonly rows: { readonly path: ValuePath; readonly mapKey?: string; readonly scalar?: string };
  /** Undefined: rows are kept whole, as the earlier run or the file has them; objects of an answer are not. */
  readonly fields: readonly RowField[] | undefined;
  readonly keepsWhole: boolean;
  readonly key: readonly string[];
  readonly ignoresCase: boolean;
  readonly emptyIsUnset: boolean;
  /** The lookup is this one value. */
  readonly value: Pick<RowField, "path" | "type" | "tokens"> | undefined;
  /** Of a gate: what is no list is one row, and a row with one field stays a row. */
  readonly isMeasured?: boolean;
}

/**
 * The rows that a lookup keeps: those with one field only are that field's value, unless they are found by a key. Null is
 * no such value and left out: an item without a name is not one that is listed.
 * @param place What a row is called in messages, by its place. @param keeps Whether a row is one that the plan wants.
 * @throws {ExpressionError} a value of another type, a row without its key, a key twice.
 */
export function rowsFrom(
  answers: readonly Value[],
  shape: RowShape,
  {
    place = (index) => `row ${index + 1}`,
    keeps = () => true,
  }: { readonly place?: (index: number) => string; readonly keeps?: (row: Value) => boolean } = {},
): Value {
  const { value, key, fields, emptyIsUnset, isMeasured = false } = shape;
  if (value !== undefined) {
    return typed(takenAt({ value: answers[0] ?? null, around: [] }, value.path), { ...value, emptyIsUnset }, "value");
  }
  const found = answers.flatMap((answer) => rowsIn(answer, shape.rows, isMeasured));
  const rows = found.map((row, index) => rowOf(row, shape, () => place(index))).filter(keeps);
  if (key.length > 0) checkKeys(rows, shape, place);
  if (key.length > 0 || isMeasured || (fields !== undefined && fields.length !== 1)) return rows;
  const [only] = fields ?? [];
  const values = only === undefined ? rows : rows.map((row) => (isObject(row) ? (row[only.name] ?? null) : row));
  return values.filter((value) => value !== null);
}

/** What a row is found by, in expressions: the value of its key, or the text that `key(…)` gives. */
export function keyOfRow(row: Cel, key: readonly string[]): Cel {
  const parts = key.map((name) => (isMap(row) ? (row[name] ?? null) : null));
  return parts.length === 1 ? (parts[0] ?? null) : compositeKey(parts);
}

/**
 * The rows of an answer, each with the objects around it.
 * @param mayBeOne What is no list is one row. @throws {ExpressionError} there are none of that shape.
 */
export function rowsIn(answer: Value, rows: RowShape["rows"], mayBeOne = false): readonly Found[] {
  const start = { value: answer, around: [] };
  const found = valuesAt(start, rows.path).filter(({ value }) => value !== null);
  if (rows.mapKey !== undefined) return found.flatMap((one) => entriesOf(one, rows.mapKey ?? ""));
  const { scalar } = rows;
  const isOne = mayBeOne && found.every(({ value }) => !Array.isArray(value));
  const elements = isOne ? found : elementsOf(start, rows.path, found);
  return scalar === undefined
    ? elements
    : elements.map(({ value, around }) => ({ value: { [scalar]: value }, around }));
}

function entriesOf({ value, around }: Found, mapKey: string): readonly Found[] {
  if (!isObject(value)) throw new ExpressionError(`rows.map_key needs a map, found ${shown(value)}`);
  return Object.entries(value).map(([name, row]) => {
    return { value: { ...(isObject(row) ? row : { value: row }), [mapKey]: name }, around: [...around, value] };
  });
}

/** The elements of the list that a path leads to; one that spreads a list out by itself may lead to the rows. */
function elementsOf(start: Found, path: ValuePath, found: readonly Found[]): readonly Found[] {
  if (found.every(({ value }) => Array.isArray(value))) return valuesAt(start, elementsAt(path));
  if (isSpread(path)) return found;
  const { value = null } = found[0] ?? {};
  throw new ExpressionError(`what was read is not a list: ${shown(value)}`, "Say with `rows` where the rows are.");
}

function rowOf(found: Found, { fields, keepsWhole, key, emptyIsUnset }: RowShape, where: () => string): Value {
  if (fields === undefined) {
    if (keepsWhole || (!isObject(found.value) && !Array.isArray(found.value))) {
      if (key.length > 0 && !isObject(found.value))
        throw new ExpressionError(`${where()} is ${shown(found.value)}, which has no ${key.join(", ")}`);
      return found.value;
    }
    throw new ExpressionError(
      `${where()} has members: only what is declared is kept`,
      "Name the members that the plan needs under `fields`.",
    );
  }
  const paths = fields.map(({ path }) => path);
  if (!mayHave(found.value, paths)) {
    throw new ExpressionError(`${where()} is ${shown(found.value)}, which has no members`, "Leave `fields` out.");
  }
  return Object.fromEntries(fields.map((field) => [field.name, fieldOf(found, { ...field, emptyIsUnset }, where)]));
}

/** Whether a row is something that paths from it lead into: an object; a list where all of them begin with a place. */
export function mayHave(row: Value, paths: readonly ValuePath[]): boolean {
  if (isObject(row)) return true;
  const inside = paths.filter(({ steps, up }) => up === 0 && steps.length > 0);
  return inside.length === 0 || (Array.isArray(row) && inside.every(({ steps }) => isPlace(steps[0])));
}

/** Maps come as lists of pairs, whose members have places and no names. */
function isPlace(step: unknown): boolean {
  return typeof step === "number";
}

function fieldOf(found: Found, field: RowField & Pick<RowShape, "emptyIsUnset">, where: () => string): Value {
  const { name, path, fallback, required } = field;
  const value = typed(takenAt(found, path), field, () => `${where()}, ${name}`) ?? fallback;
  if (value === null && required) throw new ExpressionError(`${where()} has no ${name}`);
  return value;
}

function typed(
  value: Value,
  { type, tokens, emptyIsUnset }: Pick<RowField, "type" | "tokens"> & Pick<RowShape, "emptyIsUnset">,
  where: string | (() => string),
): Value {
  if (type === undefined) return value;
  try {
    return readValue({ type, ...(tokens && { tokens }), emptyIsUnset }, value);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ExpressionError(`${typeof where === "string" ? where : where()}: ${error.message}`);
  }
}

function checkKeys(rows: readonly Value[], { key, ignoresCase }: RowShape, place: (index: number) => string): void {
  const known = new Map<unknown, number>();
  for (const [index, row] of rows.entries()) {
    const value = keyOfRow(row, key);
    const found = tableKey(value, ignoresCase);
    if (found === undefined) throw new ExpressionError(`${place(index)} has no ${key.join(", ")}, which is the key`);
    const before = known.get(found);
    if (before !== undefined)
      throw new ExpressionError(`two rows have the key ${shown(value)}: ${place(before)} and ${place(index)}`);
    known.set(found, index);
  }
}

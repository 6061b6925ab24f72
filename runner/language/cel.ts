import { exactly, exactMember, isExactInt } from "../core/model/exact.ts";
import type { Value } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import { Table } from "./table.ts";

/** What a template renders to when its member is to be left out. */
export const omit: unique symbol = Symbol("omit");

/**
 * A value inside an expression. A whole number is a bigint, so that it stays exact; a number is never whole unless it was
 * written so (`2.0`). Members of lists and maps may still be plain numbers: they are lifted when they are taken out.
 */
export type Cel = null | boolean | bigint | number | string | typeof omit | readonly Cel[] | CelMap | CelTable;
/** What a `Table` is to an expression. */
export interface CelTable {
  readonly name: string;
  readonly rows: readonly CelMap[];
  readonly keys: readonly (string | bigint | number | boolean)[];
  mayHave(key: unknown): boolean;
  placeOf(key: unknown): number | undefined;
}
export interface CelMap {
  readonly [name: string]: Cel;
}

export type Kind = "null" | "bool" | "number" | "text" | "list" | "map" | "omit";

/** A value as it comes from JSON, as expressions see it. */
export function lift(value: Cel): Cel {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  return isExactInt(value) ? BigInt(value.$int) : value;
}

/** Most values in a result, those inside others included. */
const maxValues = 1_000_000;

/**
 * A result as plain JSON: a whole number beyond 2^53 becomes an `ExactInt`, never a rounded number.
 * @throws {ExpressionError} for what JSON can not carry, for an object that would pass for a secret or a number, and for too much.
 */
export function lower(value: Cel): Value {
  return lowered(value, { values: 0 });
}

/** One list may stand in many places of a result: steps count it once, here it counts wherever it stands. */
function lowered(value: Cel, count: { values: number }): Value {
  count.values += 1;
  if (count.values > maxValues) throw new ExpressionError(`the result has more than ${maxValues} values`);
  if (typeof value === "bigint") return exactly(value);
  if (typeof value === "number" && !Number.isFinite(value))
    throw new ExpressionError(`the result is ${value}, which is not a number`);
  if (typeof value === "symbol") throw new ExpressionError("`omit` can only be the whole value of a member");
  if (isTable(value)) throw new ExpressionError(`lookup ${value.name} is a table: only its rows are values`);
  if (isList(value)) return value.map((element) => lowered(element, count));
  if (!isMap(value)) return value;
  for (const name of ["$secret", exactMember])
    if (Object.hasOwn(value, name)) throw new ExpressionError(`an object with a member ${name} can not be sent`);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, lowered(member, count)]));
}

/** Its kind, as messages name it. */
export function kindOf(value: Cel): Kind {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
    case "number":
      return "number";
    case "string":
      return "text";
    case "symbol":
      return "omit";
    default:
      return isList(value) ? "list" : isExactInt(value) ? "number" : "map";
  }
}

export function isList(value: Cel): value is readonly Cel[] {
  return Array.isArray(value);
}

/** A whole number that was not lifted yet is none. */
export function isMap(value: Cel): value is CelMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isTable(value) && !isExactInt(value);
}

export function isTable(value: Cel): value is CelTable {
  return value instanceof Table;
}

/** A value in a message: short, on one line. */
export function shown(value: Cel): string {
  const text = beginning(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** At least the first 60 characters; never the whole of a large value, since an expression can make any number of messages. */
function beginning(value: Cel, depth = 0): string {
  if (typeof value === "symbol") return "omit";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isTable(value)) return `lookup ${value.name}`;
  if (isExactInt(value)) return value.$int;
  const isWhole = depth < 3;
  if (isList(value)) return isWhole ? `[${firstOf(value, (one) => beginning(one, depth + 1))}]` : "[…]";
  const member = (name: string): string => `${beginning(name)}:${beginning(value[name] ?? null, depth + 1)}`;
  return isWhole ? `{${firstOf(Object.keys(value), member)}}` : "{…}";
}

function firstOf<Element>(list: readonly Element[], text: (element: Element) => string): string {
  return list.slice(0, 30).map(text).join(",");
}

import { isDigest } from "./item.ts";
import { isObject } from "./object.ts";

// What stands in a file may come from anywhere. A shape says of a value from one whether every member that is relied on is
// what its type says; members that no shape names may be there, as newer programs write them.

/** Where a value is not as it must be, as a path below it: `.owner.pid`, `[3]`, or empty for the value itself; undefined: nowhere. */
export type Shape = (value: unknown) => string | undefined;

/** A shape for each member of an object: a member that is added to the type has to be given one. */
type Members<T> = { readonly [Name in keyof T]-?: Shape };

/** The first member that is not as it must be, as a dotted path; empty: it is no such value at all. Undefined: all are. */
export function wrongMember(value: unknown, shape: Shape): string | undefined {
  return shape(value)?.replace(/^\./, "");
}

/** A value of which this holds. */
export function where(holds: (value: unknown) => boolean): Shape {
  return (value) => (holds(value) ? undefined : "");
}

export function membersOf<T>(members: Members<T>): Shape {
  const named = Object.entries<Shape>(members);
  return (value) => {
    if (!isObject(value)) return "";
    for (const [name, shape] of named) {
      const wrong = shape(value[name]);
      if (wrong !== undefined) return `.${name}${wrong}`;
    }
    return undefined;
  };
}

/** Objects that are told apart by what one member says. @param rest What all of them have. */
export function oneOf(member: string, kinds: ReadonlyMap<unknown, Shape>, rest?: Shape): Shape {
  return (value) => {
    if (!isObject(value)) return "";
    const shape = kinds.get(value[member]);
    return shape === undefined ? `.${member}` : (rest?.(value) ?? shape(value));
  };
}

export function optional(shape: Shape): Shape {
  return (value) => (value === undefined ? undefined : shape(value));
}

export function orNull(shape: Shape): Shape {
  return (value) => (value === null ? undefined : shape(value));
}

export function listOf(shape: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return "";
    for (const [place, one] of value.entries()) {
      const wrong = shape(one);
      if (wrong !== undefined) return `[${place}]${wrong}`;
    }
    return undefined;
  };
}

/** An object with any names, or with these only, and alike values. */
export function everyMember(shape: Shape, names?: readonly string[]): Shape {
  const known = names && new Set(names);
  return (value) => {
    if (!isObject(value)) return "";
    const isWrong = ([name, one]: [string, unknown]): boolean => known?.has(name) === false || shape(one) !== undefined;
    return Object.entries(value).some(isWrong) ? "" : undefined;
  };
}

export function among(texts: readonly string[]): Shape {
  const known = new Set<unknown>(texts);
  return where((value) => known.has(value));
}

/** The last ms that a calendar has. */
const lastMs = 8.64e15;

export const isText = where((value) => typeof value === "string");
export const isFlag = where((value) => typeof value === "boolean");
/** Members that are left out where they are not true. */
export const isTrue = where((value) => value === true);
export const isNumber = where((value) => Number.isFinite(value));
export const isCount = where((value) => Number.isSafeInteger(value) && (value as number) >= 0);
/** Wall ms that a calendar has. */
export const isMoment = where((value) => Number.isFinite(value) && Math.abs(value as number) <= lastMs);
/** The same in Unix seconds. */
export const isUnixTime = where((value) => Number.isFinite(value) && Math.abs(value as number) <= lastMs / 1000);
export const isHex = where((value) => typeof value === "string" && isDigest(value));
export const isMembers = where(isObject);
export const isIdOrNull = where((value) => value === null || typeof value === "string" || Number.isFinite(value));

/** No answer of a service that is taken nests by more than 200, and what we write holds values of it a few levels down. */
const mostDeep = 256;

/** Whether values stand in one another no deeper than in what we write: what is deeper breaks who reads it. */
export function isShallow(value: unknown, most = mostDeep): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (most === 0) return false;
  if (Array.isArray(value)) return value.every((one) => isShallow(one, most - 1));
  for (const name in value) if (!isShallow((value as Readonly<Record<string, unknown>>)[name], most - 1)) return false;
  return true;
}

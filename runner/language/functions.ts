import { RE2JS } from "re2js";
import { ExpressionError } from "../core/model/frozen.ts";
import { isList, isMap, isTable, kindOf, lift, shown, type Cel, type CelMap } from "./cel.ts";
import { equal, nullHint } from "./operators.ts";
import { bytesText, parseBytes, parseDuration, parseTime } from "./units.ts";
import { maxList, type Work } from "./work.ts";

interface Call {
  readonly work: Work;
  /** The frozen `now`, Unix seconds; undefined where there is none. */
  readonly now: Cel | undefined;
}

type Implementation = (args: readonly Cel[], call: Call) => Cel;

export interface FunctionFacts {
  /** For the typed check, as cel-js writes them; none: the library declares it itself. */
  readonly signatures: readonly string[];
  readonly run: Implementation;
  /** Looks at an argument that is written out, before the run. @throws {ExpressionError} */
  readonly check?: (arg: Cel, place: number) => void;
  /** Hands `omit` on as it is: `coalesce(x, omit)` leaves a member out where there is no x. */
  readonly takesOmit?: true;
}

/** Functions called as `name(…)`. */
export const functions: Readonly<Record<string, FunctionFacts>> = {
  coalesce: {
    signatures: arities(2, 8, (n) => `coalesce(${repeat("T", n)}): T`),
    run: (args) => args.find((arg) => arg !== null) ?? null,
    takesOmit: true,
  },
  merge: {
    signatures: ["merge(map, map): map"],
    run: ([a, b], { work }) => merge(map(a, "merge"), map(b, "merge"), work),
  },
  union: {
    signatures: ["union(list<T>, list<T>): list<T>"],
    run: ([a, b], { work }) => distinct([...set(a, "union"), ...set(b, "union")], work),
  },
  minus: {
    signatures: ["minus(list<T>, list<T>): list<T>"],
    run: ([a, b], { work }) => minus(set(a, "minus"), set(b, "minus"), work),
  },
  ago: {
    signatures: ["ago(string): int", "ago(int): int"],
    run: ([span], { now }) => whole(now, "ago") - seconds(span),
    check: seconds,
  },
  days: { signatures: ["days(int): int"], run: ([count]) => whole(count, "days") * 86_400n },
  time: {
    signatures: ["time(string): int"],
    run: ([text]) => time(text),
    check: time,
  },
  to_bytes: {
    signatures: ["to_bytes(string): int"],
    run: ([text]) => bytes(text),
    check: bytes,
  },
  size_text: { signatures: ["size_text(int): string"], run: ([bytes]) => bytesText(Number(whole(bytes, "size_text"))) },
  hex_text: { signatures: ["hex_text(int): string"], run: ([value]) => hexText(whole(value, "hex_text")) },
  base64: { signatures: ["base64(string): string"], run: ([value], { work }) => base64(text(value, "base64"), work) },
  key: {
    signatures: arities(1, 8, (n) => `key(${repeat("dyn", n)}): string`),
    run: (args, { work }) => key(args, work),
  },
  rematch: {
    signatures: ["rematch(string, string): bool"],
    run: ([value, pattern], { work }) => rematch(text(value, "rematch"), text(pattern, "rematch"), work),
    check: (arg, place) => {
      if (place === 1) compilePattern(text(arg, "rematch"));
    },
  },
  size: { signatures: [], run: ([value], { work }) => size(value ?? null, work) },
  int: { signatures: [], run: ([value]) => toInt(value ?? null), check: toInt },
  double: { signatures: [], run: ([value]) => toDouble(value ?? null), check: toDouble },
  string: { signatures: [], run: ([value]) => toText(value ?? null) },
  dyn: { signatures: [], run: ([value]) => value ?? null },
};

/** Functions called on a text, `value.name(…)`; the first argument is the value. */
export const methods: Readonly<Record<string, FunctionFacts>> = {
  startsWith: { signatures: [], run: ([a, b]) => text(a, "startsWith").startsWith(text(b, "startsWith")) },
  endsWith: { signatures: [], run: ([a, b]) => text(a, "endsWith").endsWith(text(b, "endsWith")) },
  contains: {
    signatures: [],
    run: ([a, b], { work }) => searched(text(a, "contains"), work).includes(text(b, "contains")),
  },
  lowerAscii: {
    signatures: [],
    run: ([a], { work }) => searched(text(a, "lowerAscii"), work).replace(/[A-Z]+/g, (part) => part.toLowerCase()),
  },
  upperAscii: {
    signatures: [],
    run: ([a], { work }) => searched(text(a, "upperAscii"), work).replace(/[a-z]+/g, (part) => part.toUpperCase()),
  },
  trim: { signatures: [], run: ([a], { work }) => searched(text(a, "trim"), work).trim() },
  split: { signatures: [], run: ([a, b], { work }) => split(text(a, "split"), text(b, "split"), work) },
  join: { signatures: [], run: ([list, separator], { work }) => join(list ?? null, separator, work) },
  replace: {
    signatures: ["string.replace(string, string): string"],
    run: ([a, b, c], { work }) => replace(text(a, "replace"), [text(b, "replace"), text(c, "replace")], work),
    check: (arg, place) => {
      if (place === 1) wanted(text(arg, "replace"));
    },
  },
  size: { signatures: [], run: ([value], { work }) => size(value ?? null, work) },
};

/** Functions that go through a list: `list.all(x, …)`. */
export const comprehensions: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "filter", "map"]);

const maxPattern = 500;
/** Each repetition `{n}` multiplies what a pattern compiles to, and every character is tried at all of it. */
const maxStates = 500;
/** What a pattern compiled to, or why it can not be used: a stranger's is not compiled for every item anew. */
const patterns = new Map<string, RE2JS | ExpressionError>();

/** A compiled RE2 pattern, whose matching time is linear in the text. @throws {ExpressionError} when it is not one. */
export function compilePattern(pattern: string): RE2JS {
  if (pattern.length > maxPattern)
    throw new ExpressionError(`the pattern has ${pattern.length} characters; at most ${maxPattern} are allowed`);
  const compiled = patterns.get(pattern) ?? compiledOrFault(pattern);
  if (patterns.size >= 100) patterns.clear();
  patterns.set(pattern, compiled);
  if (compiled instanceof ExpressionError) throw compiled;
  return compiled;
}

function compiledOrFault(pattern: string): RE2JS | ExpressionError {
  try {
    const compiled = RE2JS.compile(pattern);
    const states = compiled.programSize();
    if (states <= maxStates) return compiled;
    return new ExpressionError(
      `${shown(pattern)} repeats too much: it has ${states} states, at most ${maxStates} are allowed`,
    );
  } catch (error) {
    return new ExpressionError(
      `${shown(pattern)} is not an RE2 pattern: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

const statesAStep = 16;
const stepsToCompileAState = 4;

function rematch(value: string, pattern: string, work: Work): boolean {
  // Before it is compiled, because a pattern that can not be used costs as well.
  work.spend(pattern.length);
  const compiled = compilePattern(pattern);
  // As if it were compiled each time: what an expression may do must not depend on what was done before it.
  work.spend(compiled.programSize() * (stepsToCompileAState + Math.ceil(value.length / statesAStep)));
  return compiled.matcher(value).find();
}

function merge(left: CelMap, right: CelMap, work: Work): CelMap {
  work.spend(1 + Object.keys(left).length + Object.keys(right).length);
  const members = new Map(Object.entries(left));
  for (const [name, value] of Object.entries(right)) {
    const before = members.get(name) ?? null;
    members.set(name, isMap(before) && isMap(value) ? merge(before, value, work) : value);
  }
  return Object.fromEntries(members);
}

function distinct(list: readonly Cel[], work: Work): readonly Cel[] {
  work.list(list.length);
  return list.filter((one, place) => !list.slice(0, place).some((other) => equal(one, other, work)));
}

function minus(list: readonly Cel[], without: readonly Cel[], work: Work): readonly Cel[] {
  return list.filter((one) => !without.some((other) => equal(one, other, work)));
}

/** Null is the empty set. */
function set(value: Cel | undefined, name: string): readonly Cel[] {
  if (value === null) return [];
  if (value === undefined || !isList(value)) throw wrong(name, "a set", value);
  return value;
}

function seconds(span: Cel | undefined): bigint {
  if (typeof span === "bigint") return span;
  const ms = typeof span === "string" ? parseDuration(span) : undefined;
  if (ms === undefined || ms % 1000 !== 0) throw wrong("ago", 'a duration such as "30d", or seconds', span);
  return BigInt(ms / 1000);
}

function time(value: Cel | undefined): bigint {
  return parsed(value, "time", parseTime, 'a time such as "2026-01-31" or "2026-01-31T22:00Z"');
}

function bytes(value: Cel | undefined): bigint {
  return parsed(value, "to_bytes", parseBytes, 'a size such as "500 GB"');
}

function hexText(value: bigint): string {
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

function parsed(
  value: Cel | undefined,
  name: string,
  parse: (text: string) => number | undefined,
  expected: string,
): bigint {
  const number = parse(text(value, name));
  if (number === undefined || !Number.isSafeInteger(number)) throw wrong(name, expected, value);
  return BigInt(number);
}

/** Of the bytes in UTF-8. */
function base64(value: string, work: Work): string {
  work.text(Math.ceil((Buffer.byteLength(value, "utf8") * 4) / 3));
  return Buffer.from(value, "utf8").toString("base64");
}

/** Text that is equal exactly when the parts are: the key of a composite lookup. */
function key(parts: readonly Cel[], work: Work): string {
  const result = compositeKey(parts);
  work.text(result.length);
  return result;
}

/** What `key(a, b)` gives. @throws {ExpressionError} for lists and maps. */
export function compositeKey(parts: readonly Cel[]): string {
  return JSON.stringify(
    parts.map(lift).map((part) => (typeof part === "bigint" ? part.toString() : scalar(part, "key"))),
  );
}

function split(value: string, separator: string, work: Work): readonly Cel[] {
  work.text(value.length);
  const parts = separator === "" ? Array.from(value) : value.split(separator, maxList + 1);
  work.list(parts.length);
  return parts;
}

function join(list: Cel, separator: Cel | undefined, work: Work): string {
  if (!isList(list)) throw wrong("join", "a list of texts", list);
  const parts = list.map((part) => text(part, "join"));
  const between = separator === undefined ? "" : text(separator, "join");
  work.spend(parts.length);
  work.text(parts.reduce((length, part) => length + part.length + between.length, 0));
  return parts.join(between);
}

function replace(value: string, [old, by]: readonly [string, string], work: Work): string {
  work.text(value.length);
  const parts = value.split(wanted(old));
  work.text(value.length + (parts.length - 1) * (by.length - old.length));
  return parts.join(by);
}

function wanted(text: string): string {
  if (text === "") throw new ExpressionError("`replace` needs a text to look for, found an empty one");
  return text;
}

function size(value: Cel, work: Work): bigint {
  if (typeof value === "string") return BigInt(Array.from(searched(value, work)).length);
  if (isList(value)) return BigInt(value.length);
  if (isTable(value)) return BigInt(value.keys.length);
  if (isMap(value)) return BigInt(Object.keys(value).length);
  throw wrong("size", "a text, a list or a map", value);
}

function toInt(value: Cel): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isFinite(value)) return BigInt(Math.trunc(value));
  if (typeof value === "string" && /^-?\d{1,19}$/.test(value)) return BigInt(value);
  throw wrong("int", "a number, or the text of a whole one", value);
}

function toDouble(value: Cel): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string" && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value)) return Number(value);
  throw wrong("double", "a number, or the text of one", value);
}

function toText(value: Cel): string {
  if (value === null || typeof value === "object" || typeof value === "symbol")
    throw wrong("string", "a text, a number or true or false", value);
  return String(value);
}

function searched(value: string, work: Work): string {
  work.text(value.length);
  return value;
}

function scalar(value: Cel, name: string): string | number | boolean | null {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null)
    return value;
  throw wrong(name, "texts, numbers, true, false or null", value);
}

function text(value: Cel | undefined, name: string): string {
  if (typeof value !== "string") throw wrong(name, "a text", value);
  return value;
}

function map(value: Cel | undefined, name: string): CelMap {
  if (value === undefined || !isMap(value)) throw wrong(name, "a map", value);
  return value;
}

function whole(value: Cel | undefined, name: string): bigint {
  const lifted = lift(value ?? null);
  if (typeof lifted !== "bigint") throw wrong(name, "a whole number", value);
  return lifted;
}

function wrong(name: string, expected: string, value: Cel | undefined): ExpressionError {
  const found = value ?? null;
  return new ExpressionError(
    `\`${name}\` needs ${expected}, found ${kindOf(found)}${found === null ? "" : ` ${shown(found)}`}`,
    nullHint(found),
  );
}

function arities(from: number, to: number, signature: (count: number) => string): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, place) => signature(from + place));
}

function repeat(type: string, count: number): string {
  return Array.from({ length: count }, () => type).join(", ");
}

import { resolve } from "node:path";
import type { Value } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import { Secret } from "../core/model/secret.ts";
import { compilePattern } from "../language/functions.ts";
import { parseBytes, parseDuration, parseTime } from "../language/units.ts";
import type { InputDocument, InputType } from "./document.ts";

/** A value that its input can not have. Never quotes a secret. */
export class InputError extends Error {}

/** Deeper than any input goes; an object that holds itself ends here. */
const mostNesting = 100;

/** A value that a program gave, if it is plain data: JSON and nothing else. @throws {InputError}, which quotes nothing. */
export function plainOf(value: unknown): Value {
  if (isPlain(value, 0)) return value;
  const found = typeof value === "number" ? String(value) : `something else (${typeof value})`;
  throw new InputError(`expected a text, a finite number, true, false or a list of those, found ${found}`);
}

function isPlain(value: unknown, depth: number): value is Value {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth > mostNesting) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlainObject = Array.isArray(value) || prototype === Object.prototype || prototype === null;
  return isPlainObject && Object.values(value).every((member) => isPlain(member, depth + 1));
}

/** @throws {InputError} */
export function secretOf(input: InputDocument, value: Value): Secret {
  if (typeof value !== "string" || value === "") throw new InputError("a secret must be a text, and not empty");
  const length = characters(value);
  if (length < (input.min_length ?? 0) || length > (input.max_length ?? Infinity))
    throw new InputError("its length is outside min_length and max_length");
  if (input.pattern !== undefined && !matches(input.pattern, value))
    throw new InputError("it does not match the pattern");
  return new Secret(value);
}

/**
 * Read a value as its type has it, and check it against the input's bounds.
 * @param isText It came from the command line or the environment, where a list is written with commas.
 * @throws {InputError}
 */
export function readInput(input: InputDocument, value: Value, isText: boolean): Value {
  if (input.type !== "list") return checked(input, scalarOf(input.type, value));
  const elements = isText && typeof value === "string" ? splitList(value) : value;
  if (isText && typeof value === "string" && /^\[.*\]$/s.test(value))
    throw new InputError(`a list is written without brackets, with commas alone: ${shown(value.slice(1, -1))}`);
  if (!Array.isArray(elements)) throw new InputError(`expected a list, found ${shown(value)}`);
  return checked(
    input,
    (elements as readonly Value[]).map((element) => scalarOf(input.of ?? "string", element)),
  );
}

/**
 * The same for what an earlier run or a change set was given: of its type, whatever its bounds are, and a file stays where it was.
 * @throws {InputError} It is nothing that was ever read as this type: somebody else has written it.
 */
export function rereadInput(input: InputDocument, value: Value): Value {
  if (value === null) return null;
  if (input.type === "file" && typeof value === "string") return value;
  if (input.type !== "list") return scalarOf(input.type, value);
  if (!Array.isArray(value)) throw new InputError(`expected a list, found ${shown(value)}`);
  return (value as readonly Value[]).map((element) => scalarOf(input.of ?? "string", element));
}

function splitList(text: string): readonly string[] {
  return text === "" ? [] : text.split(",").map((part) => part.trim());
}

/** A value as a type has it; a list by the type of its elements. @throws {InputError} */
export function scalarOf(type: InputType, value: Value): Value {
  switch (type) {
    case "string":
      if (typeof value === "string") return value;
      throw new InputError(`expected a text, found ${shown(value)}; put quotes around it`);
    case "file":
      if (typeof value === "string" && value !== "") return resolve(value);
      throw new InputError("the file must lie below the plan's folder; the operator may name another with --set");
    case "integer":
      return wholeOf(value);
    case "number":
      if (typeof value === "number") return value;
      if (typeof value === "string" && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value) && Number.isFinite(Number(value)))
        return Number(value);
      throw new InputError(`expected a number, found ${shown(value)}`);
    case "boolean":
      if (value === true || value === "true") return true;
      if (value === false || value === "false") return false;
      throw new InputError(`expected true or false, found ${shown(value)}`);
    case "bytes":
      return parsedOr(value, parseBytes, 'a size such as "500 GB"');
    case "duration":
      return parsedOr(value, durationSeconds, "a duration in whole seconds, such as 90d");
    case "time":
      return parsedOr(value, parseTime, "a time such as 2026-01-31 or 2026-01-31T22:00Z");
    case "unknown":
      return value;
    case "secret":
    case "list":
      throw new InputError(`expected a ${type}`);
  }
}

function wholeOf(value: Value): Value {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (typeof value === "number" && Number.isInteger(value))
    throw new InputError(`${shown(value)} is too large to be read exactly; put quotes around it`);
  if (typeof value === "string" && /^-?\d{20,}$/.test(value))
    throw new InputError(`expected a whole number of at most 19 digits, found ${shown(value)}: it is too large`);
  if (typeof value !== "string" || !/^-?\d{1,19}$/.test(value))
    throw new InputError(`expected a whole number, found ${shown(value)}`);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value).toString();
}

function durationSeconds(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms !== undefined && ms % 1000 === 0 ? ms / 1000 : undefined;
}

function parsedOr(value: Value, parse: (text: string) => number | undefined, expected: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  const parsed = typeof value === "string" ? parse(value) : undefined;
  if (parsed === undefined) throw new InputError(`expected ${expected}, found ${shown(value)}`);
  return parsed;
}

function checked(input: InputDocument, value: Value): Value {
  const elements = Array.isArray(value) ? (value as readonly Value[]) : [value];
  for (const element of elements) checkElement(input, element);
  const length = Array.isArray(value) ? value.length : typeof value === "string" ? characters(value) : undefined;
  if (length === undefined) return value;
  if (length < (input.min_length ?? 0))
    throw new InputError(`${shown(value)} is shorter than ${input.min_length ?? 0}`);
  if (length > (input.max_length ?? Infinity))
    throw new InputError(`${shown(value)} is longer than ${input.max_length ?? 0}`);
  return value;
}

function checkElement(input: InputDocument, value: Value): void {
  const type = input.type === "list" ? (input.of ?? "string") : input.type;
  if (input.enum && !input.enum.some((allowed) => scalarOf(type, allowed) === value)) {
    throw new InputError(`${shown(value)} is not one of ${input.enum.join(", ")}`);
  }
  if (input.min !== undefined && ordered(value) < ordered(scalarOf(type, input.min)))
    throw new InputError(`${shown(value)} is less than ${input.min}`);
  if (input.max !== undefined && ordered(value) > ordered(scalarOf(type, input.max)))
    throw new InputError(`${shown(value)} is more than ${input.max}`);
  if (
    input.pattern !== undefined &&
    !matches(input.pattern, typeof value === "string" ? value : JSON.stringify(value))
  ) {
    throw new InputError(`${shown(value)} does not match the pattern ${input.pattern}`);
  }
}

/** Whole numbers beyond 2^53 are texts of digits: compared exactly. */
export function ordered(value: Value): number | bigint {
  return typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : typeof value === "number" ? value : NaN;
}

function matches(pattern: string, value: string): boolean {
  try {
    return compilePattern(pattern).matches(value);
  } catch (error) {
    if (error instanceof ExpressionError) throw new InputError(error.message);
    throw error;
  }
}

function shown(value: Value): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function characters(text: string): number {
  return Array.from(text).length;
}

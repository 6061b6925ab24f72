import type { Value } from "./item.ts";

export type FieldType =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "bytes"
  | "unix_time"
  | "set"
  | "list"
  | "object"
  | "hex"
  | "enum"
  | "secret";

/** What a whole number counts, where its type does not say. */
export type Unit = "seconds";

/** What is known of a field's values. */
export interface FieldSpec {
  readonly type: FieldType;
  readonly unit?: Unit;
  /** `enum` only: value on the wire (as text) -> our plain token, for example `"1" -> "workstation"`. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** The service sends empty text for "unset": it reads as null. */
  readonly emptyIsUnset?: boolean;
  /** The service shows "unset" as 0 in one place and leaves it out in another: both are the same thing. */
  readonly zeroIsUnset?: boolean;
}

/** A value from the service that does not fit its declared type. */
export class ValueError extends Error {}

const units: Readonly<Record<string, number>> = { "": 1, B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/**
 * Turn a value as the service sends it into ours: text numbers become numbers, enum numbers their tokens, unset becomes
 * null. An integer beyond 2^53 stays the text of its digits.
 * @throws {ValueError} when the value can not be of that type.
 */
export function readValue(spec: FieldSpec, raw: unknown): Value {
  if (raw === undefined || raw === null) return null;
  if (raw === "" && spec.emptyIsUnset) return null;
  switch (spec.type) {
    case "string":
    case "secret":
      return textOf(raw);
    case "integer":
      return readInteger(raw);
    case "unix_time": {
      const seconds = readInteger(raw);
      return seconds === 0 ? null : seconds;
    }
    case "bytes":
      return readBytes(raw);
    case "hex":
      return readHex(raw);
    case "number":
      return readNumber(raw);
    case "boolean":
      return readBoolean(raw);
    case "enum": {
      const text = textOf(raw);
      // A service may send "constructor": only what is written in the table is a token.
      return spec.tokens !== undefined && Object.hasOwn(spec.tokens, text) ? (spec.tokens[text] ?? text) : text;
    }
    case "set":
    case "list":
      if (!Array.isArray(raw)) throw new ValueError(`expected a list, found ${shown(raw)}`);
      return raw as Value[];
    case "object":
      if (typeof raw !== "object") throw new ValueError(`expected an object, found ${shown(raw)}`);
      return raw as Value;
  }
}

/** Whether two values of one field are the same thing. Order inside a `set` does not count, and null is its empty set. */
export function sameValue(spec: FieldSpec, left: Value, right: Value): boolean {
  if (spec.type === "set") return canonicalSet(left) === canonicalSet(right);
  const unset = (value: Value): Value => (spec.zeroIsUnset === true && value === 0 ? null : value);
  return canonical(unset(left)) === canonical(unset(right));
}

/** Text that is equal exactly when two JSON values are equal, whatever the order of their members. */
export function canonical(value: Value): string {
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = value as Readonly<Record<string, Value>>;
    const names = Object.keys(members).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(members[name] ?? null)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

function canonicalSet(value: Value): string {
  if (value === null) return "";
  if (!Array.isArray(value)) return canonical(value);
  return [...new Set((value as readonly Value[]).map(canonical))].sort().join(",");
}

function readInteger(raw: unknown): number | string {
  if (typeof raw === "number" && Number.isSafeInteger(raw)) return raw;
  const text = typeof raw === "bigint" ? String(raw) : typeof raw === "string" ? raw.trim() : undefined;
  if (text === undefined || !/^-?\d+$/.test(text)) throw new ValueError(`expected a whole number, found ${shown(raw)}`);
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : String(BigInt(text));
}

function readNumber(raw: unknown): number {
  if (typeof raw === "number" && Number.isFinite(raw)) return raw;
  if (typeof raw === "string" && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(raw.trim()) && Number.isFinite(Number(raw)))
    return Number(raw);
  throw new ValueError(`expected a number, found ${shown(raw)}`);
}

function readBytes(raw: unknown): number | string {
  if (typeof raw === "string") {
    const match = /^(\d+)\s*([KMGT])(?:i?B)?$/.exec(raw.trim());
    if (match) return Number(match[1]) * (units[match[2] ?? ""] ?? 1);
  }
  return readInteger(raw);
}

function readHex(raw: unknown): number | string {
  if (typeof raw === "string" && /^0x[0-9a-f]+$/i.test(raw.trim())) return readInteger(BigInt(raw.trim()));
  return readInteger(raw);
}

function readBoolean(raw: unknown): boolean {
  if (typeof raw === "boolean") return raw;
  if (raw === 1 || raw === "1" || raw === "true") return true;
  if (raw === 0 || raw === "0" || raw === "false") return false;
  throw new ValueError(`expected true or false, found ${shown(raw)}`);
}

function textOf(raw: unknown): string {
  return typeof raw === "string" ? raw : JSON.stringify(raw);
}

function shown(raw: unknown): string {
  const text = JSON.stringify(raw) as string | undefined;
  return text === undefined ? typeof raw : text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

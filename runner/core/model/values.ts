import { isExactInt, jsonText } from "./exact.ts";
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
export function readValue(spec: FieldSpec, given: unknown): Value {
  // A type says how a number too large for JSON is kept: as its digits, or as near as a broken one comes.
  const raw = isExactInt(given) ? given.$int : given;
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

/** What null is read as: a set with nothing in it, where null is no error and nothing else stands for it. */
export function emptyOf(
  { type, untyped = false }: Pick<FieldSpec, "type"> & { readonly untyped?: boolean },
  { fallback, required }: { readonly fallback: Value; readonly required: boolean },
): Value {
  return type === "set" && !untyped && fallback === null && !required ? [] : null;
}

/** What is needed to show a field's values to a person; kept with a run, where the catalogue may be another by then. */
export type ShownAs = Pick<FieldSpec, "type" | "unit">;

export function shownAs({ type, unit }: FieldSpec): ShownAs {
  return unit === undefined ? { type } : { type, unit };
}

/**
 * A value for people: `1.5 GiB`, `2026-01-31T12:00:00Z`, `1 h 20 min`. Undefined: it reads as it is.
 * @param zone Name of the time zone that times are shown in, as `Intl` knows it.
 */
export function readable({ type, unit }: ShownAs, value: Value, zone: string): string | undefined {
  if (type === "secret" && value !== null) return "[secret]";
  if (typeof value !== "number") return undefined;
  if (type === "bytes") return bytesText(value);
  if (type === "unix_time") return timeText(value, zone);
  return unit === "seconds" ? secondsText(value) : undefined;
}

/** Unix seconds as ISO 8601 in a zone, with its offset then: `2026-07-01T14:00:00+02:00`. Undefined: no calendar has it. */
export function timeText(seconds: number, zone: string): string | undefined {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  if (zone === "UTC") return date.toISOString().replace(/\.\d+Z$/, "Z");
  const parts = Object.fromEntries(
    formatIn(zone)
      .formatToParts(date)
      .map(({ type, value }) => [type, value]),
  );
  const { year = "", month = "", day = "", hour = "", minute = "", second = "", timeZoneName = "" } = parts;
  const offset = timeZoneName.replace("GMT", "");
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${offset === "" ? "+00:00" : offset}`;
}

/** Whether two values of one field are the same thing. Order inside a `set` does not count, and null is its empty set. */
export function sameValue(spec: FieldSpec, left: Value, right: Value): boolean {
  return comparable(spec, left) === comparable(spec, right);
}

/** Text that is equal exactly for values of a field that are the same. */
export function comparable(spec: FieldSpec, value: Value): string {
  if (spec.type === "set") return canonicalSet(value);
  return canonical(spec.zeroIsUnset === true && value === 0 ? null : value);
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

const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; Math.abs(value) >= 1024 && unit < binaryUnits.length - 1; unit++) value /= 1024;
  return `${Number(value.toFixed(2))} ${binaryUnits[unit] ?? "B"}`;
}

const spans: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
];

/** All of it, because two spans that differ have to look different: `1 d 2 h 5 s`. */
function secondsText(seconds: number): string | undefined {
  if (!Number.isInteger(seconds) || seconds < 0) return undefined;
  let rest = seconds;
  const parts: string[] = [];
  for (const [name, length] of spans) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Costly to make, and asked for once a cell. */
function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const two = "2-digit" as const;
  const format = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone, year: "numeric", month: two, day: two, hour: two, minute: two, second: two },
    hourCycle: "h23",
    timeZoneName: "longOffset",
  });
  formats.set(timeZone, format);
  return format;
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
  const text = raw === undefined || typeof raw === "bigint" ? String(raw) : jsonText(raw);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

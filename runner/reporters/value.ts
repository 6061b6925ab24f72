import { jsonText } from "../core/model/exact.ts";
import type { Value } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";
import { readable, type ShownAs } from "../core/model/values.ts";
import { cleanText } from "./clean.ts";

/** Text that reads as something else when it stands without quotes. */
const ambiguous = /^$|^\s|\s$|^[-+]?[\d.]+(e[-+]?\d+)?$|^(true|false|null|unset)$|^["[{]/i;

/** What the values of fields are, and the zone that times are shown in. */
export interface Showing {
  readonly types: Readonly<Record<string, ShownAs>>;
  readonly zone: string;
}

/** What a field was and becomes. Two values that would read alike though they differ are shown as they are. */
export function changeText(
  name: string,
  { before, after }: { readonly before: Value | undefined; readonly after: Value | undefined },
  { types, zone }: Showing,
): string {
  const spec = Object.hasOwn(types, name) ? types[name] : undefined;
  const [was, is] = [before, after].map((value) => typedText(value, spec, zone));
  if (was !== is || spec?.type === "secret") return `${was ?? ""} -> ${is ?? ""}`;
  return `${valueText(before)} -> ${valueText(after)}`;
}

/** What one field holds. */
export function heldText(name: string, value: Value | undefined, { types, zone }: Showing): string {
  return typedText(value, Object.hasOwn(types, name) ? types[name] : undefined, zone);
}

function typedText(value: Value | undefined, spec: ShownAs | undefined, zone: string): string {
  const text = spec && readable(spec, value ?? null, zone);
  return text === undefined ? valueText(value) : cleanText(text);
}

/** A field's value as a person reads it: `unset`, `7`, `"7"` for the text, JSON for lists and objects, secrets as `[secret]`. */
export function valueText(value: Value | undefined): string {
  if (value === null || value === undefined) return "unset";
  if (typeof value === "string") return ambiguous.test(value) ? cleanText(JSON.stringify(value)) : cleanText(value);
  if (typeof value !== "object") return String(value);
  return cleanText(jsonText(withoutSecrets(value)));
}

/** The same with `[secret]` where a secret input goes. */
export function withoutSecrets(value: Value): Value {
  if (Array.isArray(value)) return (value as readonly Value[]).map(withoutSecrets);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, "$secret")) return "[secret]";
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutSecrets(member)]));
}

import type { Value } from "../core/model/item.ts";
import { cleanText } from "./clean.ts";

/** Text that reads as something else when it stands without quotes. */
const ambiguous = /^$|^\s|\s$|^[-+]?[\d.]+(e[-+]?\d+)?$|^(true|false|null|unset)$|^["[{]/i;

/** A field's value as a person reads it: `unset`, `7`, `"7"` for the text, JSON for lists and objects, secrets as `[secret]`. */
export function valueText(value: Value | undefined): string {
  if (value === null || value === undefined) return "unset";
  if (typeof value === "string") return ambiguous.test(value) ? cleanText(JSON.stringify(value)) : cleanText(value);
  if (typeof value !== "object") return String(value);
  return cleanText(JSON.stringify(value, (_, member: unknown) => (isSecret(member) ? "[secret]" : member)));
}

function isSecret(member: unknown): boolean {
  return typeof member === "object" && member !== null && "$secret" in member;
}

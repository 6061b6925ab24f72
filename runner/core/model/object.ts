import type { Value } from "./item.ts";

/** Whether a value is a JSON object: not null and not a list. */
export function isObject(value: Value): value is Readonly<Record<string, Value>>;
export function isObject(value: unknown): value is Readonly<Record<string, unknown>>;
export function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

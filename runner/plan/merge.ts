import type { Value } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";

/** `over` laid over `under`: maps member by member, anything else in place of what was there. */
export function deepMerge(under: Value, over: Value): Value {
  if (!isObject(under) || !isObject(over)) return over;
  const merged = new Map(Object.entries(under));
  for (const [name, value] of Object.entries(over)) merged.set(name, deepMerge(merged.get(name) ?? null, value));
  return Object.fromEntries(merged);
}

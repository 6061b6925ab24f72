import type { Fields } from "./item.ts";

/** Those of the fields that are named, as far as they are there. */
export function pick(fields: Fields, names: Iterable<string>): Fields {
  const wanted = new Set(names);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => wanted.has(name)));
}

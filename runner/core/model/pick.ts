import type { Fields } from "./item.ts";

/** Those of the fields that are named, as far as they are there. */
export function pick(fields: Fields, names: Iterable<string>): Fields {
  const wanted = new Set(names);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => wanted.has(name)));
}

/** All but these members. */
export function without<T extends object, K extends keyof T>(whole: T, ...names: readonly K[]): Omit<T, K> {
  const left = new Set<PropertyKey>(names);
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !left.has(name))) as Omit<T, K>;
}

import type { Value } from "../../core/model/item.ts";
import { isExactInt } from "../../core/model/exact.ts";
import { canonical } from "../../core/model/values.ts";
import type { Path } from "../../language/source.ts";

/** The deepest places at which two values differ. */
export interface Difference {
  readonly path: Path;
  readonly expected: string;
  readonly found: string;
}

type Members = Readonly<Record<string, Value>>;

/** Where two values differ, member by member; the order of members does not count. Empty: they are equal. */
export function differences(expected: Value, found: Value): readonly Difference[] {
  if (canonical(expected) === canonical(found)) return [];
  const members = membersOf(expected);
  const theirs = membersOf(found);
  if (members === undefined || theirs === undefined || Array.isArray(expected) !== Array.isArray(found))
    return [{ path: [], expected: shownBeside(expected, found), found: shownBeside(found, expected) }];
  const step = (name: string): string | number => (Array.isArray(expected) ? Number(name) : name);
  return [...new Set([...Object.keys(members), ...Object.keys(theirs)])].flatMap((name): readonly Difference[] => {
    const path = [step(name)];
    if (!Object.hasOwn(theirs, name)) return [{ path, expected: shown(members[name] ?? null), found: "not there" }];
    if (!Object.hasOwn(members, name)) return [{ path, expected: "not there", found: shown(theirs[name] ?? null) }];
    return differences(members[name] ?? null, theirs[name] ?? null).map((inside) => ({
      ...inside,
      path: [...path, ...inside.path],
    }));
  });
}

/** A value in a message: texts as they are, all else as JSON. */
export function shown(value: Value): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The same beside another value that differs: a text that reads like the other stands in quotes, and says what it is. */
export function shownBeside(value: Value, other: Value): string {
  const isAlike = typeof value === "string" && value === shown(other) && typeof other !== "string";
  return isAlike ? `${JSON.stringify(value)} (text)` : shown(value);
}

/** Params as a test writes them: `[secret name]` where the text of a secret input will stand, the digits of a number that YAML would round. */
export function asTestsWrite(value: Value): Value {
  if (isExactInt(value)) return value.$int;
  if (Array.isArray(value)) return (value as readonly Value[]).map(asTestsWrite);
  if (value === null || typeof value !== "object") return value;
  const members = value as Members;
  const { $secret: parts } = members;
  if (Array.isArray(parts))
    return (parts as readonly (string | { readonly input: string })[])
      .map((part) => (typeof part === "string" ? part : `[secret ${part.input}]`))
      .join("");
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, asTestsWrite(member)]));
}

function membersOf(value: Value): Members | undefined {
  return value !== null && typeof value === "object" ? (value as Members) : undefined;
}

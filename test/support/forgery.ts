import fc from "fast-check";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import type { RunId } from "../../runner/core/model/item.ts";
import { genesis, headOf, seal } from "../../runner/ledger/chain.ts";

/** A record as anybody can write it. */
export type Loose = Readonly<Record<string, unknown>>;

/** Somebody with the program writes a ledger: every hash fits, whatever the records say. */
export function chainOf(run: RunId, records: readonly Loose[]): string {
  let head = genesis(run);
  return records
    .map(({ seq: _seq, hash: _hash, synced: _synced, ...said }, place) => {
      const text = JSON.stringify({ seq: place + 1, ...said }).replaceAll(JSON.stringify(deep), deepText);
      const { line, hash } = seal(text.slice(0, -1), head.hash);
      head = headOf({ seq: place + 1, hash } as unknown as LedgerRecord);
      return line;
    })
    .join("");
}

/** The way to a member at any depth. */
export type Path = readonly (string | number)[];

/** The ways to everything that a value holds, lists with their first member alone. */
export function pathsIn(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [];
  const members = Array.isArray(value) ? [0].filter((place) => place in value) : Object.keys(value);
  return members.flatMap((name) => {
    const path = [...at, name];
    return [path, ...pathsIn((value as Readonly<Record<string | number, unknown>>)[name], path)];
  });
}

/** The same value with another member there; `undefined`: without it. */
export function withMember<T>(value: T, [name, ...rest]: Path, member: unknown): T {
  if (name === undefined) return member as T;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  if (rest.length === 0 && member === undefined) Reflect.deleteProperty(copy, name);
  else copy[name] = withMember(copy[name], rest, member);
  return copy as T;
}

/** Stands for lists in lists, deeper than anybody can follow. */
const deep = "deep, deep, deep";
const deepText = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;

/** What nobody expects: nothing at all, null, another type, too much of it. */
export const anyOdd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, false, 0, 5, -1, 0.5, 999_999_999, 2 ** 53, 1e300, -1e300),
  fc.constantFrom<unknown>("", "x", "constructor", "__proto__", [], [null], [-1], [999_999_999], {}, { a: null }, deep),
  fc.constant({ toString: null, length: 1e9, toJSON: 1 }),
);

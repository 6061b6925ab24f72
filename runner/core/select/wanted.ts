import type { GuardResult, LookupCount } from "../model/preview.ts";
import type { Item } from "../model/item.ts";
import type { Plan } from "../model/plan.ts";
import type { Frozen } from "../model/frozen.ts";
import type { Lookup } from "../model/listing.ts";

/** Keys of rows that met no item, told by name. */
const keysTold = 10;

/** Counts, for each lookup, the rows that no item of the list was looked up in, and keeps two changes from one row. */
export class WantedRows {
  readonly #frozen: Frozen;
  readonly #lookups: readonly Watched[];

  constructor({ lookups }: Plan, frozen: Frozen) {
    this.#frozen = frozen;
    this.#lookups = lookups.map((lookup) => {
      const value = frozen.lookup?.[lookup.name] ?? null;
      const rows = Array.isArray(value) ? value.length : 1;
      const isWatched = Array.isArray(value) && (lookup.unique || lookup.unused !== "ignore");
      return { lookup, rows, marks: isWatched ? new Uint8Array(rows) : undefined };
    });
  }

  /** The list has this item. */
  meet(item: Item): void {
    for (const { lookup, marks } of this.#lookups) {
      if (marks === undefined) continue;
      for (const place of lookup.meets(this.#frozen, item)) marks[place] = (marks[place] ?? 0) | mark.met;
    }
  }

  /** This item is to change. @returns Why it may not: another one was looked up in the same row. */
  claim(item: Item): { readonly why: string; readonly hint: string } | undefined {
    const rows = this.#lookups.flatMap(({ lookup, marks }) => {
      if (marks === undefined || !lookup.unique) return [];
      return lookup.meets(this.#frozen, item).map((place) => ({ lookup, marks, place }));
    });
    const taken = rows.find(({ marks, place }) => ((marks[place] ?? 0) & mark.taken) !== 0);
    if (taken !== undefined) {
      const { lookup, place } = taken;
      return {
        why: `another item that changes is looked up in the same row of ${lookup.name}: ${keysText([this.#keyAt(lookup, place)])}`,
        hint: `If one row is meant for several items, write lookups.${lookup.name}.unique: false.`,
      };
    }
    for (const { marks, place } of rows) marks[place] = (marks[place] ?? 0) | mark.taken;
    return undefined;
  }

  counts(): readonly LookupCount[] {
    return this.#lookups.map(({ lookup, rows, marks }) => {
      const { name } = lookup;
      if (marks === undefined || lookup.unused === "ignore") return { name, rows };
      let unused = 0;
      const keys: string[] = [];
      for (const [place, marked] of marks.entries()) {
        if (marked !== 0) continue;
        unused += 1;
        if (keys.length < keysTold) keys.push(this.#keyAt(lookup, place));
      }
      return { name, rows, unused, ...(unused > 0 && { keys }) };
    });
  }

  #keyAt(lookup: Lookup, place: number): string {
    const rows = this.#frozen.lookup?.[lookup.name] ?? null;
    return Array.isArray(rows) ? lookup.keyOf((rows as readonly (typeof rows)[])[place] ?? null) : "";
  }
}

interface Watched {
  readonly lookup: Lookup;
  readonly rows: number;
  /** One byte a row; undefined: nobody asks. */
  readonly marks: Uint8Array | undefined;
}

const mark = { met: 1, taken: 2 } as const;

/** The guards of lookups whose rows must all have met an item. */
export function lookupGuards({ lookups, guards }: Plan, counts: readonly LookupCount[]): readonly GuardResult[] {
  const allowed = guards.allowAbsent ?? 0;
  const strict = new Set(lookups.filter(({ unused }) => unused === "error").map(({ name }) => name));
  return counts
    .filter(({ name }) => strict.has(name))
    .map(({ name, rows, unused = 0, keys = [] }) => ({
      guard: `lookup.${name}`,
      allowed: `at most ${allowed} absent`,
      found: unused,
      ok: unused <= allowed,
      message: `${unused} of ${rows} rows met no item of the list${keys.length === 0 ? "" : `: ${toldOf(keys, unused)}`}`,
    }));
}

/** The first of some keys, and how many more there are. */
function toldOf(keys: readonly string[], count: number): string {
  const more = count - keys.length;
  return `${keysText(keys)}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Keys for people. Texts stand in quotes: a blank in them, or none at all, would not be seen. */
export function keysText(keys: readonly string[]): string {
  return keys.map((key) => (/^-?\d+$/.test(key) ? key : JSON.stringify(key))).join(", ");
}

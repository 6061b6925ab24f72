import type { Item, Value } from "../core/model/item.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { type Lookup, type LookupSource } from "../core/model/listing.ts";
import { keepable } from "../core/model/withheld.ts";
import { isMap, isTable, lower, shown, type CelMap, type CelTable } from "../language/cel.ts";
import { ExpressionFaults, type Expression, type LookedFor, type Scope } from "../language/expression.ts";
import type { Binding } from "./binding.ts";
import type { LookupDocument } from "./document.ts";
import { keyOfRow, rowsFrom } from "./lookup-rows.ts";
import type { KnownLookup } from "./lookups.ts";
import type { KnownSource } from "./lookup-source.ts";
import { listingOf, truth } from "./parts.ts";

export interface LookupUses {
  readonly binding: Binding;
  /** Names that say which items there are. */
  readonly lists: ReadonlySet<string>;
  /** Names that say what items look like. */
  readonly items: ReadonlySet<string>;
  /** What is looked up for an item, and the names that are known there. */
  readonly lookedFor: readonly LookedFor[];
  readonly item: Scope;
  /** Of a member's name, in whatever a call answers. */
  readonly isSecret: (member: string) => boolean;
}

/** Lookups as the engine reads them. Only for a plan without problems. */
export function resolveLookups(known: readonly KnownLookup[], uses: LookupUses): readonly Lookup[] {
  const lists = usedBy(known, uses.lists);
  const items = usedBy(known, uses.items);
  return known.map((lookup) => {
    const { name, document, source, view } = lookup;
    const isFile = source.kind === "file";
    const read = readingOf(lookup, uses);
    return {
      name,
      ...read,
      live: items.has(name) ? "items" : lists.has(name) ? "lists" : "never",
      asks: (frozen) => asked(lookup, read.source, { frozen, binding: uses.binding }),
      unused: document.unused ?? (isFile && view.key.length > 0 ? "warn" : "ignore"),
      unique: (document.unique ?? isFile) && view.key.length > 0,
      meets: meeting(name, uses),
      keyOf: (row) => {
        const key = keyOfRow(row, view.key);
        return typeof key === "string" ? key : shown(key);
      },
    };
  });
}

/** Where the rows come from, and what is kept of them. */
export function readingOf(
  { document, shape, source, filter }: KnownLookup,
  { binding, isSecret }: Pick<LookupUses, "binding" | "isSecret">,
): Pick<Lookup, "source" | "take"> {
  return {
    source: resolvedSource(source, document, binding),
    take: (answers, frozen) => {
      const kept = source.kind === "call" ? answers.map((one) => keepable(one, isSecret)) : answers;
      return rowsFrom(
        kept,
        shape,
        filter && { keeps: (row) => truth(filter.holds, binding.row(frozen, row, filter.of)) },
      );
    },
  };
}

function asked(
  { document, filter }: KnownLookup,
  source: LookupSource,
  { frozen, binding }: { readonly frozen: Frozen; readonly binding: Binding },
): Value {
  if (source.kind === "file") return null;
  const { rows = null, fields = null, value = null, type = null } = document;
  const kept = { rows, fields, value, type } as unknown as Value;
  if (source.kind === "run") return { run: source.run, states: source.states ?? null, kept };
  const { listing } = source;
  const params = (listing.parts?.(frozen) ?? [{}]).map((part) => listing.params(frozen, part));
  return { call: listing.method, params, kept, ...(filter && { filter: filterAsked(filter.holds, frozen, binding) }) };
}

/** A filter, and the values of the names that it uses. */
function filterAsked({ text, uses }: Expression, frozen: Frozen, binding: Binding): Value {
  const names = binding.list(frozen);
  const values = [...uses].toSorted().flatMap((name): readonly (readonly [string, Value])[] => {
    const [root = "", member] = name.split(".");
    if (root === "row") return [];
    if (root === "lookup") return [[name, lookedUp(frozen, member)]];
    const found = names[root] ?? null;
    return [[name, lower(member !== undefined && isMap(found) ? (found[member] ?? null) : found)]];
  });
  return { text, values: Object.fromEntries(values) };
}

function lookedUp({ lookup = {} }: Frozen, name: string | undefined): Value {
  return name === undefined ? lookup : (lookup[name] ?? null);
}

function resolvedSource(source: KnownSource, { optional = false }: LookupDocument, binding: Binding): LookupSource {
  if (source.kind === "file" || source.kind === "run") return source;
  const listing = listingOf(source.list, binding);
  if (source.kind === "call") return { kind: "call", listing, optional };
  const { facts, fields } = source;
  const key = fields.find((field) => field.source === facts.field(facts.key)?.source)?.name ?? facts.key;
  return { kind: "list", listing, fields, key, optional };
}

/** The calls among what is used, and among what that is made of: files and earlier runs stay as they were. */
function usedBy(known: readonly KnownLookup[], used: ReadonlySet<string>): ReadonlySet<string> {
  const names = new Set(used);
  for (const { name, source, filter } of [...known].reverse()) {
    if (!isUsed(name, names) || source.kind === "file" || source.kind === "run") continue;
    for (const one of [...source.list.uses, ...(filter?.holds.uses ?? [])]) names.add(one);
  }
  const isRead = ({ source }: KnownLookup): boolean => source.kind === "call" || source.kind === "list";
  return new Set(known.filter((one) => isRead(one) && isUsed(one.name, names)).map(({ name }) => name));
}

function isUsed(name: string, names: ReadonlySet<string>): boolean {
  return names.has("lookup") || names.has(`lookup.${name}`);
}

/** The rows an item is looked up in, by the keys that the plan asks for with `in` and `[ ]`. */
function meeting(lookup: string, { binding, lookedFor, item: scope }: LookupUses): Lookup["meets"] {
  const texts = new Set(lookedFor.filter((one) => one.lookup === lookup).map(({ key }) => key));
  const keys = [...texts].flatMap((text) => compiledKey(text, scope));
  return (frozen: Frozen, item: Item) => {
    const table = binding.lookup(frozen, lookup);
    if (table === undefined || !isTable(table)) return [];
    const places = keys.map((key) => placeOf(key, table, binding.item(frozen, item)));
    return [...new Set(places.filter((place) => place !== undefined))];
  };
}

type Key = Pick<Expression, "uses" | "evaluate">;

/** A key that is made of more than the item, such as the variable of a list function, says nothing of the item. */
function compiledKey(text: string, scope: Scope): readonly Key[] {
  try {
    const key = scope.compilePart(text);
    // A row that is looked up for every item alike is none that an item has met.
    return [...key.uses].some((name) => /^(item|each)\b/.test(name)) ? [key] : [];
  } catch (error) {
    if (error instanceof ExpressionFaults) return [];
    throw error;
  }
}

function placeOf(key: Key, table: CelTable, names: CelMap): number | undefined {
  try {
    return table.placeOf(key.evaluate(names));
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

import type { FieldFacts } from "../core/model/catalogue.ts";
import type { Fields } from "../core/model/item.ts";
import type { FieldType } from "../core/model/values.ts";
import type { CelMap } from "../language/cel.ts";
import { Scope, type CelType, type Names, type NameType, type RecordType } from "../language/expression.ts";
import { elementsPath, type About } from "../language/names.ts";
import type { InputDocument, InputType } from "./document.ts";

/** The names that are known in each part of a plan. */
export interface Scopes {
  /** For the list as a whole. */
  readonly list: Scope;
  readonly item: Scope;
  readonly set: Scope;
  readonly params: Scope;
  /** Of a call about several items. */
  readonly chunk: Scope;
  readonly after: Scope;
  /** For what an undo leaves alone. */
  readonly before: Scope;
  /** For what a gate has measured. */
  readonly measured: Scope;
}

export interface ScopeFacts {
  readonly inputs: Readonly<Record<string, InputDocument>>;
  readonly lookups: Readonly<Record<string, NameType>>;
  /** Undefined: there is none. */
  readonly each: NameType | undefined;
  /** Undefined: not known, because the list is not; any member passes then. */
  readonly fields: readonly ScopeField[] | undefined;
  /** Fields that are never null, and the elements of those that never hold null. Undefined: a run that has begun is not judged by what is known of its fields today. */
  readonly present: ReadonlySet<string> | undefined;
  /** Fields that were declared but are not known: they were reported already. */
  readonly unknownFields: readonly string[];
  /** Undefined: not known, any member passes. */
  readonly sets: readonly string[] | undefined;
  /** Fields that are read for verification alone. */
  readonly laterFields?: readonly FieldFacts[];
  /** What a gate measures. Undefined: there is none, or it is not known. */
  readonly measured?: NameType | undefined;
}

export type ScopeField = Pick<FieldFacts, "name" | "untyped" | "tokens" | "elements"> & {
  readonly type: FieldType | "dyn";
};

export function scopesFor(facts: ScopeFacts): Scopes {
  const list = listNames(facts);
  const each: Names = facts.each === undefined ? {} : { each: facts.each };
  const item = itemType(facts);
  const set = setType(item, facts);
  const scope = (names: Names): Scope => scopeOf(facts.inputs, names);
  return {
    list: scope(list),
    item: scope({ ...list, ...each, item }),
    set: scope({ ...list, ...each, item, omit: "dyn" }),
    params: scope({ ...list, ...each, item, set, omit: "dyn", run }),
    chunk: scope({ ...list, items: listOf(item), set, omit: "dyn", run }),
    after: scope({ ...list, before: item, after: afterType(item, facts), set, run }),
    before: scope({ ...list, before: item, run }),
    measured: scope({ ...list, rows: facts.measured ?? "dyn", changed: listOf(item), run }),
  };
}

function listOf(item: RecordType | "map"): NameType {
  return typeof item === "string" ? "list" : { listOf: item };
}

function setType(item: RecordType | "map", facts: ScopeFacts): RecordType | "map" {
  const { sets } = facts;
  if (typeof item === "string" || sets === undefined) return "map";
  const typeOf = (name: string): NameType =>
    Object.hasOwn(item.members, name) ? (item.members[name] ?? "dyn") : "dyn";
  const members = Object.fromEntries(sets.map((name) => [name, typeOf(name)]));
  return { kind: "set_fields", members, about: setAbout(facts) };
}

/** For fields that are computed from an item. @param hasRow And from the row that it is made of. */
export function itemScope(facts: Omit<ScopeFacts, "sets">, { hasRow }: { readonly hasRow: boolean }): Scope {
  const each: Names = facts.each === undefined ? {} : { each: facts.each };
  const row: Names = hasRow ? { row: "dyn" } : {};
  return scopeOf(facts.inputs, { ...listNames(facts), ...each, item: itemType(facts), ...row });
}

/** For reading single items: with `row` and `rows` where what was read is looked at. */
export function readScope(facts: Omit<ScopeFacts, "sets">, answer: Names): Scope {
  const each: Names = facts.each === undefined ? {} : { each: facts.each };
  return scopeOf(facts.inputs, { ...listNames(facts), ...each, item: itemType(facts), run, ...answer });
}

/** For a row of the answer to a call about several items. */
export function resultScope(inputs: ScopeFacts["inputs"]): Scope {
  return scopeOf(inputs, { inputs: inputsRecord(inputs), row: "dyn" });
}

/** For a row of a lookup. */
export function rowScope(facts: Pick<ScopeFacts, "inputs" | "lookups">, row: NameType): Scope {
  return scopeOf(facts.inputs, { ...listNames(facts), row });
}

/** For the list in which changed items are looked for. */
export function verifyScope(facts: Pick<ScopeFacts, "inputs" | "lookups">, inside: InsideList): Scope {
  return scopeOf(facts.inputs, { ...listNames(facts), ...insideNames(inside), run });
}

const run: RecordType = { kind: "run", members: { id: "string", started: "int" } };

/** What is set may be null wherever its template does not say otherwise. */
function setAbout({ fields = [], sets, present }: ScopeFacts): Readonly<Record<string, About>> {
  const none = present && new Set<string>();
  return aboutFields(
    fields.filter(({ name }) => sets?.includes(name)),
    none,
  );
}

function afterType(item: RecordType | "map", { laterFields = [], present }: ScopeFacts): RecordType | "map" {
  if (item === "map" || laterFields.length === 0) return item;
  const later = laterFields.map((field) => [field.name, celTypeOf(field)] as const);
  return {
    kind: "after",
    members: { ...item.members, ...Object.fromEntries(later) },
    about: { ...item.about, ...aboutFields(laterFields, present) },
  };
}

/** Before anything is read: inputs alone. */
export function loadScope(inputs: ScopeFacts["inputs"]): Scope {
  return scopeOf(inputs, { inputs: inputsRecord(inputs) });
}

/** What the params of a list know beside what all of a plan knows. */
export interface InsideList {
  /** An element of `for_each`. */
  readonly each: NameType | undefined;
  readonly page: RecordType | undefined;
  /** Members can be left out: of the first page, that from which it goes on. */
  readonly hasOmit: boolean;
}

/** For the lists of `for_each`, and for pages and ids. */
export function partScope(facts: Pick<ScopeFacts, "inputs" | "lookups">, inside: InsideList): Scope {
  return scopeOf(facts.inputs, { ...listNames(facts), ...insideNames(inside) });
}

function insideNames({ each, page, hasOmit }: InsideList): Names {
  return {
    ...(each === undefined ? {} : { each }),
    ...(page === undefined ? {} : { page }),
    ...(hasOmit ? { omit: "dyn" } : {}),
  };
}

/** For what is said of a list as a whole. */
export const wholeList: InsideList = { each: undefined, page: undefined, hasOmit: false };

/** What an element is of a list of that type, as the library writes types. */
export function elementOf(type: string, lookups: Readonly<Record<string, NameType>>): NameType {
  const inside = /^list<(.+)>$/.exec(type)?.[1] ?? /^map<(\w+),.*>$/.exec(type)?.[1];
  if (inside === "int" || inside === "string" || inside === "double" || inside === "bool") return inside;
  if (type === "map") return "string";
  for (const lookup of Object.values(lookups)) {
    if (typeof lookup === "object" && "listOf" in lookup && lookup.listOf.kind === inside) return lookup.listOf;
  }
  return "dyn";
}

function listNames({ inputs, lookups }: Pick<ScopeFacts, "inputs" | "lookups">): Names {
  const lookup: Names = Object.keys(lookups).length === 0 ? {} : { lookup: { kind: "lookup", members: lookups } };
  return {
    inputs: inputsRecord(inputs),
    ...lookup,
    now: "int",
    login: { kind: "login", members: { user_id: "dyn", partner_id: "dyn", name: "string" } },
  };
}

function scopeOf(inputs: ScopeFacts["inputs"], names: Names): Scope {
  return new Scope(names, new Set(namesOfType(inputs, "secret").map((name) => `inputs.${name}`)));
}

export function namesOfType(
  inputs: Readonly<Record<string, InputDocument>>,
  type: InputDocument["type"],
): readonly string[] {
  return Object.keys(inputs).filter((name) => inputs[name]?.type === type);
}

/** Inputs as expressions see them. */
export function inputValues(declared: Readonly<Record<string, InputDocument>>, values: Fields): CelMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const type = declared[name]?.type;
      const digits = type !== undefined && inputTypes[type] === "int" && typeof value === "string";
      return [name, digits ? BigInt(value) : value];
    }),
  );
}

/** The type of a field in expressions. */
export const celTypes: Readonly<Record<FieldType, CelType>> = {
  string: "string",
  integer: "int",
  number: "double",
  boolean: "bool",
  bytes: "int",
  unix_time: "int",
  set: "list",
  list: "list",
  object: "map",
  hex: "int",
  enum: "string",
  secret: "string",
};

const inputTypes: Readonly<Record<InputType, CelType>> = {
  unknown: "dyn",
  string: "string",
  integer: "int",
  number: "double",
  boolean: "bool",
  bytes: "int",
  duration: "int",
  time: "int",
  secret: "string",
  file: "string",
  list: "list<string>",
};

function inputsRecord(inputs: Readonly<Record<string, InputDocument>>): RecordType {
  const open = Object.entries(inputs).filter(([, { type }]) => type !== "secret");
  const members = open.map(
    ([name, { type, of }]) => [name, type === "list" && of === "integer" ? "list<int>" : inputTypes[type]] as const,
  );
  const unset = open.filter(([, { required, default: fallback = null }]) => required === false && fallback === null);
  const about = Object.fromEntries(unset.map(([name]) => [name, { mayBeNull: true }]));
  return { kind: "inputs", members: Object.fromEntries(members), about };
}

/** What is known of fields beside their types. @param present Those that are never null; undefined: nothing is to be said. */
export function aboutFields(
  fields: readonly ScopeField[],
  present: ReadonlySet<string> | undefined,
): Readonly<Record<string, About>> {
  if (present === undefined) return {};
  return Object.fromEntries(fields.map((field) => [field.name, aboutField(field, present)]));
}

function aboutField(field: ScopeField, present: ReadonlySet<string>): About {
  const { name, type, untyped = false } = field;
  const tokens = type === "enum" ? field.tokens : type === "set" ? tokensOfElements(field) : undefined;
  return {
    mayBeNull: !untyped && type !== "dyn" && !present.has(name),
    // Of a list that a service sends nobody knows it: nothing is told of its elements, and nothing is proven by them.
    ...(present.has(elementsPath(name)) && { holdsNull: false }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(type === "bytes" ? { counts: "bytes" } : type === "unix_time" ? { counts: "time" } : {}),
  };
}

function celTypeOf({
  type,
  untyped = false,
}: {
  readonly type: FieldType | "dyn";
  readonly untyped?: boolean;
}): CelType {
  return untyped || type === "dyn" ? "dyn" : celTypes[type];
}

function tokensOfElements({ elements }: ScopeField): About["tokens"] {
  return elements && Object.fromEntries(elements.map((name) => [name, name]));
}

function itemType({
  fields,
  unknownFields,
  present,
}: Pick<ScopeFacts, "fields" | "unknownFields" | "present">): RecordType | "map" {
  if (fields === undefined) return "map";
  const known = fields.map((field) => [field.name, celTypeOf(field)] as const);
  const isKnown = (name: string): boolean => fields.some((field) => field.name === name);
  return {
    kind: "item",
    members: {
      ...Object.fromEntries(known),
      ...Object.fromEntries(unknownFields.filter((name) => !isKnown(name)).map((name) => [name, "dyn" as const])),
    },
    about: aboutFields(fields, present),
  };
}

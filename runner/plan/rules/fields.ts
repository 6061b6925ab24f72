import type { FieldFacts, ListFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { FieldType } from "../../core/model/values.ts";
import { reservedNames } from "../../language/expression.ts";
import type { Finding, Path } from "../../language/source.ts";
import { didYouMean, meant } from "../../language/suggest.ts";
import type { Told } from "../../language/told.ts";
import { customFacts, type CustomColumns } from "../custom-columns.ts";
import type { FieldDocument, PlanDocument } from "../document.ts";
import { faultsOf, isReadable } from "./field-faults.ts";
import type { Rule } from "./rule.ts";

export interface DeclaredFields {
  /** In the order written, the key first where it is not among them. A computed one has no source. */
  readonly fields: readonly FieldFacts[];
  /** What the plan adds to a field of the list, or computes in place of one. */
  readonly made: ReadonlyMap<string, MadeField>;
  /** Names that were declared but are not known, the misspelt ones among them. */
  readonly unknown: readonly string[];
  /** There are more, whose names hang on an input that has no value. */
  readonly isOpen: boolean;
  readonly findings: readonly Finding[];
}

/** `value`: the expression it is computed by. `type`: undefined for one that follows from the expression. */
export interface MadeField {
  readonly value: string | undefined;
  readonly type: FieldType | undefined;
  readonly fallback: Value;
  /** Null, and no fallback, is an error. */
  readonly required: boolean;
  /** The plan says that it may be missing. */
  readonly isOptional: boolean;
}

interface DeclaredIn {
  readonly list: ListFacts;
  readonly path: Path;
  /** `allow_undocumented`: what the vendor does not document is used without a word. */
  readonly isLenient: boolean;
  readonly custom?: CustomColumns;
  /** Fields are paths of the plan's own, which any name is. */
  readonly isDescribed?: boolean;
  /** Fields of the wrong shape are here under their names. */
  readonly told?: Told;
  /** Templates are not rendered: one can not be, which was told, or an input has no value. */
  readonly isUnrendered?: boolean;
}

/**
 * The fields a plan declares, the key always among them.
 * @param rendered `fields` with the inputs in place.
 */
export function declaredFields(rendered: Value, around: DeclaredIn): DeclaredFields {
  const { list } = around;
  const findings: Finding[] = [];
  const fields: FieldFacts[] = [];
  const made = new Map<string, MadeField>();
  const unknown: string[] = [];
  const all = entries(rendered, around.path);
  const names = new Set(all.map(({ name }) => name));
  for (const entry of all) {
    const one = declaredField(entry, { ...around, names, taken: fields });
    findings.push(...one.findings);
    unknown.push(...one.unknown);
    if (one.field === undefined) continue;
    fields.push(one.field);
    if (one.made !== undefined) made.set(one.field.name, one.made);
  }
  const own = list.field(list.key);
  const key = fields.find(({ source }) => source !== "" && source === own?.source);
  if (key === undefined && own !== undefined) fields.unshift(own);
  const isOpen = around.isUnrendered === true && unknown.some(isTemplate);
  return { fields, made, unknown, isOpen, findings };
}

interface DeclaredField {
  readonly field?: FieldFacts;
  readonly made?: MadeField;
  readonly unknown: readonly string[];
  readonly findings: readonly Finding[];
}

interface Among extends DeclaredIn {
  /** Of all fields as written. */
  readonly names: ReadonlySet<string>;
  /** The fields above. */
  readonly taken: readonly FieldFacts[];
}

function declaredField(entry: Entry, among: Among): DeclaredField {
  const { name, source, path } = entry;
  const { list, custom, told, isUnrendered = false } = among;
  const written = writtenOf(source);
  if (written.value !== undefined) return computedField(entry, written, among);
  const column = custom?.get(name);
  if (column !== undefined) {
    const facts = customFacts(column, { list, path });
    return "message" in facts
      ? { unknown: [name], findings: [facts] }
      : listField(name, written, { path, facts, among });
  }
  const { from = name } = written;
  const facts = list.field(from);
  if (facts !== undefined) return listField(name, written, { path, facts, among });
  if ((isUnrendered && isTemplate(from)) || told?.touches(path) === true) return { unknown: [name], findings: [] };
  if (among.isDescribed) return { unknown: [name], findings: [badPath(entry, written, from)] };
  // What the catalogue does not know is asked for as written, once the plan says what it is.
  if (among.isLenient && written.type !== undefined)
    return listField(name, written, { path, facts: unlisted(from, written.type), among });
  return misspeltField(entry, { ...written, from }, among);
}

function badPath({ path }: Entry, written: FieldDocument, text: string): Finding {
  const at = written.from === undefined || typeof path.at(-1) === "number" ? path : [...path, "from"];
  const hint =
    "Write . for the row itself, or members: a.b, a[0], a[].b; ^ in front goes to the object around the list.";
  return { path: at, code: "bad-path", message: `${text} is not a path`, hint };
}

function unlisted(source: string, type: FieldType): FieldFacts {
  return { name: source, source, spellings: [source], type, emptyIsUnset: true, volatile: false, secret: false };
}

function isTemplate(name: string): boolean {
  return name.includes("${{");
}

function computedField({ name, path }: Entry, written: FieldDocument, { taken }: Among): DeclaredField {
  const fault = computedFault(path, name, { written, taken });
  if (fault !== undefined) return { unknown: [name], findings: [fault] };
  const { type = "string", volatile = false } = written;
  return { field: { ...computed, name, type, volatile }, made: madeOf(written), unknown: [], findings: [] };
}

function listField(
  name: string,
  written: FieldDocument,
  { path, facts, among }: { readonly path: Path; readonly facts: FieldFacts; readonly among: Among },
): DeclaredField {
  const { from = name } = written;
  const findings = [...faultsOf({ name, from, path }, { ...among, facts, type: written.type })];
  if (findings.some(({ severity }) => severity !== "note")) return { unknown: [name], findings };
  const { type = facts.type, volatile = facts.volatile } = written;
  const isNowTyped = facts.untyped === true && written.type !== undefined;
  const field = { ...facts, name, type, volatile, ...(isNowTyped && { untyped: false }) };
  const isMade = written.default !== undefined || written.optional !== undefined;
  return { field, ...(isMade && { made: madeOf(written) }), unknown: [], findings };
}

/** A name that can only mean one field counts as that: what the plan does with it is looked at all the same. */
function misspeltField(
  { name, path }: Entry,
  written: FieldDocument & { readonly from: string },
  among: Among,
): DeclaredField {
  const { list, names } = among;
  const { from } = written;
  const near = meantField(from, list, names);
  const findings = [unknownField(path, from, { list, near })];
  const facts = near === undefined ? undefined : list.field(near);
  if (near === undefined || facts === undefined) return { unknown: [name], findings };
  const meant = listField(name === from ? near : name, { ...written, from: near }, { path, facts, among });
  return { ...meant, unknown: [name, ...meant.unknown], findings: [...findings, ...meant.findings] };
}

/** The field that a misspelt one must be, unless the plan has that as well: codes with a number are known in upper case. */
function meantField(written: string, list: ListFacts, declared: ReadonlySet<string>): string | undefined {
  if (list.whyNot?.(written) !== undefined) return undefined;
  const code = written.toUpperCase();
  if (/\d/.test(code) && list.field(code) !== undefined) return declared.has(code) ? undefined : code;
  return meant(
    written,
    list.fieldNames.filter((name) => !declared.has(name)),
  );
}

function unknownField(
  path: Path,
  from: string,
  { list, near }: { readonly list: ListFacts; readonly near: string | undefined },
): Finding {
  const listed = list.reference && `\`rollcall catalog ${list.reference}\` lists them.`;
  const guess = near === undefined ? didYouMean(from, list.fieldNames) : `Did you mean ${near}?`;
  const hint = list.whyNot?.(from) ?? guess ?? listed;
  return { path, code: "unknown-field", message: `${list.method} has no field ${from}`, hint };
}

const computed: Omit<FieldFacts, "name" | "type" | "volatile"> = { source: "", spellings: [], secret: false };

/** @param facts All that is known of the declared fields. */
export function* keyAndTitle(
  { enumerate: { key, title } }: PlanDocument,
  { list, isDescribed }: { readonly list: ListFacts; readonly isDescribed: boolean },
  { fields, unknown, made, isOpen }: DeclaredFields,
): Generator<Finding> {
  if (isDescribed && !isOpen) yield* ownKey(key, { fields, unknown, made });
  const own = fields.find(({ source }) => source !== "" && source === list.field(list.key)?.source);
  const names = new Set([list.key, ...unknown, ...fields.map(({ name }) => name)]);
  if (!isDescribed && key !== undefined && key !== list.key && key !== own?.name) {
    yield {
      path: ["enumerate", "key"],
      code: "bad-key",
      message: `the key of ${list.method} is ${list.key}, not ${key}`,
      hint: "Leave enumerate.key out.",
    };
  }
  if (title !== undefined && !names.has(title)) {
    yield {
      path: ["enumerate", "title"],
      code: "unknown-field",
      message: `title ${title} is not among the fields`,
      hint: didYouMean(title, names),
    };
  }
}

/** The key of a list that the service does not know: a field of the plan, by which the items are told apart. */
function* ownKey(
  key: string | undefined,
  { fields, unknown, made }: Pick<DeclaredFields, "fields" | "unknown" | "made">,
): Generator<Finding> {
  if (key === undefined) {
    const hint = "Add key: the field that is different for every item, and stays.";
    yield { path: ["enumerate"], at: "key", code: "missing-key", message: "nothing says which field is the key", hint };
    return;
  }
  const path = ["enumerate", "key"];
  const field = fields.find(({ name }) => name === key);
  if (field === undefined) {
    if (unknown.includes(key)) return;
    const names = fields.map(({ name }) => name);
    const hint = didYouMean(key, names) ?? "Add it to enumerate.fields.";
    yield { path, code: "unknown-field", message: `the key ${key} is not among the fields`, hint };
  } else if (field.untyped !== true && !keyTypes.includes(field.type)) {
    const message = `the key ${key} is of type ${field.type}`;
    yield { path, code: "bad-key", message, hint: "A key is a text or a whole number: string, integer or hex." };
  } else if ((made.get(key)?.fallback ?? null) !== null) {
    const hint = "Take its default out.";
    yield { path, code: "bad-key", message: `the key ${key} has a default, which more than one item could have`, hint };
  }
}

const keyTypes: readonly FieldType[] = ["string", "integer", "hex", "enum", "bytes", "unix_time"];

/** Names of fields can be read in expressions. */
export const fieldNames: Rule = function* ({ document, list }) {
  for (const { name, source, path, at } of entries(document.enumerate.fields as Value, ["enumerate", "fields"])) {
    const facts = isReadable(name) || writtenOf(source).value !== undefined ? undefined : list?.field(name);
    if (facts !== undefined)
      yield {
        path,
        at,
        code: "bad-name",
        message: `${name} is a field of the list, but item.${name} can not be read in an expression`,
        hint: `Write ${facts.current ?? `fields: { my_name: ${JSON.stringify(name)} }`}.`,
      };
    if (reservedNames.has(name))
      yield {
        path,
        at,
        code: "reserved-name",
        message: `CEL reserves ${name}: item.${name} could not be read`,
        hint: `Give it another name: { my_${name}: ${name} }.`,
      };
  }
};

interface Entry {
  readonly name: string;
  readonly source: Value;
  readonly path: readonly (string | number)[];
  readonly at: "key" | "value";
}

function entries(fields: Value, at: Path): readonly Entry[] {
  if (Array.isArray(fields)) {
    return (fields as readonly Value[]).map((name, place) => ({
      name: typeof name === "string" ? name : JSON.stringify(name),
      source: name,
      path: [...at, place],
      at: "value",
    }));
  }
  return Object.entries(fields ?? {}).map(([name, source]) => ({
    name,
    source: source as Value,
    path: [...at, name],
    at: "key",
  }));
}

/** What a template came to may be anything; the schema has looked at what is written. */
function writtenOf(source: Value): FieldDocument {
  if (typeof source === "object" && source !== null && !Array.isArray(source)) return source as FieldDocument;
  return { from: typeof source === "string" ? source : JSON.stringify(source) };
}

function madeOf({ value, type, optional, default: fallback = null }: FieldDocument): MadeField {
  return { value, type, fallback, required: optional === false, isOptional: optional === true };
}

function computedFault(
  path: Path,
  name: string,
  { written, taken }: { readonly written: FieldDocument; readonly taken: readonly FieldFacts[] },
): Finding | undefined {
  const other = written.from === undefined ? "custom" : "from";
  if (written[other] !== undefined)
    return {
      ...{ path, at: "key", code: "bad-field", hint: "Keep one." },
      message: `field ${name} has both ${other} and value`,
    };
  if (written.type === "secret" || written.type === "enum")
    return { path, at: "key", code: "bad-type", message: `a computed field can not be of type ${written.type}` };
  if (taken.some((other) => other.name === name))
    return { path, at: "key", code: "duplicate-field", message: `field ${name} is there twice` };
  return undefined;
}

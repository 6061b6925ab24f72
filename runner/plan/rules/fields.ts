import type { FieldFacts, ListFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { FieldType } from "../../core/model/values.ts";
import { reservedNames } from "../../language/expression.ts";
import type { Finding, Path } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import type { FieldDocument, PlanDocument } from "../document.ts";
import type { Rule } from "./rule.ts";

export interface DeclaredFields {
  /** In the order written, the key first where it is not among them. A computed one has no source. */
  readonly fields: readonly FieldFacts[];
  /** What the plan adds to a field of the list, or computes in place of one. */
  readonly made: ReadonlyMap<string, MadeField>;
  /** Names that were declared but are not known. */
  readonly unknown: readonly string[];
  readonly findings: readonly Finding[];
}

/** `value`: the expression it is computed by. `type`: undefined for one that follows from the expression. */
export interface MadeField {
  readonly value: string | undefined;
  readonly type: FieldType | undefined;
  readonly fallback: Value;
  /** Null, and no fallback, is an error. */
  readonly required: boolean;
}

/**
 * The fields a plan declares, the key always among them.
 * @param rendered `fields` with the inputs in place.
 */
export function declaredFields(
  rendered: Value,
  { list, path: at }: { readonly list: ListFacts; readonly path: Path },
): DeclaredFields {
  const findings: Finding[] = [];
  const fields: FieldFacts[] = [];
  const made = new Map<string, MadeField>();
  const unknown: string[] = [];
  for (const { name, source, path } of entries(rendered, at)) {
    const written = writtenOf(source);
    const { from = name } = written;
    if (written.value !== undefined) {
      const finding = computedFault(path, name, { written, taken: fields });
      if (finding) findings.push(finding);
      if (finding) unknown.push(name);
      else fields.push({ ...computed, name, type: written.type ?? "string", volatile: written.volatile ?? false });
      made.set(name, madeOf(written));
      continue;
    }
    const facts = list.field(from);
    const finding = faultOf({ name, from, path }, { list, facts, taken: fields, type: written.type });
    if (finding) findings.push(finding);
    if (facts === undefined || finding) unknown.push(name);
    else {
      const { type = facts.type, volatile = facts.volatile } = written;
      fields.push({ ...facts, name, type, volatile });
      if (written.default !== undefined || written.optional === false) made.set(name, madeOf(written));
    }
  }
  const own = list.field(list.key);
  const key = fields.find(({ source }) => source !== "" && source === own?.source);
  if (key === undefined && own !== undefined) fields.unshift(own);
  return { fields, made, unknown, findings };
}

const computed: Omit<FieldFacts, "name" | "type" | "volatile"> = { source: "", spellings: [], secret: false };

/** @param facts All that is known of the declared fields. */
export function* keyAndTitle(
  { enumerate: { key, title } }: PlanDocument,
  list: ListFacts,
  { fields, unknown }: DeclaredFields,
): Generator<Finding> {
  const own = fields.find(({ source }) => source !== "" && source === list.field(list.key)?.source);
  const names = new Set([list.key, ...unknown, ...fields.map(({ name }) => name)]);
  if (key !== undefined && key !== list.key && key !== own?.name) {
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

/** Names of fields can be read in expressions. */
export const fieldNames: Rule = function* ({ document }) {
  for (const { name, path, at } of entries(document.enumerate.fields as Value, ["enumerate", "fields"])) {
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
  return { value, type, fallback, required: optional === false };
}

function computedFault(
  path: Path,
  name: string,
  { written, taken }: { readonly written: FieldDocument; readonly taken: readonly FieldFacts[] },
): Finding | undefined {
  if (written.from !== undefined)
    return { path, at: "key", code: "bad-field", message: `field ${name} has both from and value`, hint: "Keep one." };
  if (written.type === "secret" || written.type === "enum")
    return { path, at: "key", code: "bad-type", message: `a computed field can not be of type ${written.type}` };
  if (taken.some((other) => other.name === name))
    return { path, at: "key", code: "duplicate-field", message: `field ${name} is there twice` };
  return undefined;
}

function faultOf(
  { name, from, path }: { readonly name: string; readonly from: string; readonly path: Path },
  {
    list,
    facts,
    taken,
    type,
  }: {
    list: ListFacts;
    facts: FieldFacts | undefined;
    taken: readonly FieldFacts[];
    type: FieldType | undefined;
  },
): Finding | undefined {
  if (facts === undefined)
    return {
      path,
      code: "unknown-field",
      message: `${list.method} has no field ${from}`,
      hint: list.whyNot?.(from) ?? didYouMean(from, list.fieldNames),
    };
  if (facts.secret) return { path, code: "secret-field", message: `${from} is a secret of the item and is never read` };
  if (type === "secret" || (type === "enum" && facts.type !== "enum"))
    return { path, code: "bad-type", message: `${from} is of type ${facts.type} and can not be read as ${type}` };
  if (type !== undefined && type !== facts.type && facts.source === list.field(list.key)?.source)
    return { path, code: "bad-type", message: `${from} is the key of the list and stays of type ${facts.type}` };
  const twin = taken.find((other) => other.name === name || other.source === facts.source);
  if (twin)
    return {
      path,
      code: "duplicate-field",
      message: twin.name === name ? `field ${name} is there twice` : `${name} and ${twin.name} are the same field`,
    };
  return undefined;
}

import type { FieldFacts, ListFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { FieldType } from "../../core/model/values.ts";
import { reservedNames } from "../../language/expression.ts";
import type { Finding, Path } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import { customFacts, type CustomColumns } from "../custom-columns.ts";
import type { FieldDocument, PlanDocument } from "../document.ts";
import { sureness, type Rule } from "./rule.ts";

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

interface DeclaredIn {
  readonly list: ListFacts;
  readonly path: Path;
  /** `allow_undocumented`: what the vendor does not document is used without a word. */
  readonly isLenient: boolean;
  readonly custom?: CustomColumns;
}

/**
 * The fields a plan declares, the key always among them.
 * @param rendered `fields` with the inputs in place.
 */
export function declaredFields(rendered: Value, { list, path: at, isLenient, custom }: DeclaredIn): DeclaredFields {
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
    const column = custom?.get(name);
    const known = column === undefined ? list.field(from) : customFacts(column, { list, path });
    if (known !== undefined && "message" in known) {
      findings.push(known);
      unknown.push(name);
      continue;
    }
    const facts = known;
    const found = [...faultsOf({ name, from, path }, { list, facts, taken: fields, type: written.type, isLenient })];
    findings.push(...found);
    if (facts === undefined || found.some(({ severity }) => severity !== "note")) unknown.push(name);
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

function isReadable(name: string): boolean {
  return /^[A-Za-z]\w{0,62}$/.test(name);
}

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

interface Asked {
  readonly name: string;
  readonly from: string;
  readonly path: Path;
}

interface Surroundings {
  readonly list: ListFacts;
  readonly facts: FieldFacts | undefined;
  readonly taken: readonly FieldFacts[];
  /** As the plan has it; undefined: as the list has it. */
  readonly type: FieldType | undefined;
  /** `allow_undocumented`. */
  readonly isLenient: boolean;
}

/** What keeps a field from being used; when nothing does, what is worth knowing of it. */
function* faultsOf(asked: Asked, around: Surroundings): Generator<Finding> {
  const fault = faultOf(asked, around);
  if (fault !== undefined) yield fault;
  else if (around.facts !== undefined) yield* remarks(asked, around.facts, around.isLenient);
}

function* remarks(asked: Asked, facts: FieldFacts, isLenient: boolean): Generator<Finding> {
  const { path } = asked;
  const { name, source, current, deprecated, confidence } = facts;
  if (deprecated !== undefined)
    yield {
      path,
      ...(isLenient && { severity: "note" }),
      code: "deprecated-field",
      message: `${name} is deprecated. ${deprecated.why}`,
      hint: `Use ${deprecated.use}${isLenient ? "" : ", or allow_undocumented: true if your service still gives it"}.`,
    };
  if (current !== undefined && isReadable(asked.name))
    yield {
      path,
      severity: "note",
      code: "old-code",
      message: `${name} is an old code: today it is ${current}${current === source ? "" : ` (${source})`}`,
      hint: `Write ${current}.`,
    };
  if (confidence !== undefined && !isLenient)
    yield {
      path,
      severity: "note",
      code: "unsure-field",
      message: `${name} is not documented by the vendor: ${sureness[confidence]}`,
      hint: "allow_undocumented: true takes this note away.",
    };
}

function faultOf({ name, from, path }: Asked, { list, facts, taken, type }: Surroundings): Finding | undefined {
  if (facts === undefined)
    return {
      path,
      code: "unknown-field",
      message: `${list.method} has no field ${from}`,
      hint:
        list.whyNot?.(from) ??
        didYouMean(from, list.fieldNames) ??
        (list.reference && `\`rollcall catalog ${list.reference}\` lists them.`),
    };
  if (facts.secret) return { path, code: "secret-field", message: `${from} is a secret of the item and is never read` };
  if (type === "secret" || (type === "enum" && facts.type !== "enum"))
    return { path, code: "bad-type", message: `${from} is of type ${facts.type} and can not be read as ${type}` };
  if (type !== undefined && type !== facts.type && facts.source === list.field(list.key)?.source)
    return { path, code: "bad-type", message: `${from} is the key of the list and stays of type ${facts.type}` };
  const twin = taken.find((other) => other.name === name || (other.source !== "" && other.source === facts.source));
  if (twin)
    return {
      path,
      code: "duplicate-field",
      message: twin.name === name ? `field ${name} is there twice` : `${name} and ${twin.name} are the same field`,
    };
  return undefined;
}

import type { FieldFacts, ListFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import { reservedNames } from "../../language/expression.ts";
import type { Finding } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import type { PlanDocument } from "../document.ts";
import { sureness, type Rule } from "./rule.ts";

export interface DeclaredFields {
  readonly fields: readonly FieldFacts[];
  /** Names that were declared but are not known. */
  readonly unknown: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * The fields a plan declares, the key always among them.
 * @param rendered `enumerate.fields` with the inputs in place.
 */
export function declaredFields(document: PlanDocument, list: ListFacts, rendered: Value): DeclaredFields {
  const findings: Finding[] = [];
  const fields: FieldFacts[] = [];
  const unknown: string[] = [];
  const lenient = document.allow_undocumented ?? false;
  for (const { name, source, path } of entries(rendered)) {
    const facts = typeof source === "string" ? list.field(source) : undefined;
    const found = [...faultsOf({ name, source, path }, { list, facts, taken: fields, lenient })];
    findings.push(...found);
    if (facts === undefined || found.some(({ severity }) => severity !== "note")) unknown.push(name);
    else fields.push({ ...facts, name });
  }
  const key = fields.find(({ source }) => source === list.field(list.key)?.source);
  const own = list.field(list.key);
  if (key === undefined && own !== undefined) fields.unshift(own);
  findings.push(
    ...keyAndTitle(document, { list, key, names: new Set([list.key, ...unknown, ...fields.map(({ name }) => name)]) }),
  );
  return { fields, unknown, findings };
}

/** Names of fields can be read in expressions. */
export const fieldNames: Rule = function* ({ document, list }) {
  for (const { name, path, at } of entries(document.enumerate.fields)) {
    const facts = isReadable(name) ? undefined : list?.field(name);
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

function entries(fields: Value): readonly Entry[] {
  if (Array.isArray(fields)) {
    return (fields as readonly Value[]).map((name, place) => ({
      name: typeof name === "string" ? name : JSON.stringify(name),
      source: name,
      path: ["enumerate", "fields", place],
      at: "value",
    }));
  }
  return Object.entries(fields ?? {}).map(([name, source]) => ({
    name,
    source: source as Value,
    path: ["enumerate", "fields", name],
    at: "key",
  }));
}

interface Surroundings {
  readonly list: ListFacts;
  readonly facts: FieldFacts | undefined;
  readonly taken: readonly FieldFacts[];
  /** `allow_undocumented`. */
  readonly lenient: boolean;
}

/** What keeps a field from being used; when nothing does, what is worth knowing of it. */
function* faultsOf(entry: Pick<Entry, "name" | "source" | "path">, around: Surroundings): Generator<Finding> {
  const fault = faultOf(entry, around);
  if (fault !== undefined) yield fault;
  else if (around.facts !== undefined) yield* remarks(entry, around.facts, around.lenient);
}

function* remarks(entry: Pick<Entry, "name" | "path">, facts: FieldFacts, lenient: boolean): Generator<Finding> {
  const { path } = entry;
  const { name, source, current, deprecated, confidence } = facts;
  if (deprecated !== undefined)
    yield {
      path,
      ...(lenient && { severity: "note" }),
      code: "deprecated-field",
      message: `${name} is deprecated. ${deprecated.why}`,
      hint: `Use ${deprecated.use}${lenient ? "" : ", or allow_undocumented: true if your service still gives it"}.`,
    };
  if (current !== undefined && isReadable(entry.name))
    yield {
      path,
      severity: "note",
      code: "old-code",
      message: `${name} is an old code: today it is ${current}${current === source ? "" : ` (${source})`}`,
      hint: `Write ${current}.`,
    };
  if (confidence !== undefined && !lenient)
    yield {
      path,
      severity: "note",
      code: "unsure-field",
      message: `${name} is not documented by the vendor: ${sureness[confidence]}`,
      hint: "allow_undocumented: true takes this note away.",
    };
}

function faultOf(
  { name, source, path }: Pick<Entry, "name" | "source" | "path">,
  { list, facts, taken }: Surroundings,
): Finding | undefined {
  if (typeof source !== "string")
    return {
      path,
      at: "key",
      code: "not-yet",
      message: `field ${name}: computed fields are not supported yet`,
      hint: "Write the name or code of a field of the list.",
    };
  if (facts === undefined)
    return {
      path,
      code: "unknown-field",
      message: `${list.method} has no field ${source}`,
      hint:
        list.whyNot?.(source) ??
        didYouMean(source, list.fieldNames) ??
        (list.reference && `\`rollcall catalog ${list.reference}\` lists them.`),
    };
  if (facts.secret)
    return { path, code: "secret-field", message: `${source} is a secret of the item and is never read` };
  const twin = taken.find((other) => other.name === name || other.source === facts.source);
  if (twin)
    return {
      path,
      code: "duplicate-field",
      message: twin.name === name ? `field ${name} is there twice` : `${name} and ${twin.name} are the same field`,
    };
  return undefined;
}

function* keyAndTitle(
  { enumerate: { key, title } }: PlanDocument,
  { list, key: own, names }: { list: ListFacts; key: FieldFacts | undefined; names: ReadonlySet<string> },
): Generator<Finding> {
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

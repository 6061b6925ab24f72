import { readFileSync } from "node:fs";
import { mostProblems } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Path, Source } from "./source.ts";
import { didYouMean, nearest } from "./suggest.ts";

export type SchemaName = "plan" | "config" | "test";

export interface ShapeResult {
  readonly problems: readonly Problem[];
  /** The value without what has the wrong shape, where that leaves a whole one: the next passes look at it. */
  readonly sound: Value | undefined;
}

/**
 * What of a document does not have the shape of its schema: each place once, unions included.
 * @param spare Keys of the top level that the next passes can do without.
 */
export async function checkShape(
  source: Source,
  name: SchemaName,
  spare: readonly string[] = [],
): Promise<ShapeResult> {
  const validate = await loadValidator(name);
  if (validate(source.value)) return { problems: [], sound: source.value };
  const errors = (validate.errors ?? []).slice(0, 2 * mostProblems);
  const findings = distinct(errors.flatMap((error) => describe(error, source.value, name)));
  return {
    problems: findings.map((finding) => source.problem(finding)),
    sound: soundPart(source.value, validate, spare),
  };
}

/** Taking out what is wrong may empty what held it: so again, a few times. */
function soundPart(value: Value, validate: Validator, spare: readonly string[]): Value | undefined {
  let rest = value;
  for (let round = 0; round < 3; round++) {
    if (validate(rest)) return rest;
    const errors = validate.errors ?? [];
    if (errors.every((error) => isSpare(error, spare))) return rest;
    if (errors.length > mostProblems) return undefined;
    rest = errors.reduce<Value>((part, error) => without(part, wrongAt(error, rest)), rest);
  }
  return undefined;
}

function isSpare({ keyword, instancePath, params }: ShapeError, spare: readonly string[]): boolean {
  return keyword === "required" && instancePath === "" && spare.includes(String(params.missingProperty));
}

function wrongAt({ keyword, instancePath, params }: ShapeError, value: Value): Path {
  const path = pathOf(instancePath, value);
  if (keyword === "additionalProperties") return [...path, String(params.additionalProperty)];
  return keyword === "propertyNames" ? [...path, String(params.propertyName)] : path;
}

interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly ShapeError[] | null;
}

interface ShapeError {
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Set on what is wrong with a key itself; told by `propertyNames` as well. */
  readonly propertyName?: string;
}

interface ShapeFinding {
  readonly path: Path;
  readonly at?: "key" | "value";
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Works from `runner/language` and from `dist/language`. */
async function loadValidator(name: SchemaName): Promise<Validator> {
  const module = (await import(new URL(`../../schemas/validators/${name}.js`, import.meta.url).href)) as {
    validate: Validator;
  };
  return module.validate;
}

function describe(error: ShapeError, value: Value, schema: SchemaName): readonly ShapeFinding[] {
  if (error.propertyName !== undefined) return [];
  const path = pathOf(error.instancePath, value);
  const name = path.length === 0 ? `the ${schema}` : dotted(path);
  const found = quoted(valueAt(value, path), schema);
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(error.params.additionalProperty);
      const known = Object.keys(schemaAt(schema, path).properties ?? {});
      return [
        {
          path: [...path, key],
          at: "key",
          code: "unknown-key",
          message: `${name} has no key ${key}`,
          hint: didYouMean(key, known),
        },
      ];
    }
    case "propertyNames":
      return badName(path, String(error.params.propertyName));
    case "dependentRequired":
      return [
        {
          path,
          at: "key",
          code: "missing-key",
          message: `${String(error.params.property)} needs ${String(error.params.missingProperty)} beside it`,
        },
      ];
    case "required":
      return [
        {
          path,
          at: "key",
          code: "missing-key",
          message: `${name} needs the key ${String(error.params.missingProperty)}`,
        },
      ];
    case "not": {
      const { description, enum: values } = schemaAt(schema, path);
      if (values !== undefined) return [{ path, code: "not-yet", message: `${name}: ${found} is not supported yet` }];
      const [, about] = description?.split("Not supported yet: ") ?? [];
      return [{ path, at: "key", code: "not-yet", message: `${name} is not supported yet`, hint: about }];
    }
    case "type":
      return [
        {
          path,
          code: "bad-type",
          message: `${name} must be ${typeNames(error.params.type)}, found ${found}`,
          hint: quotesHint(error.params.type, valueAt(value, path)),
        },
      ];
    case "enum": {
      const allowed = (error.params.allowedValues as readonly unknown[]).map(String);
      return [
        {
          path,
          code: "bad-value",
          message: `${name} must be one of ${allowed.join(", ")}, found ${found}`,
          hint: nearHint(found.replaceAll('"', ""), allowed),
        },
      ];
    }
    case "const":
      return [
        { path, code: "bad-value", message: `${name} must be ${shown(error.params.allowedValue)}, found ${found}` },
      ];
    case "pattern":
      return [{ path, code: "bad-value", message: `${name} must be ${formOf(schema, path)}, found ${found}` }];
    default:
      return [{ path, code: "bad-value", message: `${name} ${limitText(error)}, found ${found}` }];
  }
}

/** A value in a message. A text of the config may be a credential in the wrong place: it is not repeated. */
function quoted(value: Value, schema: SchemaName): string {
  const isTelling = schema === "config" && value !== null && !["number", "boolean"].includes(typeof value);
  return isTelling ? `a ${Array.isArray(value) ? "list" : typeof value === "string" ? "text" : "map"}` : shown(value);
}

/** What was meant as a text and reads as something else. */
function quotesHint(types: unknown, value: Value): string | undefined {
  if (types !== "string" || value === null) return undefined;
  if (typeof value === "object")
    return "If it is one text, put quotes around it: YAML takes `: `, [ ] and { } for its own.";
  return "Put quotes around it.";
}

function nearHint(written: string, allowed: readonly string[]): string | undefined {
  const near = nearest(written, allowed);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

function badName(path: Path, key: string): readonly ShapeFinding[] {
  const message = `${shown(key)} can not be a name`;
  const hint =
    path[0] === "inputs"
      ? "Use small letters, digits and _, beginning with a letter."
      : "Use letters, digits and _, beginning with a letter.";
  return [{ path: [...path, key], at: "key", code: "bad-name", message, hint }];
}

/** By the name of the definition, or of the key itself. */
const forms: Readonly<Record<string, string>> = {
  duration: "a duration such as 30s, 5m, 2h or 7d",
  lag: "a duration such as 30s",
  rate: "a rate such as 300/m",
  percent: "a percentage such as 10%",
  drifted: "a count, or a percentage such as 10%",
  planName: "small letters, digits and -, at most 63",
  env: "the name of an environment variable",
  url: "an address that begins with https:// or http://",
  bytes: 'a size such as "64 MiB"',
};

function formOf(name: SchemaName, path: Path): string {
  const definition = schemaAt(name, path).$ref?.split("/").at(-1);
  return forms[definition ?? String(path.at(-1))] ?? "a name: letters, digits and _";
}

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  null: "null",
};

function typeNames(types: unknown): string {
  const list = (Array.isArray(types) ? types : [types]).map((type) => kinds[String(type)] ?? String(type));
  const last = list.at(-1) ?? "";
  return list.length < 2 ? last : `${list.slice(0, -1).join(", ")} or ${last}`;
}

function limitText({ keyword, params }: ShapeError): string {
  const limit = String(params.limit);
  switch (keyword) {
    case "minimum":
      return `must be at least ${limit}`;
    case "maximum":
      return `must be at most ${limit}`;
    case "minLength":
    case "minItems":
    case "minProperties":
      return "must not be empty";
    case "maxLength":
    case "maxItems":
    case "maxProperties":
      return `must have at most ${limit} entries`;
    default:
      return `does not fit (${keyword})`;
  }
}

/** One finding a place: what the first error says of a value makes the others noise. */
function distinct(findings: readonly ShapeFinding[]): readonly ShapeFinding[] {
  const seen = new Set<string>();
  return findings.filter(({ path, code, message }) => {
    const place = JSON.stringify(code === "missing-key" ? [path, message] : path);
    return seen.size < seen.add(place).size;
  });
}

/** A copy without the member at a path; for an element of a list, without the list. */
function without(value: Value, path: Path): Value {
  const end = path.findIndex((step) => typeof step === "number");
  const [name, ...rest] = end === -1 ? path : path.slice(0, end);
  if (name === undefined || !isObject(value)) return value;
  const members = Object.entries(value);
  if (rest.length === 0) return Object.fromEntries(members.filter(([key]) => key !== name));
  return Object.fromEntries(members.map(([key, member]) => [key, key === name ? without(member, rest) : member]));
}

interface SchemaNode {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode;
  readonly items?: SchemaNode;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
  readonly description?: string;
  readonly enum?: readonly unknown[];
}

/** The part of a schema that is about a path of the document. The file is read only when something is wrong. */
function schemaAt(name: SchemaName, path: Path): SchemaNode {
  const text = readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), "utf8");
  const root = JSON.parse(text) as SchemaNode;
  const definition = (node: SchemaNode): SchemaNode => ({
    ...root.$defs?.[node.$ref?.split("/").at(-1) ?? ""],
    ...node,
  });
  return path.reduce<SchemaNode>((node, step) => {
    const next = typeof step === "number" ? node.items : (node.properties?.[step] ?? node.additionalProperties);
    return next === undefined ? {} : definition(next);
  }, root);
}

function pathOf(pointer: string, value: Value): Path {
  const path: (string | number)[] = [];
  let node: Value = value;
  for (const step of pointer.split("/").slice(1).map(unescaped)) {
    path.push(Array.isArray(node) ? Number(step) : step);
    node = member(node, path.at(-1) ?? "");
  }
  return path;
}

function unescaped(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

function valueAt(value: Value, path: Path): Value {
  return path.reduce<Value>(member, value);
}

function member(node: Value, step: string | number): Value {
  if (Array.isArray(node)) return (node as readonly Value[])[Number(step)] ?? null;
  return isObject(node) ? (node[String(step)] ?? null) : null;
}

function isObject(value: Value): value is Readonly<Record<string, Value>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A path as people write it: `guards.require[0].that`. */
function dotted(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    "",
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

import { mostProblems } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import type { Problem } from "../core/model/problem.ts";
import { repaired, respelt, type ShapeError, type StandIn, type Validator } from "./repair.ts";
import { conditionsOf, namesAt, schemaAt, type Condition, type SchemaName, type SchemaNode } from "./schema-parts.ts";
import type { Path, Source } from "./source.ts";
import { didYouMean, nearest } from "./suggest.ts";
import { Told } from "./told.ts";
import { dotted, pathOf, valueAt } from "./tree.ts";

export interface ShapeResult {
  readonly problems: readonly Problem[];
  /** The value without what has the wrong shape, where that leaves a whole one: the next passes look at it. */
  readonly sound: Value | undefined;
  /** Where the shape is wrong: `sound` has something else there, or nothing. */
  readonly told: Told;
}

/**
 * What of a document does not have the shape of its schema: each place once, unions included. A key that is misspelt is
 * read as the one that is meant.
 */
export async function checkShape(
  source: Source,
  name: SchemaName,
  standIn: StandIn = () => undefined,
): Promise<ShapeResult> {
  const validate = await loadValidator(name);
  const told = new Told();
  if (validate(source.value)) return { problems: [], sound: source.value, told };
  const { value, slips } = respelt(source.value, validate, name);
  const misspelt = slips.map(({ path, key, known }) => {
    return unknownKey(path, key, { schema: name, hint: `Did you mean ${known}?` });
  });
  const errors = validate(value) ? [] : (validate.errors ?? []).slice(0, 2 * mostProblems);
  const findings = distinct([...misspelt, ...errors.flatMap((error) => describe(error, value, name))]);
  return {
    problems: findings.map((finding) => source.problem(finding)),
    sound: repaired(value, { validate, standIn, told }),
    told,
  };
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
  const name = nameOf(path, schema);
  const found = quoted(valueAt(value, path), { schema, isLimit: /^(min|max)imum$/.test(error.keyword) });
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(error.params.additionalProperty);
      const conditions = conditionsOf(key, { name: schema, path, document: value });
      const known = Object.keys(schemaAt(schema, path, value).properties ?? {});
      const hint = conditions.length === 0 ? didYouMean(key, known) : conditionHint(conditions);
      return [unknownKey(path, key, { schema, hint })];
    }
    case "propertyNames":
      return badName(path, String(error.params.propertyName), namesAt(schema, path, value));
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
      const { description, enum: values } = schemaAt(schema, path, value);
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
          hint: isDuration(schemaAt(schema, path, value))
            ? durationHint(valueAt(value, path))
            : quotesHint(error.params.type, valueAt(value, path)),
        },
      ];
    case "enum": {
      if (isLater(schemaAt(schema, path, value), valueAt(value, path)))
        return [{ path, code: "not-yet", message: `${name}: ${found} is not supported yet` }];
      const allowed = (error.params.allowedValues as readonly unknown[]).map(String);
      return [
        {
          path,
          code: "bad-value",
          message: `${name} must be ${allowed.length > 1 ? "one of " : ""}${allowed.join(", ")}, found ${found}`,
          hint: nearHint(found.replaceAll('"', ""), allowed),
        },
      ];
    }
    case "const":
      return [
        { path, code: "bad-value", message: `${name} must be ${shown(error.params.allowedValue)}, found ${found}` },
      ];
    case "pattern":
      return [
        {
          path,
          code: "bad-value",
          message: `${name} must be ${formOf(schemaAt(schema, path, value), path)}, found ${found}`,
          hint: hintOf(schemaAt(schema, path, value)),
        },
      ];
    // What a branch finds is told by itself.
    case "if":
      return [];
    default: {
      const hint = hintOf(schemaAt(schema, path, value));
      return [{ path, code: "bad-value", message: `${name} ${limitText(error)}, found ${found}`, hint }];
    }
  }
}

/**
 * A value in a message. A text of the config may be a credential in the wrong place, and so may a number where no number
 * belongs: it is not repeated.
 */
function quoted(value: Value, { schema, isLimit }: { readonly schema: SchemaName; readonly isLimit: boolean }): string {
  if (schema !== "config" || value === null || typeof value === "boolean") return shown(value);
  if (typeof value === "number") return isLimit ? shown(value) : "a number";
  return `a ${Array.isArray(value) ? "list" : typeof value === "string" ? "text" : "map"}`;
}

function isDuration({ $ref }: SchemaNode): boolean {
  return $ref?.endsWith("/duration") === true;
}

/** A number may be one of seconds, and it is not said which. */
function durationHint(value: Value): string {
  const span = typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 30;
  return `Write it with its unit, such as ${span}s.`;
}

/** What was meant as a text and reads as something else. */
function quotesHint(types: unknown, value: Value): string | undefined {
  if (types !== "string" || value === null) return undefined;
  if (typeof value === "object")
    return "If it is one text, put quotes around it: YAML takes `: `, [ ] and { } for its own.";
  return "Put quotes around it.";
}

function unknownKey(
  path: Path,
  key: string,
  { schema, hint }: { readonly schema: SchemaName; readonly hint: string | undefined },
): ShapeFinding {
  const message = `${nameOf(path, schema)} has no key ${key}`;
  return { path: [...path, key], at: "key", code: "unknown-key", message, hint };
}

/** What to say of a key that the map could have, were it not for one member. */
function conditionHint(conditions: readonly Condition[]): string {
  const [not] = conditions.filter((condition) => condition.not);
  if (not !== undefined) return `It does not go with ${not.member}: ${not.is}.`;
  return `It goes with ${conditions.map(({ member, is }) => `${member}: ${is}`).join(" or ")}.`;
}

function nameOf(path: Path, schema: SchemaName): string {
  return path.length === 0 ? `the ${schema}` : dotted(path);
}

/** A near word, or the one that was cut short: `int`. */
function nearHint(written: string, allowed: readonly string[]): string | undefined {
  const longer = allowed.filter((word) => written.length > 2 && word.startsWith(written));
  const near = longer.length === 1 ? longer[0] : nearest(written, allowed);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

function badName(path: Path, key: string, { pattern = "" }: SchemaNode): readonly ShapeFinding[] {
  const letters = pattern.startsWith("^[a-z]") ? "small letters" : "letters";
  const isFree = !/^\^\[[aA]/.test(pattern);
  const hint = isFree ? "Use no blanks and no { }." : `Use ${letters}, digits and _, beginning with a letter.`;
  return [{ path: [...path, key], at: "key", code: "bad-name", message: `${shown(key)} can not be a name`, hint }];
}

/** By the name of the definition, or of the key itself. */
const forms: Readonly<Record<string, string>> = {
  duration: "a duration such as 30s, 5m, 2h or 7d",
  lag: "a duration such as 30s",
  rate: "a rate such as 300/m",
  percent: "a percentage such as 10%",
  change_from_last: "a percentage such as 20%",
  wave: "a number of items from 1, or a percentage above 0% and up to 100% such as 10%",
  timeOfDay: "a time of day from 00:00 to 23:59 such as 22:00",
  drifted: "a count, or a percentage such as 10%",
  planName: "small letters, digits and -, at most 63",
  env: "the name of an environment variable",
  variable: "the name of an environment variable",
  headerValue: "a text of ASCII on one line",
  url: "an address that begins with https:// or http://",
  bytes: 'a size such as "64 MiB"',
  methodName: "the name of a method, without blanks and { }",
  contentType: "a content type such as application/json",
  member: "the name of a member",
  refreshFrom: "header:NAME or body:PATH",
};

function formOf({ $ref }: SchemaNode, path: Path): string {
  const definition = $ref?.split("/").at(-1);
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
      return `must have at most ${limit} characters`;
    case "maxItems":
    case "maxProperties":
      return `must have at most ${limit} entries`;
    case "uniqueItems":
      return "must not have an entry twice";
    default:
      return `does not fit (${keyword})`;
  }
}

/** One finding a place: what the first error says of a value makes the others noise. What is for later needs no keys now. */
function distinct(findings: readonly ShapeFinding[]): readonly ShapeFinding[] {
  const seen = new Set<string>();
  const later = findings.filter(({ code }) => code === "not-yet").map(({ path }) => JSON.stringify(path.slice(0, -1)));
  return findings.filter(({ path, code, message }) => {
    if (code === "missing-key" && later.includes(JSON.stringify(path))) return false;
    const place = JSON.stringify(code === "missing-key" ? [path, message] : path);
    return seen.size < seen.add(place).size;
  });
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** What a schema has to say of values that do not fit: `hint: …`. */
function hintOf({ $comment = "" }: SchemaNode): string | undefined {
  return /^hint: (.+)$/.exec($comment)?.[1];
}

/** Words that will be understood one day: `later: offset`. */
function isLater({ $comment = "" }: SchemaNode, value: Value): boolean {
  const [, words = ""] = $comment.split("later: ");
  return typeof value === "string" && words.split(", ").includes(value);
}

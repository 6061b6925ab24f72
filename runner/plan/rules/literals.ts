import type { Catalogue, MemberFacts, ScalarKind, Shape } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { Finding, Path } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import { listed } from "./rule.ts";

/** A value as the plan has it, and what it has to be. */
interface Literal {
  readonly path: Path;
  /** What it is called in messages. */
  readonly name: string;
  readonly value: Value;
  readonly shape: Shape;
}

/** Where something that is written out in a plan does not fit its type. What a template will give is not known here. */
export function literalFindings(literal: Literal, catalogue: Catalogue): Iterable<Finding> {
  const { value, shape } = literal;
  if (value === null || isTemplate(value)) return [];
  switch (shape.kind) {
    case "any":
      return [];
    case "object":
      return objectFindings(literal, shape, catalogue);
    case "list":
      return listFindings(literal, shape.of, catalogue);
    case "pairs":
      return pairsFindings(literal, shape.of, catalogue);
    case "pair":
      return pairFindings(literal, shape.of, catalogue);
    case "enum":
      return enumFindings(literal, shape, catalogue);
    default:
      return scalarFindings(literal, shape.kind);
  }
}

/** What a type takes, as far as the catalogue knows. */
export function shapeIn(catalogue: Catalogue, type: string): Shape {
  return catalogue.shape?.(type) ?? { kind: "any" };
}

/** The members of a map; undefined for everything else. */
export function membersOf(value: Value): Readonly<Record<string, Value>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Readonly<Record<string, Value>>;
}

type Kind<K extends Shape["kind"]> = Extract<Shape, { kind: K }>;

function* objectFindings(literal: Literal, shape: Kind<"object">, catalogue: Catalogue): Generator<Finding> {
  const members = membersOf(literal.value);
  if (members === undefined) {
    yield mismatch(literal, `a map (${shape.name})`);
    return;
  }
  for (const [name, value] of Object.entries(members)) {
    const path = [...literal.path, name];
    const member = shape.members.find((one) => one.name === name);
    if (member === undefined) yield unknownMember({ path, name, shape }, catalogue);
    else yield* literalFindings({ path, name, value, shape: shapeIn(catalogue, member.type) }, catalogue);
  }
}

interface UnknownMember {
  readonly path: Path;
  readonly name: string;
  readonly shape: Kind<"object">;
}

function unknownMember({ path, name, shape }: UnknownMember, catalogue: Catalogue): Finding {
  const { name: struct, members } = shape;
  const known = members.map((one: MemberFacts) => one.name);
  const hint = didYouMean(name, known) ?? listed(catalogue, `structs ${struct}`);
  return { path, at: "key", code: "unknown-member", message: `${struct} has no member ${name}`, hint };
}

function* listFindings(literal: Literal, of: Shape, catalogue: Catalogue): Generator<Finding> {
  const { value, name } = literal;
  if (!Array.isArray(value)) {
    yield mismatch(literal, "a list", "Put it in [ ].");
    return;
  }
  for (const [place, element] of (value as readonly Value[]).entries()) {
    yield* literalFindings({ path: [...literal.path, place], name, value: element, shape: of }, catalogue);
  }
}

const pairsHint = 'A map is written as a list of pairs: [[843, "text"]].';

function* pairsFindings(literal: Literal, of: readonly [Shape, Shape], catalogue: Catalogue): Generator<Finding> {
  const { value, name } = literal;
  if (!Array.isArray(value)) {
    yield mismatch(literal, "a list of pairs", pairsHint);
    return;
  }
  for (const [place, pair] of (value as readonly Value[]).entries()) {
    const path = [...literal.path, place];
    if (!isTemplate(pair)) yield* pairFindings({ path, name, value: pair, shape: { kind: "pair", of } }, of, catalogue);
  }
}

function* pairFindings(literal: Literal, of: readonly [Shape, Shape], catalogue: Catalogue): Generator<Finding> {
  const { value, name, path } = literal;
  if (!Array.isArray(value) || value.length !== 2) {
    yield mismatch(literal, "a pair", pairsHint);
    return;
  }
  for (const [place, shape] of of.entries()) {
    const element = (value as readonly Value[])[place] ?? null;
    yield* literalFindings({ path: [...path, place], name, value: element, shape }, catalogue);
  }
}

function* enumFindings(
  literal: Literal,
  { name, values, numbers = [] }: Kind<"enum">,
  catalogue: Catalogue,
): Generator<Finding> {
  const { value, path } = literal;
  if (numbers.some((number) => value === number || value === String(number))) return;
  if (typeof value === "string" && values.includes(value)) return;
  if (typeof value !== "string") {
    yield mismatch(literal, `a name of ${name}`, didYouMean("", values));
    return;
  }
  yield {
    path,
    code: "bad-enum",
    message: `${literal.name}: ${name} has no value ${JSON.stringify(value)}`,
    hint: expressionHint(value) ?? didYouMean(value, values) ?? listed(catalogue, `enums ${name}`),
  };
}

const words: Readonly<Record<ScalarKind, string>> = {
  text: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  time: "a time in Unix seconds",
  bytes: "a number of bytes",
};

function* scalarFindings(literal: Literal, kind: ScalarKind): Generator<Finding> {
  if (!fits(literal.value, kind)) yield mismatch(literal, words[kind], remedy(literal.value, kind));
}

function fits(value: Value, kind: ScalarKind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number";
    case "integer":
    case "time":
    case "bytes":
      // A whole number that YAML could not carry exactly is written as the text of its digits.
      return typeof value === "string" ? isHuge(value) : Number.isSafeInteger(value);
  }
}

function isHuge(text: string): boolean {
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text));
}

function remedy(value: Value, kind: ScalarKind): string | undefined {
  if (kind === "text") return "Put quotes around it.";
  if (typeof value !== "string") return undefined;
  const expression = expressionHint(value);
  if (expression !== undefined) return expression;
  if (/^(-?\d+(\.\d+)?|true|false)$/.test(value)) return "Take the quotes away.";
  if (kind === "time") return `Write \${{ time(${JSON.stringify(value)}) }}.`;
  return kind === "bytes" ? `Write \${{ to_bytes(${JSON.stringify(value)}) }}.` : undefined;
}

/** What reads as a text and was meant as an expression: `item.device_id`, `${ item.device_id }`, `{{ item.device_id }}`. */
function expressionHint(text: string): string | undefined {
  const inside = /^\s*\$*\{+\s*([^{}]+?)\s*\}+\s*$/.exec(text)?.[1];
  const bare = /^\s*((?:item|items|set|inputs|lookup|each|login|run)[.[]\S+|now)\s*$/.exec(text)?.[1];
  const expression = inside ?? bare;
  return expression === undefined ? undefined : `Write \${{ ${expression} }}.`;
}

function mismatch({ path, name, value }: Literal, wanted: string, hint?: string): Finding {
  return { path, code: "bad-type", message: `${name} is ${wanted}, found ${shown(value)}`, hint };
}

function shown(value: Value): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Holds an expression, so that its value is known only later. */
function isTemplate(value: Value): boolean {
  return typeof value === "string" && /(^|[^$])\$\{\{/.test(value);
}

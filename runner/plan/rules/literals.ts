import type { Catalogue, MemberFacts, ScalarKind, Shape } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import { isOfKind, kindWords } from "../../core/model/shapes.ts";
import type { Finding, Path } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import { parseParts } from "../../language/template.ts";
import { misfit, wanted } from "./fit.ts";
import { listed, type RuleContext } from "./rule.ts";

/** A value as the plan has it, and what it has to be. */
interface Literal {
  readonly path: Path;
  /** What it is called in messages. */
  readonly name: string;
  readonly value: Value;
  readonly shape: Shape;
}

/** What is known around a value: of types, and of what expressions give. */
type Around = Pick<RuleContext, "catalogue" | "compiler">;

/** Where something in a plan does not fit its type: as it is written out, or as what its expression gives. */
export function literalFindings(literal: Literal, around: Around): Iterable<Finding> {
  const { value, shape } = literal;
  if (value === null) return [];
  if (isTemplate(value)) return templateFindings({ ...literal, value }, around);
  switch (shape.kind) {
    case "any":
      return [];
    case "object":
      return objectFindings(literal, shape, around);
    case "list":
      return listFindings(literal, shape.of, around);
    case "pairs":
      return pairsFindings(literal, shape.of, around);
    case "pair":
      return pairFindings(literal, shape.of, around);
    case "enum":
      return enumFindings(literal, shape, around);
    default:
      return scalarFindings(literal, shape.kind);
  }
}

/** What a type takes, as far as the catalogue knows. */
export function shapeIn(catalogue: Catalogue, type: string): Shape {
  return catalogue.shape?.(type) ?? { kind: "any" };
}

/** A scalar with an expression in it. One that could not be compiled was reported. */
function* templateFindings(
  { path, name, value, shape }: Literal & { readonly value: string },
  { compiler }: Around,
): Generator<Finding> {
  const type = compiler.typeAt(path);
  const found = type === undefined ? undefined : misfit(type, shape);
  if (found === undefined || shape.kind === "any") return;
  const message = `${name} is ${wanted(shape)}, and this gives ${found}`;
  yield { path, code: "bad-type", message, hint: isAlone(value) ? textHint(shape) : aloneHint };
}

const aloneHint = "An expression with text around it gives a text: write it alone.";

function textHint({ kind }: Shape): string | undefined {
  return kind === "text" ? "string(…) makes a text of it." : undefined;
}

function isAlone(text: string): boolean {
  const parts = parseParts(text);
  return "length" in parts && parts.length === 1;
}

/** The members of a map; undefined for everything else. */
export function membersOf(value: Value): Readonly<Record<string, Value>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Readonly<Record<string, Value>>;
}

type Kind<K extends Shape["kind"]> = Extract<Shape, { kind: K }>;

function* objectFindings(literal: Literal, shape: Kind<"object">, around: Around): Generator<Finding> {
  const members = membersOf(literal.value);
  if (members === undefined) {
    yield mismatch(literal, `a map (${shape.name})`);
    return;
  }
  for (const [name, value] of Object.entries(members)) {
    const path = [...literal.path, name];
    const member = shape.members.find((one) => one.name === name);
    if (member === undefined) yield unknownMember({ path, name, shape }, around.catalogue);
    else yield* literalFindings({ path, name, value, shape: shapeIn(around.catalogue, member.type) }, around);
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

function* listFindings(literal: Literal, of: Shape, around: Around): Generator<Finding> {
  const { value, name } = literal;
  if (!Array.isArray(value)) {
    yield mismatch(literal, "a list", "Put it in [ ].");
    return;
  }
  for (const [place, element] of (value as readonly Value[]).entries()) {
    yield* literalFindings({ path: [...literal.path, place], name, value: element, shape: of }, around);
  }
}

const pairsHint = 'A map is written as a list of pairs: [[843, "text"]].';

function* pairsFindings(literal: Literal, of: readonly [Shape, Shape], around: Around): Generator<Finding> {
  const { value, name } = literal;
  if (!Array.isArray(value)) {
    yield mismatch(literal, "a list of pairs", pairsHint);
    return;
  }
  for (const [place, pair] of (value as readonly Value[]).entries()) {
    const path = [...literal.path, place];
    yield* literalFindings({ path, name, value: pair, shape: { kind: "pair", of } }, around);
  }
}

function* pairFindings(literal: Literal, of: readonly [Shape, Shape], around: Around): Generator<Finding> {
  const { value, name, path } = literal;
  if (!Array.isArray(value) || value.length !== 2) {
    yield mismatch(literal, "a pair", pairsHint);
    return;
  }
  for (const [place, shape] of of.entries()) {
    const element = (value as readonly Value[])[place] ?? null;
    yield* literalFindings({ path: [...path, place], name, value: element, shape }, around);
  }
}

function* enumFindings(
  literal: Literal,
  { name, values, numbers = [] }: Kind<"enum">,
  { catalogue }: Around,
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

function* scalarFindings(literal: Literal, kind: ScalarKind): Generator<Finding> {
  if (!isOfKind(literal.value, kind)) yield mismatch(literal, kindWords[kind], remedy(literal.value, kind));
}

function remedy(value: Value, kind: ScalarKind): string | undefined {
  if (kind === "text") return "Put quotes around it.";
  if (typeof value !== "string") return undefined;
  const expression = expressionHint(value);
  if (expression !== undefined) return expression;
  if (/^(-?\d+(\.\d+)?|true|false)$/.test(value)) return "Take the quotes away.";
  const number = kind === "integer" ? /^[A-Za-z]+([1-9]\d*)$/.exec(value)?.[1] : undefined;
  if (number !== undefined) return `Write ${number}, the number alone.`;
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
function isTemplate(value: Value): value is string {
  return typeof value === "string" && /(^|[^$])\$\{\{/.test(value);
}

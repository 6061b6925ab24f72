import type { SecretText } from "../core/model/change.ts";
import type { Value } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import type { Fault } from "./bounds.ts";
import { kindOf, lower, omit, shown, type Cel, type CelMap } from "./cel.ts";
import { ExpressionFaults, type Expression, type Literal, type Scope } from "./expression.ts";
import type { Path } from "./source.ts";
import { maxText } from "./work.ts";

/** A scalar, list or map of a plan with its `${{ }}` compiled. */
export interface Template {
  /** The type of the result where the whole is one expression; undefined: as written, or text. */
  readonly type: string | undefined;
  readonly uses: ReadonlySet<string>;
  readonly mayBeNull: boolean;
  /** A list may have elements that are null. */
  readonly holdsNull: boolean;
  /** What it may come to that an expression in it writes out; `start`: in the scalar. */
  readonly literals: readonly Literal[];
  /**
   * Members that come to `omit` are gone; `omit` for the whole.
   * @throws {ExpressionError} The output is never looked at for `${{` again.
   */
  render(names: CelMap): Value | typeof omit;
}

export interface TemplateOptions {
  readonly scope: Scope;
  /** Inputs that may stand here as `${{ inputs.x }}` though they are secret. */
  readonly secrets?: ReadonlySet<string>;
  /** Told of each fault, with the path below the template and the offset inside that scalar. */
  readonly report: (path: Path, fault: Fault) => void;
  /** Told of each scalar that holds an expression: the type of what it gives. */
  readonly found?: (path: Path, type: string) => void;
}

/** Compile every scalar below `value`. Map keys are never templates. A part with a fault renders to null: it was reported. */
export function compileTemplate(value: Value, options: TemplateOptions, path: Path = []): Template {
  if (typeof value === "string") return compileText(value, options, path);
  if (Array.isArray(value)) return compileList(value as readonly Value[], options, path);
  if (value !== null && typeof value === "object")
    return compileMap(value as Readonly<Record<string, Value>>, options, path);
  return constant(value);
}

/** The parts of a text: literals, and expressions with their offset. */
export type Part = { readonly literal: string } | { readonly expression: string; readonly offset: number };

/** @returns The parts in order, or the fault of an expression that does not end. */
export function parseParts(text: string): readonly Part[] | Fault {
  const parts: Part[] = [];
  let literal = "";
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("${{", at);
    if (open === -1) break;
    if (open > 0 && text[open - 1] === "$") {
      literal += `${text.slice(at, open - 1)}\${{`;
      at = open + 3;
      continue;
    }
    const close = closing(text, open + 3);
    if (close === undefined) return { start: open, code: "bad-template", message: "${{ without a matching }}" };
    literal += text.slice(at, open);
    if (literal !== "") parts.push({ literal });
    literal = "";
    parts.push({ expression: text.slice(open + 3, close), offset: open + 3 });
    at = close + 2;
  }
  literal += text.slice(at);
  if (literal !== "" || parts.length === 0) parts.push({ literal });
  return parts;
}

/** The `}}` that ends an expression: not one inside a string or a map of the expression itself. */
function closing(text: string, from: number): number | undefined {
  let braces = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"' || character === "'") at = stringEnd(text, at);
    else if (character === "{") braces += 1;
    else if (character === "}" && braces > 0) braces -= 1;
    else if (character === "}" && text[at + 1] === "}") return at;
  }
  return undefined;
}

/** Offset of the last quote of a CEL string. Long ones have three quotes; the parser lets a backslash hide a quote in raw ones too. */
function stringEnd(text: string, at: number): number {
  const quote = text[at] ?? "";
  const mark = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote;
  for (let next = at + mark.length; next < text.length; next++) {
    if (text[next] === "\\") next += 1;
    else if (text.startsWith(mark, next)) return next + mark.length - 1;
  }
  return text.length;
}

type Piece =
  | { readonly literal: string }
  | { readonly secret: string }
  | { readonly expression: Expression; readonly offset: number };

function compileText(text: string, options: TemplateOptions, path: Path): Template {
  const template = compiledText(text, options, path);
  if (template.type !== undefined) options.found?.(path, template.type);
  return template;
}

function compiledText(text: string, { scope, secrets, report }: TemplateOptions, path: Path): Template {
  const parts = parseParts(text);
  if (!Array.isArray(parts)) {
    report(path, parts as Fault);
    return constant(null);
  }
  const pieces: Piece[] = [];
  const isAlone = parts.length === 1;
  for (const part of parts as readonly Part[]) {
    if ("literal" in part) pieces.push(part);
    else {
      const piece = compilePart(part, { scope, secrets, isAlone, report: (fault) => report(path, fault) });
      if ("faulty" in piece) return { ...constant(null), uses: piece.faulty, mayBeNull: false };
      pieces.push(piece);
    }
  }
  return textTemplate(text, pieces);
}

/** A fault is the only one of its scalar; the names are used all the same. */
interface Faulty {
  readonly faulty: ReadonlySet<string>;
}

function compilePart(
  part: { readonly expression: string; readonly offset: number },
  {
    scope,
    secrets,
    isAlone,
    report,
  }: {
    readonly scope: Scope;
    readonly secrets: ReadonlySet<string> | undefined;
    /** Null can stand alone, and not inside a text. */
    readonly isAlone: boolean;
    readonly report: (fault: Fault) => void;
  },
): Piece | Faulty {
  const name = /^\s*inputs\s*\.\s*([A-Za-z_]\w*)\s*$/.exec(part.expression)?.[1];
  if (name !== undefined && secrets?.has(name)) return { secret: name };
  try {
    const expression = scope.compile(part.expression);
    if (isAlone || expression.empty === undefined) return { expression, offset: part.offset };
    throw new ExpressionFaults([expression.empty]);
  } catch (error) {
    if (!(error instanceof ExpressionFaults)) throw error;
    for (const fault of error.faults) report({ ...fault, start: fault.start + part.offset });
    return { faulty: error.uses };
  }
}

function textTemplate(text: string, pieces: readonly Piece[]): Template {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) {
    if ("literal" in only) return constant(only.literal);
    if ("expression" in only) return single(only);
  }
  const uses = new Set(
    pieces.flatMap((piece) =>
      "expression" in piece ? [...piece.expression.uses] : "secret" in piece ? [`inputs.${piece.secret}`] : [],
    ),
  );
  const secret = pieces.some((piece) => "secret" in piece);
  return {
    type: secret ? "secret" : "string",
    uses,
    ...plain,
    render: (names) => {
      const rendered = pieces.map((piece) => renderPiece(piece, names));
      const texts = rendered.filter((part) => typeof part === "string");
      if (texts.length < rendered.length) return secretText(rendered);
      const result = texts.join("");
      if (result.length > maxText)
        throw new ExpressionError(
          `${text.slice(0, 40)}: renders to ${result.length} characters; at most ${maxText} are allowed`,
        );
      return result;
    },
  };
}

function single({ expression, offset }: Extract<Piece, { readonly expression: unknown }>): Template {
  return {
    type: expression.type,
    uses: expression.uses,
    mayBeNull: expression.empty !== undefined,
    holdsNull: expression.holdsNull,
    literals: expression.literals.map(({ value, start }) => ({ value, start: start + offset })),
    render: (names) => {
      const result = expression.evaluate(names);
      return result === omit ? omit : lower(result);
    },
  };
}

function renderPiece(piece: Piece, names: CelMap): string | { readonly input: string } {
  if ("literal" in piece) return piece.literal;
  if ("secret" in piece) return { input: piece.secret };
  return asText(piece.expression.evaluate(names), piece.expression.text);
}

/** @throws {ExpressionError} for null, lists and maps: they have no text that is meant. */
function asText(value: Cel, expression: string): string {
  if (typeof value === "string" || typeof value === "bigint" || typeof value === "number" || typeof value === "boolean")
    return String(value);
  throw new ExpressionError(
    `\${{${expression}}} is ${kindOf(value)}${value === null ? "" : ` ${shown(value)}`} and can not stand inside a text`,
    value === null ? 'Use coalesce(…, "").' : undefined,
  );
}

function secretText(parts: readonly (string | { readonly input: string })[]): Value {
  const reference: SecretText = { $secret: parts };
  return { ...reference };
}

function compileList(list: readonly Value[], options: TemplateOptions, path: Path): Template {
  const elements = list.map((element, place) => compileTemplate(element, options, [...path, place]));
  return {
    type: undefined,
    ...plain,
    holdsNull: elements.some(({ mayBeNull }) => mayBeNull),
    uses: new Set(elements.flatMap(({ uses }) => [...uses])),
    render: (names) => elements.map((element) => element.render(names)).filter((element) => element !== omit),
  };
}

function compileMap(map: Readonly<Record<string, Value>>, options: TemplateOptions, path: Path): Template {
  const members = Object.entries(map).map(
    ([name, member]) => [name, compileTemplate(member, options, [...path, name])] as const,
  );
  return {
    type: undefined,
    ...plain,
    uses: new Set(members.flatMap(([, { uses }]) => [...uses])),
    render: (names) =>
      Object.fromEntries(members.map(([name, member]) => [name, member.render(names)] as const).filter(isKept)),
  };
}

function isKept(entry: readonly [string, Value | typeof omit]): entry is readonly [string, Value] {
  return entry[1] !== omit;
}

function constant(value: Value): Template {
  return { type: undefined, uses: new Set(), ...plain, mayBeNull: value === null, render: () => value };
}

const plain = { mayBeNull: false, holdsNull: false, literals: [] } as const;

import type { Catalogue, FieldFacts, Shape } from "../core/model/catalogue.ts";
import type { Value } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import { type ItemRead } from "../core/model/listing.ts";
import { emptyOf, readValue, ValueError } from "../core/model/values.ts";
import { isWithheld } from "../core/model/withheld.ts";
import { lower } from "../language/cel.ts";
import { reservedNames, type Expression, type Scope } from "../language/expression.ts";
import type { Finding, Path } from "../language/source.ts";
import { overAnswer, type AnswerNames } from "./answer-scope.ts";
import { anything, emptyIsUnset, isFault, shapeAt, specOf, type Answer } from "./answers.ts";
import type { Binding } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import { fits } from "./computed.ts";
import type { FieldDocument } from "./document.ts";
import { isSpread, parsePath, takenAt, type ValuePath } from "../language/paths.ts";
import { noPath } from "./lookup-shape.ts";

/** A field that a read gives. */
export interface CompiledField {
  readonly facts: FieldFacts;
  readonly from: ValuePath | undefined;
  readonly value: Expression | undefined;
  readonly fallback: Value;
  readonly required: boolean;
  /** The plan says that it may be missing. */
  readonly isOptional: boolean;
  /** The plan says what type it is. */
  readonly isTyped: boolean;
}

interface ReadScopes {
  /** With these fields in `item`. */
  readonly item: (fields: readonly FieldFacts[]) => Scope;
  /** And with `row` and `rows`, the answer. */
  readonly answer: (fields: readonly FieldFacts[], names: AnswerNames) => Scope;
}

export interface ReadsContext {
  readonly catalogue: Catalogue;
  readonly compiler: Compiler;
  readonly scopes: ReadScopes;
  /** Those of the list. */
  readonly fields: readonly FieldFacts[];
  /** Names that were declared but are not known. */
  readonly unknown: readonly string[];
  /** `allow_undocumented`: answers may hold whatever they are said to. */
  readonly isLenient: boolean;
}

/** What one read is compiled with. */
export type Within = ReadsContext & { readonly when: ItemRead["when"]; readonly findings: Finding[] };

/** Compile a field of a read; what is wrong with it is in `findings`. */
export function compileField(
  name: string,
  written: string | FieldDocument,
  {
    at,
    above,
    answer,
    base,
    ...context
  }: Within & {
    readonly at: Path;
    readonly above: readonly FieldFacts[];
    readonly answer: Answer;
    /** What the paths of the fields start from. */
    readonly base: Shape;
  },
): CompiledField | undefined {
  const { compiler, scopes, findings, catalogue } = context;
  const field = typeof written === "string" ? { from: written } : written;
  const { type, value: text, volatile = false, default: fallback = null, optional } = field;
  const fault = nameFault(name, { above, unknown: context.unknown });
  if (fault !== undefined) findings.push({ path: at, at: "key", ...fault });
  const from = text === undefined ? (field.from ?? name) : undefined;
  const member = /(?:^|\.)([A-Za-z_][\w-]*)(?:\[\d*\])*$/.exec(from ?? "")?.[1];
  const isSecret = member !== undefined && catalogue.isSecret?.(member) === true;
  if (isSecret) {
    findings.push({ path: at, code: "secret-field", message: `${member} is a secret of the item and is never kept` });
  }
  const value =
    text === undefined
      ? undefined
      : compiler.expression([...at, "value"], text, {
          scope: overAnswer([...at, "value"], text, {
            ...{ shape: base, answer, findings },
            scope: (names) => scopes.answer(above, names),
          }),
          gives: type === undefined ? "a value" : `what is ${type}`,
          fits: (found) => type === undefined || fits(found, type),
        });
  if (text !== undefined && field.from !== undefined)
    findings.push({ path: at, at: "key", code: "bad-field", message: `field ${name} has both from and value` });
  const path = from === undefined ? undefined : pathOf(at, from, findings);
  const shape = path === undefined || from === undefined ? anything : shapeAt(base, path, answer, from);
  if (isFault(shape) && !isSecret) {
    const isKey = typeof written !== "string" && written.from === undefined;
    const place = typeof written === "string" || isKey ? at : [...at, "from"];
    findings.push({ path: place, ...(isKey && { at: "key" }), code: "unknown-member", ...shape });
  }
  const isList = path !== undefined && isSpread(path);
  const own = isFault(shape) || isList ? undefined : specOf(shape);
  const spec = type === undefined || type === own?.type ? own : { type };
  const facts: FieldFacts = {
    name,
    source: `${answer.call}: ${text ?? from ?? ""}`,
    spellings: [name],
    ...(spec ?? { type: "object", untyped: true }),
    emptyIsUnset: emptyIsUnset(answer.call, catalogue),
    volatile,
    secret: false,
    lagMs: 0,
  };
  return {
    facts,
    from: path,
    value,
    fallback,
    required: optional === false,
    isOptional: optional === true,
    isTyped: type !== undefined,
  };
}

/** What the field is, of an answer. @throws {ExpressionError} */
export function valueOf(
  { facts, from, value: expression, fallback, required }: CompiledField,
  answer: Value,
  names: () => ReturnType<Binding["answer"]>,
): Value {
  const { name } = facts;
  try {
    const raw =
      expression === undefined
        ? from && takenAt({ value: answer, around: [] }, from)
        : lower(expression.evaluate(names()));
    const typed = facts.untyped === true || isWithheld(raw ?? null) ? (raw ?? null) : readValue(facts, raw);
    const value = typed ?? (expression === undefined ? emptyOf(facts, { fallback, required }) : null) ?? fallback;
    if (value === null && required) throw new ExpressionError("it is not there");
    return value;
  } catch (error) {
    if (error instanceof ExpressionError) throw new ExpressionError(`${name}: ${error.message}`, error.hint);
    if (error instanceof ValueError) throw new ExpressionError(`${name}: ${error.message}`);
    throw error;
  }
}

function nameFault(
  name: string,
  { above, unknown }: { readonly above: readonly FieldFacts[]; readonly unknown: readonly string[] },
): Pick<Finding, "code" | "message" | "hint"> | undefined {
  if (reservedNames.has(name))
    return { code: "reserved-name", message: `CEL reserves ${name}: item.${name} could not be read` };
  if (above.some((other) => other.name === name) || unknown.includes(name))
    return { code: "duplicate-field", message: `field ${name} is there twice`, hint: "Give one of them another name." };
  return undefined;
}

/** Undefined: it is none, which was reported. */
export function pathOf(path: Path, text: string, findings: Finding[]): ValuePath | undefined {
  const parsed = parsePath(text);
  if (parsed !== undefined && parsed.up === 0) return parsed;
  findings.push(noPath(path, text));
  return undefined;
}

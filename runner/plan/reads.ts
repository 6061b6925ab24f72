import type { Catalogue, FieldFacts, Shape } from "../core/model/catalogue.ts";
import type { Fields, Item, Value } from "../core/model/item.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { type ItemRead } from "../core/model/listing.ts";
import { emptyOf, readValue, ValueError } from "../core/model/values.ts";
import { isWithheld, keepable } from "../core/model/withheld.ts";
import { lower } from "../language/cel.ts";
import { reservedNames, type Expression, type Scope } from "../language/expression.ts";
import type { Finding, Path } from "../language/source.ts";
import type { Template } from "../language/template.ts";
import { overAnswer, type AnswerNames, type OverAnswer } from "./answer-scope.ts";
import { answerOf, anything, emptyIsUnset, isFault, shapeAt, specOf, type Answer } from "./answers.ts";
import type { Binding } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import { fits } from "./computed.ts";
import type { FieldDocument, ReadDocument } from "./document.ts";
import { rendered } from "./parts.ts";
import { routeFrom } from "./route.ts";
import { unknownMethod } from "./unknown-method.ts";
import { undeclaredRead } from "./rules/methods.ts";
import { endOf, isSpread, parsePath, takenAt, valuesAt, type ValuePath } from "../language/paths.ts";

/** A read of single items, compiled. */
export interface CompiledRead {
  readonly document: ReadDocument;
  readonly when: ItemRead["when"];
  readonly params: Template;
  readonly route: Template | undefined;
  readonly rows: ValuePath | undefined;
  readonly absent: Expression | undefined;
  readonly fields: readonly CompiledField[];
  /** Names that everything about it uses. */
  readonly uses: ReadonlySet<string>;
}

interface CompiledField {
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

export interface CompiledReads {
  readonly reads: readonly CompiledRead[];
  readonly findings: readonly Finding[];
}

/** Compile the reads of single items in order, each with the fields of those before it in scope. */
export function compileReads(
  documents: readonly { readonly path: Path; readonly document: ReadDocument; readonly isVerify: boolean }[],
  context: ReadsContext,
): CompiledReads {
  const findings: Finding[] = [];
  const reads: CompiledRead[] = [];
  let fields = context.fields;
  for (const { path, document, isVerify } of documents) {
    const when = isVerify ? "verify" : (document.when ?? "before");
    findings.push(...callFindings(path, document, context));
    const read = compileRead(path, document, { ...context, fields, when, findings });
    reads.push(read);
    fields = [...fields, ...read.fields.map(({ facts }) => facts)];
  }
  return { reads, findings };
}

/** Fields of reads that are never null, and those that have only the type of the answer: what it may leave out nobody says. */
export function presentInReads(reads: readonly CompiledRead[]): readonly string[] {
  const fields = reads.flatMap((read) => read.fields);
  const present = fields.filter(({ facts, value, fallback, required, isTyped }) => {
    if (value !== undefined) return value.empty === undefined;
    return required || fallback !== null || !isTyped || facts.type === "set";
  });
  return present.map(({ facts }) => facts.name);
}

/** The read, as the engine makes it. Only for a plan without problems. */
export function resolveRead(read: CompiledRead, catalogue: Catalogue, binding: Binding): ItemRead {
  const { document, when, params, route, absent, fields, rows } = read;
  const isRouted = catalogue.method(document.call)?.isRouted ?? false;
  const isSecret = (member: string): boolean => catalogue.isSecret?.(member) ?? false;
  return {
    method: document.call,
    when,
    fields: fields.map(({ facts }) => facts),
    params: (frozen, item) => {
      const written = rendered(params, binding.reading(frozen, item));
      const { params: sent, faults } = catalogue.encode?.(document.call, written) ?? { params: written, faults: [] };
      const [fault] = faults;
      if (fault !== undefined) throw new ExpressionError(`${document.call}: ${fault.message}`, fault.hint);
      return sent;
    },
    ...(isRouted && {
      route: (frozen: Frozen, item: Item) =>
        route ? routeFrom(route, binding.reading(frozen, item)) : { device: item.id },
    }),
    ...(absent && {
      isAbsent: (frozen: Frozen, item: Item, answer: Value) => {
        const gone = absent.evaluate(binding.answer(frozen, item, keepable(answer, isSecret)));
        if (typeof gone !== "boolean") throw new ExpressionError(`${absent.text} gives neither true nor false`);
        return gone;
      },
    }),
    take: (frozen, item, answer, met) => {
      const kept = keepable(answer, isSecret);
      const base = rows === undefined ? kept : rowsAt(kept, rows);
      let found: Fields = {};
      for (const field of fields) {
        if (met !== undefined && field.from !== undefined && !met.isFound(field.facts.name))
          met.note(field.facts.name, endOf({ value: base, around: [] }, field.from));
        const names = () => binding.answer(frozen, { ...item, fields: { ...item.fields, ...found } }, base);
        const value = valueOf(field, base, names);
        found = { ...found, [field.facts.name]: value };
      }
      return found;
    },
  };
}

function valueOf(
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

/** It is a read of the service: what a read changed would be changed in a preview. */
function* callFindings(path: Path, { call }: ReadDocument, { catalogue }: ReadsContext): Generator<Finding> {
  const method = catalogue.method(call);
  const at = [...path, "call"];
  if (method === undefined && catalogue.isOpen) yield undeclaredRead(at, call, catalogue);
  else if (method === undefined) {
    const remedy = "A call that is not known may change something.";
    yield unknownMethod(at, call, { catalogue, purpose: "read", remedy });
  } else if (method.kind !== "read" && method.kind !== "enumerate") {
    yield {
      path: at,
      code: "not-a-read",
      message: `${call} is a ${method.kind} call: reading an item with it could change things`,
      hint: "Use a call that reads.",
    };
  }
}

type Within = ReadsContext & { readonly when: ItemRead["when"]; readonly findings: Finding[] };

function compileRead(path: Path, document: ReadDocument, context: Within): CompiledRead {
  const { compiler, scopes, fields, when, findings } = context;
  const params = compiler.template([...path, "params"], document.params ?? {}, scopes.item(fields));
  const route =
    document.route && compiler.template([...path, "route"], { device: document.route.device }, scopes.item(fields));
  const answer = answerOf(document.call, context.catalogue, context);
  const over = (known: readonly FieldFacts[]): Omit<OverAnswer, "shape"> => {
    return { answer, findings, scope: (names) => scopes.answer(known, names) };
  };
  const absent =
    document.absent === undefined
      ? undefined
      : compiler.condition(
          [...path, "absent"],
          document.absent,
          overAnswer([...path, "absent"], document.absent, { shape: answer.shape, ...over(fields) }),
        );
  const rows = document.rows === undefined ? undefined : pathOf([...path, "rows"], document.rows, findings);
  const base = rows === undefined ? answer.shape : rowsShape([...path, "rows"], rows, { answer, document, findings });
  const written = document.fields ?? {};
  const entries: readonly (readonly [string, string | FieldDocument, Path])[] = Array.isArray(written)
    ? (written as readonly string[]).map((name, place) => [name, name, [...path, "fields", place]])
    : Object.entries(written as Readonly<Record<string, string | FieldDocument>>).map(([name, field]) => {
        return [name, field, [...path, "fields", name]];
      });
  const own: CompiledField[] = [];
  for (const [name, field, at] of entries) {
    const above = [...fields, ...own.map(({ facts }) => facts)];
    const known = compileField(name, field, { ...context, at, above, answer, base });
    if (known !== undefined) own.push(known);
  }
  if (entries.length === 0 && document.absent === undefined) {
    findings.push({
      path,
      at: "key",
      code: "useless-read",
      message: `${document.call} is read for nothing: it has neither fields nor absent`,
    });
  }
  if (document.absent !== undefined && when === "verify") {
    findings.push({
      path: [...path, "absent"],
      at: "key",
      code: "bad-key",
      message: "verify.read shows what became of an item; whether it is gone says `read` with when: settle",
    });
  }
  const parts = [params, route, absent, ...own.map(({ value }) => value)];
  return {
    ...{ document, when, params, route, absent, fields: own, rows },
    uses: new Set(parts.flatMap((part) => [...(part?.uses ?? [])])),
  };
}

function compileField(
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

/** What the paths of fields start from: of a path that spreads a list out, the list of what it finds. */
function rowsShape(
  path: Path,
  rows: ValuePath,
  { answer, document, findings }: { answer: Answer; document: ReadDocument; findings: Finding[] },
): Shape {
  const found = shapeAt(answer.shape, rows, answer, document.rows ?? "");
  if (!isFault(found)) return isSpread(rows) ? { kind: "list", of: found } : found;
  findings.push({ path, code: "unknown-member", ...found });
  return anything;
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

function pathOf(path: Path, text: string, findings: Finding[]): ValuePath | undefined {
  const parsed = parsePath(text);
  if (parsed === undefined || parsed.up > 0) {
    findings.push({
      path,
      code: "bad-path",
      message: `${text} is not a path`,
      hint: "Write . for the whole answer, or members: a.b, a[0], a[].b.",
    });
    return undefined;
  }
  return parsed;
}

/** A path that spreads a list out gives its rows one by one; else the value is the list. */
function rowsAt(answer: Value, path: ValuePath): Value {
  const found = valuesAt({ value: answer, around: [] }, path).map(({ value }) => value);
  return path.steps.some((step) => typeof step === "symbol") ? found : (found[0] ?? []);
}

import type { Catalogue, FieldFacts, Shape } from "../core/model/catalogue.ts";
import type { Fields, Item, Value } from "../core/model/item.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { type ItemRead } from "../core/model/listing.ts";
import { keepable } from "../core/model/withheld.ts";
import { type Expression } from "../language/expression.ts";
import { elementsPath } from "../language/names.ts";
import type { Finding, Path } from "../language/source.ts";
import type { Template } from "../language/template.ts";
import { overAnswer, type OverAnswer } from "./answer-scope.ts";
import { answerOf, anything, isFault, shapeAt, type Answer } from "./answers.ts";
import type { Binding } from "./binding.ts";
import type { FieldDocument, ReadDocument } from "./document.ts";
import { rendered } from "./parts.ts";
import { routeFrom } from "./route.ts";
import { unknownMethod } from "./unknown-method.ts";
import { compileField, pathOf, valueOf, type CompiledField, type ReadsContext, type Within } from "./read-field.ts";
import { undeclaredRead } from "./rules/methods.ts";
import { endOf, isSpread, valuesAt, type ValuePath } from "../language/paths.ts";

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
  const full = fields.filter(({ value }) => value?.holdsNull === false);
  return [...present.map(({ facts }) => facts.name), ...full.map(({ facts }) => elementsPath(facts.name))];
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

/** A path that spreads a list out gives its rows one by one; else the value is the list. */
function rowsAt(answer: Value, path: ValuePath): Value {
  const found = valuesAt({ value: answer, around: [] }, path).map(({ value }) => value);
  return path.steps.some((step) => typeof step === "symbol") ? found : (found[0] ?? []);
}

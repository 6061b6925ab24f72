import type { Catalogue, Encoded, FieldFacts } from "../core/model/catalogue.ts";
import { jsonText } from "../core/model/exact.ts";
import type { Fields, Item, ItemId, Value } from "../core/model/item.ts";
import { type CallRule, type Chunk, type ChunkResult } from "../core/model/plan.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { readValue, ValueError } from "../core/model/values.ts";
import { isWithheld } from "../core/model/withheld.ts";
import type { CelMap } from "../language/cel.ts";
import type { Expression, Scope } from "../language/expression.ts";
import type { Path } from "../language/source.ts";
import type { Template } from "../language/template.ts";
import type { Binding } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import type { CallDocument, ResultDocument } from "./document.ts";
import { idOf } from "./item-id.ts";
import { rendered } from "./parts.ts";
import { parsePath, valueAt, valuesAt, type ValuePath } from "../language/paths.ts";
import { routeFrom } from "./route.ts";
import type { Scopes } from "./scopes.ts";

/** A call that changes items, compiled. */
export interface CompiledCall {
  readonly path: Path;
  readonly document: CallDocument;
  readonly params: Template;
  readonly route: Template | undefined;
  readonly ok: Expression | undefined;
}

/** Compile a call that changes an item, or several. @param answer What is known of a row of its answer. */
export function compileCall(
  path: Path,
  document: CallDocument,
  { compiler, scopes, answer }: { readonly compiler: Compiler; readonly scopes: Scopes; readonly answer: Scope },
): CompiledCall {
  const { chunk, result } = document;
  const scope = chunk === undefined ? scopes.params : scopes.chunk;
  return {
    path,
    document,
    params: compiler.sentTemplate([...path, "params"], document.params, scope),
    route: document.route && compiler.template([...path, "route"], { device: document.route.device }, scopes.item),
    ok:
      result !== undefined && "ok" in result
        ? compiler.condition([...path, "result", "ok"], result.ok, answer)
        : undefined,
  };
}

interface Around {
  readonly catalogue: Catalogue;
  readonly binding: Binding;
  readonly inputs: CelMap;
  /** What ids of answers are read as. */
  readonly key: FieldFacts | undefined;
  /** The values to set as the plan writes them. */
  readonly asWritten: (frozen: Frozen, item: Item, values: Fields) => Fields;
}

/** The call as the engine makes it. Only for a plan without problems. */
export function resolveCall({ path, document, params, route, ok }: CompiledCall, around: Around): CallRule {
  const { catalogue, binding, inputs, key, asWritten } = around;
  const { call: method, chunk: size, destructive = false } = document;
  const facts = catalogue.method(method);
  const sent = (names: CelMap): Value => {
    const written = rendered(params, names);
    return asSent(catalogue.encode?.(method, written) ?? { params: written, faults: [] }, path);
  };
  const routed: Pick<CallRule, "route"> = {
    route: (frozen, item) => (route ? routeFrom(route, binding.item(frozen, item)) : { device: item.id }),
  };
  const rule = {
    ...{ method, repeat: facts?.repeat ?? "once", destructive },
    ...(facts === undefined && { undeclared: true as const }),
    ...(facts?.isRouted && routed),
  } as const;
  const one = (frozen: Frozen, item: Item, set: Fields): Value => {
    return sent(binding.params(frozen, item, asWritten(frozen, item, set)));
  };
  const result = document.result ?? facts?.result;
  if (size === undefined || result === undefined) return { ...rule, params: one };
  const several: Chunk["params"] = (frozen, items, set) => {
    const [first] = items;
    if (first === undefined) throw new Error("a call about no items was rendered");
    return sent(binding.chunk(frozen, items, asWritten(frozen, first, set)));
  };
  return {
    ...rule,
    params: (frozen, item, set) => several(frozen, [item], set),
    chunk: { size, params: several, results: (answer) => resultsOf(answer, result, { ok, inputs, key }) },
  };
}

/** The reviewed change set holds what goes over the wire. */
function asSent({ params, faults: [fault] }: Encoded, path: Path): Value {
  if (fault !== undefined) throw new ExpressionError(`${path.join(".")}.params.${fault.message}`, fault.hint);
  if (!isWithheld(params)) return params;
  throw new ExpressionError(
    "the request would write back a part of what was read that is not kept: a secret, or a number too large to be exact",
    "Leave such items out with a filter clause, or send only the members that change.",
  );
}

/** What an answer says of each id in it. One that it names twice, and differently, is not told about. */
function resultsOf(
  answer: Value,
  result: ResultDocument,
  {
    ok,
    inputs,
    key: field,
  }: { readonly ok: Expression | undefined; readonly inputs: CelMap; readonly key: FieldFacts | undefined },
): (id: ItemId) => ChunkResult | undefined {
  if ("all" in result) return () => ({ done: true });
  const found = new Map<ItemId, ChunkResult | undefined>();
  const put = (id: Value, told: ChunkResult | undefined): void => {
    const key = idIn(id, field);
    if (key === undefined) return;
    found.set(key, found.has(key) && found.get(key)?.done !== told?.done ? undefined : told);
  };
  if ("succeeded" in result) {
    for (const id of listAt(answer, result.succeeded)) put(id, { done: true });
    for (const id of listAt(answer, result.failed)) put(id, { done: false, message: "the answer names it as failed" });
    return (id) => found.get(id);
  }
  for (const row of listAt(answer, result.rows)) {
    const isDone = truthOf(ok, { inputs, row });
    const message = result.message === undefined ? undefined : textAt(row, result.message);
    const done = isDone === undefined ? undefined : isDone ? ({ done: true } as const) : failed(message);
    put(valueAt(start(row), pathOf(result.id)), done);
  }
  return (id) => found.get(id);
}

/** An id as the list has it, however the answer writes it. */
function idIn(id: Value, field: FieldFacts | undefined): ItemId | undefined {
  if (field === undefined || field.untyped === true) return idOf(id);
  try {
    return idOf(readValue(field, id));
  } catch (error) {
    // It is none of the items then.
    if (error instanceof ValueError) return undefined;
    throw error;
  }
}

function failed(message = "the answer says that it was not done"): ChunkResult {
  return { done: false, message };
}

function truthOf(ok: Expression | undefined, names: CelMap): boolean | undefined {
  try {
    const result = ok?.evaluate(names);
    return typeof result === "boolean" ? result : undefined;
  } catch (error) {
    // What can not be told from this row is read back.
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

function listAt(answer: Value, path: string): readonly Value[] {
  return valuesAt(start(answer), pathOf(path)).flatMap(({ value }) => {
    if (Array.isArray(value)) return value as readonly Value[];
    return value === null ? [] : [value];
  });
}

const longestMessage = 500;

function textAt(row: Value, path: string): string | undefined {
  const value = valueAt(start(row), pathOf(path));
  const text = typeof value === "string" ? value : value === null ? undefined : jsonText(value);
  return text?.slice(0, longestMessage);
}

const start = (value: Value) => ({ value, around: [] });

/** A rule has looked at it. */
function pathOf(text: string): ValuePath {
  const path = parsePath(text);
  if (path === undefined) throw new Error(`a plan with the path ${text} was resolved`);
  return path;
}

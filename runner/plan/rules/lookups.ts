import type { Catalogue, ListFacts, MethodFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import { reservedNames } from "../../language/expression.ts";
import type { Finding, Path } from "../../language/source.ts";
import { nearest } from "../../language/suggest.ts";
import type { LookupDocument, RowsDocument } from "../document.ts";
import { listOf } from "./calls.ts";
import { unknownMethod } from "../unknown-method.ts";
import { undeclaredRead } from "./methods.ts";
import { reservedParams } from "./reserved.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { isObject } from "../../core/model/object.ts";

/** Each lookup reads from one source, with the keys of that source, and changes nothing. */
export const lookups: Rule = function* (context) {
  for (const [name, lookup] of Object.entries(context.document.lookups ?? {})) {
    const path: readonly string[] = ["lookups", name];
    if (reservedNames.has(name)) {
      const message = `CEL reserves ${name}: lookup.${name} could not be read`;
      yield { path, at: "key", code: "reserved-name", message };
    }
    yield* sourceFindings(path, lookup);
    yield* shapeFindings(path, lookup);
    if (lookup.call !== undefined) yield* callFindings(path, { ...lookup, call: lookup.call }, context);
    if (lookup.csv !== undefined) yield* columnFindings(path, lookup);
  }
};

type Source = "call" | "csv" | "run";
const sources: readonly Source[] = ["call", "csv", "run"];

/** Keys that only some sources have. */
const keysOf: Readonly<Partial<Record<keyof LookupDocument, readonly Source[]>>> = {
  params: ["call"],
  route: ["call"],
  for_each: ["call"],
  rows: ["call"],
  optional: ["call"],
  value: ["call"],
  type: ["call"],
  states: ["run"],
};

function* sourceFindings(path: Path, lookup: LookupDocument): Generator<Finding> {
  const [source, other] = sources.filter((one) => lookup[one] !== undefined);
  if (source === undefined) {
    const message = "the lookup says nothing of where it is read from";
    yield { path, at: "key", code: "missing-key", message, hint: "Add one of call, csv and run." };
    return;
  }
  if (other !== undefined) {
    const message = `the lookup has both ${source} and ${other}`;
    yield { path: [...path, other], at: "key", code: "bad-lookup", message, hint: "Keep one, or make two lookups." };
    return;
  }
  for (const [key, having] of Object.entries(keysOf)) {
    if (lookup[key as keyof LookupDocument] === undefined || having.includes(source)) continue;
    const message = `${key} is for lookups with ${having.join(" or ")}, this one has ${source}`;
    yield { path: [...path, key], at: "key", code: "bad-lookup", message };
  }
}

function* shapeFindings(path: Path, lookup: LookupDocument): Generator<Finding> {
  const { key, value, rows } = lookup;
  const fault = (name: keyof LookupDocument, message: string): Finding => ({
    path: [...path, name],
    at: "key",
    code: "bad-lookup",
    message,
  });
  if (value !== undefined) {
    for (const name of ["key", "fields", "rows", "for_each"] as const)
      if (lookup[name] !== undefined) yield fault(name, `${name} is for rows, and value makes the lookup one value`);
  } else if (lookup.type !== undefined) yield fault("type", "type is that of value, and there is none");
  if (key === undefined) {
    if (lookup.unused === "error" || lookup.unused === "warn")
      yield fault("unused", "only rows with a key can be counted as unused");
    if (lookup.unique === true) yield fault("unique", "only rows with a key can be looked up twice");
    if (lookup.ignore_case !== undefined) yield fault("ignore_case", "ignore_case is of the key, and there is none");
  }
  const wrong = rowsFault(rows);
  if (wrong !== undefined) yield fault("rows", wrong);
}

/** What is wrong with the keys of `rows`. */
export function rowsFault(rows: RowsDocument | undefined): string | undefined {
  if (typeof rows !== "object" || (rows.map_key === undefined) !== (rows.scalar === undefined)) return undefined;
  return "rows.at needs one of map_key and scalar";
}

function* callFindings(
  path: readonly string[],
  lookup: LookupDocument & { readonly call: string },
  { catalogue }: RuleContext,
): Generator<Finding> {
  const { call, params = {} } = lookup;
  const method = catalogue.method(call);
  const list = listOf(lookup, catalogue);
  yield* readFindings([...path, "call"], call, {
    ...{ method: method ?? (list && { kind: "enumerate" }), catalogue },
    ...{ who: "A lookup", doing: "looking something up" },
  });
  yield* reservedParams([...path, "params"], params, list);
  if (list === undefined || list.isConcluded === true) return;
  if (lookup.key === undefined) yield* fieldsFindings(path, lookup, list);
  if (lookup.optional !== undefined) {
    const message = `optional is for calls that may answer that there is no such thing; ${call} is read as a list`;
    yield { path: [...path, "optional"], at: "key", code: "bad-lookup", message };
  }
}

/** Of a list that the service knows only what is named is kept. */
export function* fieldsFindings(
  path: Path,
  { call, fields }: Pick<LookupDocument, "call" | "fields">,
  { key }: ListFacts,
): Generator<Finding> {
  if (fields !== undefined) return;
  const message = `${call ?? ""} is a list: say which fields are kept`;
  yield { path, at: "key", code: "missing-key", message, hint: `Add fields: [${key}], for example.` };
}

interface Reader {
  readonly method: Pick<MethodFacts, "kind"> | undefined;
  readonly catalogue: Catalogue;
  /** Who reads, and what for: words of messages. */
  readonly who: string;
  readonly doing: string;
}

/** Where nothing is changed, only calls that read are made. */
export function* readFindings(path: Path, call: string, { method, catalogue, who, doing }: Reader): Generator<Finding> {
  if (method === undefined && catalogue.isOpen) yield undeclaredRead(path, call, catalogue);
  else if (method === undefined) {
    yield unknownMethod(path, call, { catalogue, purpose: "read", remedy: `${who} only makes known reads.` });
  } else if (method.kind !== "enumerate" && method.kind !== "read") {
    const message = `${call} is a ${method.kind} call: ${doing} must change nothing`;
    yield { path, code: "not-a-read", message };
  }
}

const columnTypes = ["string", "integer", "number", "boolean", "bytes", "unix_time", "hex"] as const;
type ColumnType = (typeof columnTypes)[number];

/** Whether the cells of a file can be read as that. */
export function isColumnType(type: unknown): type is ColumnType {
  return columnTypes.some((one) => one === type);
}

/** The fields of a file are columns and their types. */
function* columnFindings(path: Path, { fields = [] }: LookupDocument): Generator<Finding> {
  if (Array.isArray(fields)) {
    yield* repeatedColumns([...path, "fields"], fields as readonly string[]);
    return;
  }
  for (const [name, type] of Object.entries(fields as Readonly<Record<string, Value>>)) {
    if (isColumnType(type)) continue;
    const message = `the column ${name} can not be of type ${JSON.stringify(type)}`;
    yield { path: [...path, "fields", name], code: "bad-type", message, hint: meantType(name, type) };
  }
}

function* repeatedColumns(path: Path, names: readonly string[]): Generator<Finding> {
  for (const [place, name] of names.entries()) {
    if (names.indexOf(name) === place) continue;
    yield { path: [...path, place], code: "duplicate-field", message: `the column ${name} is there twice` };
  }
}

function meantType(name: string, type: Value): string {
  if (isObject(type) && isColumnType(type.type)) return `Write ${name}: ${type.type}`;
  const near = typeof type === "string" ? meant(type) : undefined;
  return near === undefined ? `Write one of ${columnTypes.join(", ")}.` : `Did you mean ${near}?`;
}

/** `int` and `bool` are far from the words they begin. */
function meant(type: string): string | undefined {
  return nearest(type, columnTypes) ?? columnTypes.find((one) => type.length > 2 && one.startsWith(type));
}

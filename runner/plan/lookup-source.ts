import type { Catalogue, FieldFacts, ListFacts } from "../core/model/catalogue.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import type { Value } from "../core/model/item.ts";
import type { LookupSource } from "../core/model/listing.ts";
import type { FieldType } from "../core/model/values.ts";
import { shown, type CelMap } from "../language/cel.ts";
import type { NameType } from "../language/expression.ts";
import type { Finding, Path } from "../language/source.ts";
import { anything } from "./answers.ts";
import type { Compiler } from "./compiler.ts";
import type { LookupDocument, PlanDocument } from "./document.ts";
import { givenRows, readLookupFile, type FilePlace } from "./lookup-file.ts";
import { rowsFrom, type RowField, type RowShape } from "./lookup-rows.ts";
import { member, memberFields, rowShape, whole } from "./lookup-shape.ts";
import { compileList, type CompiledList } from "./parts.ts";
import { declaredFields } from "./rules/fields.ts";
import { isColumnType } from "./rules/lookups.ts";
import { elementOf, loadScope, partScope, wholeList, type ScopeFacts } from "./scopes.ts";

export type KnownSource =
  | { readonly kind: "call"; readonly list: CompiledList }
  | {
      readonly kind: "list";
      readonly list: CompiledList;
      readonly facts: ListFacts;
      readonly fields: readonly FieldFacts[];
    }
  | Extract<LookupSource, { readonly kind: "file" | "run" }>;

export interface LookupsContext {
  readonly document: PlanDocument;
  readonly catalogue: Catalogue;
  readonly compiler: Compiler;
  readonly inputs: CelMap;
  readonly files: FilePlace;
  /** A run that has begun is not judged by what is known of its fields today. */
  readonly isBegun: boolean;
}

/** A lookup that is being looked at. */
export type Around = LookupsContext & {
  /** Where it is written. */
  readonly path: Path;
  readonly types: Readonly<Record<string, NameType>>;
  readonly findings: Finding[];
  /** It is what a gate measures. */
  readonly isMeasured?: boolean;
};

/** Where rows come from, and what a row is. */
export interface Made {
  readonly source: KnownSource;
  readonly fields: readonly RowField[] | undefined;
  readonly keepsWhole: boolean;
}

export type AroundRows = Around & { readonly rows: RowShape["rows"] };

/** What a lookup says of its rows; undefined: nothing that could be used, and it was reported. */
export async function sourceOf(name: string, document: LookupDocument, around: AroundRows): Promise<Made | undefined> {
  const { path } = around;
  const { call, csv, run } = document;
  if (csv !== undefined) return fileSource(name, { ...document, csv }, around);
  if (run !== undefined) {
    const id = textOf([...path, "run"], run, around);
    if (id === "latest") around.findings.push(latestRun([...path, "run"]));
    const fields = document.fields && memberFields([...path, "fields"], document, { ...around, row: anything });
    return { source: { kind: "run", run: id ?? "", states: document.states }, fields, keepsWhole: true };
  }
  return call === undefined ? undefined : callSource(path, { ...document, call }, around);
}

/** By the time it is looked up, the latest run is the one that looks. */
function latestRun(path: Path): Finding {
  const message = "latest is no run to look things up in: it would be this run itself";
  return { path, code: "bad-run", message, hint: "Write the run's id; `rollcall runs` lists them." };
}

async function fileSource(
  name: string,
  document: LookupDocument & { readonly csv: string },
  around: Around,
): Promise<Made> {
  const { path } = around;
  const given = around.files.rows?.[name];
  const written = textOf([...path, "csv"], document.csv, around);
  const columns = document.fields && columnTypes(document);
  const declared = columns?.map(([column, type]) => member(column, type));
  // A column of a type that no cell has was reported: its text is as good as any other.
  const types = columns && Object.fromEntries(columns.map(([column, type = "string"]) => [column, type]));
  if (written === undefined) return { fields: declared, keepsWhole: true, source: { kind: "file", value: undefined } };
  const key = typeof document.key === "string" ? [document.key] : (document.key ?? []);
  const input = /^\$\{\{\s*inputs\.(\w+)\s*\}\}$/.exec(document.csv.trim())?.[1];
  const read =
    given === undefined
      ? await readLookupFile(written, { types, key }, { place: around.files, input })
      : givenRows(name, given, { types, key });
  const found = read.columns;
  const fields = declared ?? found?.map((column) => member(column, "string"));
  const made = { fields, keepsWhole: true };
  if (read.problem !== undefined) around.findings.push({ path: [...path, "csv"], ...read.problem });
  around.compiler.problems.push(...read.problems);
  // Cells have been read as what the columns are: only keys and shape are left to look at.
  if (read.rows === undefined || (found !== undefined && key.some((column) => !found.includes(column))))
    return { ...made, source: { kind: "file", value: undefined } };
  const shape: RowShape = {
    ...{ rows: { path: whole }, fields, keepsWhole: true, key, emptyIsUnset: true, value: undefined },
    ignoresCase: document.ignore_case ?? false,
  };
  const { rows, lines } = read;
  try {
    const value = rowsFrom([rows], shape, lines && { place: (index) => `line ${lines[index] ?? 0}` });
    return { ...made, source: { kind: "file", value } };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    around.findings.push({ path: [...path, "csv"], code: "bad-file", message: `${written}: ${error.message}` });
    return { ...made, source: { kind: "file", value: undefined } };
  }
}

function callSource(path: Path, document: LookupDocument & { readonly call: string }, around: AroundRows): Made {
  const { compiler, catalogue, types } = around;
  const { inputs = {} } = around.document;
  const facts: Pick<ScopeFacts, "inputs" | "lookups"> = { inputs, lookups: types };
  const scopes = {
    whole: partScope(facts, wholeList),
    inside: (names: Parameters<typeof partScope>[1]) => partScope(facts, names),
    elementOf: (type: string) => elementOf(type, types),
  };
  const list = compileList(path, document, { compiler, scopes });
  const known = document.value === undefined ? catalogue.list(document.call) : undefined;
  if (known === undefined || known.isConcluded === true || document.rows !== undefined) {
    const row = document.value === undefined ? rowShape(path, document, around) : anything;
    const fields = document.fields && memberFields([...path, "fields"], document, { ...around, row });
    if (around.isMeasured === true && fields === undefined && row.kind === "object")
      around.findings.push(fieldsNeeded(path, document.call));
    return { source: { kind: "call", list }, fields, keepsWhole: false };
  }
  const declared = declaredFields((document.fields ?? []) as Value, {
    list: known,
    path: [...path, "fields"],
    isLenient: around.document.allow_undocumented ?? false,
  });
  around.findings.push(...declared.findings);
  const names = new Set(Array.isArray(document.fields) ? document.fields : Object.keys(document.fields ?? {}));
  const fields = declared.fields
    .filter((field) => names.has(field.name))
    .map((field): RowField => {
      const isKey = field.source === known.field(known.key)?.source;
      const { fallback = null, required = false } = declared.made.get(field.name) ?? {};
      const own = { ...member(field.name, undefined), fallback, required };
      return { ...own, came: field, isPresent: isKey || field.type === "set" };
    });
  return { source: { kind: "list", list, facts: known, fields: declared.fields }, fields, keepsWhole: false };
}

function fieldsNeeded(path: Path, call: string): Finding {
  const message = `the rows of ${call} have members: say which are kept`;
  return { path, at: "key", code: "missing-key", message, hint: "Add fields: [ … ]." };
}

/** A text over inputs, known before the run. Undefined: it was reported. */
function textOf(path: Path, text: string, { compiler, document, inputs, findings }: Around): string | undefined {
  const before = compiler.problems.length;
  const template = compiler.template(path, text, loadScope(document.inputs ?? {}));
  if (compiler.problems.length > before) return undefined;
  try {
    const value = template.render({ inputs });
    if (typeof value === "string" && value !== "") return value;
    if (value === null || typeof value === "symbol") return undefined;
    findings.push({ path, code: "bad-type", message: `it must be a text, found ${shown(value)}` });
  } catch (error) {
    // An input that has no value was reported where it is declared.
    if (!(error instanceof ExpressionError)) throw error;
  }
  return undefined;
}

function columnTypes({ fields = [] }: LookupDocument): readonly (readonly [string, FieldType | undefined])[] {
  if (Array.isArray(fields)) return (fields as readonly string[]).map((name) => [name, "string"]);
  return Object.entries(fields).map(([name, type]) => [name, isColumnType(type) ? type : undefined]);
}

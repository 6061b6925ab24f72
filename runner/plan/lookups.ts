import type { Catalogue, FieldFacts, ListFacts } from "../core/model/catalogue.ts";
import type { Value } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import { type LookupSource } from "../core/model/listing.ts";
import type { FieldType } from "../core/model/values.ts";
import { shown, type CelMap } from "../language/cel.ts";
import type { CelType, Expression, NameType, RecordType } from "../language/expression.ts";
import type { Finding, Path } from "../language/source.ts";
import { didYouMean } from "../language/suggest.ts";
import { anything, emptyIsUnset } from "./answers.ts";
import type { LookupView } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import type { LookupDocument, PlanDocument } from "./document.ts";
import { rowsFrom, type RowField, type RowShape } from "./lookup-rows.ts";
import { givenRows, readLookupFile, type FilePlace } from "./lookup-file.ts";
import { member, memberFields, rowShape, rowsAt, secretIn, valueIn, whole } from "./lookup-shape.ts";
import { compileList, type CompiledList } from "./parts.ts";
import { declaredFields } from "./rules/fields.ts";
import { isColumnType } from "./rules/lookups.ts";
import {
  aboutFields,
  celTypes,
  elementOf,
  loadScope,
  partScope,
  rowScope,
  wholeList,
  type ScopeFacts,
} from "./scopes.ts";

/** A lookup as far as it is known before the run. */
export interface KnownLookup {
  readonly name: string;
  readonly document: LookupDocument;
  readonly view: LookupView;
  readonly shape: RowShape;
  readonly source: KnownSource;
  /** Which rows are kept, and what a row is there. Undefined: all. */
  readonly filter: { readonly holds: Expression; readonly of: NameType } | undefined;
}

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

export interface KnownLookups {
  readonly all: readonly KnownLookup[];
  /** What `lookup` is made of, in expressions. */
  readonly types: Readonly<Record<string, NameType>>;
  readonly findings: readonly Finding[];
}

/** Compile the lookups in order, each with those before it in scope, and read their files. */
export async function knownLookups(context: LookupsContext): Promise<KnownLookups> {
  const all: KnownLookup[] = [];
  const findings: Finding[] = [];
  const types: Record<string, NameType> = {};
  for (const [name, document] of Object.entries(context.document.lookups ?? {})) {
    const path = ["lookups", name];
    const known = await knownLookup(name, document, { ...context, path, types: { ...types }, findings });
    if (known !== undefined) all.push(known);
    types[name] = known?.view.type ?? "dyn";
  }
  return { all, types, findings };
}

/** What a gate measures: the rows of a call, as those of a lookup that is a list. */
export interface KnownGate {
  /** Undefined: there is no gate, or nothing is known of what it reads. */
  readonly rows: KnownLookup | undefined;
  readonly findings: readonly Finding[];
}

/** @param lookups What its params can use. */
export async function knownGate(context: LookupsContext, lookups: KnownLookups["types"]): Promise<KnownGate> {
  const { gate } = context.document;
  const findings: Finding[] = [];
  if (gate === undefined) return { rows: undefined, findings };
  const { call, params, route, rows, fields } = gate;
  const document: LookupDocument = {
    call,
    ...(params !== undefined && { params }),
    ...(route && { route }),
    ...(rows !== undefined && { rows }),
    ...(fields && { fields }),
  };
  const around = { ...context, path: ["gate"], types: lookups, findings, isMeasured: true };
  return { rows: await knownLookup("gate", document, around), findings };
}

type Around = LookupsContext & {
  /** Where it is written. */
  readonly path: Path;
  readonly types: Readonly<Record<string, NameType>>;
  readonly findings: Finding[];
  /** It is what a gate measures. */
  readonly isMeasured?: boolean;
};

async function knownLookup(name: string, written: LookupDocument, around: Around): Promise<KnownLookup | undefined> {
  const { path, isMeasured = false } = around;
  const document = withFields(written);
  const { key = [], ignore_case: ignoresCase = false } = document;
  const keys = typeof key === "string" ? [key] : key;
  const rows = rowsAt([...path, "rows"], document, around);
  const made = await sourceOf(name, document, { ...around, rows });
  if (made === undefined) return undefined;
  const { source, fields, keepsWhole } = made;
  const value = valueIn([...path, "value"], document, around);
  const unset = document.call === undefined || emptyIsUnset(document.call, around.catalogue);
  const measured = isMeasured ? { isMeasured } : {};
  const shape: RowShape = { rows, fields, keepsWhole, key: keys, ignoresCase, emptyIsUnset: unset, value, ...measured };
  checkKey([...path, "key"], shape, around);
  if (source.kind === "call") checkSecrets(path, shape, around);
  const filter = filterOf([...path, "filter"], document, { source, shape, around });
  const proven = [...(filter?.holds.proves(true) ?? [])].map((path) => path.replace(/^row\./, ""));
  const row = shape.fields && rowType(isMeasured ? "gate_row" : `lookup_${name}`, shape, { ...around, source, proven });
  const type = typeOf(shape, row, source.kind === "file" ? "string" : "dyn");
  return { name, document, view: { name, type, key: keys, ignoresCase }, shape, source, filter };
}

/** Of a call that only its key is asked of, the key is all that is kept. */
function withFields(document: LookupDocument): LookupDocument {
  const { call, key, fields } = document;
  if (call === undefined || key === undefined || fields !== undefined) return document;
  return { ...document, fields: typeof key === "string" ? [key] : key };
}

function filterOf(
  path: Path,
  { filter }: LookupDocument,
  { source, shape, around }: { readonly source: KnownSource; readonly shape: RowShape; readonly around: Around },
): KnownLookup["filter"] {
  if (filter === undefined) return undefined;
  if (source.kind === "file" || source.kind === "run" || shape.value !== undefined) {
    const message = "only the rows of a call can be filtered";
    around.findings.push({ path, at: "key", code: "bad-lookup", message, hint: "Leave filter out." });
    return undefined;
  }
  const facts = { inputs: around.document.inputs ?? {}, lookups: around.types };
  const of = (shape.fields && rowType("row", shape, { ...around, source })) ?? "dyn";
  const holds = around.compiler.condition(path, filter, rowScope(facts, of));
  return holds && { holds, of };
}

interface Made {
  readonly source: KnownSource;
  readonly fields: readonly RowField[] | undefined;
  readonly keepsWhole: boolean;
}

type AroundRows = Around & { readonly rows: RowShape["rows"] };

async function sourceOf(name: string, document: LookupDocument, around: AroundRows): Promise<Made | undefined> {
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

function checkKey(path: Path, { key, fields }: RowShape, { findings }: Around): void {
  const names = fields?.map(({ name }) => name);
  for (const name of key) {
    if (names === undefined || names.includes(name)) continue;
    findings.push({ path, code: "unknown-field", message: `the rows have no ${name}`, hint: didYouMean(name, names) });
  }
}

/** What is looked up is kept with the run: no path may lead to a secret, or through one. */
function checkSecrets(path: Path, { rows, fields, value }: RowShape, { catalogue, findings }: Around): void {
  const paths = [
    [["rows"], rows.path],
    ...(fields ?? []).map((field) => [["fields", field.name], field.path] as const),
    ...(value === undefined ? [] : [[["value"], value.path] as const]),
  ] as const;
  for (const [at, to] of paths) {
    const secret = secretIn(to, catalogue);
    if (secret === undefined) continue;
    const message = `${secret} is a secret of the service and is never kept`;
    findings.push({ path: [...path, ...at], code: "secret-field", message });
  }
}

/** Of rows of a call that is no list of the catalogue it is not known what may be empty. */
function rowType(
  kind: string,
  { fields = [], key }: RowShape,
  {
    isBegun,
    source,
    proven = [],
  }: Pick<Around, "isBegun"> & {
    readonly source: KnownSource;
    /** Members that the filter has found to be there. */
    readonly proven?: readonly string[];
  },
): RecordType {
  const present = fields.filter(({ name, fallback, required, isPresent = false }) => {
    const isThere = required || isPresent || fallback !== null || key.includes(name);
    return isThere || proven.includes(name) || source.kind === "call";
  });
  return {
    kind,
    members: Object.fromEntries(fields.map((field) => [field.name, celTypeOf(field)])),
    about: aboutFields(
      fields.map(({ name, type, came }) => ({ ...came, name, type: type ?? came?.type ?? "dyn" })),
      isBegun ? undefined : new Set(present.map(({ name }) => name)),
    ),
  };
}

function celTypeOf({ type, came }: Pick<RowField, "type" | "came">): CelType {
  const known = type ?? came?.type;
  return known === undefined ? "dyn" : celTypes[known];
}

/** @param keyType Of keys that are not among declared fields. */
function typeOf(
  { value, fields, key, isMeasured = false }: RowShape,
  row: RecordType | undefined,
  keyType: "string" | "dyn",
): NameType {
  if (value !== undefined) return celTypeOf({ type: value.type });
  const [only] = key;
  if (only !== undefined) {
    const own = key.length > 1 ? "string" : row === undefined ? keyType : (row.members[only] ?? "dyn");
    const by = own === "int" || own === "string" || own === "double" || own === "bool" ? own : "dyn";
    return { tableOf: row ?? "map", by };
  }
  if (row === undefined) return "dyn";
  if (fields?.length !== 1 || isMeasured) return { listOf: row };
  const [single] = Object.values(row.members);
  return single === "int" ? "list<int>" : single === "string" ? "list<string>" : "list";
}

import type { Expression, NameType } from "../language/expression.ts";
import type { Finding, Path } from "../language/source.ts";
import { didYouMean } from "../language/suggest.ts";
import { emptyIsUnset } from "./answers.ts";
import type { LookupView } from "./binding.ts";
import type { LookupDocument } from "./document.ts";
import type { RowShape } from "./lookup-rows.ts";
import { sourceOf, type Around, type KnownSource, type LookupsContext } from "./lookup-source.ts";
import { rowType, typeOf } from "./lookup-types.ts";
import { rowsAt, secretIn, valueIn } from "./lookup-shape.ts";
import { rowScope } from "./scopes.ts";

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

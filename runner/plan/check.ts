import type { Catalogue, FieldFacts, ListFacts } from "../core/model/catalogue.ts";
import type { Fields, Value } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import type { Problem } from "../core/model/problem.ts";
import type { CelMap } from "../language/cel.ts";
import type { Finding, Path, Source } from "../language/source.ts";
import { meant } from "../language/suggest.ts";
import type { Told } from "../language/told.ts";
import type { Template } from "../language/template.ts";
import { Compiler } from "./compiler.ts";
import { compilePlan, setFindings, type Compiled } from "./compile.ts";
import { compileComputed, declaredTypes, presentFields, type MadeFields } from "./computed.ts";
import { compileCustom, type CustomColumns } from "./custom-columns.ts";
import { describedList, type DescribedList } from "./described-list.ts";
import type { PlanDocument } from "./document.ts";
import type { FilePlace } from "./lookup-file.ts";
import { knownGate, knownLookups, type KnownGate, type KnownLookups } from "./lookups.ts";
import { withMeantCalls } from "./meant.ts";
import { dangersOf } from "./lint/all.ts";
import { pageType } from "./paging.ts";
import { compileList, type CompiledList } from "./parts.ts";
import { compileReads, presentInReads, type CompiledReads } from "./reads.ts";
import type { ResolveOptions } from "./resolving.ts";
import { rules } from "./rules/all.ts";
import { readsIn } from "./rules/calls.ts";
import { declaredFields, keyAndTitle, type DeclaredFields } from "./rules/fields.ts";
import type { RuleContext } from "./rules/rule.ts";
import {
  elementOf,
  inputValues,
  itemScope,
  loadScope,
  partScope,
  readScope,
  scopesFor,
  namesOfType,
  verifyScope,
  wholeList,
  type ScopeFacts,
  type Scopes,
} from "./scopes.ts";
import { unusedInputs } from "./unused-inputs.ts";
import { fieldsIn } from "./verify-list.ts";
import { isObject } from "../core/model/object.ts";

export interface Check {
  readonly source: Source;
  readonly document: PlanDocument;
  /** Where `document` is not what was written. */
  readonly told: Told;
  readonly catalogue: Catalogue;
  readonly inputs: Fields;
  readonly files: FilePlace;
  /** A run that has begun is not judged by what is known of its fields today. */
  readonly isBegun: boolean;
}

export interface Checked {
  readonly problems: readonly Problem[];
  /** Worth a word only where nothing else is wrong. */
  readonly unused: readonly Finding[];
  /** Valid, and dangerous. Only where nothing is wrong. */
  readonly dangers: () => readonly Finding[];
  /** Undefined: the list is not known, so there is nothing to resolve. */
  readonly resolvable: Omit<ResolveOptions, "source" | "document" | "service" | "inputs"> | undefined;
}

/** The catalogue and the typed check, together: neither hides what the other finds. */
export async function checkPlan({ document: written, ...check }: Check): Promise<Checked> {
  const { document, findings: misspelt } = withMeantCalls(asAllowed(written, check), check.catalogue);
  const compiler = new Compiler(check.source, namesOfType(document.inputs ?? {}, "secret"), check.told);
  const asked = await askedList({ ...check, document, compiler });
  const listed = listFields(asked);
  const read = readFields(listed);
  const compiled = compileParts(read);
  const findings = [...misspelt, ...judged(compiled)].filter(({ path }) => !check.told.covers(path));
  const problems = [...compiler.problems, ...findings.map((finding) => check.source.problem(finding))];
  const unused = [...unusedInputs(document, compiler.uses)];
  const dangers = (): readonly Finding[] => [
    ...dangersOf({ ...ruleContext(compiled), compiled: compiled.compiled, made: compiled.made }),
  ];
  return { problems, unused, dangers, resolvable: resolvableOf(compiled) };
}

/** What the config of a service closes, a plan can not open. */
function asAllowed(written: PlanDocument, { catalogue, isBegun }: Omit<Check, "document">): PlanDocument {
  return catalogue.configured === undefined || isBegun ? written : { ...written, allow_undocumented: false };
}

interface Begun extends Check {
  readonly compiler: Compiler;
}

/** What the list is asked for with: all that is known before anything of it is. */
interface Asked extends Begun {
  readonly values: CelMap;
  readonly list: ListFacts | undefined;
  /** Where the plan itself says what the list is made of. */
  readonly described: DescribedList | undefined;
  /** What is wrong with where it says its rows are. */
  readonly rowFindings: readonly Finding[];
  readonly lookups: KnownLookups;
  readonly gate: KnownGate;
  readonly facts: Pick<ScopeFacts, "inputs" | "lookups">;
  readonly asked: CompiledList;
}

async function askedList(begun: Begun): Promise<Asked> {
  const { document, catalogue, compiler, files, told, isBegun } = begun;
  const { inputs = {}, enumerate } = document;
  const values = inputValues(inputs, begun.inputs);
  const around = { document, catalogue, compiler, inputs: values, files, isBegun };
  const lookups = await knownLookups(around);
  const isSound = (name: string): boolean => !told.touches(["lookups", name]);
  const types = Object.entries(lookups.types).map(([name, type]) => [name, isSound(name) ? type : "dyn"] as const);
  const facts = { inputs, lookups: Object.fromEntries(types) };
  const gate = await knownGate(around, facts.lookups);
  const rowFindings: Finding[] = [];
  const described = describedList(document, { catalogue, findings: rowFindings });
  const asked = compileList(["enumerate"], enumerate, {
    compiler,
    page: pageType(enumerate.page, told.touches(["enumerate", "page"])),
    hasOmit: described !== undefined,
    scopes: {
      whole: partScope(facts, wholeList),
      inside: (names) => partScope(facts, names),
      elementOf: (type) => elementOf(type, facts.lookups),
    },
  });
  const list = catalogue.list(enumerate.call) ?? described?.withFields([]);
  return { ...begun, values, list, described, rowFindings, lookups, gate, facts, asked };
}

/** `known`, `made`: undefined where the list is not known. */
interface Listed extends Asked {
  readonly custom: CustomColumns;
  readonly known: DeclaredFields | undefined;
  readonly made: MadeFields | undefined;
}

function listFields(asked: Asked): Listed {
  const { document, compiler, list, described, facts, values, told } = asked;
  const { enumerate, allow_undocumented: isLenient = false } = document;
  const custom = compileCustom(enumerate.fields as Value, {
    ...{ compiler, scope: partScope(facts, wholeList) },
    tryRender: (template) => tryRender(template, { inputs: values }),
  });
  const path = ["enumerate", "fields"];
  if (list === undefined || told.covers(path)) return { ...asked, custom, known: undefined, made: undefined };
  const rendered = fieldsOf(document, compiler, values);
  const isUnrendered = rendered === undefined && (compiler.faulty.touches(path) || hasOpenInput(asked));
  const known = declaredFields(rendered ?? (enumerate.fields as Value), {
    ...{ list: described?.anyField ?? list, isDescribed: described !== undefined },
    ...{ path, isLenient, custom, told, isUnrendered },
  });
  const { each } = asked.asked;
  const declared = described?.withFields(known.fields) ?? list;
  const present = ifJudged(asked, () => presentFields(known, keySource(declared)));
  const types = { fields: declaredTypes(known), unknownFields: known.unknown };
  const scope = itemScope({ ...facts, each, ...types, present }, { hasRow: described !== undefined });
  const made = compileComputed(known, { key: declared.key, compiler, scope, described });
  return { ...asked, custom, known, made, list: described?.withFields(made.fields) ?? list };
}

/** The fields that are never empty. Undefined: nothing is judged by it. */
function ifJudged({ isBegun }: Check, present: () => Iterable<string>): ReadonlySet<string> | undefined {
  return isBegun ? undefined : new Set(present());
}

function keySource(list: ListFacts): string | undefined {
  return list.field(list.key)?.source;
}

interface Read extends Listed {
  readonly reads: CompiledReads;
  /** Of the list, and read before the change. */
  readonly fields: readonly FieldFacts[] | undefined;
  /** Those of them that are read before the change. */
  readonly fieldsBefore: readonly string[];
  /** Read to see what became of it. */
  readonly laterFields: readonly FieldFacts[];
}

function readFields(listed: Listed): Read {
  const { document, catalogue, compiler, known, made } = listed;
  const names = (made?.fields ?? []).map(({ name }) => name);
  const facts = {
    ...{ ...listed.facts, each: listed.asked.each, unknownFields: known?.unknown ?? [] },
    // An item is read once clauses over its list have held: any of its fields may have been tested there.
    present: ifJudged(listed, () => names),
  };
  const reads = compileReads(readsIn(document), {
    ...{ catalogue, compiler, fields: made?.fields ?? [], unknown: facts.unknownFields },
    isLenient: document.allow_undocumented ?? false,
    scopes: {
      item: (fields) => readScope({ ...facts, fields: namedBy(known, fields) }, {}),
      answer: (fields, names) => readScope({ ...facts, fields: namedBy(known, fields) }, names),
    },
  });
  const showing = (when: string): readonly FieldFacts[] => {
    return reads.reads.filter((read) => read.when === when).flatMap((read) => read.fields.map((field) => field.facts));
  };
  const before = showing("before");
  const fields = made && [...made.fields, ...before];
  return { ...listed, reads, fields, fieldsBefore: before.map(({ name }) => name), laterFields: showing("verify") };
}

/** Undefined, so that any name passes, where not all of them are known. */
function namedBy<Named>(known: DeclaredFields | undefined, fields: Named): Named | undefined {
  return known === undefined || known.isOpen ? undefined : fields;
}

interface Parts extends Read {
  readonly scopes: Scopes;
  readonly compiled: Compiled;
  readonly otherParams: Template | undefined;
}

function compileParts(read: Read): Parts {
  const { document, compiler, known, made, laterFields, list, reads, gate } = read;
  const facts = { ...read.facts, each: read.asked.each };
  const scopes = scopesFor({
    ...{ ...facts, fields: namedBy(known, read.fields), unknownFields: known?.unknown ?? [], laterFields },
    sets: setNames(read),
    measured: document.gate && gate.rows?.view.type,
    present: ifJudged(read, () => [
      ...(known && list ? presentFields(known, keySource(list), made?.expressions) : []),
      ...presentInReads(reads.reads),
    ]),
  });
  const params = document.verify?.params;
  return {
    ...{ ...read, scopes },
    otherParams:
      params === undefined
        ? undefined
        : compiler.template(["verify", "params"], params, verifyScope(facts, read.asked.inside)),
    compiled: compilePlan(document, scopes, {
      ...{ compiler, list: read.asked, read: read.fieldsBefore },
      declared: read.fields?.map(({ name }) => name),
    }),
  };
}

/** What is set, and what is meant by it. Undefined: not known. */
function setNames({ document, told, fields = [] }: Read): readonly string[] | undefined {
  if (told.touches(["change", "set"])) return undefined;
  const known = fields.map(({ name }) => name);
  const names = Object.keys(document.change.set ?? {});
  const near = names.map((name) => (known.includes(name) ? undefined : meant(name, known)));
  return [...new Set([...names, ...near.filter((name) => name !== undefined)])];
}

/** What the rules say of it all. */
function judged(parts: Parts): readonly Finding[] {
  const { document, catalogue, list, described, rowFindings, lookups, known, made, reads, compiled } = parts;
  const context = ruleContext(parts);
  const isDescribed = described !== undefined;
  return [
    ...lookups.findings,
    ...parts.gate.findings,
    ...rowFindings,
    ...(known?.findings ?? []),
    ...(known && list ? keyAndTitle(document, { list, isDescribed }, known) : []),
    ...(made?.findings ?? []),
    ...reads.findings,
    ...(list && made ? fieldsIn(document, made.fields, { catalogue, list, isDescribed }).findings : []),
    ...rules.flatMap((rule) => [...rule(context)]),
    ...setFindings(compiled, context.fields),
  ];
}

function ruleContext(parts: Parts): RuleContext {
  const { document, catalogue, list, asked, compiled, compiler, fields = [], known, otherParams, told, values } = parts;
  const now = { inputs: values, now: 0, login: { user_id: null, partner_id: null, name: "" } };
  const unknown = new Set(known?.unknown);
  return {
    ...{ document, catalogue, compiler, list, isDescribed: parts.described !== undefined, asked, fields },
    isUnsure: (name) => known === undefined || known.isOpen || unknown.has(name),
    isFaulty: (path: Path) => told.covers(path) || compiler.faulty.covers(path),
    listParams: tryRender(asked.params, now) ?? document.enumerate.params ?? {},
    verifyParams: (otherParams && tryRender(otherParams, now)) ?? document.verify?.params,
    verifyUses: otherParams?.uses ?? new Set(),
    ...{ call: compiled.call, set: compiled.set },
    undoCall: compiled.undo.call,
  };
}

function resolvableOf(parts: Parts): Checked["resolvable"] {
  const { document, catalogue, list, described, known, made, fields } = parts;
  const { asked, custom, reads, lookups, otherParams, scopes, compiled } = parts;
  if (list === undefined || known === undefined || made === undefined || fields === undefined) return undefined;
  const other = fieldsIn(document, made.fields, { catalogue, list, isDescribed: described !== undefined });
  return {
    ...{ catalogue, list, described, fields, custom, made: known.made, madeFields: made, reads: reads.reads },
    otherList: { call: document.verify?.call, params: otherParams, paging: asked.paging, fields: other.fields },
    ...{ lookups: lookups.all, measured: parts.gate.rows, scopes, compiled },
  };
}

/** An input that is known to expressions and has no value, which was told. */
function hasOpenInput({ document, values }: Asked): boolean {
  const secret = new Set(namesOfType(document.inputs ?? {}, "secret"));
  return Object.keys(document.inputs ?? {}).some((name) => !secret.has(name) && !Object.hasOwn(values, name));
}

/** The fields with the inputs in place; undefined where that can not be. An expression that computes a field is no template; custom columns are one of their own. */
function fieldsOf(document: PlanDocument, compiler: Compiler, values: CelMap): Value | undefined {
  const written = document.enumerate.fields as Value;
  const template = compiler.template(
    ["enumerate", "fields"],
    eachField(written, ({ value: _value, custom: _custom, ...rest }) => rest),
    loadScope(document.inputs ?? {}),
  );
  const found = compiler.faulty.touches(["enumerate", "fields"]) ? undefined : tryRender(template, { inputs: values });
  return found !== undefined && isObject(written)
    ? eachField(found, (field, name) => ({
        ...(isObject(written[name] ?? null) ? (written[name] as Fields) : {}),
        ...field,
      }))
    : found;
}

function eachField(fields: Value, change: (field: Fields, name: string) => Fields): Value {
  if (!isObject(fields)) return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, isObject(field) ? change(field, name) : field]),
  );
}

/** What can be said before the run; undefined where it needs more than inputs. */
function tryRender(template: Template, names: CelMap): Value | undefined {
  try {
    const value = template.render(names);
    return typeof value === "symbol" ? undefined : value;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

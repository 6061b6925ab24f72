import type { Catalogue, FieldFacts } from "../core/model/catalogue.ts";
import { mostProblems, PlanError } from "../core/model/errors.ts";
import type { Fields, Value } from "../core/model/item.ts";
import { ExpressionError, type Plan } from "../core/model/plan.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Secret } from "../core/model/secret.ts";
import type { CelMap } from "../language/cel.ts";
import { checkShape } from "../language/schema.ts";
import { readSource, type Source } from "../language/source.ts";
import { didYouMean } from "../language/suggest.ts";
import type { Template } from "../language/template.ts";
import { Compiler } from "./compiler.ts";
import { compilePlan, setFindings } from "./compile.ts";
import { compileComputed, declaredTypes, presentFields } from "./computed.ts";
import { folderOf } from "./csv-file.ts";
import { compileCustom } from "./custom-columns.ts";
import type { PlanDocument } from "./document.ts";
import { bindInputs, type InputSources } from "./inputs.ts";
import type { FilePlace } from "./lookup-file.ts";
import { knownLookups } from "./lookups.ts";
import { readOwnText } from "./own-text.ts";
import { compileList } from "./parts.ts";
import { isObject } from "./paths.ts";
import { compileReads, presentInReads, type CompiledReads } from "./reads.ts";
import { resolvePlan, type ResolveOptions } from "./resolve.ts";
import { rules } from "./rules/all.ts";
import { readsIn } from "./rules/calls.ts";
import { declaredFields, keyAndTitle } from "./rules/fields.ts";
import {
  elementOf,
  inputValues,
  itemScope,
  loadScope,
  partScope,
  readScope,
  scopesFor,
  secretNames,
  verifyScope,
  type ScopeFacts,
} from "./scopes.ts";
import { fieldsIn } from "./verify-list.ts";

export interface PlanOptions {
  readonly file: string;
  /** `name=value`, as given to --set. */
  readonly set: readonly string[];
  /** By name, as an inputs file would hold them. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly inputsFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Overrides the plan's service. */
  readonly service?: string;
  readonly serviceNames: readonly string[];
  catalogueOf(service: string): Promise<Catalogue>;
  /** A plan test: rows in place of the files that the plan looks things up in, by the name of the lookup. */
  readonly rows?: Readonly<Record<string, readonly Fields[]>>;
  /** A plan test: its inputs come with the plan. */
  readonly isTest?: boolean;
  /** Resume: the text and the inputs of the run folder; secrets are asked for again. */
  readonly frozen?: { readonly source: string; readonly inputs: Fields };
}

export interface LoadedPlan {
  readonly plan: Plan;
  /** What is worth a look and stops nothing, in the order of the file. */
  readonly notes: readonly Problem[];
  readonly secretValues: Readonly<Record<string, Secret>>;
}

/**
 * Read, check and compile a plan, offline. What is wrong with its shape does not hide the rest: the passes behind it look
 * at what remains.
 * @throws {PlanError} with every problem, in the order of the file.
 */
export async function loadPlan(options: PlanOptions): Promise<LoadedPlan> {
  const source = readSource(options.frozen?.source ?? (await readPlan(options.file)), options.file);
  const { problems: shape, sound } = await checkShape(source, "plan", ["rollcall", "name"]);
  if (sound === undefined) throw planError(shape);
  const written = sound as unknown as PlanDocument;
  // A run that has begun is not kept from its end by what a newer catalogue has learned to forbid.
  const document = options.frozen === undefined ? written : { ...written, allow_undocumented: true };
  const service = options.service ?? document.service;
  const bound = await bindInputs(source, document.inputs ?? {}, inputSources(options));
  const problems = [...shape, ...bound.problems];
  if (!options.serviceNames.includes(service)) {
    problems.push(unknownService(source, service, options));
    throw planError(problems);
  }
  const catalogue = await options.catalogueOf(service);
  const files = {
    folder: options.frozen === undefined ? folderOf(options.file) : undefined,
    // The inputs of a test are no operator's: what they name lies below the folder like all else.
    named: options.isTest === true ? new Set<string>() : bound.named,
    rows: options.rows,
  };
  const isBegun = options.frozen !== undefined;
  const checked = await checkPlan({ source, document, catalogue, inputs: bound.values, files, isBegun });
  problems.push(...checked.problems);
  if (checked.resolvable === undefined || problems.some(({ severity }) => severity === "error"))
    throw planError(problems);
  const plan = resolvePlan({ source, document, service, inputs: bound.values, ...checked.resolvable });
  return { plan, notes: inOrder(problems).slice(0, mostProblems), secretValues: bound.secretValues };
}

/** A resume brings its inputs along. */
function inputSources({ frozen, ...sources }: PlanOptions): InputSources {
  return frozen === undefined ? sources : { ...sources, frozen: frozen.inputs };
}

interface Check {
  readonly source: Source;
  readonly document: PlanDocument;
  readonly catalogue: Catalogue;
  readonly inputs: Fields;
  readonly files: FilePlace;
  /** A run that has begun is not judged by what is known of its fields today. */
  readonly isBegun: boolean;
}

interface Checked {
  readonly problems: readonly Problem[];
  /** Undefined: the list is not known, so there is nothing to resolve. */
  readonly resolvable: Omit<ResolveOptions, "source" | "document" | "service" | "inputs"> | undefined;
}

/** The catalogue and the typed check, together: neither hides what the other finds. */
async function checkPlan({ source, document, catalogue, inputs, files, isBegun }: Check): Promise<Checked> {
  const declared = document.inputs ?? {};
  const compiler = new Compiler(source, secretNames(declared));
  const sets = Object.keys(document.change.set ?? {});
  const values = inputValues(declared, inputs);
  const list = catalogue.list(document.enumerate.call);
  const lookups = await knownLookups({ document, catalogue, compiler, inputs: values, files, isBegun });
  const facts = { inputs: declared, lookups: lookups.types };
  const asked = compileList(["enumerate"], document.enumerate, {
    compiler,
    scopes: {
      whole: partScope(facts, { each: undefined, hasPage: false }),
      inside: (names) => partScope(facts, names),
      elementOf: (type) => elementOf(type, lookups.types),
    },
  });
  const isLenient = document.allow_undocumented ?? false;
  const written = fieldsOf(document, compiler, values);
  const custom = compileCustom(document.enumerate.fields as Value, {
    ...{ compiler, scope: partScope(facts, { each: undefined, hasPage: false }) },
    tryRender: (template) => tryRender(template, { inputs: values }),
  });
  const known = list && declaredFields(written, { list, path: ["enumerate", "fields"], isLenient, custom });
  const { each } = asked;
  const keySource = list?.field(list.key)?.source;
  const ifJudged = (present: () => Iterable<string>): ReadonlySet<string> | undefined => {
    return isBegun ? undefined : new Set(present());
  };
  const made =
    known &&
    compileComputed(known, {
      key: list.key,
      compiler,
      scope: itemScope({
        ...{ ...facts, each, fields: declaredTypes(known), unknownFields: known.unknown },
        present: ifJudged(() => presentFields(known, keySource)),
      }),
    });
  const listed = made?.fields ?? [];
  const { reads, findings: readFindings } = readsOf(document, listed, {
    // An item is read once clauses over its list have held: any of its fields may have been tested there.
    facts: {
      ...facts,
      each,
      unknownFields: known?.unknown ?? [],
      present: ifJudged(() => listed.map(({ name }) => name)),
    },
    ...{ catalogue, compiler },
  });
  const showing = (when: string): readonly FieldFacts[] => {
    return reads.filter((read) => read.when === when).flatMap((read) => read.fields.map((field) => field.facts));
  };
  const fields = made && [...made.fields, ...showing("before")];
  const scopes = scopesFor({
    ...{ ...facts, each, fields, unknownFields: known?.unknown ?? [], sets },
    laterFields: showing("verify"),
    present: ifJudged(() => [
      ...(known ? presentFields(known, keySource, made?.expressions) : []),
      ...presentInReads(reads),
    ]),
  });
  const otherParams =
    document.verify?.params === undefined
      ? undefined
      : compiler.template(["verify", "params"], document.verify.params, verifyScope({ ...facts, each }));
  const other = list && made && fieldsIn(document, made.fields, { catalogue, list });
  const compiled = compilePlan(document, scopes, {
    compiler,
    list: asked,
    read: showing("before").map(({ name }) => name),
  });
  const now = { inputs: values, now: 0, login: { user_id: null, partner_id: null, name: "" } };
  const context = {
    document,
    catalogue,
    list,
    asked,
    fields: fields ?? [],
    listParams: tryRender(asked.params, now) ?? document.enumerate.params ?? {},
    verifyParams: (otherParams && tryRender(otherParams, now)) ?? document.verify?.params,
    call: compiled.call,
    undoCall: compiled.undo.call,
  };
  const findings = [
    ...lookups.findings,
    ...(known?.findings ?? []),
    ...(known ? keyAndTitle(document, list, known) : []),
    ...(made?.findings ?? []),
    ...readFindings,
    ...(other?.findings ?? []),
    ...rules.flatMap((rule) => [...rule(context)]),
    ...setFindings(compiled, context.fields),
  ];
  const problems = [...compiler.problems, ...findings.map((finding) => source.problem(finding))];
  const resolvable = list &&
    known &&
    made &&
    fields && {
      ...{ catalogue, list, fields, custom, made: known.made, madeFields: made, reads },
      otherList: { call: document.verify?.call, params: otherParams, fields: other?.fields ?? [] },
      ...{ lookups: lookups.all, scopes, compiled },
    };
  return { problems, resolvable };
}

/** What is read of single items: before the change, and to see what became of it. */
function readsOf(
  document: PlanDocument,
  fields: readonly FieldFacts[],
  {
    facts,
    ...context
  }: {
    readonly facts: Omit<ScopeFacts, "sets" | "fields">;
    readonly catalogue: Catalogue;
    readonly compiler: Compiler;
  },
): CompiledReads {
  return compileReads(readsIn(document), {
    ...{ ...context, fields, unknown: facts.unknownFields },
    scopes: {
      item: (known) => readScope({ ...facts, fields: known }, { hasAnswer: false }),
      answer: (known) => readScope({ ...facts, fields: known }, { hasAnswer: true }),
    },
  });
}

/** The fields as written, inputs in place. An expression that computes a field is no template; custom columns are one of their own. */
function fieldsOf(document: PlanDocument, compiler: Compiler, values: CelMap): Value {
  const written = document.enumerate.fields as Value;
  const template = compiler.template(
    ["enumerate", "fields"],
    eachField(written, ({ value: _value, custom: _custom, ...rest }) => rest),
    loadScope(document.inputs ?? {}),
  );
  const found = tryRender(template, { inputs: values });
  if (found === undefined) return written;
  return isObject(written)
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

function unknownService(
  source: Source,
  service: string,
  { service: overridden, serviceNames, file }: PlanOptions,
): Problem {
  const hint = didYouMean(service, serviceNames) ?? "Add it to rollcall.config.yaml.";
  if (overridden !== undefined)
    return {
      file,
      line: 1,
      column: 1,
      severity: "error",
      code: "unknown-service",
      message: `--service ${service}: there is no such service`,
      hint,
    };
  return source.problem({
    path: ["service"],
    code: "unknown-service",
    message: `there is no service ${service}`,
    hint,
  });
}

async function readPlan(file: string): Promise<string> {
  try {
    return await readOwnText(file);
  } catch (error) {
    const message = `${file} can not be read: ${error instanceof Error ? error.message : String(error)}`;
    throw new PlanError([
      {
        file,
        line: 1,
        column: 1,
        severity: "error",
        code: "unreadable",
        message,
        hint: "Check the path of the plan.",
        private: true,
      },
    ]);
  }
}

function planError(problems: readonly Problem[]): PlanError {
  return new PlanError(inOrder(problems));
}

/** In the order of the file, each problem once. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const keys = new Set<string>();
  const once = problems.filter(
    ({ line, column, code, message }) => keys.size < keys.add(`${line}:${column}:${code}:${message}`).size,
  );
  return once.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

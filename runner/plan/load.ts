import { readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Catalogue, FieldFacts, ListFacts } from "../core/model/catalogue.ts";
import { mostProblems, PlanError } from "../core/model/errors.ts";
import type { Fields, Value } from "../core/model/item.ts";
import { ExpressionError, type Plan } from "../core/model/plan.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Secret } from "../core/model/secret.ts";
import { checkShape } from "../language/schema.ts";
import { readSource, type Source } from "../language/source.ts";
import { didYouMean } from "../language/suggest.ts";
import { Compiler } from "./compiler.ts";
import type { PlanDocument } from "./document.ts";
import { bindInputs, type InputSources } from "./inputs.ts";
import { compilePlan, resolvePlan, setFindings, type Compiled } from "./resolve.ts";
import { rules } from "./rules/all.ts";
import { declaredFields } from "./rules/fields.ts";
import { inputValues, scopesFor, secretNames } from "./scopes.ts";

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
  const checked = checkPlan({ source, document, catalogue: await options.catalogueOf(service), inputs: bound.values });
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
}

interface Checked {
  readonly problems: readonly Problem[];
  /** Undefined: the list is not known, so there is nothing to resolve. */
  readonly resolvable:
    { catalogue: Catalogue; list: ListFacts; fields: readonly FieldFacts[]; compiled: Compiled } | undefined;
}

/** The catalogue and the typed check, together: neither hides what the other finds. */
function checkPlan({ source, document, catalogue, inputs }: Check): Checked {
  const declared = document.inputs ?? {};
  const compiler = new Compiler(source, secretNames(declared));
  const sets = Object.keys(document.change.set ?? {});
  const early = scopesFor({ inputs: declared, fields: [], unknownFields: [], sets });
  const values = inputValues(declared, inputs);
  const list = catalogue.list(document.enumerate.call);
  const fieldsWritten = document.enumerate.fields as Value;
  const known =
    list &&
    declaredFields(
      document,
      list,
      tryRender(compiler.template(["enumerate", "fields"], fieldsWritten, early.load), { inputs: values }) ??
        fieldsWritten,
    );
  const scopes = scopesFor({ inputs: declared, fields: known?.fields, unknownFields: known?.unknown ?? [], sets });
  const compiled = compilePlan(document, scopes, compiler);
  const now = { inputs: values, now: 0, login: { user_id: null, partner_id: null, name: "" } };
  const context = {
    document,
    catalogue,
    list,
    fields: known?.fields ?? [],
    listParams: tryRender(compiled.listParams, now) ?? document.enumerate.params ?? {},
    paramsUse: compiled.params.uses,
  };
  const findings = [
    ...(known?.findings ?? []),
    ...rules.flatMap((rule) => [...rule(context)]),
    ...setFindings(compiled, context.fields),
  ];
  const problems = [...compiler.problems, ...findings.map((finding) => source.problem(finding))];
  return { problems, resolvable: list && known && { catalogue, list, fields: known.fields, compiled } };
}

/** What can be said before the run; undefined where it needs more than inputs. */
function tryRender(
  template: Compiled["listParams"],
  names: Parameters<Compiled["listParams"]["render"]>[0],
): Value | undefined {
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

/** A plan from a pull request may be a link to anything: what it leads to outside its folder is neither read nor quoted. */
async function readPlan(file: string): Promise<string> {
  try {
    const real = await realpath(file);
    if (dirname(real) !== (await realpath(dirname(file)))) throw new Error("it is a link that leads out of its folder");
    if (!(await stat(real)).isFile()) throw new Error("it is not a file");
    return await readFile(real, "utf8");
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

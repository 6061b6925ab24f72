import type { Catalogue } from "../core/model/catalogue.ts";
import { mostProblems, PlanError } from "../core/model/errors.ts";
import type { Fields } from "../core/model/item.ts";
import type { Plan } from "../core/model/plan.ts";
import { aboutFile, type Problem } from "../core/model/problem.ts";
import { reasonOf } from "../core/model/reason.ts";
import type { Secret } from "../core/model/secret.ts";
import { checkShape } from "../language/schema.ts";
import { readSource, type Source } from "../language/source.ts";
import { didYouMean, meant } from "../language/suggest.ts";
import type { Told } from "../language/told.ts";
import { checkPlan, type Checked } from "./check.ts";
import { folderOf } from "./csv-file.ts";
import type { PlanDocument } from "./document.ts";
import { bindInputs, type BoundInputs, type InputSources } from "./inputs.ts";
import type { FilePlace } from "./lookup-file.ts";
import { readOwnText } from "./own-text.ts";
import { resolvePlan } from "./resolve.ts";
import { planStandIn } from "./stand-ins.ts";

export interface PlanOptions {
  readonly file: string;
  /** `name=value`, as given to --set. */
  readonly set: readonly string[];
  /** By name, as an inputs file would hold them. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly inputsFile?: string;
  /** Asked for a secret input that is needed and given nowhere. */
  readonly ask?: (name: string, description: string) => Promise<string | undefined>;
  /** Nothing will be sent by it: secret inputs are left without a value, and nobody is asked for them. */
  readonly withoutSecrets?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Overrides the plan's service. */
  readonly service?: string;
  readonly serviceNames: readonly string[];
  /** Where a config was looked for; undefined: there is one. */
  readonly missingConfig?: string | undefined;
  catalogueOf(service: string): Promise<Catalogue>;
  /** A plan test: rows in place of the files that the plan looks things up in, by the name of the lookup. */
  readonly rows?: Readonly<Record<string, readonly Fields[]>>;
  /** A plan test: its inputs come with the plan. */
  readonly isTest?: boolean;
  /** Resume: the text and the inputs of the run folder; secrets are asked for again, unless nothing will be sent. */
  readonly frozen?: { readonly source: string; readonly inputs: Fields; readonly withoutSecrets?: boolean };
}

export interface LoadedPlan {
  readonly plan: Plan;
  /** What is worth a look and stops nothing, in the order of the file. */
  readonly notes: readonly Problem[];
  /** What is valid and dangerous, and the plan does not accept with a reason; in the order of the file. */
  readonly warnings: readonly Problem[];
  readonly secretValues: Readonly<Record<string, Secret>>;
}

/**
 * Read, check and compile a plan, offline. What is wrong with its shape does not hide the rest: the passes behind it look
 * at what remains.
 * @throws {PlanError} with every problem, in the order of the file.
 */
export async function loadPlan(options: PlanOptions): Promise<LoadedPlan> {
  const { problems, ready } = await look(options);
  if (ready === undefined || problems.some(isError)) throw planError(problems);
  const { source, document, service, bound, resolvable } = ready;
  const plan = resolvePlan({ source, document, service, inputs: bound.values, ...resolvable });
  const notes = inOrder(problems).slice(0, mostProblems);
  return { plan, notes, warnings: dangersIn(ready), secretValues: bound.secretValues };
}

/** Of what `examinePlan` says, what is wrong and what is worth a look. */
export async function planProblems(options: PlanOptions): Promise<readonly Problem[]> {
  return (await examinePlan(options)).problems;
}

/** What there is to say of a plan that is not about to run. */
export interface PlanFindings {
  /** Notes among them, in the order of the file. */
  readonly problems: readonly Problem[];
  /** Of a plan without an error: what is valid and dangerous, in the order of the file. */
  readonly warnings: readonly Problem[];
  /** Undefined: it has an error. Where an input has no value, nothing of it that needs that can be evaluated. */
  readonly plan: Plan | undefined;
}

/** Everything there is to say of a plan. An input without a value is a note; what can be looked at without that value is. */
export async function examinePlan(options: PlanOptions): Promise<PlanFindings> {
  try {
    const { problems, ready } = await look(options, { mayLack: true });
    const told = planError(problems).problems;
    if (ready === undefined || problems.some(isError)) return { problems: told, warnings: [], plan: undefined };
    const { source, document, service, bound, resolvable } = ready;
    const plan = resolvePlan({ source, document, service, inputs: bound.values, ...resolvable });
    return { problems: told, warnings: dangersIn(ready), plan };
  } catch (error) {
    if (error instanceof PlanError) return { problems: error.problems, warnings: [], plan: undefined };
    throw error;
  }
}

function dangersIn({ source, dangers }: NonNullable<Look["ready"]>): readonly Problem[] {
  return inOrder(dangers().map((finding) => source.problem(finding)));
}

interface Look {
  readonly problems: readonly Problem[];
  /** Undefined: too little is known of it. */
  readonly ready:
    | {
        readonly source: Source;
        readonly document: PlanDocument;
        readonly service: string;
        readonly bound: BoundInputs;
        readonly resolvable: NonNullable<Checked["resolvable"]>;
        readonly dangers: Checked["dangers"];
      }
    | undefined;
}

async function look(options: PlanOptions, { mayLack = false } = {}): Promise<Look> {
  const source = readSource(options.frozen?.source ?? (await readPlan(options.file)), options.file);
  const { problems: shape, sound, told } = await checkShape(source, "plan", planStandIn);
  if (sound === undefined) return { problems: shape, ready: undefined };
  const document = documentOf(sound as unknown as PlanDocument, told, options);
  const bound = await bindInputs(source, document.inputs ?? {}, { ...inputSources(options), mayLack });
  const problems = [...shape, ...bound.problems];
  const { service, problem } = serviceOf(source, document, options);
  if (problem !== undefined && !told.covers(["service"])) problems.push(problem);
  if (service === undefined) return { problems, ready: undefined };
  const catalogue = await options.catalogueOf(service);
  const files = filePlace(options, bound);
  const isBegun = options.frozen !== undefined;
  const checked = await checkPlan({ source, document, told, catalogue, inputs: bound.values, files, isBegun });
  const { resolvable, unused, dangers } = checked;
  problems.push(...checked.problems);
  if (!problems.some(isError)) problems.push(...unused.map((finding) => source.problem(finding)));
  return {
    problems,
    ready: resolvable && { source, document, service, bound, resolvable, dangers },
  };
}

function isError({ severity }: Problem): boolean {
  return severity === "error";
}

/** An input that was told of is there, and nothing is known of it. */
function documentOf(sound: PlanDocument, told: Told, { frozen }: PlanOptions): PlanDocument {
  const inputs = Object.entries(sound.inputs ?? {}).map(([name, input]) => {
    return [name, told.covers(["inputs", name]) ? ({ type: "unknown" } as const) : input] as const;
  });
  return {
    ...sound,
    ...(sound.inputs && { inputs: Object.fromEntries(inputs) }),
    // A run that has begun is not kept from its end by what a newer catalogue has learned to forbid.
    ...(frozen !== undefined && { allow_undocumented: true }),
  };
}

function filePlace({ file, frozen, isTest, rows }: PlanOptions, { named }: BoundInputs): FilePlace {
  return {
    folder: frozen === undefined ? folderOf(file) : undefined,
    // The inputs of a test are no operator's: what they name lies below the folder like all else.
    named: isTest === true ? new Set<string>() : named,
    rows,
  };
}

/** @returns The service that is known, or meant; and what is wrong with how it is written. */
function serviceOf(
  source: Source,
  document: PlanDocument,
  options: PlanOptions,
): { readonly service: string | undefined; readonly problem?: Problem } {
  const { service = document.service, serviceNames } = options;
  if (serviceNames.includes(service)) return { service };
  return { service: meant(service, serviceNames), problem: unknownService(source, service, options) };
}

/** A resume brings its inputs along. */
function inputSources({ frozen, ...sources }: PlanOptions): InputSources {
  if (frozen === undefined) return sources;
  return { ...sources, frozen: frozen.inputs, withoutSecrets: frozen.withoutSecrets === true };
}

function unknownService(
  source: Source,
  service: string,
  { service: overridden, serviceNames, missingConfig, file }: PlanOptions,
): Problem {
  const known = didYouMean(service, serviceNames) ?? "Add it to rollcall.config.yaml.";
  const hint = missingConfig === undefined ? known : `${known} No config file was found: there is no ${missingConfig}.`;
  if (overridden !== undefined)
    return aboutFile(file, {
      code: "unknown-service",
      message: `--service ${service}: there is no such service`,
      hint,
    });
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
    if (error instanceof PlanError) throw error;
    const message = `${file} can not be read: ${reasonOf(error)}`;
    throw new PlanError([aboutFile(file, { code: "unreadable", message, hint: "Check its path.", private: true })]);
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
  return gathered(once.toSorted((a, b) => a.line - b.line || a.column - b.column));
}

const codesOfNames = new Set(["unknown-input", "unknown-field", "unknown-name"]);

/** A name that is missing is missing wherever it is used: told where that is first. */
function gathered(problems: readonly Problem[]): readonly Problem[] {
  const times = new Map<string, number>();
  const named = problems.map((problem) =>
    codesOfNames.has(problem.code) ? `${problem.file}:${problem.message}` : undefined,
  );
  for (const name of named) if (name !== undefined) times.set(name, (times.get(name) ?? 0) + 1);
  return problems.flatMap((problem, place) => {
    const name = named[place];
    const count = name === undefined ? 1 : (times.get(name) ?? 1);
    if (name === undefined || count === 1) return [problem];
    if (named.indexOf(name) < place) return [];
    return [
      { ...problem, message: `${problem.message}, here and ${count === 2 ? "once" : `${count - 1} times`} more` },
    ];
  });
}

import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { PlanError } from "../core/model/errors.ts";
import type { Fields, Value } from "../core/model/item.ts";
import { aboutFile, type Problem } from "../core/model/problem.ts";
import { reasonOf } from "../core/model/reason.ts";
import type { Secret } from "../core/model/secret.ts";
import { readSource, type Finding, type Source } from "../language/source.ts";
import { didYouMean } from "../language/suggest.ts";
import { folderOf } from "./csv-file.ts";
import type { InputDocument } from "./document.ts";
import { boundFindings, withoutBounds } from "./input-bounds.ts";
import { InputError, plainOf, readInput, rereadInput, secretOf } from "./input-values.ts";
import { inputVariable, keptFrom, secretVariable, variableOf } from "./input-variables.ts";
import { liesBelow } from "./own-text.ts";

export interface InputSources {
  /** `name=value`, as given to --set. */
  readonly set: readonly string[];
  /** By name, from a program: anything may stand here, and only plain data is taken. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly inputsFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values of an earlier run: nothing else is asked for but secrets. */
  readonly frozen?: Fields;
  /** Nothing will be sent: secret inputs are left without a value, and nobody is asked for them. */
  readonly withoutSecrets?: boolean;
  /** The plan is only looked at: what a run would need is a note. */
  readonly mayLack?: boolean;
  /** Asked last, for a secret input that is needed and given nowhere. Undefined: it stays missing. */
  readonly ask?: (name: string, description: string) => Promise<string | undefined>;
}

export interface BoundInputs {
  /** All but the secret ones; null where none was given and none is needed. One that is missing is not there. */
  readonly values: Fields;
  readonly secretValues: Readonly<Record<string, Secret>>;
  /** Inputs of type file that the operator gave: a file that the plan does not choose. */
  readonly named: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/**
 * Give every declared input its value: --set before values of a program before --inputs before the environment before the
 * default.
 * Every problem is placed at the input in the plan, or at its line of the inputs file.
 */
export async function bindInputs(
  plan: Source,
  declared: Readonly<Record<string, InputDocument>>,
  sources: InputSources,
): Promise<BoundInputs> {
  const problems: Problem[] = [];
  const given = await Given.read(plan, declared, { sources, problems });
  const values: Record<string, Value> = {};
  const secretValues: Record<string, Secret> = {};
  const named = new Set<string>();
  const unasked: (readonly [string, InputDocument])[] = [];
  for (const [name, written] of Object.entries(declared)) {
    if (written.type === "unknown" || (written.type === "secret" && sources.withoutSecrets === true)) continue;
    const faults = sources.frozen === undefined ? boundFindings(name, written) : [];
    problems.push(...faults.map((fault) => plan.problem(fault)));
    const input = faults.length === 0 ? written : withoutBounds(written);
    const found = given.valueOf(name, input);
    if (found === undefined) {
      if (isRequired(input) && input.type === "secret" && sources.ask !== undefined) unasked.push([name, input]);
      else if (isRequired(input)) problems.push(given.placed(name, plan.problem(missing(name, input, sources))));
      else if (input.type !== "secret") values[name] = null;
      continue;
    }
    if (input.type === "file" && found.isOfPlan !== true) named.add(name);
    try {
      const value = plainOf(found.value);
      if (input.type === "secret") secretValues[name] = secretOf(input, value);
      else values[name] = found.frozen ? rereadInput(input, value) : readInput(input, value, found.isText);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(
        found.problem({ code: "bad-input", message: `input ${name} from ${found.from}: ${error.message}` }),
      );
    }
  }
  for (const [name, input] of unasked) {
    // A person types nothing for a run that can not be.
    const isWrong = problems.some(({ severity }) => severity === "error");
    const typed = isWrong ? undefined : await sources.ask?.(name, input.description ?? "");
    if (typed === undefined) {
      problems.push(plan.problem(missing(name, input, sources)));
      continue;
    }
    try {
      secretValues[name] = secretOf(input, typed);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const message = `input ${name} as it was typed: ${error.message}`;
      problems.push(plan.problem({ path: ["inputs", name], at: "key", code: "bad-input", message }));
    }
  }
  return { values, secretValues, named, problems };
}

/** How a secret input is given, everywhere in the same words. */
export function secretWays(name: string): string {
  return `Give it as ${secretBy(name)}.`;
}

function secretBy(name: string): string {
  return `${secretVariable(name)}, in an --inputs FILE of mode 0600, or on a terminal when asked for it`;
}

type Told = (problem: {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}) => Problem;

interface Found {
  readonly value: unknown;
  /** Where it came from, for messages. */
  readonly from: string;
  /** From the command line or the environment, where everything is text. */
  readonly isText: boolean;
  readonly frozen: boolean;
  /** The plan gives it, or what lies beside the plan: who wrote that chose no file of the operator's. */
  readonly isOfPlan?: boolean;
  readonly problem: Told;
}

/** What was given for the inputs, by where it came from. */
class Given {
  readonly #plan: Source;
  readonly #sources: InputSources;
  readonly #set: ReadonlyMap<string, string>;
  readonly #file: Source | undefined;
  /** The inputs file lies in the plan's folder: it comes with the plan, and is trusted no more than that. */
  readonly #isBeside: boolean;

  private constructor(
    plan: Source,
    sources: InputSources,
    given: { set: ReadonlyMap<string, string>; file: Source | undefined; isBeside: boolean },
  ) {
    this.#plan = plan;
    this.#sources = sources;
    this.#set = given.set;
    this.#file = given.file;
    this.#isBeside = given.isBeside;
  }

  static async read(
    plan: Source,
    declared: Readonly<Record<string, InputDocument>>,
    { sources, problems }: { sources: InputSources; problems: Problem[] },
  ): Promise<Given> {
    const told = (problem: { code: string; message: string; hint?: string | undefined }): void => {
      problems.push(plan.problem({ path: ["inputs"], at: "key", ...problem }));
    };
    const set = new Map<string, string>();
    for (const text of sources.set) {
      const equals = text.indexOf("=");
      const name = text.slice(0, Math.max(equals, 0));
      if (equals < 1)
        told({ code: "bad-input", message: `--set ${text.slice(0, 40)} has no name`, hint: "Write --set name=value." });
      else if (!Object.hasOwn(declared, name)) {
        told({
          code: "unknown-input",
          message: `--set ${name}: the plan has no input ${name}`,
          hint: didYouMean(name, Object.keys(declared)),
        });
      } else if (declared[name]?.type === "secret") {
        told({
          code: "secret-input",
          message: `--set ${name}: a secret would stand in the list of processes and in the shell's history`,
          hint: secretWays(name),
        });
      } else if (set.has(name)) {
        told({
          code: "bad-input",
          message: `--set ${name} is given more than once`,
          hint: "Give it once: which of them counts would be a guess.",
        });
      } else set.set(name, text.slice(equals + 1));
    }
    for (const name of Object.keys(sources.inputs ?? {})) {
      if (Object.hasOwn(declared, name)) continue;
      const hint = didYouMean(name, Object.keys(declared));
      told({ code: "unknown-input", message: `the plan has no input ${name}`, hint });
    }
    const file =
      sources.inputsFile === undefined ? undefined : await readInputs(sources.inputsFile, declared, problems);
    const isBeside = file !== undefined && (await liesBelow(folderOf(plan.file), dirname(file.file)));
    return new Given(plan, sources, { set, file, isBeside });
  }

  /** The problem of an input without a value, at its line of the inputs file if it has one there. */
  placed(name: string, problem: Problem): Problem {
    const file = this.#file;
    if (file === undefined || !Object.hasOwn(file.value as Fields, name)) return problem;
    const { file: path, line, column } = file.problem({ path: [name], at: "key", code: "", message: "" });
    return { ...problem, file: path, line, column, hint: "Write it behind the colon." };
  }

  valueOf(name: string, input: InputDocument): Found | undefined {
    const atInput: Told = (problem) => this.#plan.problem({ path: ["inputs", name], at: "key", ...problem });
    const { frozen, inputs = {}, env } = this.#sources;
    if (frozen !== undefined && input.type !== "secret") {
      if (!Object.hasOwn(frozen, name)) return undefined;
      return { value: frozen[name] ?? null, from: "the earlier run", isText: false, frozen: true, problem: atInput };
    }
    const set = this.#set.get(name);
    if (set !== undefined) return { value: set, from: "--set", isText: true, frozen: false, problem: atInput };
    const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (value !== undefined) return { value, from: "the program", isText: false, frozen: false, problem: atInput };
    const file = this.#file;
    const members = file === undefined ? {} : (file.value as Fields);
    // What is there without a value waits to be filled in.
    if (file !== undefined && (members[name] ?? null) !== null) {
      const problem: Told = (told) => file.problem({ path: [name], ...told });
      const isOfPlan = this.#isBeside;
      return { value: members[name] ?? null, from: file.file, isText: false, frozen: false, isOfPlan, problem };
    }
    const variable = variableOf(name, input, env);
    if (variable !== undefined)
      return { value: env[variable], from: variable, isText: true, frozen: false, problem: atInput };
    if (input.default === undefined || input.default === null) return undefined;
    const problem: Told = (told) => this.#plan.problem({ path: ["inputs", name, "default"], ...told });
    return {
      value: fileBelow(this.#plan, input),
      from: "its default",
      isText: false,
      frozen: false,
      isOfPlan: true,
      problem,
    };
  }
}

/** A file that the plan itself names is below the plan's folder; one that the operator names lies anywhere. */
function fileBelow(plan: Source, input: InputDocument): Value {
  if (input.type !== "file" || typeof input.default !== "string") return input.default ?? null;
  const folder = folderOf(plan.file);
  const path = resolve(folder, input.default);
  const inside = relative(folder, path);
  return inside.startsWith("..") || isAbsolute(inside) ? { outside: input.default } : path;
}

async function readInputs(
  file: string,
  declared: Readonly<Record<string, InputDocument>>,
  problems: Problem[],
): Promise<Source | undefined> {
  let source: Source;
  try {
    source = readSource(await readFile(file, "utf8"), file, "inputs");
  } catch (error) {
    // What the parser says may quote the line, and the line may be a secret.
    if (error instanceof PlanError)
      problems.push(
        ...error.problems.map((problem) => ({
          ...problem,
          message: "the inputs file can not be read here as plain YAML",
        })),
      );
    else problems.push(aboutFile(file, { code: "unreadable", message: `${file} can not be read: ${reasonOf(error)}` }));
    return undefined;
  }
  if (source.value === null || typeof source.value !== "object" || Array.isArray(source.value)) {
    problems.push(
      source.problem({
        path: [],
        code: "bad-input",
        message: "an inputs file holds one value a name, such as `partner: 843`",
      }),
    );
    return undefined;
  }
  for (const name of Object.keys(source.value)) {
    if (Object.hasOwn(declared, name)) continue;
    problems.push(
      source.problem({
        path: [name],
        at: "key",
        code: "unknown-input",
        message: `the plan has no input ${name}`,
        hint: didYouMean(name, Object.keys(declared)),
      }),
    );
  }
  problems.push(...(await openSecrets(source, declared)));
  return source;
}

/** Secrets in a file that others can read. Windows has no such modes. */
async function openSecrets(
  source: Source,
  declared: Readonly<Record<string, InputDocument>>,
): Promise<readonly Problem[]> {
  const members = source.value as Fields;
  const secrets = Object.keys(members).filter((name) => declared[name]?.type === "secret" && members[name] !== null);
  const isOpen = process.platform !== "win32" && ((await stat(source.file)).mode & 0o077) !== 0;
  if (secrets.length === 0 || !isOpen) return [];
  return secrets.map((name) => {
    const message = `others can read the secret ${name} in this file`;
    const hint = `chmod 600 ${source.file}`;
    return source.problem({ path: [name], at: "key", severity: "note", code: "open-file", message, hint });
  });
}

function isRequired(input: InputDocument): boolean {
  return input.required ?? (input.default === undefined || input.default === null);
}

function missing(name: string, input: InputDocument, { mayLack = false, env }: InputSources): Finding {
  const by =
    input.type === "secret" ? secretBy(name) : `--set ${name}=…, ${inputVariable(name)}, or with --inputs FILE`;
  const about = input.description === undefined ? "" : ` (${input.description})`;
  return {
    path: ["inputs", name],
    at: "key",
    ...(mayLack && { severity: "note" }),
    code: "missing-input",
    message: `input ${name}${about} has no value`,
    hint: [`Give it ${mayLack ? "when it runs, " : ""}as ${by}.`, keptFrom(name, input, env) ?? []].flat().join(" "),
  };
}

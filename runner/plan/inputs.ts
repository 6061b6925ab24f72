import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { PlanError } from "../core/model/errors.ts";
import type { Fields, Value } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/plan.ts";
import type { Problem } from "../core/model/problem.ts";
import { Secret } from "../core/model/secret.ts";
import { compilePattern } from "../language/functions.ts";
import { readSource, type Source } from "../language/source.ts";
import { didYouMean } from "../language/suggest.ts";
import { parseBytes, parseDuration, parseTime } from "../language/units.ts";
import type { InputDocument, InputType } from "./document.ts";

export interface InputSources {
  /** `name=value`, as given to --set. */
  readonly set: readonly string[];
  readonly inputsFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values of an earlier run: nothing else is asked for but secrets. */
  readonly frozen?: Fields;
}

export interface BoundInputs {
  /** All but the secret ones; null where none was given and none is needed. */
  readonly values: Fields;
  readonly secretValues: Readonly<Record<string, Secret>>;
  readonly problems: readonly Problem[];
}

/**
 * Give every declared input its value: --set before --inputs before the environment before the default.
 * Every problem is placed at the input in the plan, or at its line of the inputs file.
 */
export async function bindInputs(plan: Source, declared: Readonly<Record<string, InputDocument>>, sources: InputSources): Promise<BoundInputs> {
  const problems: Problem[] = [];
  const given = await Given.read(plan, declared, { sources, problems });
  const values: Record<string, Value> = {};
  const secretValues: Record<string, Secret> = {};
  for (const [name, input] of Object.entries(declared)) {
    const found = given.valueOf(name, input);
    if (found === undefined) {
      if (isRequired(input)) problems.push(missing(plan, name, input));
      else if (input.type !== "secret") values[name] = null;
      continue;
    }
    try {
      if (input.type === "secret") secretValues[name] = secretOf(input, found.value);
      else values[name] = checked(input, found.frozen ? found.value : valueOf(input, found));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(found.problem({ code: "bad-input", message: `input ${name} from ${found.from}: ${error.message}` }));
    }
  }
  return { values, secretValues, problems };
}

/** The name of the environment variable that gives an input. */
export function inputVariable(name: string): string {
  return `ROLLCALL_INPUT_${name.toUpperCase()}`;
}

type Told = (problem: { readonly code: string; readonly message: string; readonly hint?: string | undefined }) => Problem;

interface Found {
  readonly value: Value;
  /** Where it came from, for messages. */
  readonly from: string;
  /** Text of a person's that still has to be read; a default of the plan may be either. */
  readonly plan: boolean;
  readonly frozen: boolean;
  readonly problem: Told;
}

/** What was given for the inputs, by where it came from. */
class Given {
  readonly #plan: Source;
  readonly #sources: InputSources;
  readonly #set: ReadonlyMap<string, string>;
  readonly #file: Source | undefined;

  private constructor(plan: Source, sources: InputSources, given: { set: ReadonlyMap<string, string>; file: Source | undefined }) {
    this.#plan = plan;
    this.#sources = sources;
    this.#set = given.set;
    this.#file = given.file;
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
      if (equals < 1) told({ code: "bad-input", message: `--set ${text.slice(0, 40)} has no name`, hint: "Write --set name=value." });
      else if (!Object.hasOwn(declared, name)) {
        told({ code: "unknown-input", message: `--set ${name}: the plan has no input ${name}`, hint: didYouMean(name, Object.keys(declared)) });
      } else if (declared[name]?.type === "secret") {
        told({ code: "secret-input", message: `--set ${name}: a secret would stand in the list of processes and in the shell's history`, hint: `Give it as ${inputVariable(name)}, or with --inputs FILE.` });
      } else set.set(name, text.slice(equals + 1));
    }
    const file = sources.inputsFile === undefined ? undefined : await readInputs(sources.inputsFile, declared, problems);
    return new Given(plan, sources, { set, file });
  }

  valueOf(name: string, input: InputDocument): Found | undefined {
    const atInput: Told = (problem) => this.#plan.problem({ path: ["inputs", name], at: "key", ...problem });
    const { frozen, env } = this.#sources;
    if (frozen !== undefined && input.type !== "secret") {
      if (!Object.hasOwn(frozen, name)) return undefined;
      return { value: frozen[name] ?? null, from: "the earlier run", plan: false, frozen: true, problem: atInput };
    }
    const set = this.#set.get(name);
    if (set !== undefined) return { value: set, from: "--set", plan: false, frozen: false, problem: atInput };
    const file = this.#file;
    const members = file === undefined ? {} : (file.value as Fields);
    if (file !== undefined && Object.hasOwn(members, name)) {
      const problem: Told = (told) => file.problem({ path: [name], ...told });
      return { value: members[name] ?? null, from: file.file, plan: false, frozen: false, problem };
    }
    const variable = env[inputVariable(name)];
    if (variable !== undefined) return { value: variable, from: inputVariable(name), plan: false, frozen: false, problem: atInput };
    if (input.default === undefined || input.default === null) return undefined;
    const problem: Told = (told) => this.#plan.problem({ path: ["inputs", name, "default"], ...told });
    return { value: fileBelow(this.#plan, input), from: "its default", plan: true, frozen: false, problem };
  }
}

/** A file that the plan itself names is below the plan's folder; one that the operator names lies anywhere. */
function fileBelow(plan: Source, input: InputDocument): Value {
  if (input.type !== "file" || typeof input.default !== "string") return input.default ?? null;
  const folder = dirname(resolve(plan.file));
  const path = resolve(folder, input.default);
  const inside = relative(folder, path);
  return inside.startsWith("..") || isAbsolute(inside) ? { outside: input.default } : path;
}

async function readInputs(file: string, declared: Readonly<Record<string, InputDocument>>, problems: Problem[]): Promise<Source | undefined> {
  let source: Source;
  try {
    source = readSource(await readFile(file, "utf8"), file);
  } catch (error) {
    // What the parser says may quote the line, and the line may be a secret.
    if (error instanceof PlanError) problems.push(...error.problems.map(({ line, column, code }) => ({ file, line, column, code, message: "the inputs file can not be read here as plain YAML" })));
    else problems.push({ file, line: 1, column: 1, code: "unreadable", message: `${file} can not be read: ${reason(error)}` });
    return undefined;
  }
  if (source.value === null || typeof source.value !== "object" || Array.isArray(source.value)) {
    problems.push(source.problem({ path: [], code: "bad-input", message: "an inputs file holds one value a name, such as `partner: 843`" }));
    return undefined;
  }
  for (const name of Object.keys(source.value)) {
    if (Object.hasOwn(declared, name)) continue;
    problems.push(source.problem({ path: [name], at: "key", code: "unknown-input", message: `the plan has no input ${name}`, hint: didYouMean(name, Object.keys(declared)) }));
  }
  return source;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isRequired(input: InputDocument): boolean {
  return input.required ?? (input.default === undefined || input.default === null);
}

function missing(plan: Source, name: string, input: InputDocument): Problem {
  const by = input.type === "secret" ? `${inputVariable(name)}, or with --inputs FILE` : `--set ${name}=…, ${inputVariable(name)}, or with --inputs FILE`;
  const about = input.description === undefined ? "" : ` (${input.description})`;
  return plan.problem({ path: ["inputs", name], at: "key", code: "missing-input", message: `input ${name}${about} has no value`, hint: `Give it as ${by}.` });
}

class InputError extends Error {}

function secretOf(input: InputDocument, value: Value): Secret {
  if (typeof value !== "string" || value === "") throw new InputError("a secret must be a text, and not empty");
  const length = [...value].length;
  if (length < (input.min_length ?? 0) || length > (input.max_length ?? Infinity)) throw new InputError("its length is outside min_length and max_length");
  if (input.pattern !== undefined && !matches(input.pattern, value)) throw new InputError("it does not match the pattern");
  return new Secret(value);
}

/** Read a value as its type has it: text from the command line and the environment, YAML from a file or a default. */
function valueOf(input: InputDocument, { value, from }: Found): Value {
  if (input.type !== "list") return scalarOf(input.type, value);
  const elements = typeof value === "string" && (from === "--set" || from.startsWith("ROLLCALL_INPUT_")) ? splitList(value) : value;
  if (!Array.isArray(elements)) throw new InputError(`expected a list, found ${shown(value)}`);
  return (elements as readonly Value[]).map((element) => scalarOf(input.of ?? "string", element));
}

function splitList(text: string): readonly string[] {
  return text === "" ? [] : text.split(",").map((part) => part.trim());
}

function scalarOf(type: InputType, value: Value): Value {
  switch (type) {
    case "string":
      if (typeof value === "string") return value;
      throw new InputError(`expected a text, found ${shown(value)}; put quotes around it`);
    case "file":
      if (typeof value === "string" && value !== "") return resolve(value);
      throw new InputError("the file must lie below the plan's folder; the operator may name another with --set");
    case "integer":
      return wholeOf(value);
    case "number":
      if (typeof value === "number") return value;
      if (typeof value === "string" && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value)) return Number(value);
      throw new InputError(`expected a number, found ${shown(value)}`);
    case "boolean":
      if (value === true || value === "true") return true;
      if (value === false || value === "false") return false;
      throw new InputError(`expected true or false, found ${shown(value)}`);
    case "bytes":
      return parsedOr(value, parseBytes, 'a size such as "500 GB"');
    case "duration":
      return parsedOr(value, durationSeconds, "a duration in whole seconds, such as 90d");
    case "time":
      return parsedOr(value, parseTime, "a time such as 2026-01-31 or 2026-01-31T22:00Z");
    case "secret":
    case "list":
      throw new InputError(`expected a ${type}`);
  }
}

function wholeOf(value: Value): Value {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (typeof value !== "string" || !/^-?\d{1,19}$/.test(value)) throw new InputError(`expected a whole number, found ${shown(value)}`);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value).toString();
}

function durationSeconds(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms !== undefined && ms % 1000 === 0 ? ms / 1000 : undefined;
}

function parsedOr(value: Value, parse: (text: string) => number | undefined, expected: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  const parsed = typeof value === "string" ? parse(value) : undefined;
  if (parsed === undefined) throw new InputError(`expected ${expected}, found ${shown(value)}`);
  return parsed;
}

function checked(input: InputDocument, value: Value): Value {
  const elements = Array.isArray(value) ? (value as readonly Value[]) : [value];
  for (const element of elements) checkElement(input, element);
  const length = Array.isArray(value) ? value.length : typeof value === "string" ? [...value].length : undefined;
  if (length === undefined) return value;
  if (length < (input.min_length ?? 0)) throw new InputError(`${shown(value)} is shorter than ${input.min_length ?? 0}`);
  if (length > (input.max_length ?? Infinity)) throw new InputError(`${shown(value)} is longer than ${input.max_length ?? 0}`);
  return value;
}

function checkElement(input: InputDocument, value: Value): void {
  const type = input.type === "list" ? (input.of ?? "string") : input.type;
  if (input.enum && !input.enum.some((allowed) => scalarOf(type, allowed) === value)) {
    throw new InputError(`${shown(value)} is not one of ${input.enum.join(", ")}`);
  }
  if (input.min !== undefined && ordered(value) < ordered(scalarOf(type, input.min))) throw new InputError(`${shown(value)} is less than ${input.min}`);
  if (input.max !== undefined && ordered(value) > ordered(scalarOf(type, input.max))) throw new InputError(`${shown(value)} is more than ${input.max}`);
  if (input.pattern !== undefined && !matches(input.pattern, String(value))) {
    throw new InputError(`${shown(value)} does not match the pattern ${input.pattern}`);
  }
}

/** Whole numbers beyond 2^53 are texts of digits: compared exactly. */
function ordered(value: Value): number | bigint {
  return typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : typeof value === "number" ? value : NaN;
}

function matches(pattern: string, value: string): boolean {
  try {
    return compilePattern(pattern).matches(value);
  } catch (error) {
    if (error instanceof ExpressionError) throw new InputError(error.message);
    throw error;
  }
}

function shown(value: Value): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

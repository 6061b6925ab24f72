import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PlanError } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import { checkShape } from "../language/schema.ts";
import { readSource } from "../language/source.ts";
import { didYouMean } from "../language/suggest.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import type { InputDocument, PlanDocument } from "../plan/document.ts";
import { secretWays } from "../plan/inputs.ts";
import { InputError, readInput } from "../plan/input-values.ts";

/** A plan that comes with the package, to be copied and made one's own. */
export interface GalleryPlan {
  /** Its file's name without the ending, by which it is chosen. */
  readonly name: string;
  readonly description: string;
  readonly service: string;
  readonly text: string;
  /** Its plan test; undefined: it has none. */
  readonly test: string | undefined;
  readonly inputs: readonly GalleryInput[];
}

export interface GalleryInput {
  readonly name: string;
  readonly description: string;
  /** What may be given, for people. */
  readonly expects: string;
  /** How it is given, for a secret. */
  readonly ways: string;
  readonly isSecret: boolean;
  readonly isRequired: boolean;
  /** As a plan writes it; undefined: there is none. */
  readonly default: string | undefined;
  /** The value as a YAML file of inputs has it. @throws {InputError} saying what is wrong with the text. */
  readonly write: (text: string) => string;
}

const bundled = fileURLToPath(new URL("../../plans/", import.meta.url));

/** Names of the plans there are, without a look into them. */
export async function galleryNames(folder = bundled): Promise<readonly string[]> {
  return (await planFiles(folder)).map(nameOf);
}

/** Every plan of the gallery, by name. @throws {PlanError} when one of them is not a plan. */
export async function readGallery(folder = bundled): Promise<readonly GalleryPlan[]> {
  return Promise.all((await planFiles(folder)).map(readPlan));
}

/** What `--set` gives for a plan's inputs, as its file of inputs writes it, and everything that is wrong with it. */
export function takeSets(
  plan: GalleryPlan,
  sets: readonly string[],
): { readonly values: ReadonlyMap<string, string>; readonly problems: readonly string[] } {
  const values = new Map<string, string>();
  const problems: string[] = [];
  const met = new Set<string>();
  for (const set of sets) {
    const name = set.slice(0, set.indexOf("="));
    const input = plan.inputs.find((one) => one.name === name);
    if (met.size === met.add(name).size) {
      problems.push(`--set ${name} is given more than once.`);
    } else if (input === undefined) {
      const near = didYouMean(
        name,
        plan.inputs.map((one) => one.name),
      );
      problems.push(`--set ${name}: ${plan.name} has no such input.${near === undefined ? "" : ` ${near}`}`);
    } else if (input.isSecret) {
      problems.push(`--set ${name}: a secret would stand in the shell's history. ${input.ways}`);
    } else {
      const written = tryWrite(input, set.slice(name.length + 1));
      if (written.problem === undefined) values.set(name, written.text);
      else problems.push(`--set ${name}: ${written.problem}`);
    }
  }
  return { values, problems };
}

/** A value as the file of inputs has it, or what is wrong with it. */
export function tryWrite(
  input: GalleryInput,
  text: string,
): { readonly text: string; readonly problem?: undefined } | { readonly problem: string } {
  try {
    return { text: input.write(text) };
  } catch (error) {
    if (error instanceof InputError) return { problem: error.message };
    throw error;
  }
}

async function planFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => /\.yaml$/.test(name) && !/\.(test|inputs)\.yaml$/.test(name))
    .map((name) => join(folder, name))
    .sort((left, right) => nameOf(left).localeCompare(nameOf(right), "en"));
}

function nameOf(file: string): string {
  return basename(file, ".yaml");
}

async function readPlan(file: string): Promise<GalleryPlan> {
  const text = await readFile(file, "utf8");
  const source = readSource(text, file);
  const { problems } = await checkShape(source, "plan");
  if (problems.length > 0) throw new PlanError(problems);
  const { description = "", service, inputs = {} } = source.value as unknown as PlanDocument;
  const test = await readFile(file.replace(/\.yaml$/, ".test.yaml"), "utf8").catch(ifMissing);
  return { name: nameOf(file), description, service, text, test, inputs: Object.entries(inputs).map(inputOf) };
}

function ifMissing(cause: unknown): undefined {
  if (errnoOf(cause) !== "ENOENT") throw cause;
}

function inputOf([name, input]: readonly [string, InputDocument]): GalleryInput {
  const fallback = input.default ?? undefined;
  return {
    name,
    description: input.description ?? "",
    expects: expected(input),
    ways: secretWays(name),
    isSecret: input.type === "secret",
    isRequired: input.required ?? fallback === undefined,
    default: fallback === undefined ? undefined : plainly(fallback),
    write: (text) => written(input, text),
  };
}

const kinds: Readonly<Record<InputDocument["type"], string>> = {
  unknown: "value",
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "true or false",
  bytes: "size such as 500 GB",
  duration: "duration such as 90d",
  time: "time such as 2026-01-31",
  secret: "secret",
  file: "path of a file in the folder of the plan; one elsewhere goes with --set",
  list: "values with commas between them",
};

function expected({ type, enum: allowed }: InputDocument): string {
  return allowed === undefined ? kinds[type] : `one of ${allowed.join(", ")}`;
}

function plainly(value: Value): string {
  return Array.isArray(value)
    ? value.map(plainly).join(",")
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
}

/** Text of units and times stays as it was written: it says more than the number behind it. */
function written(input: InputDocument, text: string): string {
  const value = readInput(input, text, true);
  const isPlain = input.type === "integer" || input.type === "number" || input.type === "boolean";
  return JSON.stringify(isPlain || input.type === "list" ? value : text);
}

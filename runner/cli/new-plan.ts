import { writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { RunnerError } from "../core/model/errors.ts";
import { reasonOf } from "../core/model/reason.ts";
import type { GalleryInput, GalleryPlan } from "../workspace/gallery.ts";

/** The files of a new plan, as paths relative to the current folder. */
export interface NewFiles {
  readonly plan: string;
  readonly inputs: string;
  readonly test: string;
  readonly config: string;
}

const packageRoot = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Where the files of a new plan go.
 * @throws {RunnerError} `usage` when a file is in the way: nothing is ever overwritten.
 */
export function placesFor(plan: GalleryPlan, cwd: string, out = `${plan.name}.yaml`): NewFiles {
  const ending = extname(out);
  if (ending !== ".yaml" && ending !== ".yml") {
    throw new RunnerError("usage", `--out ${out} is no name for a plan.`, { hint: "It must end in .yaml or .yml." });
  }
  const taken = /\.(test|inputs|config)\.ya?ml$/.exec(out);
  if (taken !== null) {
    throw new RunnerError("usage", `--out ${out} is no name for a plan: files that end in ${taken[0]} are none.`, {
      hint: `Leave ${taken[0].replace(/\.ya?ml$/, "")} out: what belongs to a plan gets its name from it.`,
    });
  }
  const stem = join(dirname(out), basename(out, ending));
  const inputs = `${stem}.inputs.yaml`;
  const test = `${stem}.test.yaml`;
  const inTheWay = [out, inputs, ...(plan.test === undefined ? [] : [test])].filter((file) =>
    existsSync(resolve(cwd, file)),
  );
  if (inTheWay.length > 0) {
    throw new RunnerError("usage", `In the way: ${inTheWay.join(", ")}. Nothing was written.`, {
      hint: "Move it away, or choose another name with --out FILE.",
    });
  }
  if (!existsSync(dirname(resolve(cwd, out)))) {
    throw new RunnerError("usage", `There is no folder ${dirname(out)}.`, { hint: "Make it first, or change --out." });
  }
  return { plan: out, inputs, test, config: "rollcall.config.yaml" };
}

/** Make a file; one that came into being meanwhile stays as it is. @throws {RunnerError} `usage` */
export async function writeNew(path: string, text: string, mode = 0o666): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx", mode });
  } catch (cause) {
    throw new RunnerError("usage", `Could not write ${path}: ${reasonOf(cause)}.`, {
      cause,
      hint: "Choose another place with --out FILE.",
    });
  }
}

/** The plan as the gallery has it, with a first line by which editors find the schema from where the copy lies. */
export function planText({ text }: GalleryPlan, file: string): string {
  return `${schemaLine("plan", file)}\n${text.replace(/^# yaml-language-server:.*\n/, "")}`;
}

/** The plan's test, about the copy that lies beside it. */
export function testText(test: string, file: string, plan: string): string {
  const name = basename(plan);
  return `${schemaLine("test", file)}\n${test
    .replace(/^# yaml-language-server:.*\n/, "")
    .replace(/^plan: .*$/m, () => `plan: ${/^[\w.-]+$/.test(name) ? name : JSON.stringify(name)}`)}`;
}

/** The values given, one a line with what it is about. What is needed waits for its value; all else stands as a comment. */
export function inputsText({ name, inputs }: GalleryPlan, values: ReadonlyMap<string, string>): string {
  const entries = inputs.flatMap((input) => {
    const about = `# ${[input.description, `(${input.expects})`].filter((text) => text !== "").join(" ")}`;
    const value = values.get(input.name);
    if (value !== undefined) return [about, `${input.name}: ${value}`];
    if (input.isSecret) return [about, `# ${input.ways}`, `# ${input.name}:`];
    if (input.isRequired) return [about, `${input.name}:`];
    return [about, `# ${input.name}: ${input.default ?? ""}`.trimEnd()];
  });
  return [`# Inputs of ${name}. Used with: --inputs FILE`, ...entries, ""].join("\n");
}

/** What a plan can not do without, and that has no value yet: its line in the file of inputs is empty. */
export function toFillIn({ inputs }: GalleryPlan, values: ReadonlyMap<string, string>): readonly GalleryInput[] {
  return inputs.filter(({ name, isRequired, isSecret }) => isRequired && !isSecret && !values.has(name));
}

/** A config with the built-in service spelled out. It holds references to credentials, never a credential. */
export function configText(file: string): string {
  return [
    schemaLine("config", file),
    "# Read by commands that run in this folder, or with --config FILE. Runs are kept beside it, in .rollcall/.",
    "rollcall: 1",
    "services:",
    "  cove:",
    "    # Where the login is kept, never the login itself. Instead of env: { file: PATH } with mode 0600,",
    "    # or { command: [program, argument] } for a password store.",
    "    credentials:",
    "      # The customer's exact name, with the e-mail in parentheses if it has one.",
    "      partner: { env: COVE_PARTNER }",
    "      username: { env: COVE_USERNAME }",
    "      # The token of an API user.",
    "      password: { env: COVE_PASSWORD }",
    "    # Ceilings over every plan:",
    "    # limits: { concurrency: 8, rate: 300/m, timeout: 30s }",
    "  # A local service to try plans against: rollcall simulate --port 8765",
    "  # simulator:",
    "  #   kind: simulator",
    "  #   url: http://127.0.0.1:8765/jsonapi",
    "",
  ].join("\n");
}

/**
 * Relative while the file and the package move together: the package lies below the file's folder (`node_modules`), or the file
 * inside the package. Else the place of the installed package on this machine.
 */
export function schemaLine(name: "plan" | "config" | "test", file: string): string {
  const folder = dirname(file);
  const schema = join(packageRoot, "schemas", `${name}.schema.json`);
  const path = relative(folder, schema);
  const together = isBelow(folder, schema) || isBelow(packageRoot, file);
  const isPlain = together && !/\s/.test(path);
  return `# yaml-language-server: $schema=${isPlain ? path.split(sep).join("/") : pathToFileURL(schema).href}`;
}

function isBelow(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return !path.startsWith("..") && !isAbsolute(path);
}

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { RunnerError } from "../../core/model/errors.ts";
import { formatVersion } from "../../core/model/events.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import type { Screen } from "../../reporters/screen.ts";
import { wrap } from "../../reporters/width.ts";
import { readGallery, takeSets, tryWrite, type GalleryInput, type GalleryPlan } from "../../workspace/gallery.ts";
import { screenFor } from "../desk.ts";
import { isInteractive, type Io } from "../io.ts";
import {
  configText,
  inputsText,
  placesFor,
  planText,
  testText,
  toFillIn,
  writeNew,
  type NewFiles,
} from "../new-plan.ts";
import { assignment, commandLine, defineCommand, displayFlags, fileFlag, type DisplayFlags } from "../options.ts";
import { galleryPlans, inputs } from "../proposals.ts";
import { Questions } from "../questions.ts";
import type { Asking } from "../service-questions.ts";

export type InitFlags = DisplayFlags & {
  readonly service?: "jsonrpc";
  readonly name?: string;
  readonly url?: string;
  readonly plan?: string;
  readonly set?: readonly string[];
  readonly out?: string;
};

export const command = defineCommand<InitFlags, []>({
  sentence: "Start a plan, or the config of a service: by questions, or by flags",
  parameters: {
    flags: {
      ...displayFlags,
      plan: {
        kind: "parsed",
        parse: String,
        proposeCompletions: galleryPlans,
        optional: true,
        placeholder: "NAME",
        brief: "A plan of the gallery; asked for when left out",
      },
      set: {
        kind: "parsed",
        parse: assignment,
        proposeCompletions: inputs,
        optional: true,
        variadic: true,
        placeholder: "name=value",
        brief: "An input of the plan; may be given again for another; asked for when left out",
      },
      out: fileFlag(
        "Where the plan goes, or with --service the config; a name of its own in the current folder when left out",
      ),
      service: {
        kind: "enum",
        values: ["jsonrpc"],
        optional: true,
        brief: "Start the config of a JSON-RPC service instead of a plan",
      },
      name: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "NAME",
        brief: "With --service: what plans will call it; asked for when left out",
      },
      url: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "URL",
        brief: "With --service: its address; asked for when left out",
      },
    },
  },
  run: init,
});

/** Copy a plan of the gallery with its test and the values it needs. What the flags leave open is asked on a terminal, and left empty elsewhere. */
export async function init(io: Io, flags: InitFlags): Promise<number> {
  const screen = screenFor(io, flags);
  refuseMixture(flags);
  using questions = isInteractive(io) && !flags.json ? new Questions(io) : undefined;
  if (flags.service !== undefined) return await startService(io, flags, { screen, questions });
  const gallery = await readGallery();
  const asking = questions && { questions, screen };
  const plan = await chosen(gallery, flags.plan, asking);
  const places = placesFor(plan, io.cwd, flags.out);
  const values = await filled(plan, flags.set ?? [], asking);
  const written = await write(io, plan, places, values);
  const commands = next(io, plan, places, written);
  const missing = toFillIn(plan, values).map(({ name }) => name);
  if (flags.json)
    screen.result(cleanJson({ v: formatVersion, type: "init", plan: plan.name, written, missing, next: commands }));
  else screen.result(`${asking === undefined ? "" : "\n"}${told(io, { plan, written, missing, commands })}`);
  return 0;
}

/** Apart: in a function that has a `using` of its own, TypeScript 6.0 leaves the path of an import as it is. */
async function startService(
  io: Io,
  flags: InitFlags,
  parts: { readonly screen: Screen; readonly questions: Questions | undefined },
): Promise<number> {
  const { initService } = await import("../init-service.ts");
  return initService(io, flags, parts);
}

/** @throws {RunnerError} `usage`: flags of a plan and of a service. */
function refuseMixture({ service, plan, set, name, url }: InitFlags): void {
  const ofPlans = plan !== undefined || set !== undefined;
  const ofServices = name !== undefined || url !== undefined;
  if (service === undefined ? !ofServices : !ofPlans) return;
  const message =
    service === undefined
      ? "--name and --url need --service jsonrpc."
      : "--service starts a config, --plan and --set a plan.";
  throw new RunnerError("usage", message, { hint: "Nothing was written. One command starts one of the two." });
}

async function chosen(
  gallery: readonly GalleryPlan[],
  name: string | undefined,
  asking: Asking | undefined,
): Promise<GalleryPlan> {
  const hint = ["There are:", ...gallery.map((plan) => `  ${plan.name}: ${plan.description}`)];
  if (name !== undefined) {
    const found = gallery.find((plan) => plan.name === name);
    if (found !== undefined) return found;
    throw new RunnerError("usage", `There is no plan ${JSON.stringify(name)} in the gallery.`, { hint });
  }
  if (asking === undefined) {
    const message = "--plan NAME is missing, and nobody is at the terminal to choose.";
    throw new RunnerError("usage", message, { hint });
  }
  const { questions, screen } = asking;
  screen.note(`Which job?\n\n${gallery.map((plan, place) => jobText(plan, place + 1, screen)).join("\n")}\n`);
  for (;;) {
    const answer = answered(await questions.ask("Number or name: "));
    const found = gallery.find((plan, place) => plan.name === answer || String(place + 1) === answer);
    if (found !== undefined) return found;
    screen.note(`There is no ${JSON.stringify(cleanText(answer))}: type a number up to ${gallery.length}, or a name.`);
  }
}

function jobText({ name, description }: GalleryPlan, number: number, { noteWidth, notePaint }: Screen): string {
  const lines = wrap(description, noteWidth - 6).map((line) => `      ${line}`);
  return [`${String(number).padStart(4)}  ${notePaint.strong(name)}`, ...lines].join("\n");
}

async function filled(
  plan: GalleryPlan,
  sets: readonly string[],
  asking: Asking | undefined,
): Promise<ReadonlyMap<string, string>> {
  const { values, problems } = takeSets(plan, sets);
  if (problems.length > 0) throw new RunnerError("usage", problems, { hint: "Nothing was written." });
  if (asking === undefined) return values;
  const open = plan.inputs.filter(({ name, isSecret }) => !isSecret && !values.has(name));
  const all = new Map(values);
  for (const input of open) {
    const value = await askFor(input, asking);
    if (value !== undefined) all.set(input.name, value);
  }
  return all;
}

/** Undefined: left to its default, or left out. */
async function askFor(input: GalleryInput, { questions, screen }: Asking): Promise<string | undefined> {
  const { name, description, expects, isRequired } = input;
  const about = wrap(`${name}${description === "" ? "" : `: ${description}`}`, screen.noteWidth);
  screen.note(["", ...about].join("\n"));
  const without = input.default ?? "leave out";
  for (;;) {
    const answer = answered(await questions.ask(`  ${expects}${isRequired ? "" : ` [${without}]`}: `));
    if (answer === "" && !isRequired) return undefined;
    const written = answer === "" ? { problem: "a value is needed" } : tryWrite(input, answer);
    if (written.problem === undefined) return written.text;
    screen.note(`  ${cleanText(written.problem)}`);
  }
}

function answered(answer: string | undefined): string {
  if (answer !== undefined) return answer;
  throw new RunnerError("interrupted", "The input ended before everything was answered; nothing was written.");
}

async function write(
  io: Io,
  plan: GalleryPlan,
  places: NewFiles,
  values: ReadonlyMap<string, string>,
): Promise<Partial<NewFiles>> {
  const at = (file: string): string => resolve(io.cwd, file);
  await writeNew(at(places.plan), planText(plan, at(places.plan)));
  const { test, inputs } = plan;
  if (test !== undefined) await writeNew(at(places.test), testText(test, at(places.test), places.plan));
  // A file without a single name would be no file of inputs.
  const hasInputs = values.size > 0 || toFillIn(plan, values).length > 0;
  const mode = inputs.some(({ isSecret }) => isSecret) ? 0o600 : undefined;
  if (hasInputs) await writeNew(at(places.inputs), inputsText(plan, values), mode);
  const needsConfig = (io.env.ROLLCALL_CONFIG ?? "") === "" && !existsSync(at(places.config));
  if (needsConfig) await writeNew(at(places.config), configText(at(places.config)));
  return {
    plan: places.plan,
    ...(test !== undefined && { test: places.test }),
    ...(hasInputs && { inputs: places.inputs }),
    ...(needsConfig && { config: places.config }),
  };
}

function next(io: Io, plan: GalleryPlan, places: NewFiles, written: Partial<NewFiles>): readonly string[] {
  const inputs = written.inputs === undefined ? [] : ["--inputs", places.inputs];
  return [
    commandLine(io, {}, ["validate", places.plan, ...inputs]),
    ...(written.test === undefined ? [] : [commandLine(io, {}, ["test", places.plan])]),
    commandLine(io, {}, ["doctor", "--service", plan.service]),
    commandLine(io, {}, ["preview", places.plan, ...inputs]),
  ];
}

interface Done {
  readonly plan: GalleryPlan;
  readonly written: Partial<NewFiles>;
  /** Names of inputs to fill in. */
  readonly missing: readonly string[];
  readonly commands: readonly string[];
}

function told(io: Io, { plan, written, missing, commands }: Done): string {
  const { config = `(none: ${io.env.ROLLCALL_CONFIG || "rollcall.config.yaml"} is there and stays as it is)` } =
    written;
  const secrets = plan.inputs.filter(({ isSecret }) => isSecret);
  return [
    "Written:",
    `  plan    ${written.plan}`,
    ...(written.inputs === undefined ? [] : [`  inputs  ${written.inputs}`]),
    ...(written.test === undefined ? [] : [`  test    ${written.test}`]),
    `  config  ${config}`,
    "",
    ...(missing.length === 0 ? [] : [`To be filled in, in ${written.inputs}: ${missing.join(", ")}`, ""]),
    ...(secrets.length === 0
      ? []
      : [...secrets.map(({ name, ways }) => `The secret ${name} is not kept. ${ways}`), ""]),
    "Next:",
    ...commands.map((line) => `  ${line}`),
  ].join("\n");
}

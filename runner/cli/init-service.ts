import { existsSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { RunnerError } from "../core/model/errors.ts";
import { formatVersion } from "../core/model/events.ts";
import { cleanJson } from "../reporters/clean.ts";
import type { Screen } from "../reporters/screen.ts";
import type { Io } from "./io.ts";
import { writeNew } from "./new-plan.ts";
import { serviceText, variablesOf, type NewService } from "./new-service.ts";
import { commandLine } from "./options.ts";
import type { Questions } from "./questions.ts";
import { addressFault, askForService, isExposed, nameFault } from "./service-questions.ts";

export interface ServiceFlags {
  readonly json: boolean;
  readonly name?: string;
  readonly url?: string;
  readonly out?: string;
}

/** Start the config of a JSON-RPC service: by questions on a terminal, else by `--name` and `--url` with all else as comments. */
export async function initService(
  io: Io,
  flags: ServiceFlags,
  { screen, questions }: { readonly screen: Screen; readonly questions: Questions | undefined },
): Promise<number> {
  const file = placeFor(io.cwd, flags.out);
  const given = givenBy(flags);
  const service = questions === undefined ? plain(given) : await askForService(given, { questions, screen });
  await writeNew(resolve(io.cwd, file), serviceText(service, resolve(io.cwd, file)));
  const config = file === usualFile ? {} : { config: file };
  const commands = [
    commandLine(io, config, ["doctor", "--service", service.name]),
    commandLine(io, config, ["probe", service.name, service.reads[0] ?? "METHOD"]),
  ];
  const variables = variablesOf(service);
  if (flags.json)
    screen.result(
      cleanJson({
        v: formatVersion,
        type: "init",
        service: service.name,
        written: { config: file },
        variables,
        next: commands,
      }),
    );
  else screen.result(`${questions === undefined ? "" : "\n"}${told(file, variables, commands)}`);
  return 0;
}

const usualFile = "rollcall.config.yaml";

/** @throws {RunnerError} `usage` when a file is in the way: nothing is ever overwritten. */
function placeFor(cwd: string, out = usualFile): string {
  if (![".yaml", ".yml"].includes(extname(out)))
    throw new RunnerError("usage", `--out ${out} is no name for a config.`, { hint: "It must end in .yaml or .yml." });
  if (existsSync(resolve(cwd, out)))
    throw new RunnerError("usage", `In the way: ${out}. Nothing was written.`, {
      hint: "Write the new one beside it with --out FILE, and copy what stands under `services:` over.",
    });
  if (!existsSync(dirname(resolve(cwd, out))))
    throw new RunnerError("usage", `There is no folder ${dirname(out)}.`, { hint: "Make it first, or change --out." });
  return out;
}

function givenBy({ name, url }: ServiceFlags): Pick<ServiceFlags, "name" | "url"> {
  const faults = [
    name === undefined ? undefined : problem("--name", nameFault(name)),
    url === undefined ? undefined : problem("--url", addressFault(url)),
  ].filter((fault) => fault !== undefined);
  if (faults.length > 0) throw new RunnerError("usage", faults, { hint: "Nothing was written." });
  return { ...(name !== undefined && { name }), ...(url !== undefined && { url }) };
}

function problem(flag: string, fault: string | undefined): string | undefined {
  return fault === undefined ? undefined : `${flag}: ${fault}`;
}

function plain({ name, url }: Pick<ServiceFlags, "name" | "url">): NewService {
  if (name === undefined || url === undefined) {
    throw new RunnerError("usage", "--name NAME and --url URL are missing, and nobody is at the terminal to ask.", {
      hint: "The name as plans will write it, and the address of the JSON-RPC endpoint.",
    });
  }
  if (isExposed(url))
    throw new RunnerError("usage", `${url} has no TLS.`, {
      hint: "Use its https:// address; for a network you own, write tls: { allow_plain_http: true } into the config yourself.",
    });
  return {
    ...{ name, url, isPlain: false, envelope: undefined, signIn: { by: "nobody" }, logout: undefined },
    ...{ reads: [], changes: [], perMinute: undefined },
  };
}

function told(file: string, variables: readonly string[], commands: readonly string[]): string {
  return [
    "Written:",
    `  config  ${file}`,
    "",
    ...(variables.length === 0 ? [] : [`To be set in the environment: ${variables.join(", ")}`, ""]),
    "Next:",
    ...commands.map((line) => `  ${line}`),
  ].join("\n");
}

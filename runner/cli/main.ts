#!/usr/bin/env node
import { realpathSync } from "node:fs";
import { basename, delimiter, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import {
  AliasNotFoundError,
  FlagNotFoundError,
  buildApplication,
  buildCommand,
  buildRouteMap,
  run as runStricli,
  text_en,
  type Command,
  type RouteMap,
} from "@stricli/core";
import type { Io } from "./io.ts";
import { completeWord, verbs, type Context, type Verb } from "./verbs.ts";

// `--help` loads this file, verbs.ts and the parser: everything else waits until a command needs it.

const usageExit = 3;
const recordExit = 10;
/** What says more than that the output is lost; see the order of exit codes in the README. */
const graver: readonly number[] = [1, 3, 4, 5, 9];

/** One command line from words to exit code. Never throws; prints what went wrong and what to do. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const output = outliveReaders(io);
  const code = await carryOut(argv, io);
  return (await output.isLost()) && !graver.includes(code) ? recordExit : code;
}

async function carryOut(argv: readonly string[], io: Io): Promise<number> {
  const words = withoutAliases(argv);
  if (words.length === 0 || words[0] === "--help" || words[0] === "-h") {
    io.stdout.write(help(io.program));
    return 0;
  }
  let said = "";
  const stderr = { write: (text: string) => ((said += text), io.stderr.write(text)) };
  const context: Context & {
    readonly process: Pick<Io, "stdout"> & { stderr: object; exitCode?: number | string | null };
  } = {
    process: { stdout: io.stdout, stderr, exitCode: null },
    io,
    words,
    job: undefined,
  };
  try {
    if (words[0] === completeWord)
      return await (await import("./complete.ts")).complete(words.slice(1), io, (asked) => application(asked, io));
    const verb = verbs.find(({ name }) => name === words[0]);
    await runStricli(await application(verb, io), words, context);
    if (context.job !== undefined) return await context.job();
    if (context.process.exitCode === 0) return 0;
    if (words.includes("--json")) io.stdout.write(await usageJson(said));
    return usageExit;
  } catch (error) {
    const { tellError } = await import("./tell-error.ts");
    return tellError(error, io, words);
  }
}

/** What was said of a command line that is not understood, for programs. */
async function usageJson(said: string): Promise<string> {
  const { cleanJson } = await import("../reporters/clean.ts");
  const [, message = said, hint] = /^(.*?)\s*(?:See: (.*))?$/s.exec(said.trim()) ?? [];
  const see = hint === undefined ? {} : { hint: `See: ${hint}` };
  return `${cleanJson({ v: 1, type: "error", code: "usage", message, ...see, exit: usageExit })}\n`;
}

/** Other ways to say the same: `help VERB`, `-v`, `--version`. */
function withoutAliases(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  if (first === "help") return [...rest, "--help"];
  if (first === "-v" || first === "--version") return ["version", ...rest];
  return argv;
}

/** Only the verb that was asked for is loaded; the others are there by name, for "did you mean". */
async function application(asked: Verb | undefined, { program }: Io) {
  const { cleanText } = await import("../reporters/clean.ts");
  const routes: Record<string, Command<Context> | RouteMap<Context>> = {};
  for (const verb of verbs) routes[verb.name] = verb === asked ? await verb.load() : nameOnly(verb);
  return buildApplication(buildRouteMap<string, Context>({ routes, docs: { brief: "rollcall" } }), {
    name: "rollcall",
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true, distanceOptions },
    documentation: { disableAnsiColor: true },
    localization: { text: { ...text_en, ...texts(asked, { program, cleanText }) } },
  });
}

/** A slip of the pen, not another word. */
const distanceOptions = { threshold: 3, weights: { insertion: 1, deletion: 3, substitution: 2, transposition: 0 } };

function nameOnly({ sentence }: Verb): Command<Context> {
  return buildCommand<Record<string, never>, [], Context>({
    docs: { brief: sentence },
    parameters: { flags: {} },
    loader: () => Promise.reject(new Error("only the verb that was asked for can run")),
  });
}

function texts(
  asked: Verb | undefined,
  { program, cleanText }: { readonly program: string; readonly cleanText: (text: string) => string },
): Partial<typeof text_en> {
  const see = `See: ${[program, ...(asked === undefined ? [] : [asked.name]), "--help"].join(" ")}`;
  return {
    noCommandRegisteredForInput({ input, corrections }) {
      // They come in back quotes.
      const near = corrections.map((name) => name.replaceAll("`", "")).join(" or ");
      if (input.startsWith("-")) return `A command comes first, then its flags. ${see}`;
      return `There is no command ${cleanText(JSON.stringify(input))}. ${near === "" ? see : `Did you mean ${near}?`}`;
    },
    exceptionWhileParsingArguments(error) {
      const message = error instanceof Error ? error.message : String(error);
      const isUnknown = error instanceof FlagNotFoundError || error instanceof AliasNotFoundError;
      const dashes = isUnknown && asked?.takes.includes("ID") ? " (an id that begins with - stands behind --)" : "";
      return `${cleanText(message)}${dashes}\n${see}`;
    },
  };
}

function help(program: string): string {
  const usages = verbs.map(({ name, takes }) => `${name} ${takes}`.trimEnd());
  const longest = Math.max(...usages.map((usage) => usage.length));
  return [
    "Changes many things through an API that changes one thing at a time, and proves what it did.",
    "",
    ...verbs.map(({ sentence }, place) => `  ${(usages[place] ?? "").padEnd(longest)}  ${sentence}`),
    "",
    `More about one of them: ${program} apply --help`,
    `Never used it before?   ${program} demo`,
    "",
  ].join("\n");
}

/**
 * A reader that goes away (`| head`, a closed terminal) must not end a run: what it made was recorded, only its telling is lost.
 * Other write errors are told once on stderr, and are no success.
 */
function outliveReaders(io: Io): { readonly isLost: () => Promise<boolean> } {
  let isLost = false;
  io.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || isLost) return;
    isLost = true;
    io.stderr.write(`The output could not be written: ${error.message}\n`);
  });
  // Nobody is left to tell.
  io.stderr.on("error", () => undefined);
  // The error of a write comes a little later than the write.
  return { isLost: () => new Promise((told) => setImmediate(() => told(isLost))) };
}

function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    program: programName(process.argv[1] ?? "rollcall", process.env),
    signals: process,
    openWorkspace: async (options) => (await import("../workspace.ts")).openWorkspace(options),
  };
}

/** How this process was called, so that a command we print can be copied. */
export function programName(script: string, env: Io["env"]): string {
  if (env.npm_command === "exec") return "npx rollcall";
  if (script.endsWith(".js")) return `node ${relative(process.cwd(), script)}`;
  const folder = dirname(script);
  const isOnPath = (env.PATH ?? "").split(delimiter).some((one) => one !== "" && resolve(one) === folder);
  if (isOnPath || !folder.endsWith(join("node_modules", ".bin"))) return basename(script);
  const isInside = `${process.cwd()}${sep}`.startsWith(`${resolve(folder, "../..")}${sep}`);
  return isInside ? "npx rollcall" : script;
}

function isMain(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
}

if (isMain()) {
  // What a run keeps is small and stays so: garbage is collected at twice that, not at four times.
  setFlagsFromString("--heap-growing-percent=100");
  const code = await run(process.argv.slice(2), processIo());
  process.exitCode = code;
  // Left at once on the second Ctrl-C: whatever still waits for an answer would keep the process alive.
  if (code === 130) process.exit();
}

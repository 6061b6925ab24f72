#!/usr/bin/env node
import { realpathSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import {
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

/** One command line from words to exit code. Never throws; prints what went wrong and what to do. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  outliveReaders(io);
  const words = withoutAliases(argv);
  if (words.length === 0 || words[0] === "--help" || words[0] === "-h") {
    io.stdout.write(help(io.program));
    return 0;
  }
  const context: Context & { readonly process: Io & { exitCode?: number | string | null } } = {
    process: { ...io, exitCode: null },
    io,
    words,
    job: undefined,
  };
  try {
    if (words[0] === completeWord)
      return await (await import("./complete.ts")).complete(words.slice(1), io, application);
    const verb = verbs.find(({ name }) => name === words[0]);
    await runStricli(await application(verb), words, context);
    if (context.job !== undefined) return await context.job();
    return context.process.exitCode === 0 ? 0 : usageExit;
  } catch (error) {
    const { explain } = await import("./explain.ts");
    return explain(error, io, words);
  }
}

/** Other ways to say the same: `help VERB`, `-v`, `--version`. */
function withoutAliases(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  if (first === "help") return [...rest, "--help"];
  if (first === "-v" || first === "--version") return ["version", ...rest];
  return argv;
}

/** Only the verb that was asked for is loaded; the others are there by name, for "did you mean". */
async function application(asked: Verb | undefined) {
  const routes: Record<string, Command<Context> | RouteMap<Context>> = {};
  for (const verb of verbs) routes[verb.name] = verb === asked ? await verb.load() : nameOnly(verb);
  return buildApplication(buildRouteMap<string, Context>({ routes, docs: { brief: "rollcall" } }), {
    name: "rollcall",
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { disableAnsiColor: true },
    localization: { text: { ...text_en, ...texts(asked) } },
  });
}

function nameOnly({ sentence }: Verb): Command<Context> {
  return buildCommand<Record<string, never>, [], Context>({
    docs: { brief: sentence },
    parameters: { flags: {} },
    loader: () => Promise.reject(new Error("only the verb that was asked for can run")),
  });
}

function texts(asked: Verb | undefined): Partial<typeof text_en> {
  return {
    noCommandRegisteredForInput({ input, corrections }) {
      // They come in back quotes.
      const near = corrections.map((name) => name.replaceAll("`", "")).join(" or ");
      return `There is no command ${JSON.stringify(input)}. ${near === "" ? "See: rollcall --help" : `Did you mean ${near}?`}`;
    },
    exceptionWhileParsingArguments(error) {
      const message = error instanceof Error ? error.message : String(error);
      return `${message}\nSee: rollcall ${asked === undefined ? "" : `${asked.name} `}--help`;
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
 * Other write errors are told once on stderr.
 */
function outliveReaders(io: Io): void {
  let told = false;
  io.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || told) return;
    told = true;
    io.stderr.write(`The output could not be written: ${error.message}\n`);
  });
  // Nobody is left to tell.
  io.stderr.on("error", () => undefined);
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
  const isBinary = !script.endsWith(".js") && !script.includes(`node_modules${sep}.bin${sep}`);
  return isBinary ? "rollcall" : `node ${relative(process.cwd(), script)}`;
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

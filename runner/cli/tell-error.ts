import { readFileSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { formatVersion } from "../core/model/events.ts";
import { exitCodes, PlanError, RunnerError } from "../core/model/errors.ts";
import { cleanJson, cleanText } from "../reporters/clean.ts";
import { paintFor, type Paint } from "../reporters/paint.ts";
import { problemsText } from "../reporters/problems/text.ts";
import type { Io } from "./io.ts";
import { localised, localTo } from "./local.ts";
import { coloured } from "./options.ts";
import { Redactor } from "./redact.ts";

const plainWidth = 100;

/**
 * Tell an operator what went wrong and what to do, on stderr; with `--json` also as a last line on stdout. A fault of ours
 * shows its stack with `--log-level debug`. Gives the exit code.
 */
export function tellError(error: unknown, io: Io, words: readonly string[]): number {
  const paint = paintFor(coloured(io, { noColor: words.includes("--no-color") }).stderr);
  const redactor = new Redactor(io.env);
  const exit = error instanceof RunnerError ? error.exitCode : exitCodes.bug;
  const told = described(error, { io, paint, words, local: (text) => localised(text, localTo(io, words)) });
  io.stderr.write(`${redactor.redact(told)}\n`);
  if (words.includes("--json")) io.stdout.write(`${redactor.redact(cleanJson({ ...plain(error), exit }))}\n`);
  return exit;
}

interface Telling {
  readonly io: Io;
  readonly paint: Paint;
  readonly words: readonly string[];
  readonly local: (text: string) => string;
}

function described(error: unknown, { io, paint, words, local }: Telling): string {
  if (error instanceof PlanError) {
    const width = io.stderr.isTTY === true ? (io.stderr.columns ?? plainWidth) : plainWidth;
    const problems = error.problems.map((one) => (one.hint === undefined ? one : { ...one, hint: local(one.hint) }));
    return problemsText(problems, { sourceOf: sourceIn(io.cwd), width, paint });
  }
  if (error instanceof RunnerError) {
    const { message, hint } = error.lines;
    const told = (lines: readonly string[]): string => lines.map((line) => cleanText(local(line))).join("\n");
    return [paint.bad(told(message)), ...(hint.length === 0 ? [] : [`${paint.good("help:")} ${told(hint)}`])].join(
      "\n",
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  const debug = words.join(" ").includes("--log-level debug") || words.includes("--log-level=debug");
  const stack = debug && error instanceof Error ? [causes(error)] : ["Add --log-level debug to see where."];
  return [paint.bad(`This is an error of ours, please report it: ${cleanText(message)}`), ...stack].join("\n");
}

function plain(error: unknown): object {
  const base = { v: formatVersion, type: "error" };
  if (error instanceof PlanError) return { ...base, code: error.code, problems: error.problems };
  if (error instanceof RunnerError) return { ...base, code: error.code, message: error.message, hint: error.hint };
  return { ...base, code: "bug", message: error instanceof Error ? error.message : String(error) };
}

function causes(error: Error): string {
  const places = (error.stack ?? "").split("\n").filter((line) => /^ +at /.test(line));
  const stack = [`${error.name}: ${error.message}`, ...places].map(cleanText).join("\n");
  return error.cause instanceof Error ? `${stack}\ncaused by ${causes(error.cause)}` : stack;
}

/** Reads a file that a problem is placed in, once. What is not a readable file (a flag, say) has no text. */
export function sourceIn(cwd: string): (file: string) => string | undefined {
  const texts = new Map<string, string | undefined>();
  return (file) => {
    if (!texts.has(file)) texts.set(file, readable(isAbsolute(file) ? file : resolve(cwd, file)));
    return texts.get(file);
  };
}

function readable(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The problem is told without its line.
    return undefined;
  }
}

import type { Problem } from "../../core/model/problem.ts";
import { cleanText } from "../clean.ts";
import { inOrder } from "./order.ts";

/** Annotations shown of one kind in one step; what is more is dropped without a word, so we say it. */
const mostShown = 10;

/**
 * Workflow commands of GitHub Actions, a line each: errors, then warnings, then notes as notices. GitHub shows ten of a kind at most; the last
 * of them tells how many more there are. @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function problemsGithub(problems: readonly Problem[]): string {
  const all = inOrder(problems);
  const errors = all.filter(({ severity }) => severity === "error");
  const warnings = all.filter(({ severity }) => severity === "warning");
  const notes = all.filter(({ severity }) => severity === "note");
  return [...shown("error", errors), ...shown("warning", warnings), ...shown("notice", notes)].join("\n");
}

function shown(kind: "error" | "warning" | "notice", problems: readonly Problem[]): readonly string[] {
  const room = problems.length > mostShown ? mostShown - 1 : mostShown;
  const lines = problems.slice(0, room).map((problem) => annotation(kind, problem));
  const rest = problems.slice(room);
  const [next] = rest;
  if (next === undefined) return lines;
  const message = `${rest.length} more of this kind, from here on: rollcall validate shows them all`;
  return [...lines, annotation(kind, { ...next, code: "more", message, hint: "" })];
}

function annotation(kind: string, { file, line, column, code, message, hint = "" }: Problem): string {
  const place = `file=${property(file)},line=${line},col=${column},title=${property(code)}`;
  const text = hint === "" ? message : `${message}\n${hint}`;
  return `::${kind} ${place}::${escaped(text.split("\n").map(cleanText).join("\n"))}`;
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return escaped(cleanText(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

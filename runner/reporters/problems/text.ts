import type { Problem } from "../../core/model/problem.ts";
import { countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import type { Paint } from "../paint.ts";
import { fit, widthOf } from "../width.ts";
import { inOrder } from "./order.ts";

export interface ProblemsShown {
  /** Text of a file; undefined when it can not be shown (a flag, an environment variable, a file that is gone). */
  readonly sourceOf: (file: string) => string | undefined;
  readonly width: number;
  readonly paint: Paint;
}

/** Every problem with its place, the line it stands on, what to do, and how many there are. Empty for none. */
export function problemsText(problems: readonly Problem[], shown: ProblemsShown): string {
  if (problems.length === 0) return "";
  const files = new Set(problems.map(({ file }) => file)).size;
  const counts = (["error", "warning", "note"] as const).flatMap((kind) => {
    const count = problems.filter(({ severity }) => severity === kind).length;
    return count === 0 ? [] : [countOf(count, kind === "error" ? "problem" : kind)];
  });
  const total = `${counts.join(", ")}${files > 1 ? ` in ${countOf(files, "file")}` : ""}`;
  return [...inOrder(problems).map((problem) => problemText(problem, shown)), shown.paint.strong(total)].join("\n\n");
}

function problemText(problem: Problem, shown: ProblemsShown): string {
  const { file, line, column, severity, code, message, hint } = problem;
  const { paint } = shown;
  const kind = severity === "error" ? paint.bad(code) : paint.doubt(`${severity} ${code}`);
  const lines = [`${paint.strong(`${cleanText(file)}:${line}:${column}`)}  ${kind}  ${cleanText(message)}`];
  lines.push(...excerpt(problem, shown));
  if (hint !== undefined) lines.push(`  ${paint.good("help:")} ${cleanText(hint)}`);
  return lines.join("\n");
}

/** The source line with a caret below the column; nothing when there is no such line, or it is nobody's business. */
function excerpt(problem: Problem, { sourceOf, width, paint }: ProblemsShown): readonly string[] {
  const { file, line, column } = problem;
  if (problem.private) return [];
  const source = sourceOf(file)?.split(/\r?\n/)[line - 1];
  if (source === undefined || source.trim() === "") return [];
  const gutter = `${String(line).padStart(5)} | `;
  const room = Math.max(20, width - gutter.length);
  // A long line is shown from a little before the column on, so that the caret is always on the screen.
  const from = widthOf(cleanText(source.slice(0, column))) > room ? Math.max(0, column - 1 - Math.floor(room / 2)) : 0;
  const before = cleanText(source.slice(from, column - 1));
  const indent = " ".repeat(widthOf(before));
  return [
    paint.quiet(`${gutter}${fit(cleanText(source.slice(from, from + 4 * room)), room)}`),
    `${paint.quiet(`${" ".repeat(5)} | `)}${indent}${paint.bad("^")}`,
  ];
}

import { isAbsolute, relative, sep } from "node:path";
import type { Problem } from "../../core/model/problem.ts";
import { cleanText } from "../../reporters/clean.ts";
import { problemsJson } from "../../reporters/problems/json.ts";
import { problemsText } from "../../reporters/problems/text.ts";
import { openDesk } from "../desk.ts";
import { sourceIn } from "../tell-error.ts";
import type { Io } from "../io.ts";
import { problemsGithub } from "../../reporters/problems/github.ts";
import { problemsSarif } from "../../reporters/problems/sarif.ts";
import { toolVersion } from "../../workspace/version.ts";
import type { Desk } from "../desk.ts";
import { defineCommand, inputsOf, planFlags, planWord, type PlanFlags } from "../options.ts";

const formats = ["text", "json", "sarif", "github"] as const;

export type ValidateFlags = PlanFlags & {
  readonly format: (typeof formats)[number];
  readonly strict: boolean;
};

const planExit = 3;

export const command = defineCommand<ValidateFlags, string[]>({
  sentence: "Check plans without a network: every problem at once, each with its place",
  parameters: {
    flags: {
      ...planFlags,
      format: {
        kind: "enum",
        values: formats,
        default: "text",
        brief: "For people, programs (the same as --json), code scanners (SARIF 2.1.0), or GitHub's annotations",
      },
      strict: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Exit 3 for warnings too: plans that are valid and dangerous",
      },
    },
    positional: { kind: "array", parameter: planWord, minimum: 1 },
  },
  run: validate,
});

/**
 * Check every plan, then tell every problem of all of them, and every danger. Exit 0, or 3 when one is an error; with
 * --strict for a warning too. A missing input is neither.
 */
export async function validate(io: Io, flags: ValidateFlags, ...files: readonly string[]): Promise<number> {
  await using desk = await openDesk(io, flags);
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const good: string[] = [];
  for (const file of files) {
    const found = await desk.workspace.lint(file, inputsOf(flags));
    if (found.problems.every(({ severity }) => severity === "note")) good.push(file);
    problems.push(...found.problems);
    warnings.push(...found.warnings);
  }
  show(desk, flags, { problems, warnings, good });
  if (flags.strict && warnings.length > 0) return planExit;
  return good.length === files.length ? 0 : planExit;
}

interface Found {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Files without an error. */
  readonly good: readonly string[];
}

function show({ screen, io }: Desk, { json, format }: ValidateFlags, { problems, warnings, good }: Found): void {
  const all = [...problems, ...warnings];
  switch (json ? "json" : format) {
    case "json":
      screen.result(problemsJson(problems, warnings));
      return;
    case "sarif":
      screen.result(problemsSarif(inRepository(all, io.cwd), toolVersion()));
      return;
    case "github":
      if (all.length > 0) screen.result(problemsGithub(inRepository(all, io.cwd)));
      return;
    case "text":
      for (const file of good) screen.result(`${cleanText(file)}: ${screen.paint.good("ok")}`);
      if (all.length > 0)
        screen.result(problemsText(all, { sourceOf: sourceIn(io.cwd), width: screen.width, paint: screen.paint }));
  }
}

/** Platforms show a problem at its line only where the path is that of the repository, in which the job stands. */
function inRepository(problems: readonly Problem[], cwd: string): readonly Problem[] {
  return problems.map((problem) => {
    const path = relative(cwd, problem.file);
    const isOutside = path === "" || path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path);
    return isOutside ? problem : { ...problem, file: path };
  });
}

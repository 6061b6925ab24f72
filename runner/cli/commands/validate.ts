import type { Problem } from "../../core/model/problem.ts";
import { cleanText } from "../../reporters/clean.ts";
import { problemsJson } from "../../reporters/problems/json.ts";
import { problemsText } from "../../reporters/problems/text.ts";
import { openDesk } from "../desk.ts";
import { sourceIn } from "../explain.ts";
import type { Io } from "../io.ts";
import { problemsGithub } from "../../reporters/problems/github.ts";
import { problemsSarif } from "../../reporters/problems/sarif.ts";
import { toolVersion } from "../../workspace/version.ts";
import type { Desk } from "../desk.ts";
import { defineCommand, inputsOf, planFlags, planWord, type PlanFlags } from "../options.ts";

const formats = ["text", "json", "sarif", "github"] as const;

export type ValidateFlags = PlanFlags & {
  readonly format: (typeof formats)[number];
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
    },
    positional: { kind: "array", parameter: planWord, minimum: 1 },
  },
  run: validate,
});

/** Check every plan, then tell every problem of all of them. Exit 0, or 3 when one is more than a note: a missing input is none. */
export async function validate(io: Io, flags: ValidateFlags, ...files: readonly string[]): Promise<number> {
  await using desk = await openDesk(io, flags);
  const problems: Problem[] = [];
  const good: string[] = [];
  for (const file of files) {
    const found = await desk.workspace.validate(file, inputsOf(flags));
    if (found.every(({ severity }) => severity === "note")) good.push(file);
    problems.push(...found);
  }
  show(desk, flags, { problems, good });
  return good.length === files.length ? 0 : planExit;
}

function show(
  { screen, io }: Desk,
  { json, format }: ValidateFlags,
  { problems, good }: { readonly problems: readonly Problem[]; readonly good: readonly string[] },
): void {
  switch (json ? "json" : format) {
    case "json":
      screen.result(problemsJson(problems));
      return;
    case "sarif":
      screen.result(problemsSarif(problems, toolVersion()));
      return;
    case "github":
      if (problems.length > 0) screen.result(problemsGithub(problems));
      return;
    case "text":
      for (const file of good) screen.result(`${cleanText(file)}: ${screen.paint.good("ok")}`);
      if (problems.length > 0)
        screen.result(problemsText(problems, { sourceOf: sourceIn(io.cwd), width: screen.width, paint: screen.paint }));
  }
}

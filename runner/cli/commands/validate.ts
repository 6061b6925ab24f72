import type { Problem } from "../../core/model/problem.ts";
import { cleanText } from "../../reporters/clean.ts";
import { problemsJson } from "../../reporters/problems/json.ts";
import { problemsText } from "../../reporters/problems/text.ts";
import { openDesk } from "../desk.ts";
import { sourceIn } from "../explain.ts";
import type { Io } from "../io.ts";
import { defineCommand, inputsOf, planFlags, planWord, type PlanFlags } from "../options.ts";

const planExit = 3;

export const command = defineCommand<PlanFlags, string[]>({
  sentence: "Check plans without a network: every problem at once, each with its place",
  parameters: {
    flags: planFlags,
    positional: { kind: "array", parameter: planWord, minimum: 1 },
  },
  run: validate,
});

/** Check every plan, then tell every problem of all of them. Exit 0, or 3 when one is more than a note: a missing input is none. */
export async function validate(io: Io, flags: PlanFlags, ...files: readonly string[]): Promise<number> {
  await using desk = await openDesk(io, flags);
  const problems: Problem[] = [];
  const good: string[] = [];
  for (const file of files) {
    const found = await desk.workspace.validate(file, inputsOf(flags));
    if (found.every(({ severity }) => severity === "note")) good.push(file);
    problems.push(...found);
  }
  const { screen } = desk;
  if (flags.json) screen.result(problemsJson(problems));
  else {
    for (const file of good) screen.result(`${cleanText(file)}: ${screen.paint.good("ok")}`);
    const shown = { sourceOf: sourceIn(io.cwd), width: screen.width, paint: screen.paint };
    if (problems.length > 0) screen.result(problemsText(problems, shown));
  }
  return good.length === files.length ? 0 : planExit;
}

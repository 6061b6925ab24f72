import { PlanError } from "../../core/model/errors.ts";
import type { Problem } from "../../core/model/problem.ts";
import { cleanText } from "../../reporters/clean.ts";
import { problemsJson } from "../../reporters/problems/json.ts";
import { problemsText } from "../../reporters/problems/text.ts";
import { openDesk, type Desk } from "../desk.ts";
import { sourceIn } from "../explain.ts";
import type { Io } from "../io.ts";
import { defineCommand, planFlags, planWord, type PlanFlags } from "../options.ts";

const planExit = 3;

export const command = defineCommand<PlanFlags, string[]>({
  sentence: "Check plans without a network: every problem at once, each with its place",
  parameters: {
    flags: planFlags,
    positional: { kind: "array", parameter: planWord, minimum: 1 },
  },
  run: validate,
});

/** Check every plan, then tell every problem of all of them. Exit 0, or 3 when one is more than a note. */
export async function validate(io: Io, flags: PlanFlags, ...files: readonly string[]): Promise<number> {
  await using desk = await openDesk(io, flags);
  const problems: Problem[] = [];
  const good: string[] = [];
  for (const file of files) {
    const found = await problemsOf(desk, flags, file);
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

async function problemsOf(desk: Desk, flags: PlanFlags, file: string): Promise<readonly Problem[]> {
  try {
    return (await desk.loadPlan(file, flags)).notes;
  } catch (error) {
    if (error instanceof PlanError) return error.problems;
    throw error;
  }
}

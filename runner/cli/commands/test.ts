import { formatVersion } from "../../core/model/events.ts";
import type { TestedFile } from "../../core/model/tested.ts";
import { cleanJson } from "../../reporters/clean.ts";
import { problemsText } from "../../reporters/problems/text.ts";
import { testedText, testedTotal } from "../../reporters/tested.ts";
import { openDesk } from "../desk.ts";
import { sourceIn } from "../tell-error.ts";
import type { Io } from "../io.ts";
import { defineCommand, workspaceFlags, type WorkspaceFlags } from "../options.ts";
import { tests } from "../proposals.ts";

const exits = { passed: 0, broken: 3, failed: 6 } as const;

export const command = defineCommand<WorkspaceFlags, string[]>({
  sentence: "Try plans on lists that tests give them, without a network",
  parameters: {
    flags: workspaceFlags,
    positional: {
      kind: "array",
      minimum: 1,
      parameter: {
        brief: "A test, a plan with tests beside it, or a folder of tests",
        parse: String,
        proposeCompletions: tests,
        placeholder: "PLAN|TEST|FOLDER",
      },
    },
  },
  run: test,
});

/** Try every case, then tell all that is wrong. Exit 0; 6 when an expectation does not hold; 3 when a test or its plan is wrong. */
export async function test(io: Io, flags: WorkspaceFlags, ...words: readonly string[]): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { screen, workspace } = desk;
  const files: TestedFile[] = [];
  for await (const file of workspace.test(words)) {
    files.push(file);
    if (!flags.json) screen.result(testedText(file, screen.paint));
  }
  const problems = files.flatMap((file) => file.problems);
  if (flags.json) screen.result(cleanJson({ v: formatVersion, files }));
  else {
    const shown = { sourceOf: sourceIn(io.cwd), width: screen.width, paint: screen.paint };
    if (problems.length > 0) screen.result(`\n${problemsText(problems, shown)}`);
    screen.result(`\n${testedTotal(files, screen.paint)}`);
  }
  if (problems.length > 0) return exits.broken;
  const isFailed = files.some(({ cases }) => cases.some(({ outcome }) => outcome === "failed"));
  return isFailed ? exits.failed : exits.passed;
}

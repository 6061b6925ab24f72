import { formatVersion } from "../../core/model/events.ts";
import { cleanJson } from "../../reporters/clean.ts";
import { checkText } from "../../reporters/explained/check.ts";
import { openDesk, tellNotes, tellWarnings } from "../desk.ts";
import type { Io } from "../io.ts";
import {
  commandLine,
  defineCommand,
  fileFlag,
  planFlags,
  planWord,
  withoutSecretsFlag,
  zoneFlags,
  type PlanFlags,
  type ZoneFlags,
} from "../options.ts";
import { runs } from "../proposals.ts";
import { whileReading } from "../reading.ts";

export type CheckFlags = PlanFlags &
  ZoneFlags & {
    readonly baseline?: string;
    readonly from?: string;
    readonly withoutSecrets: boolean;
  };

export const command = defineCommand<CheckFlags, [string]>({
  sentence: "Say whether a list is as the plan wants it, for schedules; nothing is ever written",
  parameters: {
    flags: {
      ...planFlags,
      ...zoneFlags,
      baseline: {
        kind: "parsed",
        parse: String,
        proposeCompletions: runs,
        optional: true,
        placeholder: "RUN",
        brief:
          "Tell too which items do not hold any more what this run of the plan left; latest: the last that changed something",
      },
      withoutSecrets: withoutSecretsFlag,
      from: fileFlag("Decide on the inventory.ndjson of an earlier run; no network"),
    },
    positional: { kind: "tuple", parameters: [planWord] },
  },
  run: check,
});

/** Whether a list is as its plan wants it. Exit 0 if it is, 2 if something would change or has strayed, 5 if nothing would and a guard does not hold, 7 if it can not be judged. */
export async function check(io: Io, flags: CheckFlags, file: string): Promise<number> {
  const { baseline, from } = flags;
  await using desk = await openDesk(io, flags);
  const { screen, workspace } = desk;
  const plan = await desk.loadPlan(file, desk.inputs(flags, { twice: false }));
  tellNotes(plan, { desk, flags, file });
  tellWarnings(plan, { desk, flags, file });
  const report = await whileReading(desk, {
    flags,
    start: (options, tell) =>
      workspace.check(plan, {
        ...options,
        tell,
        ...(baseline !== undefined && { baseline }),
        ...(from !== undefined && { from }),
      }),
  });
  const { width, tableWidth, paint } = screen;
  const command = (...words: readonly string[]): string => commandLine(io, flags, words);
  screen.result(
    flags.json
      ? cleanJson({ v: formatVersion, type: "check", ...report })
      : checkText(report, { zone: flags.zone, width, tableWidth, paint, command }),
  );
  return report.exit;
}

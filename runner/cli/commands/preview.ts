import { openDesk, tellNotes } from "../desk.ts";
import { exitOf, follow } from "../follow.ts";
import type { Io } from "../io.ts";
import { defineCommand, planFlags, planWord, zoneFlags, type PlanFlags, type ZoneFlags } from "../options.ts";

export type PreviewFlags = PlanFlags &
  ZoneFlags & {
    readonly detailedExitcode: boolean;
  };

const changesExit = 2;
const guardExit = 5;

export const command = defineCommand<PreviewFlags, [string]>({
  sentence: "Read the list and show what would change; nothing is written to the service",
  parameters: {
    flags: {
      ...planFlags,
      ...zoneFlags,
      detailedExitcode: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Exit 2 when there are changes, 0 when there are none",
      },
    },
    positional: { kind: "tuple", parameters: [planWord] },
  },
  run: preview,
});

/** Show what a plan would change. Exit 0, 2 for changes if asked, 5 for a breached guard in any case. */
export async function preview(io: Io, flags: PreviewFlags, file: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const plan = await desk.loadPlan(file, flags);
  tellNotes(plan, { desk, flags, file });
  const followed = await follow(desk, {
    flags,
    zone: flags.zone,
    start: (options) => desk.workspace.preview(plan, options),
  });
  if (followed.forced) return exitOf(followed);
  const shown = followed.tally.preview;
  if (shown?.guards.some(({ ok }) => !ok) === true) return guardExit;
  if (flags.detailedExitcode && (shown?.counts.selected ?? 0) > 0) return changesExit;
  return 0;
}

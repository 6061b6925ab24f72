import { openDesk, tellNotes } from "../desk.ts";
import { exitOf, follow } from "../follow.ts";
import type { Io } from "../io.ts";
import {
  defineCommand,
  planFlags,
  planWord,
  wholeNumber,
  zoneFlags,
  type PlanFlags,
  type ZoneFlags,
} from "../options.ts";
import { askConsent, type ConsentFlags } from "../prompt.ts";

export type ApplyFlags = PlanFlags & ConsentFlags & ZoneFlags;

export const command = defineCommand<ApplyFlags, [string]>({
  sentence: "Preview, ask, make the changes, and read the list again to confirm them",
  parameters: {
    flags: {
      ...planFlags,
      ...zoneFlags,
      yes: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Do not ask; not enough for a destructive plan",
      },
      confirm: {
        kind: "parsed",
        parse: wholeNumber(0),
        optional: true,
        placeholder: "N",
        brief: "Agree to exactly N changes; needed for a destructive plan when nobody can be asked",
      },
    },
    aliases: { y: "yes" },
    positional: { kind: "tuple", parameters: [planWord] },
  },
  run: (io, flags, file) => apply(io, flags, file),
});

/** Make a plan's changes. `previewRows`: how much of the preview is shown first. */
export async function apply(
  io: Io,
  flags: ApplyFlags,
  file: string,
  show: { previewRows?: number } = {},
): Promise<number> {
  await using desk = await openDesk(io, flags);
  const plan = await desk.loadPlan(file, flags);
  tellNotes(plan, { desk, flags, file });
  const followed = await follow(desk, {
    flags,
    zone: flags.zone,
    ...show,
    start: (options, tally) =>
      desk.workspace.apply(plan, {
        ...options,
        consent: (question) =>
          askConsent(question, { io, flags, signal: options.stop, who: () => tally.start?.login.name }),
      }),
  });
  return exitOf(followed);
}

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { FactOf } from "../../core/model/events.ts";
import { exitCodes, RunnerError } from "../../core/model/errors.ts";
import { timeText } from "../../core/model/values.ts";
import { openDesk, tellNotes, tellWarnings, type Desk } from "../desk.ts";
import { exitOf, follow } from "../follow.ts";
import type { Io } from "../io.ts";
import {
  commandLine,
  defineCommand,
  fileFlag,
  lifeMs,
  planFlags,
  planWord,
  withoutSecretsFlag,
  zoneFlags,
  type PlanFlags,
  type WorkspaceFlags,
  type ZoneFlags,
} from "../options.ts";

export type PreviewFlags = PlanFlags &
  ZoneFlags & {
    readonly detailedExitcode: boolean;
    readonly out?: string;
    readonly expires?: number;
    readonly from?: string;
    readonly withoutSecrets: boolean;
  };

const changesExit = 2;

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
      out: fileFlag("Save the changes as they are shown, for `apply FILE`"),
      expires: {
        kind: "parsed",
        parse: lifeMs,
        optional: true,
        placeholder: "8h",
        brief: "With --out: how long they may be applied; 24h when left out",
      },
      withoutSecrets: withoutSecretsFlag,
      from: fileFlag("Decide on the inventory.ndjson of an earlier run; no network"),
    },
    positional: { kind: "tuple", parameters: [planWord] },
  },
  run: preview,
});

/** Show what a plan would change, and save it if asked. Exit 0, 2 for changes if asked, 5 for a breached guard in any case. */
export async function preview(io: Io, flags: PreviewFlags, file: string): Promise<number> {
  const { out, expires, from } = flags;
  if (expires !== undefined && out === undefined) {
    throw new RunnerError(
      "usage",
      "--expires says how long a saved change set may be applied: it goes with --out FILE.",
    );
  }
  await using desk = await openDesk(io, flags);
  const plan = await desk.loadPlan(file, desk.inputs(flags, { twice: true }));
  tellNotes(plan, { desk, flags, file });
  tellWarnings(plan, { desk, flags, file });
  const save = out === undefined ? {} : { out: { file: out, ...(expires === undefined ? {} : { lifeMs: expires }) } };
  const { forced, tally } = await follow(desk, {
    flags,
    zone: flags.zone,
    start: (options) => desk.workspace.preview(plan, { ...options, ...save, ...(from === undefined ? {} : { from }) }),
  });
  if (forced) return exitOf({ forced, tally });
  const shown = tally.preview;
  const isBreached = shown?.guards.some(({ ok }) => !ok) === true;
  if (out !== undefined && !flags.json) tellSaved(desk, flags, { file: out, saved: tally.saved, isBreached });
  if (isBreached) return exitCodes.guard;
  if (flags.detailedExitcode && (shown?.counts.selected ?? 0) > 0) return changesExit;
  return 0;
}

interface Told {
  readonly file: string;
  readonly saved: FactOf<"saved"> | undefined;
  readonly isBreached: boolean;
}

/** Where the changes are saved and how they are applied, or why they are not. */
export function tellSaved(
  { screen, io }: Desk,
  flags: WorkspaceFlags & ZoneFlags,
  { file, saved, isBreached }: Told,
): void {
  if (isBreached) {
    const earlier = existsSync(resolve(io.cwd, file)) ? ` ${file} still holds an earlier review.` : "";
    screen.note(screen.paint.bad(`Not saved: a guard is breached, so nobody could apply these changes.${earlier}`));
  }
  if (saved === undefined) return;
  const until = timeText(Math.floor(saved.expires / 1000), flags.zone) ?? "";
  screen.result(
    [
      `\nSaved to ${file}, good until ${until}.`,
      `Digest ${saved.digest}`,
      `Apply exactly this: ${commandLine(io, flags, ["apply", file])}`,
    ].join("\n"),
  );
}

import { openDesk, tellNotes, tellWarnings, type Desk } from "../desk.ts";
import { exitOf, follow } from "../follow.ts";
import type { Io } from "../io.ts";
import {
  consentFlags,
  defineCommand,
  digestFlag,
  inputsOf,
  planFlags,
  waitFlags,
  zoneFlags,
  type PlanFlags,
  type WaitFlags,
  type ZoneFlags,
} from "../options.ts";
import { GuardError, RunnerError } from "../../core/model/errors.ts";
import type { Tally } from "../../reporters/live/tally.ts";
import type { LoadedChangeSet, LoadedPlan } from "../../workspace.ts";
import type { ApplyOptions } from "../../workspace/options.ts";
import { applicable, plans } from "../proposals.ts";
import { askConsent, type ConsentFlags } from "../prompt.ts";

export type ApplyFlags = PlanFlags &
  ConsentFlags &
  WaitFlags &
  ZoneFlags & {
    readonly digest?: string;
    readonly of?: string;
  };

export const command = defineCommand<ApplyFlags, [string]>({
  sentence: "Preview, ask, make the changes, and read the list again to confirm them",
  parameters: {
    flags: {
      ...planFlags,
      ...zoneFlags,
      ...consentFlags,
      ...waitFlags,
      digest: digestFlag("Apply"),
      of: {
        kind: "parsed",
        parse: String,
        proposeCompletions: plans,
        optional: true,
        placeholder: "PLAN",
        brief: "Apply the change set only if it was made of this plan as it is now, with these --inputs",
      },
    },
    aliases: { y: "yes" },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "Path of a plan, or of a change set that `preview --out` saved",
          parse: String,
          proposeCompletions: applicable,
          placeholder: "PLAN|CHANGESET",
        },
      ],
    },
  },
  run: (io, flags, file) => apply(io, flags, file),
});

/** Make a plan's changes, or those of a saved change set. `previewRows`: how much of the preview is shown first. */
export async function apply(
  io: Io,
  flags: ApplyFlags,
  file: string,
  show: { previewRows?: number } = {},
): Promise<number> {
  await using desk = await openDesk(io, flags);
  const isSaved = await isChangeSet(desk, file);
  const what = isSaved ? await reviewed(desk, flags, file) : await planned(desk, flags, file);
  const madeOf = isSaved && flags.of !== undefined ? await merged(desk, flags, flags.of) : undefined;
  const followed = await follow(desk, {
    flags,
    zone: flags.zone,
    wait: flags.wait,
    ...show,
    start: (options, tally) =>
      desk.workspace.apply(what, {
        ...options,
        ...(madeOf && { madeOf }),
        consent: consentOf(io, flags, { tally, signal: options.stop }),
      }),
  });
  return exitOf(followed);
}

function planOf(desk: Desk, flags: ApplyFlags, file: string): Promise<LoadedPlan> {
  const { digest, of } = flags;
  if (digest === undefined && of === undefined) return desk.loadPlan(file, desk.inputs(flags, { twice: true }));
  const flag = digest === undefined ? "--of" : "--digest";
  throw new RunnerError("usage", `${file} is no saved change set: ${flag} goes with one.`);
}

/** Ask whoever is there, or the flags. */
export function consentOf(
  io: Io,
  flags: ConsentFlags,
  { tally, signal }: { readonly tally: Tally; readonly signal: AbortSignal },
): ApplyOptions["consent"] {
  return (question) => askConsent(question, { io, flags, signal, who: () => tally.start?.login.name });
}

/** A file that is not there is a plan that can not be read: that has its own message. */
async function isChangeSet({ workspace }: Desk, file: string): Promise<boolean> {
  return workspace.isChangeSet(file).catch((error: unknown) => {
    if (error instanceof RunnerError) return false;
    throw error;
  });
}

async function planned(desk: Desk, flags: ApplyFlags, file: string): Promise<LoadedPlan> {
  const plan = await planOf(desk, flags, file);
  tellNotes(plan, { desk, flags, file });
  tellWarnings(plan, { desk, flags, file });
  return plan;
}

/** What a change set has to be made of. Its secrets are those of the change set. */
function merged(desk: Desk, flags: ApplyFlags, plan: string): Promise<LoadedPlan> {
  return desk.loadPlan(plan, { ...inputsOf(flags), withoutSecrets: true });
}

async function reviewed(desk: Desk, flags: ApplyFlags, file: string): Promise<LoadedChangeSet> {
  if ((flags.set ?? []).length > 0) {
    throw new RunnerError(
      "usage",
      `--set ${flags.set?.join(" ") ?? ""}: the inputs of a change set are those it was reviewed with.`,
      {
        hint: "Leave --set out, or preview the plan again with other inputs. Secret inputs come from the environment or --inputs FILE.",
      },
    );
  }
  const saved = await desk.loadChangeSet(file, desk.inputs(flags, { twice: false }));
  if (flags.digest === undefined || flags.digest === saved.digest) return saved;
  throw new GuardError("tampered", `${file} has the digest ${saved.digest}, not the one that was given.`, {
    hint: "Nothing was sent. It is not the file that was reviewed: get that one, or review this one.",
  });
}

import { takenUpAgain, type ItemState } from "../../core/model/outcome.ts";
import { openDesk } from "../desk.ts";
import { exitOf, follow } from "../follow.ts";
import type { Io } from "../io.ts";
import {
  consentFlags,
  defineCommand,
  inputFlags,
  runWord,
  zoneFlags,
  type InputFlags,
  type ZoneFlags,
  waitFlags,
  type WaitFlags,
} from "../options.ts";
import type { ConsentFlags } from "../prompt.ts";
import { consentOf } from "./apply.ts";

export type RerunFlags = InputFlags &
  ConsentFlags &
  WaitFlags &
  ZoneFlags & {
    readonly only?: readonly ItemState[];
  };

export const command = defineCommand<RerunFlags, [string]>({
  sentence: "Take up what a run left rejected, unknown or not started, as a new run",
  parameters: {
    flags: {
      ...inputFlags,
      ...zoneFlags,
      ...consentFlags,
      ...waitFlags,
      only: {
        kind: "enum",
        values: takenUpAgain,
        optional: true,
        variadic: ",",
        brief: "Items that ended so; rejected,unknown,not-started when left out",
      },
    },
    aliases: { y: "yes" },
    positional: { kind: "tuple", parameters: [runWord] },
  },
  run: rerun,
});

/** Read the list again and make the plan's changes to some items of an earlier run. Secret inputs are asked for again. */
export async function rerun(io: Io, flags: RerunFlags, run: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const only = flags.only ?? (["rejected", "unknown", "not-started"] as const);
  const inputs = desk.inputs(flags, { twice: true });
  const followed = await follow(desk, {
    flags,
    zone: flags.zone,
    wait: flags.wait,
    start: (options, tally) =>
      desk.workspace.rerun(run, {
        ...options,
        inputs,
        only,
        consent: consentOf(io, flags, { tally, signal: options.stop }),
      }),
  });
  return exitOf(followed);
}

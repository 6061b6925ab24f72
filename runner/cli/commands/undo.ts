import { exitCodes, RunnerError } from "../../core/model/errors.ts";
import { countOf } from "../../reporters/amount.ts";
import { openDesk } from "../desk.ts";
import { exitOf, follow } from "../follow.ts";
import type { Io } from "../io.ts";
import {
  defineCommand,
  fileFlag,
  inputFlags,
  lifeMs,
  runWord,
  zoneFlags,
  type InputFlags,
  type ZoneFlags,
} from "../options.ts";
import { tellSaved } from "./preview.ts";

export type UndoFlags = InputFlags &
  ZoneFlags & {
    readonly out?: string;
    readonly expires?: number;
    readonly only?: readonly string[];
  };

export const command = defineCommand<UndoFlags, [string]>({
  sentence: "Save what takes a run back, where nobody has changed it since; nothing is sent",
  parameters: {
    flags: {
      ...inputFlags,
      ...zoneFlags,
      out: fileFlag("Save them there; undo-RUN.ndjson when left out. Nothing is overwritten"),
      expires: {
        kind: "parsed",
        parse: lifeMs,
        optional: true,
        placeholder: "8h",
        brief: "How long they may be applied; 24h when left out",
      },
      only: {
        kind: "parsed",
        parse: String,
        optional: true,
        variadic: true,
        placeholder: "ID,ID",
        brief: "Only items with these ids, also given more than once; all that the run changed when left out",
      },
    },
    positional: { kind: "tuple", parameters: [runWord] },
  },
  run: undo,
});

/**
 * Decide what of a run can be taken back, show it and save it. Secret inputs are asked for again. Exit 0; 5 for a breached guard, or
 * when something stays as it is and nothing can go back.
 */
export async function undo(io: Io, flags: UndoFlags, run: string): Promise<number> {
  const { out: file, expires, only } = flags;
  if (flags.set !== undefined)
    throw new RunnerError("usage", `--set ${flags.set.join(" ")}: the inputs of an undo are those of the run.`, {
      hint: "Leave --set out. Secret inputs come from the environment or --inputs FILE.",
    });
  await using desk = await openDesk(io, flags);
  const inputs = desk.inputs(flags, { twice: true });
  const out = { ...(file === undefined ? {} : { file }), ...(expires === undefined ? {} : { lifeMs: expires }) };
  const { forced, tally } = await follow(desk, {
    flags,
    zone: flags.zone,
    start: (options) => desk.workspace.undo(run, { ...options, inputs, out, ...(only && { only }) }),
  });
  if (forced) return exitOf({ forced, tally });
  const { preview, saved } = tally;
  const staying = (preview?.counts.refused ?? 0) + (preview?.missing ?? 0);
  const isBreached = preview?.guards.some(({ ok }) => !ok) === true;
  if (!flags.json) {
    const there = file ?? saved?.file ?? "";
    tellSaved(desk, flags, { file: there, saved, isBreached });
    if (saved === undefined && !isBreached) desk.screen.result(`\n${nothingSaved(staying)}`);
  }
  return isBreached || (saved === undefined && staying > 0) ? exitCodes.guard : 0;
}

/** @param staying How many items the run changed, or may have changed, that can not be put back. */
function nothingSaved(staying: number): string {
  return staying === 0
    ? "Nothing was saved: there is nothing to put back."
    : `${countOf(staying, "item")} can not be put back; nothing was saved.`;
}

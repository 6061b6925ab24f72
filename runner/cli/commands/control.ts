import { formatVersion } from "../../core/model/events.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import type { Asking } from "../../workspace/options.ts";
import { openDesk } from "../desk.ts";
import type { Io } from "../io.ts";
import { localised } from "../local.ts";
import { defineCommand, runWord, workspaceFlags, type WorkspaceFlags } from "../options.ts";
import { sentences } from "../verbs.ts";

export type ControlFlags = WorkspaceFlags & {
  readonly why: string;
};

export const controlFlags = {
  ...workspaceFlags,
  why: {
    kind: "parsed",
    parse: String,
    default: "no reason given",
    placeholder: "TEXT",
    brief: "Why: it is what the record will say, beside who",
  },
} as const;

/** `pause`, `continue`, `promote`, `abort`: all that differs is the word. */
export function controlCommand(op: Exclude<Asking["op"], "set">) {
  return defineCommand<ControlFlags, [string]>({
    sentence: sentences[op],
    parameters: { flags: controlFlags, positional: { kind: "tuple", parameters: [runWord] } },
    run: (io, flags, run) => ask(io, flags, run, { op, why: flags.why }),
  });
}

/** Exit code of what has to be waited for. */
const notYet = 8;

/** Ask something of a run, wherever it is, and tell what became of it. */
export async function ask(io: Io, flags: ControlFlags, run: string, asking: Asking): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { isRecorded, message } = await desk.workspace.control(run, asking);
  desk.screen.result(
    flags.json
      ? cleanJson({ v: formatVersion, recorded: isRecorded, message })
      : cleanText(localised(message, { program: io.program, zone: "UTC" })),
  );
  return isRecorded ? 0 : notYet;
}

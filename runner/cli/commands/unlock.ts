import { formatVersion } from "../../core/model/events.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import { openDesk } from "../desk.ts";
import type { Io } from "../io.ts";
import { localised } from "../local.ts";
import { defineCommand, runWord, workspaceFlags, type WorkspaceFlags } from "../options.ts";

export type UnlockFlags = WorkspaceFlags & {
  readonly why: string;
};

export const command = defineCommand<UnlockFlags, [string]>({
  sentence: "Release the lock of a run whose process is gone; recorded with your reason",
  parameters: {
    flags: {
      ...workspaceFlags,
      why: {
        kind: "parsed",
        parse: reason,
        placeholder: "TEXT",
        brief: "How you know that the run is no longer going",
      },
    },
    positional: { kind: "tuple", parameters: [runWord] },
  },
  run: unlock,
});

/** Release a lock that nobody holds any more. */
export async function unlock(io: Io, flags: UnlockFlags, run: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const message = await desk.workspace.unlock(run, flags.why);
  desk.screen.result(
    flags.json
      ? cleanJson({ v: formatVersion, message })
      : cleanText(localised(message, { program: io.program, zone: "UTC" })),
  );
  return 0;
}

function reason(text: string): string {
  if (text.trim() !== "") return text;
  throw new Error("a reason is needed: it is what the record will say");
}

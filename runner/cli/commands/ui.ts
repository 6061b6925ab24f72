import { formatVersion } from "../../core/model/events.ts";
import { cleanJson } from "../../reporters/clean.ts";
import { openDesk } from "../desk.ts";
import type { Io } from "../io.ts";
import { localised } from "../local.ts";
import {
  commandLine,
  defineCommand,
  wholeNumber,
  workspaceFlags,
  zoneFlags,
  type WorkspaceFlags,
  type ZoneFlags,
} from "../options.ts";
import { untilStopped } from "../signals.ts";

export type UiFlags = WorkspaceFlags &
  ZoneFlags & {
    readonly port: number;
    readonly readOnly: boolean;
  };

export const command = defineCommand<UiFlags, []>({
  sentence: "Show the runs recorded here in a browser of this machine, live, with pause and abort",
  parameters: {
    flags: {
      ...workspaceFlags,
      ...zoneFlags,
      port: {
        kind: "parsed",
        parse: wholeNumber(0, 65_535),
        default: "0",
        placeholder: "N",
        brief: "Port on 127.0.0.1; 0: any free one",
      },
      readOnly: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Show only; nothing can be asked of a run",
      },
    },
  },
  run: ui,
});

/** Serve the runs until somebody stops it. */
export async function ui(io: Io, flags: UiFlags): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { startUi } = await pages();
  const stop = untilStopped(io.signals);
  await using server = await startUi({
    root: desk.workspace.folder,
    port: flags.port,
    zone: flags.zone,
    log: desk.log,
    command: (...words) => commandLine(io, flags, words),
    ...(flags.readOnly
      ? {}
      : {
          // As `pause` and its like do it: by who runs this, and in words that can be copied.
          control: async (run, asking) => {
            const { isRecorded, message } = await desk.workspace.control(run, asking);
            return { isRecorded, message: localised(message, { program: io.program, zone: flags.zone }) };
          },
        }),
  });
  const { url, port } = server;
  // To stdout alone: it is a password, and diagnostics are kept.
  desk.screen.result(flags.json ? cleanJson({ v: formatVersion, type: "ui", url, port }) : url);
  desk.screen.note(
    `Open it in a browser on this machine; whoever has it can ${flags.readOnly ? "see the runs" : "see and steer the runs"}. Ctrl-C ends it.`,
  );
  await stop;
  return 0;
}

/** In a function of its own: beside an `await using` the compiler leaves the name of the file as it is in the source. */
async function pages() {
  return await import("../../ui/server.ts");
}

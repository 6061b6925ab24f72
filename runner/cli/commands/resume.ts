import { openDesk } from "../desk.ts";
import { exitOf, follow } from "../follow.ts";
import type { Io } from "../io.ts";
import {
  defineCommand,
  inputFlags,
  runWord,
  waitFlags,
  zoneFlags,
  type InputFlags,
  type WaitFlags,
  type ZoneFlags,
} from "../options.ts";

export const command = defineCommand<InputFlags & ZoneFlags & WaitFlags, [string]>({
  sentence: "Go on with a run that was interrupted or died, without changing anything twice",
  parameters: {
    flags: { ...inputFlags, ...zoneFlags, ...waitFlags },
    positional: { kind: "tuple", parameters: [runWord] },
  },
  run: resume,
});

/** Go on with a run that was interrupted or died, without changing anything twice. Secret inputs are asked for again. */
export async function resume(io: Io, flags: InputFlags & ZoneFlags & WaitFlags, run: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const inputs = desk.inputs(flags, { twice: false });
  const followed = await follow(desk, {
    flags,
    zone: flags.zone,
    wait: flags.wait,
    start: (options) => desk.workspace.resume(run, { ...options, inputs }),
  });
  return exitOf(followed);
}

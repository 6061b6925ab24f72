import { openDesk } from "../desk.ts";
import { exitOf, follow } from "../follow.ts";
import type { Io } from "../io.ts";
import { defineCommand, inputFlags, runWord, zoneFlags, type InputFlags, type ZoneFlags } from "../options.ts";

export const command = defineCommand<InputFlags & ZoneFlags, [string]>({
  sentence: "Read the list again and settle what is still open in a run; nothing is sent",
  parameters: { flags: { ...inputFlags, ...zoneFlags }, positional: { kind: "tuple", parameters: [runWord] } },
  run: verify,
});

/** Read the list again and settle what is still open in a run; nothing is sent. Secret inputs are asked for again. */
export async function verify(io: Io, flags: InputFlags & ZoneFlags, run: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const inputs = desk.inputs(flags, { twice: false });
  const followed = await follow(desk, {
    flags,
    zone: flags.zone,
    start: (options) => desk.workspace.verify(run, { ...options, inputs }),
  });
  return exitOf(followed);
}

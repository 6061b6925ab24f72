import { completionScript, shells, type Shell } from "../completion-script.ts";
import type { Io } from "../io.ts";
import { defineCommand, oneOf } from "../options.ts";

export const command = defineCommand<Record<string, never>, [Shell]>({
  sentence: "Print a script that completes command lines in bash, zsh or fish",
  parameters: {
    flags: {},
    positional: {
      kind: "tuple",
      parameters: [{ ...oneOf(...shells), brief: "Which shell: bash, zsh or fish", placeholder: "SHELL" }],
    },
  },
  run: completion,
});

/** Print the script of a shell. */
function completion(io: Io, _flags: Record<string, never>, shell: Shell): Promise<number> {
  io.stdout.write(completionScript(shell));
  return Promise.resolve(0);
}

import { RunnerError } from "../core/model/errors.ts";
import { askPassphrase } from "./hidden.ts";
import { isInteractive, type Io } from "./io.ts";
import { files } from "./proposals.ts";

export type PassphraseFlags = {
  readonly passphraseEnv?: string;
};

export const passphraseFlags = {
  passphraseEnv: {
    kind: "parsed",
    parse: variableName,
    optional: true,
    placeholder: "NAME",
    brief: "Environment variable that holds the passphrase of the key; asked for on a terminal",
  },
} as const;

/** A flag that has to be given, and takes the path of a key. */
export function keyFlag(brief: string) {
  return { kind: "parsed", parse: String, proposeCompletions: files, placeholder: "FILE", brief } as const;
}

/** The passphrase of a key: from the environment, or from the person at the terminal. Undefined: nobody can be asked. */
export async function passphraseOf(
  io: Io,
  key: string,
  { passphraseEnv, json }: PassphraseFlags & { readonly json: boolean },
): Promise<string | undefined> {
  if (passphraseEnv !== undefined) {
    const found = io.env[passphraseEnv];
    if (found !== undefined && found !== "") return found;
    throw new RunnerError("usage", `The environment variable ${passphraseEnv} is not set.`, {
      hint: `Nothing was signed. It has to hold the passphrase of ${key}.`,
    });
  }
  return isInteractive(io) && !json ? await askPassphrase(io, key) : undefined;
}

/** What was typed is not repeated: it may be the passphrase itself. */
function variableName(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return text;
  throw new Error("expected the name of an environment variable");
}

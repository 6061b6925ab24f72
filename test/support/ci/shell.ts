import { spawn } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { endOf, main, type Ended } from "../cli.ts";
import { newFolder } from "../runs.ts";

type Env = Readonly<Record<string, string>>;

/** A folder with a `rollcall` that is the compiled program, for the PATH of jobs. */
export function programFolder(): string {
  const folder = newFolder();
  const file = join(folder, "rollcall");
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(file, 0o755);
  return folder;
}

/** Run a script as runners do, with nothing of this process's surroundings but its PATH. Later folders of `path` come first. */
export function bash(
  script: string,
  { cwd, env, path }: { readonly cwd: string; readonly env: Env; readonly path: readonly string[] },
): Promise<Ended> {
  const base = { PATH: [...path.toReversed(), process.env.PATH ?? ""].join(delimiter), HOME: cwd, CI: "true" };
  const flags = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script];
  return endOf(spawn("bash", flags, { cwd, env: { ...base, ...env }, stdio: ["ignore", "pipe", "pipe"] }));
}

import { spawn, type ChildProcessByStdio } from "node:child_process";
import { resolve } from "node:path";
import type { Readable } from "node:stream";

/** The compiled program. */
export const main = resolve(import.meta.dirname, "../../dist/cli/main.js");
export const demoPlan = resolve(import.meta.dirname, "../../plans/cove/assign-product.yaml");
export const demoInputs = ["--set", "partner=4001", "--set", "from=3", "--set", "to=4"];

export interface Ended {
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run the compiled program as a real process without a terminal. */
export function rollcall(
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<Ended> {
  const running = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...process.env, CI: "", NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return endOf(running);
}

/** All that a process says, and how it ends. */
export function endOf(running: ChildProcessByStdio<null, Readable, Readable>): Promise<Ended> {
  return new Promise((done, fail) => {
    let stdout = "";
    let stderr = "";
    running.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    running.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    running.on("error", fail);
    running.on("close", (code, signal) => done({ exit: signal ?? code ?? -1, stdout, stderr }));
  });
}

export const configFor = (url: string, more = ""): string =>
  `rollcall: 1\nservices:\n  simulator:\n    kind: simulator\n    url: ${url}\n${more}`;

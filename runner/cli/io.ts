import type { Readable } from "node:stream";
import type { OutputStream } from "../reporters/screen.ts";
import type { OpenOptions, Workspace } from "../workspace.ts";

/** Everything the command line takes from the process it runs in, so that tests can be that process. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined; setRawMode?: (on: boolean) => unknown };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** How the operator calls us, for commands to copy: `rollcall`, `npx rollcall`, `node dist/cli/main.js`. */
  readonly program: string;
  readonly signals: SignalSource;
  openWorkspace(options: OpenOptions): Promise<Workspace>;
}

interface Output extends OutputStream {
  on(event: "error", listener: (error: Error) => void): unknown;
}

export type SignalName = "SIGINT" | "SIGTERM" | "SIGHUP";

export interface SignalSource {
  on(name: SignalName, listener: (name: SignalName) => void): unknown;
  off(name: SignalName, listener: (name: SignalName) => void): unknown;
}

/** What a command line asks for, once it is understood; resolves to the exit code. */
export type Job = () => Promise<number>;

/** A CI system, or anything else in which nobody sits at the terminal. */
export function isCi(env: Io["env"]): boolean {
  const { CI } = env;
  return CI !== undefined && CI !== "" && CI !== "0" && CI.toLowerCase() !== "false";
}

/** Somebody is there to answer a question. */
export function isInteractive(io: Io): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true && !isCi(io.env);
}

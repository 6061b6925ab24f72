import { execFile } from "node:child_process";
import { open, realpath } from "node:fs/promises";
import { RunnerError } from "../core/model/errors.ts";
import { Secret } from "../core/model/secret.ts";
import { errnoText } from "./errno.ts";

/** Where a credential comes from; never the credential itself. */
export type SecretSource =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly string[] }
  /** Built in: the simulator's, which guard nothing. */
  | { readonly text: string };

const maxBytes = 64 * 1024;
const commandTimeoutMs = 30_000;

/**
 * Fetch a credential. Undefined: the environment variable is not set.
 * @throws {RunnerError} `config`, naming the source and never what it gave.
 */
export async function fetchSecret(
  name: string,
  source: SecretSource,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Secret | undefined> {
  if ("text" in source) return new Secret(source.text);
  if ("env" in source) {
    const value = env[source.env];
    return value === undefined || value === "" ? undefined : new Secret(value);
  }
  const text =
    "file" in source ? await readSecretFile(name, source.file) : await runSecretCommand(name, source.command, env);
  const secret = text.replace(/\r?\n$/, "");
  if (secret === "") throw new RunnerError("config", `${name}: ${describe(source)} gave nothing`);
  return new Secret(secret);
}

/** A source as messages name it. */
export function describe(source: SecretSource): string {
  if ("env" in source) return `environment variable ${source.env}`;
  if ("file" in source) return `file ${source.file}`;
  if ("command" in source) return `command ${source.command[0] ?? ""}`;
  return "a built-in value";
}

/** The file is opened once and judged by its handle, so that it can not be exchanged in between. */
async function readSecretFile(name: string, path: string): Promise<string> {
  try {
    const real = await realpath(path);
    const handle = await open(real, "r");
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new RunnerError("config", `${name}: ${path} is not a file`);
      const mode = stat.mode & 0o777;
      if (process.platform !== "win32" && (mode & 0o077) !== 0) {
        throw new RunnerError(
          "config",
          `${name}: others can read ${path} (mode ${mode.toString(8).padStart(4, "0")})`,
          { hint: `Run: chmod 600 ${real}` },
        );
      }
      if (stat.size > maxBytes)
        throw new RunnerError("config", `${name}: ${path} has ${stat.size} bytes, which is no credential`);
      return await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof RunnerError) throw error;
    throw new RunnerError("config", `${name}: ${path} can not be read (${errnoText(error)})`, {
      hint: "Check its place in the config.",
    });
  }
}

/** No shell: the words are the program and its arguments. Its own error output goes to the terminal, not to us. */
async function runSecretCommand(
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const [program = "", ...args] = command;
  return await new Promise((resolve, reject) => {
    const options = {
      timeout: commandTimeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: maxBytes,
      encoding: "utf8",
      windowsHide: true,
      env: { ...env },
    } as const;
    const child = execFile(program, args, options, (error, stdout) => {
      if (error === null) resolve(stdout);
      // The error's own message holds the arguments and the output: neither is ours to show.
      else
        reject(
          new RunnerError("config", `${name}: command ${program} failed (${failureOf(error)})`, {
            hint: "Run it by itself to see why.",
          }),
        );
    });
    child.stdin?.end();
  });
}

function failureOf(error: {
  readonly code?: unknown;
  readonly killed?: boolean | undefined;
  readonly signal?: unknown;
}): string {
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return `more than ${maxBytes} bytes of output`;
  if (error.killed) return `no answer within ${commandTimeoutMs / 1000} s`;
  if (typeof error.code === "number") return `exit code ${error.code}`;
  return typeof error.code === "string" ? error.code : String(error.signal);
}

import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A JSON-RPC server of somebody else's, from a Debian package, that a test starts for itself. */
export interface Program<Server extends RunningServer = RunningServer> {
  /** Of its folder in `docs/examples/services`. */
  readonly name: string;
  /** The Debian packages that it comes in. */
  readonly packages: readonly string[];
  /** Whether they are installed. */
  readonly isAvailable: boolean;
  /**
   * On a free port of 127.0.0.1, in a temporary folder that is removed at the end, with so many items in it.
   * None of them ever starts: nothing leaves the machine.
   */
  start(items: number): Promise<Server>;
}

export interface RunningServer extends AsyncDisposable {
  /** Where it takes JSON-RPC. */
  readonly url: string;
  /** The credentials, by the names of the variables that the config of its example takes them from. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * What a method returns when another client calls it, one that shares nothing with `runner/`.
   * @throws {Error} with the whole answer, where it is no success.
   */
  call(method: string, params: unknown): Promise<unknown>;
}

/** Whether commands are installed. Debian has some of them in places that are only on root's path. */
export function areInstalled(...commands: readonly string[]): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return commands.every((command) => folders.some((folder) => existsSync(join(folder, command))));
}

/** A password that is never the same, so that a test can not talk to the server of another one on a port that changed hands. */
export function newSecret(): string {
  const letters = "abcdefghijkmnopqrstuvwxyz23456789".split("");
  // Every letter at most once: one of the servers refuses passwords that repeat letters.
  return Array.from({ length: 16 }, () => letters.splice(randomInt(letters.length), 1)[0]).join("");
}

/** `file-0007`: names in the order of numbers. */
export const numbered = (word: string, number: number): string => `${word}-${String(number).padStart(4, "0")}`;

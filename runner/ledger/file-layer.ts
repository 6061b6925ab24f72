import { closeSync, constants, fdatasync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { privateFile, syncFolder } from "./atomic.ts";

/** The few things a journal asks of the system, so that a test can make any of them fail. Errors are the system's. */
export interface FileLayer {
  /** For appending only. A `new` file must not exist yet and gets mode 0600. */
  open(path: string, kind: "new" | "existing"): number;
  /** @returns How many bytes were taken: fewer than given is a failure to come. */
  write(file: number, bytes: Uint8Array): number;
  /** Resolves when everything written so far survives power loss. */
  datasync(file: number): Promise<void>;
  /** The same for the file's name. */
  syncName(path: string): Promise<void>;
  close(file: number): void;
}

const { O_APPEND, O_WRONLY } = constants;
const datasync = promisify(fdatasync);

export const realFiles: FileLayer = {
  open: (path, kind) => openSync(path, kind === "new" ? "ax" : O_WRONLY | O_APPEND, privateFile),
  write: (file, bytes) => writeSync(file, bytes),
  datasync: (file) => datasync(file),
  syncName: (path) => syncFolder(dirname(path)),
  close: (file) => closeSync(file),
};

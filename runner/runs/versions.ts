import { closeSync, constants, linkSync, mkdirSync, openSync, readdirSync } from "node:fs";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RateStore } from "../core/model/pace-ports.ts";
import { privateFile, privateFolder, temporaryName } from "../ledger/atomic.ts";
import { errnoOf } from "../ledger/disk-error.ts";

/** Versions that stay, so that a folder that is read while it changes still shows one. */
const kept = 4;
/** What a writer that was killed left behind is removed after so long. */
const abandonedMs = 60_000;

/**
 * A small text that several processes change, one file a version: a new one is made whole and under a name that only one of
 * them can take. So nobody ever holds a lock, and one that is killed at any moment leaves either the old version or the new.
 * Synchronous, because a change takes less time than a turn of the event loop.
 */
export class Versions implements RateStore {
  readonly #folder: string;

  /** @param folder Made if it is not there; its parent is. */
  constructor(folder: string) {
    this.#folder = folder;
    madeFolder(folder);
  }

  read(): { readonly version: number; readonly text: string | undefined } {
    for (;;) {
      const version = newestOf(readdirSync(this.#folder));
      if (version === 0) return { version, text: undefined };
      const text = textOf(this.#path(version));
      if (text !== undefined) return { version, text };
    }
  }

  replace(version: number, text: string): boolean {
    const next = version + 1;
    if (!this.#put(next, text)) return false;
    const names = readdirSync(this.#folder);
    if (newestOf(names) > next) {
      // Others have gone on for so long that our number had become free again.
      remove(this.#path(next));
      return false;
    }
    this.#tidy(names, next);
    return true;
  }

  /** False: somebody was quicker. */
  #put(version: number, text: string): boolean {
    const path = this.#path(version);
    const temporary = temporaryName(path);
    try {
      writeFileSync(temporary, text, { flag: "wx", mode: privateFile });
      linkSync(temporary, path);
      return true;
    } catch (cause) {
      // ENOENT: it was taken for abandoned.
      if (errnoOf(cause) === "EEXIST" || errnoOf(cause) === "ENOENT") return false;
      throw cause;
    } finally {
      remove(temporary);
    }
  }

  #tidy(names: readonly string[], newest: number): void {
    for (const name of names) {
      const isOld = isVersion(name) ? Number(name) <= newest - kept : this.#isAbandoned(name);
      if (isOld) remove(join(this.#folder, name));
    }
  }

  #isAbandoned(name: string): boolean {
    const written = statSync(join(this.#folder, name), { throwIfNoEntry: false })?.mtimeMs;
    return written !== undefined && Math.abs(Date.now() - written) > abandonedMs;
  }

  #path(version: number): string {
    return join(this.#folder, `${version}`);
  }
}

function madeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: privateFolder });
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST") throw cause;
  }
}

function isVersion(name: string): boolean {
  return /^[1-9]\d{0,14}$/.test(name);
}

function newestOf(names: readonly string[]): number {
  return names.filter(isVersion).reduce((most, name) => Math.max(most, Number(name)), 0);
}

/** Undefined: it has been replaced since the folder was read. */
function textOf(path: string): string | undefined {
  let file: number;
  try {
    // Where the system has no such flag it is undefined, which adds nothing.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return undefined;
    throw cause;
  }
  try {
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function remove(path: string): void {
  rmSync(path, { force: true });
}

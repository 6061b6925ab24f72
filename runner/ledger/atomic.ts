import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { diskError, errnoOf } from "./disk-error.ts";

/** Files of a run are for its owner only. */
export const privateFile = 0o600;
export const privateFolder = 0o700;
const withoutHardLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/**
 * Put a file in place, whole or not at all, also across power loss. An existing one is replaced.
 * @throws {RecordError}
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  try {
    const temporary = await writeTemporary(path, content);
    try {
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
    await syncFolder(dirname(path));
  } catch (cause) {
    throw diskError("write", path, cause);
  }
}

/**
 * Put a file in place unless there is one of that name; of several who try at once exactly one does it, and nobody ever
 * sees it half written.
 * @returns False when it exists already. @throws {RecordError}
 */
export async function writeFileOnce(path: string, content: string): Promise<boolean> {
  try {
    const temporary = await writeTemporary(path, content);
    try {
      await putInPlace(temporary, path, content);
    } finally {
      await rm(temporary, { force: true });
    }
    await syncFolder(dirname(path));
    return true;
  } catch (cause) {
    if (errnoOf(cause) === "EEXIST") return false;
    throw diskError("write", path, cause);
  }
}

/** Make a folder and its missing parents, 0700, on disk when it resolves. @throws {RecordError} */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeWithParents(resolve(path));
  } catch (cause) {
    throw diskError("make the folder", path, cause);
  }
}

/** After this, what was created, renamed or removed in the folder is so after power loss, too. Errors are the system's. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has no handle on a folder; NTFS journals the names by itself.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A name beside the final one, so that the rename stays within one file system; no two processes use the same. */
export function temporaryName(path: string): string {
  const stamp = `${process.pid}-${process.hrtime.bigint().toString(36)}`;
  return join(dirname(path), `.${basename(path)}.${stamp}.tmp`);
}

/** Not `recursive`, which says ENOENT for a disk that is read-only. */
async function makeWithParents(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: privateFolder });
  } catch (cause) {
    if (errnoOf(cause) === "EEXIST") return;
    if (errnoOf(cause) !== "ENOENT") throw cause;
    await makeWithParents(dirname(path));
    await makeWithParents(path);
    return;
  }
  await syncFolder(dirname(path));
}

async function writeTemporary(path: string, content: string | Uint8Array): Promise<string> {
  const temporary = temporaryName(path);
  try {
    await create(temporary, content);
    return temporary;
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

/** Fails with EEXIST when there is one. Without hard links the exclusive create decides, and a reader may find the file empty for a moment. */
async function putInPlace(temporary: string, path: string, content: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (cause) {
    if (!withoutHardLinks.has(errnoOf(cause) ?? "")) throw cause;
    await create(path, content);
  }
}

async function create(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, "wx", privateFile);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

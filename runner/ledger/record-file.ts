import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { digest, type Digest } from "../core/model/item.ts";
import { diskError } from "./disk-error.ts";

/** What lies at the path of a file is none. */
export class NotAFile extends Error {
  constructor() {
    super("it is not a file");
  }
}

/**
 * Open a file of a record. What lies there anybody may have put there: a pipe, which nobody may ever write to, or a device, which
 * may never end, is not read. @throws {RecordError} when it can not be opened, or is no file.
 */
export async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await openFile(path);
  } catch (cause) {
    throw diskError("open", path, cause);
  }
}

/** The text of a file as a whole. @throws {NotAFile} @throws {Error} Those of the system. */
export async function textOfFile(path: string): Promise<string> {
  return (await bytesOfFile(path)).toString("utf8");
}

/** The same as it stands: what is no text is not made one. */
export async function bytesOfFile(path: string): Promise<Buffer> {
  const file = await openFile(path);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** SHA-256 of a file, 64 KiB of it in memory at a time. @throws {RecordError} when it can not be read. */
export async function digestOfFile(path: string): Promise<Digest> {
  const file = await openForReading(path);
  try {
    const content = createHash("sha256");
    for await (const chunk of file.createReadStream({ autoClose: false })) content.update(chunk as Buffer);
    return digest(content.digest("hex"));
  } catch (cause) {
    throw diskError("read", path, cause);
  } finally {
    await file.close();
  }
}

/** Of a folder the system says so itself as soon as it is read. */
async function openFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const isFile = await file.stat().then(
    (found) => found.isFile() || found.isDirectory(),
    async (error: unknown) => {
      await file.close();
      throw error;
    },
  );
  if (isFile) return file;
  await file.close();
  throw new NotAFile();
}

import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";

/** What lies at a path that somebody else may have put there. `bytes` left out: it is no file, or a larger one. */
export interface SmallFile {
  readonly stat: Stats;
  readonly bytes?: Buffer;
}

/**
 * Opened once and judged by its handle, so that it can not be exchanged in between. Of a pipe nobody may ever write to the other
 * end: it is not waited for. @param follow Whether a link is followed; else it is an error. @throws {Error} Those of the system.
 */
export async function readSmallFile(
  path: string,
  { maxBytes, follow = true }: { readonly maxBytes: number; readonly follow?: boolean },
): Promise<SmallFile> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | (follow ? 0 : constants.O_NOFOLLOW));
  try {
    const stat = await handle.stat();
    return stat.isFile() && stat.size <= maxBytes ? { stat, bytes: await handle.readFile() } : { stat };
  } finally {
    await handle.close();
  }
}

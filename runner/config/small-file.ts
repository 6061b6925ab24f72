import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { errnoText } from "./errno.ts";

/** The text of a file that the config names, or what is wrong with it, as the end of a sentence about it. A pipe is not waited for. */
export async function smallFileText(path: string, maxBytes: number): Promise<string | { readonly fault: string }> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return { fault: "is not a file" };
      if (stat.size > maxBytes) return { fault: `has ${stat.size} bytes, at most ${maxBytes} are read` };
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    return { fault: `can not be read (${errnoText(error)})` };
  }
}

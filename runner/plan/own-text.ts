import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, relative } from "node:path";

const mostBytes = 64 * 1024 * 1024;

/**
 * The text of a plan, or of its test. From a pull request it may be a link to anything: what that leads to outside its
 * folder is neither read nor quoted.
 */
export async function readOwnText(file: string): Promise<string> {
  const real = await realpath(file);
  if (dirname(real) !== (await realpath(dirname(file)))) throw new Error("it is a link that leads out of its folder");
  const found = await stat(real);
  if (!found.isFile()) throw new Error("it is not a file");
  if (found.size > mostBytes) throw new Error(`it has ${found.size} bytes; at most ${mostBytes} are read`);
  return await readFile(real, "utf8");
}

/** Whether it is the folder, or lies in it, links followed. */
export async function liesBelow(folder: string, path: string): Promise<boolean> {
  const inside = relative(await realpath(folder), await realpath(path));
  return inside !== ".." && !inside.startsWith("../") && !isAbsolute(inside);
}

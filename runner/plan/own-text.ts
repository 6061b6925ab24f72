import { isUtf8 } from "node:buffer";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, relative } from "node:path";
import { PlanError } from "../core/model/errors.ts";

const mostBytes = 64 * 1024 * 1024;

/**
 * The text of a plan, or of its test. From a pull request it may be a link to anything: what that leads to outside its
 * folder is neither read nor quoted.
 * @throws {PlanError} when it is no UTF-8: a letter that nobody can read would be sent as another one. @throws {Error} else.
 */
export async function readOwnText(file: string): Promise<string> {
  const real = await realpath(file);
  if (dirname(real) !== (await realpath(dirname(file)))) throw new Error("it is a link that leads out of its folder");
  const found = await stat(real);
  if (!found.isFile()) throw new Error("it is not a file");
  if (found.size > mostBytes) throw new Error(`it has ${found.size} bytes; at most ${mostBytes} are read`);
  const bytes = await readFile(real);
  if (!isUtf8(bytes)) throw notUtf8(file, bytes);
  return bytes.toString("utf8");
}

function notUtf8(file: string, bytes: Buffer): PlanError {
  const { before, byte } = firstFault(bytes);
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  const message = `the byte 0x${byte.toString(16).toUpperCase().padStart(2, "0")} is not UTF-8`;
  const hint = "Save the file as UTF-8: it may have been saved as Latin-1 or UTF-16.";
  return new PlanError([{ file, line, column, severity: "error", code: "not-utf8", message, hint }]);
}

const replacement = "\uFFFD";

/** The first byte that can not be read, and the text before it. In its place stands the sign that text may hold itself. */
function firstFault(bytes: Buffer): { readonly before: string; readonly byte: number } {
  const text = bytes.toString("utf8");
  for (let at = text.indexOf(replacement); at !== -1; at = text.indexOf(replacement, at + 1)) {
    const before = text.slice(0, at);
    const offset = Buffer.byteLength(before);
    if (bytes.toString("latin1", offset, offset + 3) !== "\xEF\xBF\xBD") return { before, byte: bytes[offset] ?? 0 };
  }
  return { before: text, byte: 0 };
}

/** Whether it is the folder, or lies in it, links followed. */
export async function liesBelow(folder: string, path: string): Promise<boolean> {
  const inside = relative(await realpath(folder), await realpath(path));
  return inside !== ".." && !inside.startsWith("../") && !isAbsolute(inside);
}

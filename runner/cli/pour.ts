import { Writable } from "node:stream";
import type { Io } from "./io.ts";

const atOnceCharacters = 64 * 1024;

/** Write what may be long piece by piece, no faster than the reader takes it. It ends where the reader goes away. */
export async function pour(pieces: AsyncIterable<string>, out: Io["stdout"]): Promise<void> {
  let held = "";
  for await (const piece of pieces) {
    held += piece;
    if (held.length < atOnceCharacters) continue;
    if (!(await put(held, out))) return;
    held = "";
  }
  if (held !== "") await put(held, out);
}

/** @returns Whether anybody is left to read more. */
async function put(text: string, out: Io["stdout"]): Promise<boolean> {
  if (!(out instanceof Writable)) {
    out.write(text);
    return true;
  }
  if (!isOpen(out)) return false;
  if (!out.write(text)) await taken(out);
  return isOpen(out);
}

const isOpen = (out: Writable): boolean => !out.destroyed && out.errored === null;

/** What is said of a failed write, whoever started the stream says. */
function taken(out: Writable): Promise<void> {
  const ends = ["drain", "close", "error"] as const;
  return new Promise((done) => {
    const end = (): void => {
      for (const name of ends) out.off(name, end);
      done();
    };
    for (const name of ends) out.on(name, end);
  });
}

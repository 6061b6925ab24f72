import { open } from "node:fs/promises";
import type { RunId } from "../core/model/item.ts";
import { listRuns } from "../runs/folder.ts";

/** More than any ledger's last line. */
const tailBytes = 64 * 1024;

/**
 * `run:seq:hash` of the run before this one, as its ledger's last whole line claims it: a run folder that is removed later
 * leaves a gap that shows. Null: there is none, or it kept no record.
 */
export async function previousHead(root: string, run: RunId): Promise<string | null> {
  const earlier = (await listRuns(root)).filter((folder) => folder.run < run);
  for (const folder of earlier.reverse().slice(0, 5)) {
    const line = await lastLine(folder.ledger);
    const found = line === undefined ? null : /^\{"seq":(\d+),.*"hash":"([0-9a-f]{64})"\}$/.exec(line);
    if (found !== null) return `${folder.run}:${found[1] ?? ""}:${found[2] ?? ""}`;
  }
  return null;
}

async function lastLine(path: string): Promise<string | undefined> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, tailBytes));
    await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8").trimEnd().split("\n").at(-1);
  } finally {
    await file.close();
  }
}

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { htmlOf } from "../../runner/reporters/documents/html/page.ts";
import type { RunDocument } from "../../runner/reporters/documents/model.ts";
import { newFolder } from "./runs.ts";

/** Where the page of a run is written, for a browser to open it. */
export async function pageFileOf(document: RunDocument): Promise<string> {
  const path = join(newFolder(), "run.html");
  const file = createWriteStream(path);
  for await (const piece of htmlOf(document)) if (!file.write(piece)) await once(file, "drain");
  file.end();
  await finished(file);
  return path;
}

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { htmlOf } from "../../runner/reporters/documents/html/page.ts";
import type { Browser } from "playwright-core";
import { openDocument, type RunDocument } from "../../runner/reporters/documents/model.ts";
import { openBrowser } from "./browser.ts";
import { newFolder } from "./runs.ts";
import { tellRun, type ToldItem } from "./told-run.ts";

/** A run with these items, its page, and a browser to open it in; close that. */
export async function shownPage(
  items: readonly ToldItem[],
): Promise<{ readonly browser: Browser; readonly document: RunDocument; readonly file: string }> {
  const browser = await openBrowser();
  const document = await openDocument((await tellRun(items, { exit: 7 })).folder, { stories: true });
  return { browser, document, file: await pageFileOf(document) };
}

/** Where the page of a run is written, for a browser to open it. */
export async function pageFileOf(document: RunDocument): Promise<string> {
  const path = join(newFolder(), "run.html");
  const file = createWriteStream(path);
  for await (const piece of htmlOf(document)) if (!file.write(piece)) await once(file, "drain");
  file.end();
  await finished(file);
  return path;
}

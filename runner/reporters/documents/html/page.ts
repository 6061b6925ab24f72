import { hash } from "node:crypto";
import type { RunDocument } from "../model.ts";
import { verdictOf } from "../outcome.ts";
import { alsoSection, causesSection, headSection, planSection, proofSection } from "./facts.ts";
import { itemsData, itemsSection } from "./items.ts";
import { escaped } from "./markup.ts";
import { script } from "./script.ts";
import { statesSection } from "./states.ts";
import { style } from "./style.ts";
import { timelineSection } from "./timeline.ts";

/** What a server that shows the page live puts into it. Each of these is its own, and is not escaped. */
export interface Live {
  /** Instead of the policy of the file. */
  readonly csp: string;
  readonly style: string;
  /** Stands before everything else. */
  readonly body: string;
  readonly script: string;
}

/**
 * A run as one file that needs nothing else: no network, nothing but its own style and script may take part. Items are streamed,
 * so that a large run makes a large page and no large memory.
 */
export async function* htmlOf(
  document: RunDocument,
  { live }: { readonly live?: Live } = {},
): AsyncGenerator<string, void> {
  yield head(document, live);
  yield `<body>\n${live?.body ?? ""}<main>\n`;
  yield headSection(document).text;
  yield statesSection(document).text;
  yield causesSection(document).text;
  yield timelineSection(document).text;
  yield (await itemsSection(document)).text;
  yield alsoSection(document).text;
  yield planSection(document).text;
  yield proofSection(document).text;
  yield `</main>\n<script type="application/json" id="data">`;
  yield* itemsData(document);
  yield `</script>\n<script>${script}</script>\n${live === undefined ? "" : `<script>${live.script}</script>\n`}</body>\n</html>\n`;
}

function head(document: RunDocument, live: Live | undefined): string {
  const policy = live?.csp ?? filePolicy();
  const title = escaped(`${verdictOf(document).text}, run ${document.summary.run}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${style}</style>
${live === undefined ? "" : `<style>${live.style}</style>\n`}</head>
`;
}

/** Nothing but this style and this script, by their hashes: whatever text of an item came to stand in the page could not run. */
function filePolicy(): string {
  return [
    "default-src 'none'",
    `style-src '${sourceHash(style)}'`,
    `script-src '${sourceHash(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** As a policy names the text of a style or a script. */
export function sourceHash(text: string): string {
  return `sha256-${hash("sha256", text, "base64")}`;
}

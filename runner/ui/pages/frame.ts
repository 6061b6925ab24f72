import type { ServerResponse } from "node:http";
import { escaped, html, type Markup } from "../../reporters/documents/html/markup.ts";
import { style as reportStyle } from "../../reporters/documents/html/style.ts";
import { sentence } from "../../reporters/sentence.ts";
import { head, pageType, policyFor } from "../replies.ts";
import { style } from "./style.ts";

export interface Page {
  readonly title: string;
  readonly body: Markup;
  readonly script?: string;
}

/** Send a page of the server's own: what it shows is in it, but for what its script asks this server for. */
export function sendPage(response: ServerResponse, status: number, page: Page): void {
  const { script } = page;
  const policy = policyFor({ styles: [reportStyle, style], scripts: script === undefined ? [] : [script] });
  head(response, status, { type: pageType, policy });
  response.end(textOf(page));
}

/** A small page that says why there is no other. */
export function sendRefusal(response: ServerResponse, status: number, { why, hint }: Refusal): void {
  const title = titles[status] ?? "Not understood";
  const body = html`<main class="ui-small">
    <h1>${title}</h1>
    <p>${sentence(why)}</p>
    ${hint === undefined ? undefined : html`<p class="quiet">${hint}</p>`}
  </main>`;
  sendPage(response, status, { title, body });
}

interface Refusal {
  readonly why: string;
  readonly hint?: string | undefined;
}

const titles: Readonly<Record<number, string>> = {
  401: "Not let in",
  403: "Refused",
  404: "Not here",
  421: "Not here",
  500: "This can not be shown",
  503: "Too much at once",
};

/** A style or script has to stand in the page byte by byte as its hash is of. */
function textOf({ title, body, script }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} - Rollcall</title>
<style>${reportStyle}</style>
<style>${style}</style>
</head>
<body>
${body.text}
${script === undefined ? "" : `<script>${script}</script>\n`}</body>
</html>
`;
}

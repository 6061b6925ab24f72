import type { ServerResponse } from "node:http";
import { cleanJson } from "../reporters/clean.ts";
import { sourceHash } from "../reporters/documents/html/page.ts";

/** What every answer says, whatever it holds: keep nothing, guess nothing, show it nowhere else. */
const always: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

/** Nothing may be done with an answer that is no page. */
const nothing = "default-src 'none'; frame-ancestors 'none'";

/** What a page is allowed: these styles and scripts by their hashes, so that no text in it can run, and calls to this server. */
export function policyFor({
  styles,
  scripts,
}: {
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
}): string {
  const sources = (texts: readonly string[]): string =>
    texts.length === 0 ? "'none'" : texts.map((text) => `'${sourceHash(text)}'`).join(" ");
  return [
    "default-src 'none'",
    `style-src ${sources(styles)}`,
    `script-src ${sources(scripts)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

interface Heading {
  readonly type: string;
  /** Of a page; left out: of an answer that is none. */
  readonly policy?: string;
  readonly more?: Readonly<Record<string, string>>;
}

/** Begin an answer. */
export function head(response: ServerResponse, status: number, { type, policy, more = {} }: Heading): void {
  const allowed = policy === undefined ? nothing : `${policy}; frame-ancestors 'none'`;
  response.writeHead(status, { ...always, "Content-Type": type, "Content-Security-Policy": allowed, ...more });
}

export const pageType = "text/html; charset=utf-8";

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  head(response, status, { type: "application/json; charset=utf-8" });
  response.end(`${cleanJson(value)}\n`);
}

import { formsOf } from "../core/model/secret.ts";

/** What stands in the place of a secret. */
export const redacted = "[redacted]";

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/**
 * Make an error text of a service fit to be shown and kept: HTML entities decoded once, control characters and invisible
 * direction marks replaced, secrets replaced by value wherever they stand, then cut.
 * @param limits `length` in characters; `secrets` of fewer than 4 characters are left.
 */
export function cleanMessage(
  text: string,
  { length, secrets }: { readonly length: number; readonly secrets: Iterable<string> },
): string {
  // A service can send megabytes; what is cut off later need not be cleaned, but a secret must not be cut in half.
  const hidden = longestFirst(secrets);
  const clean = stripped(hiding(decoded(hiding(text.slice(0, length * 8 + 4096), hidden)), hidden));
  return clean.length > length ? `${clean.slice(0, Math.max(0, length - 1))}…` : clean;
}

/** A text with secrets replaced wherever they stand, and in whatever form. Those of fewer than 4 characters are left. */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  return hiding(text, longestFirst(secrets));
}

function decoded(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,6}));/g, (whole, ...groups: unknown[]) => {
    const [decimal, hex, name] = groups as (string | undefined)[];
    if (name !== undefined) return named[name] ?? whole;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

function stripped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
}

function hiding(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, redacted), text);
}

/** Shorter values would blank out ordinary words. */
const leastLength = 4;

/** In every form it may be echoed in. A secret can hold another one: the longer goes first, or its rest would stay. */
function longestFirst(secrets: Iterable<string>): readonly string[] {
  return [...new Set([...secrets].filter(({ length }) => length >= leastLength).flatMap(formsOf))].sort(
    (left, right) => right.length - left.length,
  );
}

import { inspect } from "node:util";

/** A value that must not be printed. Every way of turning it into text gives `[redacted]`; only `reveal` gives it away. */
export class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  /** For the session that sends it, and for the redaction of texts that echo it. */
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return "[redacted]";
  }
  toJSON(): string {
    return "[redacted]";
  }
  [inspect.custom](): string {
    return "[redacted]";
  }
}

/** Shorter ones than this would blank out ordinary words. */
const leastForm = 6;

/**
 * A secret as it may stand in a text: as it is, and as JSON, URLs, Base64 and hex write it; the longest form first, because
 * one can hold another. Empty for an empty secret.
 */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, "utf8");
  const json = JSON.stringify(secret).slice(1, -1);
  // Of the bytes, because an unpaired surrogate can not be encoded.
  const percent = encodeURIComponent(bytes.toString("utf8"));
  const base64 = bytes.toString("base64");
  const forms = [secret, json, percent, percent.replaceAll("%20", "+"), base64, base64.replace(/=+$/, "")];
  const all = new Set([...forms, bytes.toString("base64url"), bytes.toString("hex")]);
  return [...all]
    .filter((form) => form !== "" && (form === secret || form.length >= leastForm))
    .sort((left, right) => right.length - left.length);
}

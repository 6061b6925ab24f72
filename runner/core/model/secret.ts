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

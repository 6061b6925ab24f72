import { formsOf } from "../core/model/secret.ts";

/** Names of environment variables whose values are nobody's business. */
const secretName = /pass|secret|token|credential|api_?key|private_?key/i;
const secretInput = /^ROLLCALL_SECRET_/;
/** Shorter values would blank out ordinary words. */
const leastLength = 4;

/** Replaces known secret values in texts on their way out, in every form they may have taken. */
export class Redactor {
  readonly #values = new Set<string>();

  constructor(env: Readonly<Record<string, string | undefined>>) {
    for (const [name, value] of Object.entries(env)) {
      if (value === undefined || !secretName.test(name)) continue;
      // A path to where a secret is says nothing of it, but what gives a secret input is that secret.
      if (!value.includes("/") || secretInput.test(name)) this.hide(value);
    }
  }

  /** From now on this value is replaced. */
  hide(value: string): void {
    if (value.length < leastLength) return;
    for (const form of formsOf(value)) this.#values.add(form);
  }

  redact(text: string): string {
    // The longest first: a value may contain another.
    const values = [...this.#values].sort((left, right) => right.length - left.length);
    return values.reduce((clean, value) => clean.replaceAll(value, "[redacted]"), text);
  }
}

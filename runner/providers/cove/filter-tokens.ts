import { hole } from "../../core/model/catalogue.ts";

/** A piece of a filter as the service reads it. `at` counts characters from 0. */
export interface Token {
  readonly kind: "number" | "text" | "word" | "sign" | "hole" | "stray";
  readonly text: string;
  readonly at: number;
}

const patterns: readonly (readonly [Token["kind"] | undefined, RegExp])[] = [
  [undefined, /\s+/y],
  ["hole", new RegExp(`[\\w@]*${hole}[\\w@${hole}]*`, "y")],
  ["number", /\d+(?:\.\d+)?/y],
  ["text", /'(?:[^']|'')*'|"(?:[^"]|"")*"/y],
  ["word", /[A-Za-z_][\w@]*/y],
  ["sign", /==|!=|<>|<=|>=|=~|&&|\|\||[<>!(),.+*/%&-]/y],
];

/** The filter in pieces; a character that begins none is a stray one, and so is a quote that no other follows. */
export function tokensOf(filter: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < filter.length;) {
    const { kind, text } = tokenAt(filter, at);
    if (kind !== undefined) tokens.push({ kind, text, at });
    // Behind an open quote everything may be text.
    at = kind === "stray" && /["']/.test(text) ? filter.length : at + text.length;
  }
  return tokens;
}

function tokenAt(filter: string, at: number): { readonly kind: Token["kind"] | undefined; readonly text: string } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(filter)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return { kind: "stray", text: filter.charAt(at) };
}

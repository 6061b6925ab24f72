import { ApiError, errorData } from "../api-error.ts";

export type Token =
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "text"; readonly value: string; readonly at: number }
  | { readonly kind: "name"; readonly value: string; readonly at: number }
  | { readonly kind: "sign"; readonly value: Sign; readonly at: number };

/** Operators and punctuation, words included: `AND`, `&&` and `and` are all the same sign. */
export type Sign =
  | ("==" | "!=" | "<=" | ">=" | "<" | ">" | "=~" | "in")
  | ("and" | "or" | "not")
  | ("+" | "-" | "*" | "/" | "%" | "&")
  | ("(" | ")" | "," | ".");

/**
 * Cut a filter into tokens.
 * @throws ApiError naming the first character that starts no token.
 */
export function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < filter.length) {
    const [token, length] = readToken(filter, at);
    if (token !== undefined) tokens.push(token);
    at += length;
  }
  return tokens;
}

/** A filter that can not be read, or names a column that does not exist. `at` counts characters from 0. */
export function filterError(problem: string, at: number): ApiError {
  return new ApiError(errorData.filter, `Filter: ${problem} at position ${at}`);
}

const space = /\s+/y;
const number = /\d+(?:\.\d+)?/y;
const text = /'(?:[^']|'')*'|"(?:[^"]|"")*"/y;
const name = /[A-Za-z_][A-Za-z0-9_@]*/y;
const sign = /==|!=|<>|<=|>=|=~|&&|\|\||[<>!(),.+*/%&-]/y;

/** Spellings that differ from the sign they stand for. */
const spellings: Readonly<Record<string, Sign>> = { "<>": "!=", "&&": "and", "||": "or", "!": "not" };
const words: ReadonlySet<string> = new Set(["and", "or", "not", "in"]);

function readToken(filter: string, at: number): [Token | undefined, number] {
  const blank = match(space, filter, at);
  if (blank !== undefined) return [undefined, blank.length];
  const digits = match(number, filter, at);
  if (digits !== undefined) return [{ kind: "number", value: Number(digits), at }, digits.length];
  const quoted = match(text, filter, at);
  if (quoted !== undefined) return [{ kind: "text", value: unquote(quoted), at }, quoted.length];
  const word = match(name, filter, at);
  if (word !== undefined) return [wordToken(word, at), word.length];
  const mark = match(sign, filter, at);
  if (mark !== undefined) return [{ kind: "sign", value: spellings[mark] ?? (mark as Sign), at }, mark.length];
  throw filterError(`unexpected '${filter.charAt(at)}'`, at);
}

function match(pattern: RegExp, filter: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(filter)?.[0];
}

/** A quote inside is written twice. */
function unquote(quoted: string): string {
  const quote = quoted.charAt(0);
  return quoted.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Keywords come in lower or in upper case; anything else is the name of a column. */
function wordToken(word: string, at: number): Token {
  const keyword = word === word.toUpperCase() ? word.toLowerCase() : word;
  return words.has(keyword) ? { kind: "sign", value: keyword as Sign, at } : { kind: "name", value: word, at };
}

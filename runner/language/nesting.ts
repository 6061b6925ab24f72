import { Lexer } from "yaml";

const maxDepth = 64;
const maxIndent = 256;
const flowEnd = "\u001f";

/**
 * Where a YAML text nests more deeply than anybody writes by hand; undefined: nowhere. Asked before parsing, because the
 * parser's recursion would end the process, not throw, on such a text. Works on tokens: linear in the text.
 */
export function tooDeepAt(text: string): number | undefined {
  let offset = 0;
  let flow = 0;
  let block = 0;
  let lineStart = true;
  for (const token of new Lexer().lex(text)) {
    if (lineStart && /^ +$/.test(token) && token.length > maxIndent) return offset;
    lineStart = token === "\n" || token === "\r\n";
    if (lineStart && flow === 0) block = 0;
    else if (token === "[" || token === "{") flow += 1;
    else if (token === "]" || token === "}") flow = Math.max(0, flow - 1);
    else if (flow === 0 && (token === "-" || token === "?" || token === ":")) block += 1;
    if (flow > maxDepth || block > maxDepth) return offset;
    if (isText(token)) offset += token.length;
  }
  return undefined;
}

/** Some tokens are marks of the lexer's own and take no place in the text. */
function isText(token: string): boolean {
  return token !== "\u0002" && token !== "\u0018" && token !== flowEnd;
}

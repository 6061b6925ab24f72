import type { Fault } from "./bounds.ts";

/** A word or sign of another language where CEL has its own: what an expression that does not parse may hold. */
export function slipIn(text: string): Fault | undefined {
  for (const match of text.matchAll(pieces)) {
    const [piece] = match;
    if (/^["']/.test(piece)) continue;
    const slip = slips.find(([pattern]) => pattern.test(text.slice(match.index)));
    if (slip === undefined || text[match.index - 1] === ".") continue;
    const [, name, hint] = slip;
    return { start: match.index, code: "bad-expression", message: `CEL has no ${name}`, hint };
  }
  return undefined;
}

/** Texts in quotes, words, and signs that stand together. */
const pieces = /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[A-Za-z_]\w*|[=!<>&|~]+|[“”‘’„]/g;

/** What a piece begins with, what it is called, what to write. */
const slips: readonly (readonly [pattern: RegExp, name: string, hint: string])[] = [
  [/^and\b/i, "word `and`", "Write &&."],
  [/^or\b/i, "word `or`", "Write ||."],
  [/^not\s+in\b/i, "`not in`", "Write !(x in list)."],
  [/^not\b/i, "word `not`", "Write ! before what must not hold: !(…)."],
  [/^is\s+not\b/i, "`is not`", "Write !=."],
  [/^is\b/i, "word `is`", "Write ==."],
  [/^like\b/i, "word `like`", "Write rematch(text, pattern), or text.contains(…), text.startsWith(…)."],
  [/^=~/, "sign `=~`", "Write rematch(text, pattern)."],
  [/^===/, "sign `===`", "Write ==."],
  [/^!==/, "sign `!==`", "Write !=."],
  [/^<>/, "sign `<>`", "Write !=."],
  [/^=(?![=~])/, "sign `=`", "Write == to compare."],
  [/^&(?!&)/, "sign `&`", "Write &&."],
  [/^\|(?!\|)/, "sign `|`", "Write ||."],
  [/^[“”‘’„]/, "such quotes", "Write straight ones: \" or '."],
];

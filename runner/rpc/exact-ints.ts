/** Fewer digits in a row than this always fit. */
const manyDigits = /\d{16}/;
/** At a place: a whole number token, with its fraction and exponent. */
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wholeNumber = /^-?[1-9]\d{15,}$/;
const quote = 34;
const backslash = 92;

/**
 * JSON text in which whole numbers that JSON.parse would round are written as `{"$int":"digits"}`; nothing inside strings
 * is touched. What is no JSON before is none afterwards: a number stands only where an object may stand too.
 */
export function withExactInts(text: string): string {
  if (!manyDigits.test(text)) return text;
  const parts: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length;) {
    const character = text.charCodeAt(at);
    if (character === quote) at = endOfString(text, at);
    else if (!beginsNumber(character)) at += 1;
    else {
      const token = numberAt(text, at);
      if (isRounded(token)) {
        parts.push(text.slice(copied, at), `{"$int":"${token}"}`);
        copied = at + token.length;
      }
      at += Math.max(1, token.length);
    }
  }
  parts.push(text.slice(copied));
  return parts.join("");
}

/** The place behind the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at + 1;
}

function beginsNumber(character: number): boolean {
  return character === 45 || (character >= 48 && character <= 57);
}

/** Empty for a minus without digits. */
function numberAt(text: string, at: number): string {
  number.lastIndex = at;
  return number.exec(text)?.[0] ?? "";
}

function isRounded(token: string): boolean {
  return token.length >= 16 && wholeNumber.test(token) && !Number.isSafeInteger(Number(token));
}

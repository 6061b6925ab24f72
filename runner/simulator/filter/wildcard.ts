import { ApiError, errorData } from "../api-error.ts";

/** What one character of a text has to be; `run` is any number of any characters. */
type Piece = "run" | "any" | { readonly ranges: readonly (readonly [string, string])[] };

/**
 * Turn a wildcard pattern into a test of a whole text: `*` is any run of characters, `?` one, `[a-f_]` one of a set;
 * case counts. It is no regular expression, and takes at most text × pattern steps however many `*` there are.
 * @throws ApiError for a range that ends before it begins.
 */
export function wildcard(pattern: string): (text: string) => boolean {
  const pieces = readPieces(pattern);
  return (text) => matches(pieces, text);
}

function readPieces(pattern: string): Piece[] {
  const parts = pattern.match(/\[[^\]]+\]|\*+|[^]/g) ?? [];
  return parts.map((part) => {
    if (part.startsWith("*")) return "run";
    if (part === "?") return "any";
    if (part.length === 1) return { ranges: [[part, part]] };
    return { ranges: readRanges(part.slice(1, -1), pattern) };
  });
}

function readRanges(set: string, pattern: string): [string, string][] {
  const ranges = (set.match(/[^]-[^]|[^]/g) ?? []).map((one): [string, string] => [one.charAt(0), one.slice(-1)]);
  if (ranges.every(([first, last]) => first <= last)) return ranges;
  throw new ApiError(errorData.filter, `Filter: '${pattern}' is no wildcard pattern`);
}

/** Only the last run ever has to be stretched: whatever an earlier one took can stay as it is. */
function matches(pieces: readonly Piece[], text: string): boolean {
  let [piece, at] = [0, 0];
  let [afterRun, stretched] = [-1, 0];
  while (at < text.length) {
    const wanted = pieces[piece];
    if (wanted === "run") {
      [afterRun, stretched] = [piece + 1, at];
      piece += 1;
    } else if (wanted !== undefined && fits(wanted, text.charAt(at))) {
      piece += 1;
      at += 1;
    } else if (afterRun >= 0) {
      stretched += 1;
      [piece, at] = [afterRun, stretched];
    } else {
      return false;
    }
  }
  return pieces.slice(piece).every((left) => left === "run");
}

function fits(piece: Exclude<Piece, "run">, character: string): boolean {
  return piece === "any" || piece.ranges.some(([first, last]) => character >= first && character <= last);
}

import { ApiError, errorData } from "../api-error.ts";

/** What one character of a text has to be; `run` is any number of any characters. */
type Piece =
  | { readonly kind: "run" | "any" }
  | { readonly kind: "one"; readonly character: string }
  | { readonly kind: "set"; readonly ranges: readonly (readonly [string, string])[] };

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
    if (part.startsWith("*")) return { kind: "run" };
    if (part === "?") return { kind: "any" };
    if (part.length === 1) return { kind: "one", character: part };
    return { kind: "set", ranges: readRanges(part.slice(1, -1), pattern) };
  });
}

function readRanges(set: string, pattern: string): [string, string][] {
  const ranges = (set.match(/[^]-[^]|[^]/g) ?? []).map((one): [string, string] => [one.charAt(0), one.slice(-1)]);
  if (ranges.every(([first, last]) => first <= last)) return ranges;
  throw new ApiError(errorData.filter, `Filter: '${pattern}' is no wildcard pattern`);
}

/** Only the last run ever has to be stretched: whatever an earlier one took can stay as it is. */
function matches(pieces: readonly Piece[], text: string): boolean {
  let piece = 0;
  let at = 0;
  let afterRun = -1;
  let stretched = 0;
  while (at < text.length) {
    const wanted = pieces[piece];
    if (wanted?.kind === "run") {
      piece += 1;
      afterRun = piece;
      stretched = at;
    } else if (wanted !== undefined && fits(wanted, text.charAt(at))) {
      piece += 1;
      at += 1;
    } else if (afterRun >= 0) {
      stretched += 1;
      piece = afterRun;
      at = stretched;
    } else {
      return false;
    }
  }
  while (pieces[piece]?.kind === "run") piece += 1;
  return piece === pieces.length;
}

function fits(piece: Piece, character: string): boolean {
  switch (piece.kind) {
    case "one":
      return piece.character === character;
    case "set":
      return piece.ranges.some(([first, last]) => character >= first && character <= last);
    case "any":
    case "run":
      return true;
  }
}

import { hanging, widthOf, wrap } from "../width.ts";

/** A line of what is shown of one entry: text; cells of a table; or YAML, which no width breaks. */
export type Line =
  string | { readonly cells: readonly string[]; readonly widths: readonly number[] } | { readonly verbatim: string };

/** Columns that the last cell needs beside the others, if it is not shorter. */
const leastRoom = 16;
const below = "      ";

/** Lines of at most `width` columns; only a single word, or YAML, is longer. */
export function laidOut(lines: readonly Line[], width: number): readonly string[] {
  return lines.flatMap((line) => {
    if (typeof line === "string") return hanging(/^ */.exec(line)?.[0] ?? "", line.trim(), width);
    if ("verbatim" in line) return [line.verbatim];
    return row(line, width);
  });
}

/** The last cell takes several lines where it has to. Without room for that, all but the first go below it. */
function row({ cells, widths }: Extract<Line, { readonly cells: unknown }>, width: number): readonly string[] {
  const [first = "", ...others] = cells;
  const head = cells.slice(0, -1).map((cell, place) => `  ${cell.padEnd(widths[place] ?? 0)}`);
  const indent = widthOf(head.join("")) + 2;
  const last = cells.at(-1) ?? "";
  if (last === "" && widthOf(head.join("").trimEnd()) <= width) return [head.join("").trimEnd()];
  const room = width - indent;
  if (room < Math.min(leastRoom, widthOf(last)) && others.length > 0) {
    const text = others.filter((cell) => cell !== "").join(", ");
    return [`  ${first}`, ...wrap(text, width - below.length).map((part) => below + part)];
  }
  return wrap(last, room).map((part, place) => (place === 0 ? head.join("") : " ".repeat(indent - 2)) + `  ${part}`);
}

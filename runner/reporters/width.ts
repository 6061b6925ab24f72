import stringWidth from "string-width";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Columns a text takes on a terminal; wide characters take two, colours none. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The text in at most `width` columns; what does not fit is cut at a whole character and shown as `…`. Plain text only. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let fitted = "";
  let used = 1;
  for (const { segment } of graphemes.segment(text)) {
    used += widthOf(segment);
    if (used > width) break;
    fitted += segment;
  }
  return width < 1 ? "" : `${fitted}…`;
}

/** The text filled with blanks to `width` columns. */
export function pad(text: string, width: number, side: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, width - widthOf(text)));
  return side === "left" ? text + blanks : blanks + text;
}

/** The text in lines of at most `width` columns, broken at blanks; a longer word has a line of its own. Plain text only. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Lines of at most `width` columns: what does not fit behind the head goes below it, two columns further in than `head` unless said. */
export function hanging(head: string, text: string, width: number, below = widthOf(head) + 2): readonly string[] {
  if (widthOf(head + text) <= width) return [head + text];
  const [first = "", ...more] = wrap(text, Math.max(1, width - Math.max(below, widthOf(head))));
  return [head + first, ...more.map((part) => " ".repeat(below) + part)];
}

import { expect, it } from "vitest";
import { widthOf, wrap } from "../../runner/reporters/width.ts";

it.each([
  ["a few words in a row", 10, ["a few", "words in a", "row"]],
  ["short", 10, ["short"]],
  ["", 10, [""]],
  ["an /unbreakable/path here", 8, ["an", "/unbreakable/path", "here"]],
  ["日本語 日本語", 7, ["日本語", "日本語"]],
])("breaks %j at %s columns into %j", (text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines);
  expect(wrap(text, width).join(" ")).toBe(text);
  for (const line of lines.filter((one) => one.includes(" "))) expect(widthOf(line)).toBeLessThanOrEqual(width);
});

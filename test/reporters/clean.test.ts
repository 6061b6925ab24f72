import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanJson, cleanText } from "../../runner/reporters/clean.ts";

const esc = "\u001b";
// eslint-disable-next-line no-control-regex
const steering = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const nasty = fc.array(
  fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(esc, "[", "]0;", "\u009b", "\u009d", "\u0007", "31m", "\u202e", "\n", "\ud800", "2J", "\\"),
  ),
);

describe("text of the service on a terminal", () => {
  it.each([
    ["colours", `PC-1${esc}[31;1m red${esc}[0m`, "PC-1 red"],
    ["a cleared screen", `${esc}[2J${esc}[HDESK`, "DESK"],
    ["a window title", `${esc}]0;owned\u0007DESK`, "DESK"],
    ["a title that never ends, which would swallow the rest", `${esc}]0;DESK`, "0;DESK"],
    ["one-byte control sequences", "\u009b31mDESK\u009b0m", "DESK"],
    ["a name written backwards", "invoice\u202efdp.exe", "invoicefdp.exe"],
    ["text hidden in a title", `a${esc}]0;x\u009d0;y\u0007b`, "a0;xb"],
    ["an invisible hyphen", "ad\u00admin", "admin"],
    ["more than one line", "first\r\nsecond\tthird", "first second third"],
    ["carriage returns and backspaces", "DESK-1\rDESK-2\b\b", "DESK-1 DESK-2"],
    ["a broken character", "a\ud800b", "a\ufffdb"],
    ["ordinary text in any script", "Büro 日本 👩‍💻 عربى", "Büro 日本 👩‍💻 عربى"],
  ])("takes %s", (_, raw, clean) => {
    expect(cleanText(raw)).toBe(clean);
  });

  it.each(["\u009d", "\u0090", `${esc}]`, `${esc}[`, "\u009b0;"])("takes a million of %j in no time", (sequence) => {
    const began = performance.now();
    cleanText(sequence.repeat(300_000));
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it("holds nothing that steers, whatever came in, and cleaning twice changes nothing", () => {
    fc.assert(
      fc.property(nasty, (parts) => {
        const clean = cleanText(parts.join(""));
        expect(clean).not.toMatch(steering);
        expect(cleanText(clean)).toBe(clean);
      }),
    );
  });

  it("keeps its value exactly in JSON, without a raw control character", () => {
    fc.assert(
      fc.property(nasty, (parts) => {
        const value = { name: parts.join("").replace(/[\ud800-\udfff]/g, "") };
        const json = cleanJson(value);
        expect(json).not.toMatch(steering);
        expect(JSON.parse(json)).toEqual(value);
      }),
    );
  });
});

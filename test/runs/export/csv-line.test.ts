import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvLine } from "../../../runner/runs/export/csv-line.ts";

describe("a line of a table", () => {
  it.each([
    ["a\u0000b", "a\ufffdb"],
    ["\u001b[31mred", "\ufffd[31mred"],
    ["\u0000=1+1", "\ufffd=1+1"],
    ["tab\there", '"tab\there"'],
    ["b;=1+1", `"b;'=1+1"`],
    ['b; "=1+1', `"b; ""'=1+1"`],
    ["b\t@SUM(1)", `"b\t'@SUM(1)"`],
    ["two\n=1+1", `"two\n'=1+1"`],
    ["a;b", '"a;b"'],
    ["two\nlines", '"two\nlines"'],
    ["=1+1", "'=1+1"],
    ["-5.5", "-5.5"],
  ])("has %j as %j", (cell, expected) => {
    expect(csvLine([cell])).toBe(expected);
  });

  it("holds no formula where a spreadsheet parts it at semicolons, tabs or line ends, quotes or not", () => {
    const cell = fc.string({
      unit: fc.constantFrom(";", "\t", "\n", "=", "+", "-", "@", '"', " ", ",", "a", "1", "\uff1d"),
    });
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 4 }), (cells) => {
        const [, ...parted] = csvLine(["run", ...cells]).split(/[;\t\n]/);
        expect(parted.filter((part) => /^["\s]*[=+\-@\uff1d]/.test(part))).toEqual([]);
      }),
    );
  });

  it("holds no control character but line ends and tabs, whatever a service says", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary-ascii" })), (cells) => {
        const bytes = [...Buffer.from(csvLine(cells))];
        expect(bytes.filter((one) => (one < 32 && ![9, 10, 13].includes(one)) || one === 127)).toEqual([]);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { table } from "../../runner/reporters/table.ts";
import { fit, widthOf } from "../../runner/reporters/width.ts";

const columns = [{ head: "item", least: 12 }, { head: "n", align: "right" as const }, { head: "before -> after" }];
const rows = [
  ["DESK-1", "7", "3 -> 4"],
  ["日本語デスクトップ端末の長い名前", "12", "a text of some length -> another text of some length"],
];

describe("a table", () => {
  it("lines up, wide characters included", () => {
    expect(table(columns, rows, 200)).toBe(
      [
        "item                               n  before -> after",
        "DESK-1                             7  3 -> 4",
        "日本語デスクトップ端末の長い名前  12  a text of some length -> another text of some length",
      ].join("\n"),
    );
  });

  it("cuts the widest column first where the terminal is narrow", () => {
    expect(table(columns, rows, 60)).toBe(
      [
        "item                          n  before -> after",
        "DESK-1                        7  3 -> 4",
        "日本語デスクトップ端末の長…  12  a text of some length -> a…",
      ].join("\n"),
    );
  });

  it("leaves out a spare column rather than cut all of them below use", () => {
    const run = "20261126T151020Z-dkw5m";
    const spare = [
      { head: "run", fixed: true },
      { head: "service", spare: true },
      { head: "exit", least: 4 },
    ];
    expect(table(spare, [[run, "simulator", "0"]], 30)).toBe(`run                     exit\n${run}  0`);
    expect(table(spare, [[run, "simulator", "0"]], 60)).toContain("simulator");
  });

  it("leaves out what is the most spare first", () => {
    const spare = [
      { head: "name", least: 10 },
      { head: "a", spare: 2 },
      { head: "b", spare: 1 },
      { head: "c", spare: 2 },
    ];
    const heads = (width: number): string => table(spare, [], width);
    expect([40, 33, 25, 17].map(heads)).toEqual(["name  a  b  c", "name  a  b", "name  b", "name"]);
  });

  it("gives a name that does not fit a line of its own, and never cuts it", () => {
    const whole = [{ head: "name", least: 8, whole: true }, { head: "note" }];
    const long = "aVeryLongNameIndeed";
    expect(
      table(
        whole,
        [
          [long, "x"],
          [long, ""],
          ["short", "a long text about it"],
        ],
        20,
      ),
    ).toBe(["name       note", long, "           x", long, "short      a long t…"].join("\n"));
  });

  it("cuts a list of names behind a name", () => {
    const names = [{ head: "of", names: true }];
    expect(table(names, [["alpha, beta, gamma"]], 14)).toBe("of\nalpha, …");
    expect(table(names, [["alpha, beta, gamma"]], 18)).toBe("of\nalpha, beta, gamma");
    expect(table(names, [["alphabetical, b"]], 8)).toBe("of\n…");
  });

  it("cuts nothing without a width", () => {
    expect(table(columns, rows, Infinity)).toBe(table(columns, rows, 1000));
  });

  it("never cuts what is copied from it", () => {
    const ids = [
      { head: "item", least: 12 },
      { head: "id", fixed: true },
      { head: "change", least: 16 },
    ];
    const alike = [
      ["a device with a long name", "1200046", "product_id 3 -> 4"],
      ["a device with a long name", "1200047", "product_id 3 -> 4"],
    ];
    for (const width of [20, 40, 80]) expect(table(ids, alike, width)).toMatch(/ 1200046 [^]* 1200047 /);
    for (const line of table(ids, alike, 40).split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(40);
  });

  it("is its heading alone when there are no rows", () => {
    expect(table(columns, [], 80)).toBe("item  n  before -> after");
  });

  it("never passes the width, at any width, with any text", () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom("日本語のとても長い名前です", "👩‍💻👩‍💻", "x".repeat(300)));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell)), fc.integer({ min: 20, max: 220 }), (cells, width) => {
        for (const line of table(columns, cells, width).split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
      { numRuns: 50 },
    );
  });

  it("cuts text at whole characters", () => {
    expect(fit("日本語", 5)).toBe("日本…");
    expect(fit("日本語", 4)).toBe("日…");
    expect(fit("DESK", 4)).toBe("DESK");
  });
});

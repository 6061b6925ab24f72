import { describe, expect, it } from "vitest";
import { readColumnCode } from "../../runner/simulator/column-codes.ts";
import type { ColumnCode } from "../../runner/simulator/column-codes.ts";

describe("column codes", () => {
  it.each<[string[], ColumnCode]>([
    [["I0", "AU"], { kind: "property", number: 0 }],
    [["I9", "PD"], { kind: "property", number: 9 }],
    [["I48", "REM"], { kind: "property", number: 48 }],
    [["I59", "AT"], { kind: "property", number: 59 }],
    [["D09F03", "D9F3", "D09F3", "T3"], { kind: "statistic", source: 9, field: 3 }],
    [["D09F06", "T7"], { kind: "statistic", source: 9, field: 6 }],
    [["D09F07", "T6"], { kind: "statistic", source: 9, field: 7 }],
    [["D09F08", "TB"], { kind: "statistic", source: 9, field: 8 }],
    [["D09F09", "TL"], { kind: "statistic", source: 9, field: 9 }],
    [["D09F15", "TG"], { kind: "statistic", source: 9, field: 15 }],
    [["D09F17", "TJ"], { kind: "statistic", source: 9, field: 17 }],
    [["D09F18", "TO"], { kind: "statistic", source: 9, field: 18 }],
    [["D01F00", "F0"], { kind: "statistic", source: 1, field: 0 }],
    [["D07F00", "S0"], { kind: "statistic", source: 7, field: 0 }],
    [["D10F00", "Z0"], { kind: "statistic", source: 10, field: 0 }],
    [["D14F12", "HA"], { kind: "statistic", source: 14, field: 12 }],
    [["D18F13", "KI"], { kind: "statistic", source: 18, field: 13 }],
    [["D19F20", "GM"], { kind: "statistic", source: 19, field: 20 }],
    [["D19F21", "G@"], { kind: "statistic", source: 19, field: 21 }],
    [["D20F20", "JM"], { kind: "statistic", source: 20, field: 20 }],
    [["D03F00", "Q0"], { kind: "statistic", source: 3, field: 0 }],
    [["D23F27"], { kind: "statistic", source: 23, field: 27 }],
    [["AA843"], { kind: "custom", id: 843 }],
    [["RTG"], { kind: "legacy", code: "RTG" }],
  ])("%j are one column", (codes, meaning) => {
    for (const code of codes) expect(readColumnCode(code)).toEqual(meaning);
  });

  it.each([
    "",
    "I7",
    "I91",
    "pd",
    "i9",
    "D00F00",
    "D24F00",
    "D01F26",
    "D01F28",
    "D01",
    "F00",
    "AA",
    "ANY",
    "T8",
    "  ",
    "toString",
  ])("%j is none", (code) => {
    expect(readColumnCode(code)).toBeUndefined();
  });
});

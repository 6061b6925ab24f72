import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bytesText,
  parseBytes,
  parseDuration,
  parsePercent,
  parseRate,
  parseTime,
} from "../../runner/language/units.ts";

describe("units", () => {
  it.each<[string, number | undefined]>([
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["1w", 604_800_000],
    ["1mo", 2_629_743_000],
    ["1y", 31_556_926_000],
    ["0s", 0],
    ["1.5h", undefined],
    ["-1s", undefined],
    ["1 h", undefined],
    ["1M", undefined],
    ["", undefined],
    ["999999999999y", undefined],
  ])("reads the duration %j", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each<[string, number | undefined]>([
    ["500 GB", 536_870_912_000],
    ["64 MiB", 67_108_864],
    ["1K", 1024],
    ["1.5 kb", 1536],
    ["12", 12],
    ["12 B", 12],
    ["0.3 B", undefined],
    ["x", undefined],
    ["9999999 PB", undefined],
  ])("reads the size %j", (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each<[string, number | undefined]>([
    ["1970-01-01", 0],
    ["2026-01-31T22:00Z", 1_769_896_800],
    ["2026-01-31 22:00:30", 1_769_896_830],
    ["2026-01-31T22:00+01:00", 1_769_893_200],
    ["2024-02-29", 1_709_164_800],
    ["2026-02-29", undefined],
    ["2026-13-01", undefined],
    ["2026-01-31T24:00", undefined],
    ["31.01.2026", undefined],
  ])("reads the time %j in UTC", (text, seconds) => {
    expect(parseTime(text)).toBe(seconds);
  });

  it("reads rates and percentages", () => {
    expect([parseRate("5/s"), parseRate("300/m"), parseRate("90/h"), parseRate("0/m"), parseRate("5/d")]).toEqual([
      300,
      300,
      1.5,
      undefined,
      undefined,
    ]);
    expect([parsePercent("10%"), parsePercent("2.5%"), parsePercent("101%"), parsePercent("10")]).toEqual([
      10,
      2.5,
      undefined,
      undefined,
    ]);
  });

  it("writes sizes that it reads back", () => {
    expect([bytesText(0), bytesText(1023), bytesText(1536), bytesText(536_870_912_000)]).toEqual([
      "0 B",
      "1023 B",
      "1.5 KB",
      "500 GB",
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.constantFrom(0, 1, 2, 3, 4), (count, power) => {
        const bytes = count * 1024 ** power;
        expect(parseBytes(bytesText(bytes))).toBe(bytes);
      }),
    );
  });
});

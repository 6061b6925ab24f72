import fc from "fast-check";
import { expect, it } from "vitest";
import { bound, count, countOf, duration, rate } from "../../runner/reporters/amount.ts";
import { valueText } from "../../runner/reporters/value.ts";

it.each([
  [0, "0 ms"],
  [850, "850 ms"],
  [999.6, "1000 ms"],
  [12_400, "12 s"],
  [59_700, "1 min"],
  [200_000, "3 min 20 s"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
  [187_200_000, "2 d 4 h"],
])("says %s ms as %s", (ms, text) => expect(duration(ms)).toBe(text));

it.each([
  [0, "0 ms"],
  [399.1, "400 ms"],
  [999.6, "1000 ms"],
  [1134.9, "2 s"],
  [59_001, "1 min"],
  [200_001, "3 min 21 s"],
  [7_440_001, "2 h 5 min"],
  [187_200_001, "2 d 5 h"],
])("says that it is not longer than %s ms by %s", (ms, text) => expect(bound(ms)).toBe(text));

it("never tells a bound that is too short", () => {
  const unit: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };
  const told = (text: string): number =>
    [...text.matchAll(/(\d+) (ms|s|min|h|d)/g)].reduce(
      (sum, [, amount, of = ""]) => sum + Number(amount) * (unit[of] ?? 0),
      0,
    );
  fc.assert(fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (ms) => told(bound(ms)) >= ms));
});

it("counts as people write it", () => {
  expect([count(1204), countOf(1, "change"), countOf(12_040, "change")]).toEqual([
    "1,204",
    "1 change",
    "12,040 changes",
  ]);
  expect([rate(0.42), rate(35.4), rate(1234.5)]).toEqual(["0.4/s", "35/s", "1,235/s"]);
});

it.each([
  [null, "unset"],
  [undefined, "unset"],
  [7, "7"],
  ["7", '"7"'],
  ["", '""'],
  ["unset", '"unset"'],
  [" padded", '" padded"'],
  ["Büro 12", "Büro 12"],
  [true, "true"],
  [["a", 1], '["a",1]'],
  [{ password: { $secret: [{ input: "new_password" }] } }, '{"password":"[secret]"}'],
])("shows the value %j as %s", (value, text) => expect(valueText(value)).toBe(text));

import { describe, expect, it } from "vitest";
import { exactly, isExactInt, jsonText } from "../../../runner/core/model/exact.ts";
import { readValue, sameValue, ValueError, type FieldType } from "../../../runner/core/model/values.ts";
import { keepable } from "../../../runner/core/model/withheld.ts";
import { valueText } from "../../../runner/reporters/value.ts";

const big = { $int: "9007199254740993" };

describe("a whole number beyond 2^53", () => {
  it.each([
    [{ $int: "9007199254740993" }, true],
    [{ $int: "-18446744073709551616" }, true],
    [{ $int: "9007199254740991" }, false],
    [{ $int: "5" }, false],
    [{ $int: "0009007199254740993" }, false],
    [{ $int: "9007199254740993.0" }, false],
    [{ $int: `1${"0".repeat(400)}` }, false],
    [{ $int: 9007199254740 }, false],
    [{ $int: "9007199254740993", more: 1 }, false],
    [["$int"], false],
    [null, false],
  ])("%j is one: %s", (value, expected) => expect(isExactInt(value)).toBe(expected));

  it("is written as a number where that is exact", () => {
    expect([exactly(2n ** 53n - 1n), exactly(2n ** 53n), exactly(-(2n ** 70n))]).toEqual([
      9007199254740991,
      { $int: "9007199254740992" },
      { $int: "-1180591620717411303424" },
    ]);
  });

  it.each<[FieldType, unknown]>([
    ["integer", "9007199254740993"],
    ["unix_time", "9007199254740993"],
    ["bytes", "9007199254740993"],
    ["hex", "9007199254740993"],
    ["string", "9007199254740993"],
    ["enum", "9007199254740993"],
    ["number", 9007199254740992],
  ])("is read as %s: %j", (type, expected) => expect(readValue({ type }, big)).toBe(expected));

  it.each<FieldType>(["boolean", "list", "set", "object"])("is no %s", (type) => {
    expect(() => readValue({ type }, big)).toThrow(ValueError);
    expect(() => readValue({ type }, big)).toThrow("9007199254740993");
  });

  it("is kept and compared inside lists and objects", () => {
    expect(readValue({ type: "list" }, [big])).toEqual([big]);
    expect(sameValue({ type: "set" }, [big, 1], [1, { ...big }])).toBe(true);
    expect(sameValue({ type: "set" }, [big], [{ $int: "9007199254740994" }])).toBe(false);
    expect(keepable({ a: [big], b: 2 ** 60 }, () => false)).toEqual({ a: [big], b: { $withheld: true } });
  });

  it("is shown as its digits, and no text looks like it", () => {
    expect(jsonText({ a: [big], b: '{"$int":"9007199254740993"}' })).toBe(
      '{"a":[9007199254740993],"b":"{\\"$int\\":\\"9007199254740993\\"}"}',
    );
    expect(valueText(big)).toBe("9007199254740993");
    expect(valueText({ a: big, p: { $secret: ["x"] } })).toBe('{"a":9007199254740993,"p":"[secret]"}');
  });
});

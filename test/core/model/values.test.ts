import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonical,
  readable,
  readValue,
  sameValue,
  timeText,
  ValueError,
  type FieldSpec,
  type ShownAs,
} from "../../../runner/core/model/values.ts";

const spec = (type: FieldSpec["type"], more: Partial<FieldSpec> = {}): FieldSpec => ({ type, ...more });

describe("values as a service sends them", () => {
  const table: readonly [FieldSpec, unknown, unknown][] = [
    [spec("integer"), "42", 42],
    [spec("integer"), 42, 42],
    [spec("integer"), "-7", -7],
    [spec("integer"), "9007199254740993", "9007199254740993"],
    [spec("integer"), undefined, null],
    [spec("string"), "", ""],
    [spec("string", { emptyIsUnset: true }), "", null],
    [spec("string"), 12, "12"],
    [spec("unix_time"), "0", null],
    [spec("unix_time"), "1700000000", 1_700_000_000],
    [spec("bytes"), "64K", 65_536],
    [spec("bytes"), "586755749630", 586_755_749_630],
    [spec("hex"), "0x1F", 31],
    [spec("number"), "1.5", 1.5],
    [spec("boolean"), "false", false],
    [spec("boolean"), 1, true],
    [spec("enum", { tokens: { "1": "workstation" } }), "1", "workstation"],
    [spec("enum", { tokens: { "1": "workstation" } }), 1, "workstation"],
    [spec("enum", { tokens: {} }), "99", "99"],
    [spec("enum", { tokens: {} }), "constructor", "constructor"],
    [spec("enum", { tokens: {} }), "__proto__", "__proto__"],
    [spec("set"), ["b", "a"], ["b", "a"]],
    [spec("set"), null, null],
  ];
  for (const [field, raw, value] of table) {
    it(`${field.type}: ${raw === undefined ? "missing" : JSON.stringify(raw)} reads as ${JSON.stringify(value)}`, () => {
      expect(readValue(field, raw)).toEqual(value);
    });
  }

  const wrong: readonly [FieldSpec["type"], unknown][] = [
    ["integer", "12x"],
    ["integer", 1.5],
    ["integer", ""],
    ["number", "NaN"],
    ["boolean", "yes"],
    ["set", "a"],
    ["object", "a"],
    ["bytes", "64X"],
  ];
  for (const [type, raw] of wrong) {
    it(`${type}: ${JSON.stringify(raw)} is an error, never a guess`, () => {
      expect(() => readValue(spec(type), raw)).toThrow(ValueError);
    });
  }

  it("keeps every integer exact, however large", () => {
    fc.assert(
      fc.property(fc.bigInt(), (number) => {
        expect(String(readValue(spec("integer"), String(number)))).toBe(String(number));
      }),
    );
  });

  it("compares sets without order, null as the empty set, and objects without the order of members", () => {
    expect(sameValue(spec("set"), ["a", "b"], ["b", "a", "a"])).toBe(true);
    expect(sameValue(spec("set"), null, [])).toBe(true);
    expect(sameValue(spec("list"), ["a", "b"], ["b", "a"])).toBe(false);
    expect(sameValue(spec("object"), { a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(sameValue(spec("integer"), 1, "1")).toBe(false);
  });

  it("takes 0 for unset only where the service does", () => {
    expect(sameValue(spec("integer", { zeroIsUnset: true }), 0, null)).toBe(true);
    expect(sameValue(spec("integer", { zeroIsUnset: true }), 1, null)).toBe(false);
    expect(sameValue(spec("integer"), 0, null)).toBe(false);
  });

  it("has one text for each JSON value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const a = canonical(left as never);
        expect(JSON.parse(a)).toEqual(JSON.parse(JSON.stringify(left)));
        if (a === canonical(right as never))
          expect(JSON.parse(JSON.stringify(left))).toEqual(JSON.parse(JSON.stringify(right)));
      }),
    );
  });
});

describe("values as people read them", () => {
  const winter = 1_769_860_800;
  const summer = 1_782_900_000;
  const table: readonly [ShownAs, number | string | null, string, string | undefined][] = [
    [{ type: "bytes" }, 0, "UTC", "0 B"],
    [{ type: "bytes" }, 1023, "UTC", "1023 B"],
    [{ type: "bytes" }, 586_755_749_630, "UTC", "546.46 GiB"],
    [{ type: "unix_time" }, winter, "UTC", "2026-01-31T12:00:00Z"],
    [{ type: "unix_time" }, winter, "Europe/Berlin", "2026-01-31T13:00:00+01:00"],
    [{ type: "unix_time" }, summer, "Europe/Berlin", "2026-07-01T12:00:00+02:00"],
    [{ type: "unix_time" }, winter, "Europe/London", "2026-01-31T12:00:00+00:00"],
    [{ type: "unix_time" }, winter, "America/New_York", "2026-01-31T07:00:00-05:00"],
    [{ type: "unix_time" }, 1e15, "UTC", undefined],
    [{ type: "unix_time" }, null, "UTC", undefined],
    [{ type: "integer", unit: "seconds" }, 0, "UTC", "0 s"],
    [{ type: "integer", unit: "seconds" }, 90_061, "UTC", "1 d 1 h 1 min 1 s"],
    [{ type: "integer", unit: "seconds" }, -5, "UTC", undefined],
    [{ type: "integer" }, 90_061, "UTC", undefined],
    [{ type: "enum" }, "workstation", "UTC", undefined],
    [{ type: "secret" }, "hunter22", "UTC", "[secret]"],
    [{ type: "secret" }, null, "UTC", undefined],
  ];
  it.each(table)("%j %j in %s is %j", (shown, value, zone, text) => {
    expect(readable(shown, value, zone)).toBe(text);
  });
  it("name the same moment in every zone", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_800 }),
        fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Chatham", "America/St_Johns"),
        (seconds, zone) => {
          expect(Date.parse(timeText(seconds, zone) ?? "")).toBe(seconds * 1000);
        },
      ),
      { seed: 7 },
    );
  });
  it("tell any two spans of seconds apart", () => {
    const span = (seconds: number) => readable({ type: "integer", unit: "seconds" }, seconds, "UTC");
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, other) => {
        expect(span(one) === span(other)).toBe(one === other);
      }),
      { seed: 7 },
    );
  });
});

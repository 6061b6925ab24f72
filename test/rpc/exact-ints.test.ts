import fc from "fast-check";
import { expect, it } from "vitest";
import { withExactInts } from "../../runner/rpc/exact-ints.ts";
import { parseJson } from "../../runner/rpc/json.ts";
import { paramsText } from "../../runner/rpc/reveal.ts";

const cases: readonly [string, string][] = [
  ["9007199254740992", '{"$int":"9007199254740992"}'],
  ["9007199254740991", "9007199254740991"],
  ["-12345678901234567890", '{"$int":"-12345678901234567890"}'],
  ['{"a":[12345678901234567890,1]}', '{"a":[{"$int":"12345678901234567890"},1]}'],
  ['"12345678901234567890"', '"12345678901234567890"'],
  ['"a \\" 12345678901234567890"', '"a \\" 12345678901234567890"'],
  ['"\\\\",12345678901234567890', '"\\\\",{"$int":"12345678901234567890"}'],
  ['{"12345678901234567890":1}', '{"12345678901234567890":1}'],
  ["1.2345678901234567890", "1.2345678901234567890"],
  ["12345678901234567890.5", "12345678901234567890.5"],
  ["12345678901234567890e3", "12345678901234567890e3"],
  ["1e12345678901234567890", "1e12345678901234567890"],
  ["012345678901234567890", "012345678901234567890"],
];
it.each(cases)("%s is read as %s", (text, expected) => expect(withExactInts(text)).toBe(expected));

/** JSON with whole numbers of any size in it. */
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
    fc.integer().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
    fc.oneof(fc.string(), fc.stringMatching(/^[\d"\\]{16,30}$/)).map((text) => JSON.stringify(text)),
    fc.array(tie("value"), { maxLength: 4 }).map((all) => `[${all.join(" , ")}]`),
    fc
      .array(fc.tuple(fc.string(), tie("value")), { maxLength: 4 })
      .map((all) => `{${all.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`),
  ),
})).value;

const rounded = (_name: string, value: unknown): unknown => {
  const digits = (value as { readonly $int?: unknown } | null)?.$int;
  return typeof digits === "string" ? Number(digits) : value;
};

it("gives what JSON.parse gives, but for the digits that it rounds", () => {
  fc.assert(
    fc.property(json, (text) => {
      const exact = parseJson(text, true);
      expect(JSON.parse(JSON.stringify(exact), rounded)).toEqual(JSON.parse(JSON.stringify(JSON.parse(text))));
    }),
  );
});

it("goes back over the wire digit by digit", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (number) => {
      const text = `{"a":[${number}]}`;
      expect(paramsText(parseJson(text, true)!)).toBe(text);
    }),
  );
});

it("makes no JSON of what is none", () => {
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const pieces = fc.constantFrom(
    "12345678901234567890",
    "-",
    "1",
    ".",
    "e",
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      expect(isJson(withExactInts(text))).toBe(isJson(text));
    }),
    { numRuns: 5000 },
  );
});

it("writes only digits without quotes, whatever a service has made look like a number", () => {
  const spoofed = [{ $int: '1,"admin":true' }, { $int: "" }, { $int: "12", more: 1 }, { $int: 5 }];
  expect(paramsText(spoofed)).toBe(JSON.stringify(spoofed));
});

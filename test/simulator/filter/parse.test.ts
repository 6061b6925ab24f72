import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ApiError } from "../../../runner/simulator/api-error.ts";
import { parseFilter } from "../../../runner/simulator/filter/parse.ts";
import type { Filter } from "../../../runner/simulator/filter/parse.ts";
import { anyFilter, write } from "./expressions.ts";

describe("reading a filter", () => {
  it.each(["", "   "])("takes %j for all devices", (text) => {
    expect(parseFilter(text)).toBeUndefined();
  });

  it("reads and, or and not the same way in words, in capitals and in signs", () => {
    const words = parseFilter("not AT == 1 and OT != 2 or PD in (1, 2)");
    expect(positionless(parseFilter("! AT == 1 && OT <> 2 || PD in (1, 2)"))).toEqual(positionless(words));
    expect(positionless(parseFilter("NOT AT == 1 AND OT != 2 OR PD IN (1, 2)"))).toEqual(positionless(words));
    expect(words?.kind).toBe("or");
  });

  it("takes a doubled quote for a quote", () => {
    expect(parseFilter("AL == 'Ada''s desk'")).toMatchObject({ right: { value: "Ada's desk" } });
  });

  it.each([
    ["AT ==", "a value is missing at position 5"],
    ["AT == 1 PD == 2", "unexpected 'PD' at position 8"],
    ["(AT == 1", "')' is missing at position 8"],
    ["AT = 1", "unexpected '=' at position 3"],
    ["TS < 90.days", "'(' is missing at position 12"],
    ["TS < 90.5.", "a name is missing after '.' at position 10"],
    ["TS < .days()", "a value is missing before '.' at position 5"],
    ["TS. == 1", "a name is missing after '.' at position 4"],
    ["days(1", "')' is missing at position 6"],
    ["PD + == 2", "a value is missing before '==' at position 5"],
    ["PD == * 2", "a value is missing before '*' at position 6"],
    ["PD == 1 + not OT", "a value is missing before 'not' at position 10"],
    ["PD in ()", "a value is missing before ')' at position 7"],
    ["And PD", "unexpected 'PD' at position 4"],
    ["AN == 'open", "unexpected ''' at position 6"],
    ["AT == and", "a value is missing before 'and' at position 6"],
    ["PD in 1", "'(' is missing at position 6"],
    ["(".repeat(5000), "nested too deeply at position 201"],
    ["!".repeat(5000), "nested too deeply at position 201"],
    ["-".repeat(5000), "nested too deeply at position 201"],
    ["in(".repeat(300), "a value is missing before 'in' at position 0"],
    ["x(".repeat(300), "nested too deeply at position 402"],
    [`1${"+1".repeat(3000)}`, "too many operators at position 4001"],
    [`1${".x()".repeat(3000)}`, "too many operators at position 8001"],
    ["A".repeat(30_000), "too long at position 20000"],
  ])("refuses %.30j", (text, problem) => {
    expect(() => parseFilter(text)).toThrow(new ApiError(20401, `Filter: ${problem}`));
  });

  it("binds a dot tightest, then signs, factors, sums, comparisons, not, and, or", () => {
    const loose = "((-(2.days())) * 3 + 4 - 5 % 6) < 7 and (not (AT == 1)) or (OT == 2 and (PD in (1, 2)))";
    const bare = "-2.days() * 3 + 4 - 5 % 6 < 7 and not AT == 1 or OT == 2 and PD in (1, 2)";
    expect(positionless(parseFilter(bare))).toEqual(positionless(parseFilter(loose)));
    expect(positionless(parseFilter("1 - 2 - 3 == 4 == 5"))).toEqual(
      positionless(parseFilter("(((1 - 2) - 3) == 4) == 5")),
    );
  });

  it("tells a constant from a call on a column", () => {
    expect(parseFilter("PD != Product.Documents")).toMatchObject({
      right: { kind: "constant", name: "Product.Documents" },
    });
    expect(parseFilter("TS.ago()")).toMatchObject({
      kind: "call",
      name: "ago",
      target: { kind: "column", code: "TS" },
    });
    expect(parseFilter("A.B.ago()")).toMatchObject({ kind: "call", target: { kind: "constant", name: "A.B" } });
  });

  it("reads a list of two thousand ids", () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => 1_200_000 + index);
    expect(parseFilter(`AU in (${ids.join(",")})`)).toMatchObject({ among: { length: 2_000 } });
  });

  it("reads back whatever it can be written as", () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        expect(positionless(parseFilter(write(filter)))).toEqual(positionless(filter));
      }),
      { numRuns: 1000 },
    );
  });

  it("answers any text with a filter or an API error, never with a crash", () => {
    const piece = fc.constantFrom(
      "AT",
      "==",
      "(",
      ")",
      "'x'",
      "1",
      "and",
      "not",
      "in",
      ",",
      "-",
      "=~",
      " ",
      "§",
      ".",
      "+",
      "*",
      "ago",
      "''",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join(" ")),
        ),
        (text) => {
          try {
            parseFilter(text);
          } catch (error) {
            expect(error).toBeInstanceOf(ApiError);
          }
        },
      ),
    );
  });
});

function positionless(filter: Filter | undefined): unknown {
  return JSON.parse(JSON.stringify({ filter }, (key, value: unknown) => (key === "at" ? undefined : value)));
}

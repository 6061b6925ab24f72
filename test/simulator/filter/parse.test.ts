import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ApiError } from "../../../runner/simulator/api-error.ts";
import { parseFilter } from "../../../runner/simulator/filter/parse.ts";
import type { Filter } from "../../../runner/simulator/filter/parse.ts";

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
    ["TS < 90.days().ago()", "unexpected '.' at position 7"],
    ["PD + 1 == 2", "unexpected '+' at position 3"],
    ["AN == 'open", "unexpected ''' at position 6"],
    ["AT == and", "a value is missing before 'and' at position 6"],
    ["PD in 1", "'(' is missing at position 6"],
    ["-AN == 1", "'-' stands before numbers only at position 0"],
    ["(".repeat(5000), "nested too deeply at position 201"],
    ["!".repeat(5000), "nested too deeply at position 201"],
    ["A".repeat(30_000), "too long at position 20000"],
  ])("refuses %.30j", (text, problem) => {
    expect(() => parseFilter(text)).toThrow(new ApiError(20401, `Filter: ${problem}`));
  });

  it("reads back whatever it can be written as", () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        expect(positionless(parseFilter(write(filter)))).toEqual(positionless(filter));
      }),
    );
  });

  it("answers any text with a filter or an API error, never with a crash", () => {
    const piece = fc.constantFrom("AT", "==", "(", ")", "'x'", "1", "and", "not", "in", ",", "-", "=~", " ", "§");
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

const { filter: anyFilter } = fc.letrec<{ filter: Filter; operand: Filter }>((tie) => ({
  operand: fc.oneof(
    fc.oneof(fc.nat(), fc.string()).map((value): Filter => ({ kind: "literal", value })),
    fc.constantFrom("AU", "I9", "D01F00", "AA843", "G@").map((code): Filter => ({ kind: "column", code, at: 0 })),
  ),
  filter: fc.oneof(
    { maxDepth: 5 },
    tie("operand"),
    fc.record({ kind: fc.constant("not"), inner: tie("filter") }),
    fc.record({ kind: fc.constantFrom("and", "or"), left: tie("filter"), right: tie("filter") }),
    fc.record({
      kind: fc.constant("compare"),
      operator: fc.constantFrom("==", "!=", "<=", ">=", "<", ">", "=~"),
      left: tie("operand"),
      right: tie("operand"),
    }),
    fc.record({ kind: fc.constant("in"), left: tie("operand"), among: fc.array(tie("operand"), { minLength: 1 }) }),
  ),
}));

function write(filter: Filter): string {
  switch (filter.kind) {
    case "literal":
      return typeof filter.value === "number" ? String(filter.value) : `'${filter.value.replaceAll("'", "''")}'`;
    case "column":
      return filter.code;
    case "not":
      return `not (${write(filter.inner)})`;
    case "and":
    case "or":
      return `(${write(filter.left)}) ${filter.kind} (${write(filter.right)})`;
    case "compare":
      return `${write(filter.left)} ${filter.operator} ${write(filter.right)}`;
    case "in":
      return `${write(filter.left)} in (${filter.among.map(write).join(", ")})`;
  }
}

function positionless(filter: Filter | undefined): unknown {
  return JSON.parse(JSON.stringify({ filter }, (key, value: unknown) => (key === "at" ? undefined : value)));
}

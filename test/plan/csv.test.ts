import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CsvError, csvRecords } from "../../runner/plan/csv.ts";

const cellsOf = (text: string): readonly (readonly string[])[] => [...csvRecords(text)].map(({ cells }) => cells);

/** As RFC 4180 has it: quotes only where they are needed, or everywhere. */
function written(rows: readonly (readonly string[])[], { always, end }: { always: boolean; end: string }): string {
  const cell = (text: string): string =>
    always || /[",\r\n]/.test(text) || text === "" ? `"${text.replaceAll('"', '""')}"` : text;
  return rows.map((row) => row.map(cell).join(",")).join(end);
}

const cell = fc.string({ unit: fc.constantFrom("a", "ü", '"', ",", "\n", "\r", " ", "€"), maxLength: 6 });
const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });

describe("CSV", () => {
  it("comes back as it was written, whatever is in the cells", () => {
    fc.assert(
      fc.property(rows, fc.boolean(), fc.constantFrom("\n", "\r\n"), fc.boolean(), (table, always, end, last) => {
        expect(cellsOf(written(table, { always, end }) + (last ? end : ""))).toEqual(table);
      }),
      { seed: 4180, numRuns: 500 },
    );
  });

  it("says at which line each record begins", () => {
    fc.assert(
      fc.property(rows, fc.constantFrom("\n", "\r\n"), (table, end) => {
        const text = written(table, { always: true, end });
        const found = [...csvRecords(text)].map(({ line }) => line);
        let line = 1;
        const begins = table.map((row) => {
          const at = line;
          line += 1 + row.join("").split("\n").length - 1;
          return at;
        });
        expect(found).toEqual(begins);
      }),
      { seed: 4181, numRuns: 300 },
    );
  });

  it("made of anything at all ends as records or an error with its line", () => {
    const text = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r"), maxLength: 20 });
    fc.assert(
      fc.property(text, (anything) => {
        try {
          const lines = [...csvRecords(anything)].map(({ line }) => line);
          expect(lines).toEqual([...lines].sort((a, b) => a - b));
        } catch (error) {
          if (!(error instanceof CsvError)) throw error;
          expect(error.line).toBeLessThanOrEqual(anything.split("\n").length);
        }
      }),
      { seed: 4182, numRuns: 1000 },
    );
  });

  it.each([
    [
      "passes over lines with nothing on them",
      "a,b\n\n1,2\n\r\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "keeps an empty cell at the end of a line",
      "a,b\n1,\n",
      [
        ["a", "b"],
        ["1", ""],
      ],
    ],
    [
      "keeps an empty cell at the end of the text",
      "a,b\n1,",
      [
        ["a", "b"],
        ["1", ""],
      ],
    ],
    ["keeps spaces and a lone carriage return", "a\n x \ry\n", [["a"], [" x \ry"]]],
    ["keeps a line with an empty cell in quotes", 'a\n""\n', [["a"], [""]]],
  ])("%s", (_, text, expected) => {
    expect(cellsOf(text)).toEqual(expected);
  });

  it.each([
    ["a quote inside a plain cell", 'a\nx"y', 2],
    ["a quote that is never closed", 'a\nb\n"x\ny', 3],
    ["something behind a closing quote", 'a\n"x"y', 2],
  ])("refuses %s", (_, text, line) => {
    expect(() => cellsOf(text)).toThrow(expect.objectContaining({ line }) as Error);
  });
});

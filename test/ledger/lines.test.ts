import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf } from "../../runner/ledger/lines.ts";
import { folder } from "./sample.ts";

async function linesFound(path: string): Promise<{ text: string; offset: number; ended: boolean }[]> {
  const found = [];
  for await (const { bytes, offset, ended } of linesOf(path))
    found.push({ text: bytes.toString("latin1"), offset, ended });
  return found;
}

describe("lines of a file", () => {
  it("come back whole, however they fall on the chunks that are read", async () => {
    const path = join(folder(), "lines");
    const length = fc.oneof(fc.nat({ max: 80 }), fc.integer({ min: 65_500, max: 65_600 }), fc.nat({ max: 200_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(length, { maxLength: 12 }), fc.boolean(), async (lengths, isEnded) => {
        const texts = lengths.map((count, place) => String.fromCharCode(97 + place).repeat(count));
        const whole = texts.map((text) => `${text}\n`).join("");
        writeFileSync(path, isEnded ? whole : whole.slice(0, -1), "latin1");
        const found = await linesFound(path);
        const expected = isEnded || texts.at(-1) !== "" ? texts : texts.slice(0, -1);
        expect(found.map(({ text }) => text)).toEqual(expected);
        let offset = 0;
        for (const line of found) {
          expect(line.offset).toBe(offset);
          offset += line.text.length + 1;
        }
        expect(found.every(({ ended }, place) => ended || (place === found.length - 1 && !isEnded))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("of an empty file are none, of a missing one an error that names it", async () => {
    const path = join(folder(), "lines");
    await expect(linesFound(path)).rejects.toThrow(`Could not open ${path}: ENOENT`);
    writeFileSync(path, "");
    expect(await linesFound(path)).toEqual([]);
  });
});

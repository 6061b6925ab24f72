import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { genesis, headOf, seal, type Head } from "../../runner/ledger/chain.ts";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import { lastHead } from "../../runner/ledger/last-head.ts";
import { folder, run } from "./sample.ts";

/** A ledger of records that are as long as this, and where each of them stands. */
function ledgerOf(lengths: readonly number[]): { readonly text: string; readonly heads: readonly Head[] } {
  let head = genesis(run);
  const heads: Head[] = [];
  const lines = lengths.map((length) => {
    const record = { seq: head.seq + 1, t: 1, up: 1, type: "wave", pad: "x".repeat(length) };
    const { line } = seal(JSON.stringify(record).slice(0, -1), head.hash);
    heads.push((head = headOf(JSON.parse(line) as LedgerRecord)));
    return line;
  });
  return { text: lines.join(""), heads };
}

async function headIn(bytes: string): Promise<Head | undefined> {
  const path = join(folder("quick"), "ledger.ndjson");
  writeFileSync(path, bytes, "latin1");
  return await lastHead(path);
}

describe("where a ledger stands", () => {
  const length = fc.oneof(fc.nat({ max: 200 }), fc.integer({ min: 16_000, max: 17_000 }), fc.nat({ max: 300_000 }));
  /** What may stand behind the last record: nothing of it is one. */
  const tail = fc.oneof(
    fc.constantFrom("", "\n", "\n\n\n", "x", '{"seq":9,"t":1', '{"seq":9}\n', "\u0000\n\u0000"),
    fc.nat({ max: 200_000 }).map((count) => "\u0000".repeat(count)),
    fc.nat({ max: 40_000 }).map((count) => "a\n".repeat(count)),
  );

  it("is told by its last whole record, however long that is, and whatever a crash has left behind it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(length, { maxLength: 6 }), tail, fc.nat(), async (lengths, rest, cut) => {
        const { text, heads } = ledgerOf(lengths);
        expect(await headIn(text + rest)).toEqual(heads.at(-1));
        // And cut anywhere: the last record that is there with its line end.
        const at = cut % (text.length + 1);
        const whole = text.slice(0, at).split("\n").length - 1;
        expect(await headIn(text.slice(0, at))).toEqual(heads[whole - 1]);
      }),
      { numRuns: 60 },
    );
  });

  it("is told of a last line of more than 64 KiB, as a run of many waves has it", async () => {
    const { text, heads } = ledgerOf([10, 100_000]);
    expect(await headIn(text)).toEqual(heads[1]);
    expect(heads[1]!.seq).toBe(2);
  });

  it("is not told of a file without a record, and an error names one that can not be read", async () => {
    for (const bytes of ["", "\n", "x".repeat(70_000), "x\n".repeat(70_000)])
      expect(await headIn(bytes)).toBeUndefined();
    const path = folder();
    await expect(lastHead(path)).rejects.toThrow(`Could not read ${path}: EISDIR`);
    await expect(lastHead(join(path, "none"))).rejects.toThrow("ENOENT");
    expect(() => readFileSync(join(path, "none"))).toThrow();
  });
});

import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { genesis, headOf, seal, type Head } from "../../runner/ledger/chain.ts";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import { lastHead } from "../../runner/ledger/last-head.ts";
import { folder, run } from "./sample.ts";

/** A ledger of records that are as long as this, and where each of them stands. */
function ledgerOf(lengths: readonly number[], claims: readonly number[] = []): Made {
  let head = genesis(run);
  const heads: Head[] = [];
  const lines = lengths.map((length, place) => {
    const synced = claims[place] ?? 0;
    const claim = synced > 0 && { synced };
    const record = { seq: head.seq + 1, t: 1, up: 1, type: "wave", pad: "x".repeat(length), ...claim };
    const { line } = seal(JSON.stringify(record).slice(0, -1), head.hash);
    heads.push((head = headOf(JSON.parse(line) as LedgerRecord)));
    return line;
  });
  return { text: lines.join(""), lines, heads };
}

interface Made {
  readonly text: string;
  readonly lines: readonly string[];
  readonly heads: readonly Head[];
}

/** With zeros in the place of one record, or of a part of it. */
function withHole({ lines }: Made, place: number, from = 0): string {
  return lines
    .map((line, at) => (at === place ? line.slice(0, from) + "\u0000".repeat(line.length - from) : line))
    .join("");
}

async function headIn(bytes: string): Promise<Head | undefined> {
  const path = join(folder("quick"), "ledger.ndjson");
  writeFileSync(path, bytes, "latin1");
  return await lastHead(path, run);
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

  it("is told by the record before a hole that power loss has left, whatever stands behind it", async () => {
    const size = fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 20_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(size, { minLength: 3, maxLength: 12 }), fc.nat(), fc.nat(), async (sizes, at, from) => {
        // At each record it is known that all before the hole is on disk, and no more.
        const hole = at % sizes.length;
        const made = ledgerOf(
          sizes,
          sizes.map((_, place) => Math.min(place, hole)),
        );
        const line = made.lines[hole]!;
        const found = await headIn(withHole(made, hole, from % line.length));
        // Where nothing follows from the beginning, nobody goes on with the run: the last one as it says itself.
        expect(found).toEqual(hole === 0 ? made.heads.at(-1) : made.heads[hole - 1]);
        expect(await headIn(made.text)).toEqual(made.heads.at(-1));
      }),
      { numRuns: 60 },
    );
  });

  it("is its last record where a hole is before what was known to be on disk: that is damage, and is never cut off", async () => {
    const sizes = Array.from({ length: 400 }, () => 200);
    const made = ledgerOf(
      sizes,
      sizes.map((_, place) => Math.max(0, place - 3)),
    );
    expect(await headIn(withHole(made, 5))).toEqual(made.heads.at(-1));
    // And the record before it is in no part of the file that is read.
    expect(await headIn(withHole(made, 397))).toEqual(made.heads[396]);
  });

  it("is told of a ledger with zeros behind it that would not fit into memory", async () => {
    const { text, heads } = ledgerOf([10, 100_000, 10]);
    const path = join(folder(), "ledger.ndjson");
    writeFileSync(path, text);
    truncateSync(path, 600 * 1024 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)), 1);
    try {
      expect(await lastHead(path, run)).toEqual(heads[2]);
    } finally {
      clearInterval(watch);
    }
    expect(most).toBeLessThan(64 * 1024 * 1024);
  });

  it("is not told of a file without a record, and an error names one that can not be read", async () => {
    for (const bytes of ["", "\n", "x".repeat(70_000), "x\n".repeat(70_000)])
      expect(await headIn(bytes)).toBeUndefined();
    const path = folder();
    await expect(lastHead(path, run)).rejects.toThrow(`Could not read ${path}: EISDIR`);
    await expect(lastHead(join(path, "none"), run)).rejects.toThrow("ENOENT");
    expect(() => readFileSync(join(path, "none"))).toThrow();
  });
});

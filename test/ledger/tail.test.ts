import { appendFileSync, readFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LedgerTail } from "../../runner/ledger/tail.ts";
import { folder, recordsOf, run, shortRun, smallRun, write } from "./sample.ts";

/** The bytes of a ledger that is whole. */
async function ledger(steps = smallRun): Promise<Buffer> {
  const path = join(folder("quick"), "whole.ndjson");
  await write(path, steps);
  return readFileSync(path);
}

function followed(path: string) {
  const tail = new LedgerTail(path, run);
  const seqs: number[] = [];
  return { tail, seqs, look: () => tail.look(({ seq }) => seqs.push(seq)) };
}

describe("a ledger that is followed", () => {
  it("gives out each record once, however its bytes come", async () => {
    const bytes = await ledger(shortRun);
    const path = join(folder("quick"), "ledger.ndjson");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), async (cuts) => {
        writeFileSync(path, "");
        const { tail, seqs, look } = followed(path);
        let from = 0;
        for (const to of [...cuts.sort((left, right) => left - right), bytes.length]) {
          appendFileSync(path, bytes.subarray(from, to));
          from = to;
          await look();
          const whole = bytes.subarray(0, to).toString("utf8").split("\n").length - 1;
          expect(seqs).toEqual(Array.from({ length: whole }, (_, place) => place + 1));
        }
        const { end } = await recordsOf(path);
        expect(tail.end).toEqual(end);
      }),
      { numRuns: 60 },
    );
  });

  it("is nothing before it is there, and the same while nothing is appended", async () => {
    const path = join(folder("quick"), "ledger.ndjson");
    const { seqs, look } = followed(path);
    expect(await look()).toBe("same");
    writeFileSync(path, await ledger());
    expect(await look()).toBe("grown");
    expect(await look()).toBe("same");
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("goes on where a resume has put a copy in its place, and left a torn end aside", async () => {
    const bytes = await ledger();
    const path = join(folder("quick"), "ledger.ndjson");
    const ends = [...bytes.keys()].filter((place) => bytes[place] === 10);
    const third = (ends[2] ?? 0) + 1;
    writeFileSync(path, Buffer.concat([bytes.subarray(0, third), Buffer.from('{"seq":4,"torn')]));
    const { tail, seqs, look } = followed(path);
    await look();
    expect(tail.end).toMatchObject({ torn: 14 });
    writeFileSync(`${path}.new`, bytes);
    renameSync(`${path}.new`, path);
    expect(await look()).toBe("grown");
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(tail.end.torn).toBe(0);
  });

  it("gives out nothing of a chain that does not follow, and says where it is damaged", async () => {
    const bytes = await ledger();
    const path = join(folder("quick"), "ledger.ndjson");
    const first = bytes.indexOf(10) + 1;
    writeFileSync(path, bytes.subarray(0, first));
    const { tail, seqs, look } = followed(path);
    await look();
    const changed = Buffer.from(bytes);
    changed[first + 20] = (changed[first + 20] ?? 0) ^ 1;
    writeFileSync(path, changed);
    await look();
    expect(seqs).toEqual([1]);
    expect(tail.end.damage).toMatchObject({ seq: 2, offset: first });
  });

  const changed = (bytes: Buffer, at: number): Buffer => {
    const other = Buffer.from(bytes);
    other[at] = (other[at] ?? 0) ^ 1;
    return other;
  };
  it.each<[string, (bytes: Buffer) => Buffer]>([
    ["near its beginning, in place", (bytes) => changed(bytes, 40)],
    ["near its end, in place", (bytes) => changed(bytes, bytes.length - 80)],
    ["and is as long and all garbage", (bytes) => Buffer.alloc(bytes.length, 7)],
    ["and is longer and all garbage", (bytes) => Buffer.alloc(bytes.length * 2, 7)],
    ["at its last record, and has grown", (bytes) => Buffer.concat([changed(bytes, bytes.length - 80), bytes])],
  ])("says so when it was changed %s", async (_, ruin) => {
    const bytes = await ledger();
    for (const replace of [false, true]) {
      const path = join(folder("quick"), "ledger.ndjson");
      writeFileSync(path, bytes);
      const { look } = followed(path);
      expect(await look()).toBe("grown");
      writeFileSync(replace ? `${path}.new` : path, ruin(bytes));
      if (replace) renameSync(`${path}.new`, path);
      // Two writes within one tick of the disk's clock have one time.
      else utimesSync(path, 1, 1);
      expect(await look()).toBe("cut");
    }
  });

  it("is no other while the next record is written piece by piece", async () => {
    const bytes = await ledger();
    const path = join(folder("quick"), "ledger.ndjson");
    const lastButOne = bytes.lastIndexOf(10, bytes.length - 2) + 1;
    writeFileSync(path, bytes.subarray(0, lastButOne));
    const { seqs, look } = followed(path);
    await look();
    for (let place = lastButOne; place < bytes.length; place++) {
      appendFileSync(path, bytes.subarray(place, place + 1));
      expect(await look()).toBe("grown");
    }
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("says so when it has become shorter", async () => {
    const path = join(folder("quick"), "ledger.ndjson");
    writeFileSync(path, await ledger());
    const { look } = followed(path);
    await look();
    truncateSync(path, 100);
    expect(await look()).toBe("cut");
  });
});

import { createHash } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chained, genesis, headOf, readable, seal } from "../../runner/ledger/chain.ts";
import { folder, intent, linesIn, run, smallRun, start, write } from "./sample.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const bytesOf = (line: string): Buffer => Buffer.from(line.slice(0, -1), "utf8");

describe("the chain", () => {
  it("begins at the run's id and can be recomputed with sha256sum", async () => {
    const path = join(folder(), "ledger.ndjson");
    await write(path, smallRun);
    let previous = sha256(`rollcall/1\n${run}`);
    expect(genesis(run)).toEqual({ seq: 0, hash: previous });
    for (const line of linesIn(path)) {
      const [open, hash] = [line.slice(0, line.lastIndexOf(',"hash":"')), line.slice(-66, -2)];
      expect(hash).toBe(sha256(previous + open));
      previous = hash;
    }
  });

  it("gives back what was sealed, whatever text is in it", () => {
    const value = fc.jsonValue({ depthSize: "small" });
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string({ unit: "binary" }), value), { maxLength: 5 }), (payloads) => {
        let head = genesis(run);
        payloads.forEach((found, place) => {
          const text = JSON.stringify({ seq: place + 1, type: "read", found });
          const { line, hash } = seal(text.slice(0, -1), head.hash);
          const record = chained(bytesOf(line), head);
          expect(record).toEqual({ ...(JSON.parse(text) as object), hash });
          head = headOf(record!);
        });
      }),
      { numRuns: 50 },
    );
  });

  it("takes no line from another place, another run or another writer", () => {
    const head = genesis(run);
    const { line } = seal(JSON.stringify({ seq: 1, ...start }).slice(0, -1), head.hash);
    expect(chained(bytesOf(line), head)?.seq).toBe(1);
    expect(chained(bytesOf(line), { ...head, seq: 1 })).toBeUndefined();
    expect(chained(bytesOf(line), genesis("20261123T204700Z-k3m7r" as typeof run))).toBeUndefined();
    expect(chained(bytesOf(line.replace(/[0-9a-f]{64}/g, (hash) => hash.toUpperCase())), head)).toBeUndefined();
    const wrongSeq = seal(JSON.stringify({ seq: 2, ...intent(0) }).slice(0, -1), head.hash);
    expect(chained(bytesOf(wrongSeq.line), head)).toBeUndefined();
  });

  it.each([
    "",
    "{}",
    "null",
    "[]",
    "3",
    '{"seq":1}',
    '{"seq":"1","type":"end"}',
    '{"seq":1,"type":"end","synced":"9"}',
  ])("does not take %j for a record", (line) => expect(readable(Buffer.from(line))).toBeUndefined());
});

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Fact, LedgerRecord } from "../../runner/core/model/events.ts";
import { auditLedger, type LedgerAudit } from "../../runner/ledger/check.ts";
import { genesis, headOf, seal } from "../../runner/ledger/chain.ts";
import { expected, type Verdict } from "./rule.ts";
import { end, folder, intent, linesIn, lock, recordsOf, resume, run, sent, shortRun, start, write } from "./sample.ts";

const verdictOf = (audit: LedgerAudit): Verdict =>
  audit.findings.length > 0 ? "damage" : audit.torn > 0 ? "torn" : "whole";

/** Reader and audit must agree with the rule, and with each other. */
async function judge(path: string, original: readonly string[], content: Buffer): Promise<Verdict> {
  writeFileSync(path, content);
  const lines = content.toString("latin1").split("\n");
  const isCut = lines.at(-1) !== "";
  if (!isCut) lines.pop();
  const latin = original.map((line) => Buffer.from(line, "utf8").toString("latin1"));
  const { verdict, k } = expected(lines, latin, isCut);
  const audit = await auditLedger(path, { run });
  expect({ verdict: verdictOf(audit), k: audit.records }).toEqual({ verdict, k });
  if (verdict === "damage") {
    await expect(recordsOf(path)).rejects.toMatchObject({ code: "audit", exitCode: 9 });
    expect(audit.findings[0]!.offset).toBe(
      original.slice(0, k).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0),
    );
  } else {
    const { records, end: last } = await recordsOf(path);
    expect(records).toHaveLength(k);
    expect(last.torn > 0).toBe(verdict === "torn");
  }
  return verdict;
}

let path: string;
let original: string[];
let bytes: Buffer;
let anchor: string;

describe("T22: a ledger that was changed", () => {
  beforeEach(async () => {
    path = join(folder("quick"), "ledger.ndjson");
    anchor = await write(path, shortRun);
    original = linesIn(path);
    bytes = readFileSync(path);
  });

  const at = (seq: number): string => `${run}:${seq}:${original[seq - 1]!.slice(-66, -2)}`;

  it("is whole as it was written, with and without its anchor", async () => {
    expect(await judge(path, original, bytes)).toBe("whole");
    const audit = await auditLedger(path, { run, anchor });
    expect(audit).toMatchObject({ records: 8, findings: [], torn: 0, sealed: true });
    expect(`${run}:${audit.head.seq}:${audit.head.hash}`).toBe(anchor);
  });

  it("shows a cut at any byte as a torn tail, or, at a line end, only by an anchor", async () => {
    for (let length = 0; length < bytes.length; length++) {
      const verdict = await judge(path, original, bytes.subarray(0, length));
      const isLineEnd = length === 0 || bytes[length - 1] === 10;
      expect(verdict).toBe(isLineEnd ? "whole" : "torn");
      if (length % 7 === 0 || isLineEnd) {
        expect((await auditLedger(path, { run, anchor })).findings.at(-1)?.message).toContain(
          "the anchor names record 8",
        );
      }
    }
  });

  it("shows a changed byte at any place: as damage, or as a torn tail where power loss may have forgotten it", async () => {
    const seen = { whole: 0, torn: 0, damage: 0 };
    for (let place = 0; place < bytes.length; place++) {
      const changed = Buffer.from(bytes);
      changed[place] = changed[place]! ^ (1 << (place % 7));
      seen[await judge(path, original, changed)] += 1;
    }
    expect(seen.whole).toBe(0);
    expect(seen.damage).toBeGreaterThan(1000);
    expect(seen.torn).toBeGreaterThan(50);
  });

  it("shows any changed byte at or before an anchor as a finding, line ends included", async () => {
    const named = 6;
    const upTo = original.slice(0, named).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    for (let place = 0; place < upTo; place += 3) {
      const changed = Buffer.from(bytes);
      changed[place] = changed[place]! ^ 4;
      writeFileSync(path, changed);
      expect((await auditLedger(path, { run, anchor: at(named) })).findings).not.toEqual([]);
    }
  });

  it("shows what was put behind its end, and what stands there instead of its last line end", async () => {
    for (const more of ["x", "\n", "y\n", `${original.at(-1)!}\n`, '{"seq":9,"t":1}\n'])
      expect([more, await judge(path, original, Buffer.concat([bytes, Buffer.from(more)]))]).toEqual([more, "damage"]);
    for (const instead of ["J", "}", "J\n"]) {
      const changed = Buffer.concat([bytes.subarray(0, -1), Buffer.from(instead)]);
      expect([instead, await judge(path, original, changed)]).toEqual([instead, "damage"]);
    }
  });

  it("does not take for an edit what a crash may have left behind its end", async () => {
    const left = [
      "{",
      '{"seq":8,"t":1',
      '{"seq":9,',
      '{"seq":9,"t":17,"type":"resu',
      "\0\0\0",
      '{"seq":9,"t":\0\0\0d"}\n{"seq":10}\n',
    ];
    for (const more of left)
      expect([more, await judge(path, original, Buffer.concat([bytes, Buffer.from(more)]))]).toEqual([more, "torn"]);
    expect(await judge(path, original, bytes.subarray(0, -1))).toBe("torn");
    expect(await judge(path, original, Buffer.concat([bytes, Buffer.from([0xc3, 0x28, 0xff])]))).toBe("torn");
  });

  const text = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(""), "utf8");

  it("shows a dropped, repeated, moved or invented record exactly where the rule says", async () => {
    const verdicts: Verdict[] = [];
    for (let k = 0; k < original.length; k++) {
      const without = original.toSpliced(k, 1);
      verdicts.push(await judge(path, original, text(without)));
      await judge(path, original, text(original.toSpliced(k, 0, original[k]!)));
      await judge(path, original, text(original.toSpliced(k, 0, "not a record")));
      await judge(path, original, text(original.toSpliced(k, 0, JSON.stringify({ seq: k + 1, type: "end" }))));
      for (let other = 0; other < k; other++) {
        const swapped = original.with(k, original[other]!).with(other, original[k]!);
        await judge(path, original, text(swapped));
      }
    }
    // Nobody takes a line out but a person; the last record can vanish without a trace.
    expect(verdicts).toEqual([...original.slice(1).map(() => "damage"), "whole"]);
  });

  it("names what is wrong and where", async () => {
    const say = async (lines: readonly string[]): Promise<string[]> => {
      writeFileSync(path, text(lines));
      return (await auditLedger(path, { run })).findings.map(({ seq, message }) => `${seq ?? "-"}: ${message}`);
    };
    const edited = original[1]!.replace('"generation":1', '"generation":2');
    expect(await say(original.with(1, edited))).toEqual([
      "2: record 2 is not what was written: its hash does not follow from it and record 1",
    ]);
    expect(await say(original.toSpliced(1, 1))).toEqual(["3: records 2 to 2 are missing before record 3"]);
    expect(await say(original.toSpliced(2, 0, original[1]!))).toEqual([
      "2: record 2 stands after record 2: repeated or moved",
    ]);
    expect(await say(original.with(1, "gone"))).toEqual([
      "-: this line is no record",
      "3: record 3 follows a line that is no record",
    ]);
  });

  /** Somebody with the program rewrites the file: every hash fits again. */
  function rebuilt(change: (record: Record<string, unknown>) => void): string[] {
    let head = genesis(run);
    return original.map((line) => {
      const record = JSON.parse(line) as Record<string, unknown>;
      delete record.hash;
      change(record);
      const sealed = seal(JSON.stringify(record).slice(0, -1), head.hash);
      head = headOf(JSON.parse(sealed.line) as LedgerRecord);
      return sealed.line.slice(0, -1);
    });
  }

  it("can not show a chain that was built anew; only an anchor at or behind the change does", async () => {
    for (let changed = 1; changed <= original.length; changed++) {
      writeFileSync(path, text(rebuilt((record) => record.seq === changed && (record.t = 1))));
      expect((await auditLedger(path, { run })).findings).toEqual([]);
      for (let named = 1; named <= original.length; named++) {
        const { findings } = await auditLedger(path, { run, anchor: at(named) });
        expect(findings.map(({ seq }) => seq)).toEqual(named >= changed ? [named] : []);
      }
    }
  });
});

describe("T22: random ledgers", () => {
  const step = fc.oneof(
    fc.constant(true as const),
    fc.array(
      fc.oneof(
        fc.nat(9).map((index) => intent(index)),
        fc.nat(9).map((seq) => sent(seq)),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  );
  it("are judged by the rule after any single change", async () => {
    const file = join(folder("quick"), "l");
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.nat(),
        fc.nat(255),
        fc.nat(3),
        async (steps, where, byte, how) => {
          const source = `${file}${(count += 1)}`;
          await write(source, [[start], ...steps]);
          const content = readFileSync(source);
          const lines = linesIn(source);
          const place = where % content.length;
          const changes = [
            () => content.subarray(0, place),
            () => Buffer.concat([content.subarray(0, place), Buffer.from([byte]), content.subarray(place)]),
            () => Buffer.concat([content.subarray(0, place), content.subarray(place + 1)]),
            () => Buffer.concat([content.subarray(0, place), Buffer.alloc(byte), content.subarray(place + byte)]),
          ];
          await judge(file, lines, changes[how]!());
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("the order of records", () => {
  const findings = async (...batches: Fact[][]): Promise<string[]> => {
    const file = join(folder(), "l");
    await write(file, batches);
    return (await auditLedger(file, { run })).findings.map(({ seq, message }) => `${seq ?? "-"}: ${message}`);
  };

  it("allows a run, its resumes, and a verify after the end", async () => {
    expect(await findings([start, lock(4), intent(0)], [resume(5), lock(5), end()], [resume(9), end()])).toEqual([]);
  });

  it("shows a second writer by the generation of its lock", async () => {
    expect(await findings([start, lock(2)], [resume(2)])).toEqual([
      "3: lock generation 2 after generation 2: two processes wrote this ledger",
    ]);
    expect(await findings([start, lock(2)], [resume(3), lock(2)])).toEqual([
      "4: lock generation 2 after generation 3: two processes wrote this ledger",
    ]);
    expect(await findings([start, lock(3), lock(3)])).toHaveLength(1);
  });

  it("shows a ledger without its start, with two, or of another run", async () => {
    expect(await findings([intent(0)])).toEqual(['1: the first record is "intent" instead of "start"']);
    expect(await findings([start, start])).toEqual(["2: a second start record"]);
    const other = { ...start, run: "20260101T000000Z-aaaaa" as typeof run };
    expect(await findings([other])).toEqual([`1: the ledger is of run ${other.run}, expected ${run}`]);
    expect(await findings([{ ...start, format: 2 }])).toEqual(["1: format 2 is newer than this program reads (1)"]);
  });

  it("shows what was appended behind the end", async () => {
    expect(await findings([start, end(), intent(0)])).toEqual(['3: "intent" follows the end record without a resume']);
  });

  it("says whether the run is sealed, which is no fault", async () => {
    const file = join(folder(), "l");
    await write(file, [[start, intent(0)]]);
    expect(await auditLedger(file, { run })).toMatchObject({ sealed: false, findings: [] });
    const open = { ...end(), sealed: false } as Fact;
    await write(`${file}2`, [[start, open]]);
    expect(await auditLedger(`${file}2`, { run })).toMatchObject({ sealed: false, findings: [] });
  });

  it("hands every record that chains to further checks", async () => {
    const file = join(folder(), "l");
    await write(file, shortRun);
    const types: string[] = [];
    await auditLedger(file, { run, each: ({ type }) => types.push(type) });
    expect(types).toEqual(["start", "lock", "sent", "sent", "sent", "withdrawn", "sent", "end"]);
  });

  it.each(["", "nonsense", `${run}:0:${"0".repeat(64)}`, `${run}:3:abc`])(
    "refuses %j as an anchor",
    async (anchorText) => {
      const file = join(folder(), "l");
      await write(file, [[start]]);
      await expect(auditLedger(file, { run, anchor: anchorText })).rejects.toMatchObject({ code: "usage" });
    },
  );

  it("refuses an anchor of another run", async () => {
    const file = join(folder(), "l");
    const head = await write(file, [[start]]);
    const { findings: found } = await auditLedger(file, { run, anchor: head.replace(run, "20260101T000000Z-aaaaa") });
    expect(found.map(({ message }) => message)).toEqual(["the anchor is of another run, 20260101T000000Z-aaaaa"]);
  });
});

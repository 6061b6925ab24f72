import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { mkdtempSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runId, type RunId } from "../../runner/core/model/item.ts";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import { auditLedger, type LedgerAudit } from "../../runner/ledger/check.ts";
import type { NamedHead } from "../../runner/ledger/named-heads.ts";
import { genesis, headOf, seal } from "../../runner/ledger/chain.ts";
import { expected, type Verdict } from "../ledger/rule.ts";
import { evidence } from "../support/evidence.ts";

// T22 on the record of a real run: whatever is done to it is found exactly where the rules say, and where nothing can find
// it that is asserted, too.

let run: RunId;
let bytes: Buffer;
let lines: string[];
let head: NamedHead;
let path: string;

beforeAll(async () => {
  await using real = await evidence({ devices: 20, count: 2 });
  run = runId(real.run.run);
  bytes = readFileSync(real.path("ledger.ndjson"));
  lines = bytes.toString("latin1").split("\n").slice(0, -1);
  const last = JSON.parse(lines.at(-1)!) as LedgerRecord;
  head = { run, ...headOf(last), by: "the signature" };
});

function scratch(): string {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "rollcall-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "ledger.ndjson");
}

const verdictOf = ({ findings, torn }: LedgerAudit): Verdict =>
  findings.length > 0 ? "damage" : torn > 0 ? "torn" : "whole";

/** The rule and the program have to agree; and with a signature or an anchor from elsewhere everything is found. */
async function judged(content: Buffer): Promise<Verdict> {
  writeFileSync(path, content);
  const changed = content.toString("latin1").split("\n");
  const isCut = changed.at(-1) !== "";
  if (!isCut) changed.pop();
  const rule = expected(changed, lines, isCut);
  const found = await auditLedger(path, { run, heads: [head] });
  const isOfHead = ({ message }: { readonly message: string }): boolean => message.includes("the signature");
  const alone = { ...found, findings: found.findings.filter((one) => !isOfHead(one)) };
  expect({ verdict: verdictOf(alone), k: found.records }).toEqual(rule);
  expect(found.findings.some(isOfHead)).toBe(rule.k < lines.length);
  return rule.verdict;
}

const joined = (of: readonly string[]): Buffer => Buffer.from(of.map((line) => `${line}\n`).join(""), "latin1");

describe("T22: the record of a real run", () => {
  it("is whole", async () => {
    path = scratch();
    expect(await judged(bytes)).toBe("whole");
    expect(lines.length).toBeGreaterThan(10);
  });

  it("shows every byte that was changed", async () => {
    path = scratch();
    const seen = { whole: 0, torn: 0, damage: 0 };
    for (let place = 0; place < bytes.length; place++) {
      const changed = Buffer.from(bytes);
      changed[place] = changed[place]! ^ (1 << (place % 8));
      seen[await judged(changed)] += 1;
    }
    // One byte is never nothing: behind the last claim it looks like a crash, before it there is no excuse.
    expect(seen.whole).toBe(0);
    expect(seen.damage).toBeGreaterThan(bytes.length / 2);
    expect(seen.torn).toBeGreaterThan(0);
  }, 60_000);

  it("shows a cut at every byte; at a line end only a signature or an anchor does", async () => {
    path = scratch();
    for (let length = 0; length < bytes.length; length++) {
      const isLineEnd = length === 0 || bytes[length - 1] === 10;
      expect(await judged(bytes.subarray(0, length))).toBe(isLineEnd ? "whole" : "torn");
    }
  }, 60_000);

  it("shows every line that was dropped, doubled, swapped with another, or put in", async () => {
    path = scratch();
    for (const [place, line] of lines.entries()) {
      const dropped = await judged(joined(lines.toSpliced(place, 1)));
      // The last line can go without a trace.
      if (place === lines.length - 1) expect(dropped).toBe("whole");
      await judged(joined(lines.toSpliced(place, 0, line)));
      await judged(joined(lines.toSpliced(place, 0, "")));
      await judged(joined(lines.toSpliced(place, 0, line.replace(/"t":\d+/, '"t":1'))));
      for (let other = 0; other < place; other++)
        await judged(joined(lines.with(place, lines[other]!).with(other, line)));
    }
  }, 60_000);

  it("does not show that its whole chain was built anew; a signature or an anchor at the change, or behind it, does", async () => {
    path = scratch();
    for (let changed = 1; changed <= lines.length; changed++) {
      let at = genesis(run);
      const rebuilt = lines.map((line) => {
        const record = JSON.parse(Buffer.from(line, "latin1").toString("utf8")) as Record<string, unknown>;
        delete record.hash;
        if (record.seq === changed) record.t = 1;
        const sealed = seal(JSON.stringify(record).slice(0, -1), at.hash);
        at = headOf(JSON.parse(sealed.line) as LedgerRecord);
        return sealed.line;
      });
      writeFileSync(path, rebuilt.join(""));
      const alone = await auditLedger(path, { run });
      expect([alone.findings, alone.torn]).toEqual([[], 0]);
      const before = JSON.parse(lines[Math.max(0, changed - 2)]!) as LedgerRecord;
      const early: NamedHead = { run, ...headOf(before), by: "an early anchor" };
      const { findings } = await auditLedger(path, { run, heads: [head, ...(changed > 1 ? [early] : [])] });
      expect(findings.map(({ message }) => message)).toEqual([
        `record ${head.seq} is not the one the signature names: it, or one before it, was changed and the chain built anew`,
      ]);
    }
  });

  it("does not show that it was cut behind a head that is named; only what came before that counts", async () => {
    path = scratch();
    const middle = Math.floor(lines.length / 2);
    const named: NamedHead = { run, ...headOf(JSON.parse(lines[middle]!) as LedgerRecord), by: "the signature" };
    for (let kept = 1; kept <= lines.length; kept++) {
      writeFileSync(path, joined(lines.slice(0, kept)));
      const { findings } = await auditLedger(path, { run, heads: [named] });
      expect(findings.map(({ message }) => message)).toEqual(
        kept > middle
          ? []
          : [
              `the signature names record ${middle + 1}, the chain ends at record ${kept}: what followed was cut off or changed`,
            ],
      );
    }
  });
});

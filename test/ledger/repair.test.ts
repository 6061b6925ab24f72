import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { realFiles, type FileLayer } from "../../runner/ledger/file-layer.ts";
import { replay } from "../../runner/ledger/reader.ts";
import { renewLedger } from "../../runner/ledger/repair.ts";
import { openJournal } from "../../runner/ledger/writer.ts";
import { folder, intent, linesIn, recordsOf, run, shortRun, smallRun, start, ticking, write } from "./sample.ts";

describe("going on after a crash", () => {
  it("keeps every whole record, moves the rest aside and goes on, wherever the file was cut", async () => {
    const place = folder("quick");
    const path = join(place, "ledger.ndjson");
    await write(path, shortRun);
    const bytes = readFileSync(path);
    for (let length = 0; length <= bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      const valid = bytes.subarray(0, length).lastIndexOf(10) + 1;
      const before = await recordsOf(path);
      const repair = await renewLedger(path, before.end);
      expect(readFileSync(path).equals(bytes.subarray(0, valid))).toBe(true);
      if (repair === undefined) {
        expect(valid).toBe(length);
      } else {
        const kept = readFileSync(join(place, repair.kept));
        expect(kept.equals(bytes.subarray(valid, length))).toBe(true);
        const content = createHash("sha256").update(kept).digest("hex");
        expect(repair).toMatchObject({ afterSeq: before.records.length, bytes: length - valid, digest: content });
      }
      const journal = await openJournal({ path, run, clock: ticking(), from: before.end.head });
      const first = before.records.length === 0 ? start : intent(8);
      expect(journal.note([first, repair ?? intent(7)])).toBe(before.records.length + 1);
      await journal.close();
      const after = await recordsOf(path);
      expect(after.end.torn).toBe(0);
      expect(after.records).toHaveLength(before.records.length + 2);
    }
    expect(readdirSync(place).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("takes a fresh file even when nothing is torn, so that a former owner writes where nobody reads", async () => {
    const path = join(folder(), "l");
    const former = await openJournal({ path, run, clock: ticking() });
    former.note([start]);
    await former.sync();
    const inode = statSync(path).ino;
    const { end } = await recordsOf(path);
    expect(await renewLedger(path, end)).toBeUndefined();
    expect(statSync(path).ino).not.toBe(inode);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    former.note([intent(0)]);
    await former.close();
    expect((await recordsOf(path)).records).toHaveLength(1);
  });

  it("leaves the old file as it was when there is no room for the copy", async () => {
    const path = join(folder(), "l");
    await write(path, [[start]]);
    const { end } = await recordsOf(path);
    const before = readFileSync(path);
    const longer = { ...end, bytes: end.bytes + 1 };
    await expect(renewLedger(path, longer)).rejects.toMatchObject({ code: "record", exitCode: 10 });
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(dirname(path))).toEqual(["l"]);
  });

  it("never touches a damaged ledger: replaying it says so before anything could be repaired", async () => {
    const path = join(folder(), "l");
    await write(path, smallRun);
    const lines = linesIn(path);
    writeFileSync(path, lines.with(1, lines[1]!.replace("generation", "generatiom")).join("\n") + "\n");
    const replayed = replay(path, run, () => undefined);
    await expect(replayed).rejects.toMatchObject({ code: "audit", exitCode: 9 });
    await expect(replayed).rejects.toThrow(/record 2, at byte \d+, does not follow .* up to record 4 was known/);
  });
});

describe("T7: losing power", () => {
  /** Pages that were not synced may each be there or be zeros, in any combination, and the file may end anywhere behind the synced part. */
  function afterPowerLoss(bytes: Buffer, synced: number, { page, keeps, end }: Loss): Buffer {
    const left = Buffer.from(bytes.subarray(0, synced + (end % (bytes.length - synced + 1))));
    for (let from = synced; from < left.length;) {
      const to = Math.min(left.length, (Math.floor(from / page) + 1) * page);
      if (keeps[Math.floor(from / page) % keeps.length] !== true) left.fill(0, from, to);
      from = to;
    }
    return left;
  }
  interface Loss {
    page: number;
    keeps: boolean[];
    end: number;
  }
  const loss = fc.record({
    page: fc.constantFrom(16, 64, 512, 4096),
    keeps: fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
    end: fc.nat(),
  });
  const script = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 6 })), { minLength: 1, maxLength: 25 });

  it("loses nothing that was synced, and is never taken for damage", async () => {
    const place = folder("quick");
    let count = 0;
    await fc.assert(
      fc.asyncProperty(script, loss, async (steps, lost) => {
        const path = join(place, `l${(count += 1)}`);
        let written = 0;
        let synced = 0;
        const files: FileLayer = {
          ...realFiles,
          write: (file, bytes) => (written += bytes.length) && realFiles.write(file, bytes),
          datasync: () => Promise.resolve(void (synced = written)),
        };
        const journal = await openJournal({ path, run, clock: ticking(), files });
        let syncedSeq = 0;
        let seq = journal.note([start]);
        for (const size of steps) {
          if (size === 0) await journal.sync();
          if (size === 0) syncedSeq = seq;
          else seq = journal.note(Array.from({ length: size }, (_, index) => intent(index))) + size - 1;
        }
        const whole = readFileSync(path);
        writeFileSync(path, afterPowerLoss(whole, synced, lost));
        const { records, end } = await recordsOf(path);
        expect(records.length).toBeGreaterThanOrEqual(syncedSeq);
        await renewLedger(path, end);
        expect(readFileSync(path).equals(whole.subarray(0, end.bytes))).toBe(true);
        expect(existsSync(path)).toBe(true);
        files.datasync = () => Promise.resolve();
        await journal.close();
      }),
      { numRuns: 120 },
    );
  });
});

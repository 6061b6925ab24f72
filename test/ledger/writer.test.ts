import { statSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { RecordError } from "../../runner/core/model/errors.ts";
import type { Fact } from "../../runner/core/model/events.ts";
import { genesis } from "../../runner/ledger/chain.ts";
import { realFiles, type FileLayer } from "../../runner/ledger/file-layer.ts";
import { renewLedger } from "../../runner/ledger/repair.ts";
import { openJournal, type LedgerWriter } from "../../runner/ledger/writer.ts";
import { folder, intent, linesIn, narrowDisk, recordsOf, run, sent, start, ticking } from "./sample.ts";

const clock = ticking();

function errno(code: string): Error {
  return Object.assign(new Error(`${code}: made to fail, write`), { code });
}

/** The real narrowDisk, watched; `datasync` waits for `finish` when the test holds it. */
function watched(): { files: FileLayer; syncs: (() => void)[]; writes: number[] } {
  const syncs: (() => void)[] = [];
  const writes: number[] = [];
  const files: FileLayer = {
    ...realFiles,
    write: (file, bytes) => {
      writes.push(bytes.length);
      return realFiles.write(file, bytes);
    },
    datasync: () => new Promise((resolve) => syncs.push(resolve)),
  };
  return { files, syncs, writes };
}

/** The disk fails at the `k`th operation of a kind, counted from 1, once: afterwards it is healthy again. */
function failing(kind: "write" | "short" | "datasync", k: number): FileLayer {
  let left = k;
  const isNow = (): boolean => (left -= 1) === 0;
  return {
    ...realFiles,
    write: (file, bytes) => {
      if (kind === "datasync" || !isNow()) return realFiles.write(file, bytes);
      if (kind === "write") throw errno("ENOSPC");
      return realFiles.write(file, bytes.subarray(0, bytes.length - 9));
    },
    datasync: (file) => (kind === "datasync" && isNow() ? Promise.reject(errno("EIO")) : realFiles.datasync(file)),
  };
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
};

describe("writing the ledger", () => {
  it("has each record in the file when note returns, all of one batch in one write", async () => {
    const path = join(folder(), "ledger.ndjson");
    const { files, writes } = watched();
    const journal = await openJournal({ path, run, clock, files });
    expect(journal.note([start])).toBe(1);
    expect(journal.note([intent(0), intent(1)])).toBe(2);
    expect(journal.note([])).toBe(4);
    expect(writes).toHaveLength(2);
    const { records, end } = await recordsOf(path);
    expect(records.map(({ seq, type }) => [seq, type])).toEqual([
      [1, "start"],
      [2, "intent"],
      [3, "intent"],
    ]);
    expect(records[1]).toMatchObject(intent(0));
    expect(journal.head).toBe(`${run}:3:${end.head.hash}`);
  });

  it("keeps the file to its owner and refuses to begin one that exists", async () => {
    const path = join(folder(), "ledger.ndjson");
    await (await openJournal({ path, run, clock })).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(openJournal({ path, run, clock })).rejects.toThrow(/EEXIST/);
    await expect(openJournal({ path: `${path}-no`, run, clock, from: genesis(run) })).rejects.toThrow(RecordError);
  });

  it("serves everyone who waits with one sync, and nobody with one that began before they wrote", async () => {
    const { files, syncs } = watched();
    const journal = await openJournal({ path: join(folder(), "l"), run, clock, files });
    const done: string[] = [];
    const ask = (name: string): void =>
      void journal.sync().then(
        () => done.push(name),
        () => done.push(`${name} failed`),
      );
    journal.note([start]);
    ask("a");
    journal.note([intent(0)]);
    ask("b");
    ask("c");
    expect(syncs).toHaveLength(1);
    syncs[0]!();
    await turns(20);
    expect(done).toEqual(["a"]);
    expect(syncs).toHaveLength(2);
    syncs[1]!();
    await turns(20);
    expect(done).toEqual(["a", "b", "c"]);
    ask("d");
    await turns(20);
    expect(done).toEqual(["a", "b", "c", "d"]);
    expect(syncs).toHaveLength(2);
  });

  it("says in the next batch, once, how far the file is on disk", async () => {
    const path = join(folder(), "l");
    const journal = await openJournal({ path, run, clock });
    journal.note([start, intent(0)]);
    await journal.sync();
    journal.note([intent(1), intent(2)]);
    journal.note([sent(2)]);
    await journal.sync();
    journal.note([sent(3)]);
    await journal.close();
    const { records, end } = await recordsOf(path);
    expect(records.map(({ synced }) => synced)).toEqual([undefined, undefined, 2, undefined, undefined, 5]);
    const again = await openJournal({ path, run, clock, from: end.head });
    again.note([intent(3)]);
    await again.close();
    expect((await recordsOf(path)).records.at(-1)).toMatchObject({ seq: 7, synced: 6 });
  });

  it("puts an outcome on disk within 200 ms when nobody asks for it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { files, syncs } = watched();
    const journal = await openJournal({ path: join(folder(), "l"), run, clock, files });
    for (let round = 1; round <= 2; round++) {
      journal.note([intent(round)]);
      expect(syncs).toHaveLength(round - 1);
      vi.advanceTimersByTime(200);
      expect(syncs).toHaveLength(round);
      syncs[round - 1]!();
      await turns(5);
    }
    vi.useRealTimers();
    await journal.close();
  });

  it("syncs what is left when it is closed, and takes nothing afterwards", async () => {
    const { files, syncs } = watched();
    const journal = await openJournal({ path: join(folder(), "l"), run, clock, files });
    journal.note([start]);
    const closed = Promise.all([journal.close(), journal.close()]);
    await turns(5);
    expect(syncs).toHaveLength(1);
    syncs[0]!();
    await closed;
    expect(() => journal.note([intent(0)])).toThrow(/was closed/);
    await expect(journal.sync()).rejects.toThrow(/was closed/);
  });

  it("writes nothing of a batch that can not be written as JSON, and goes on", async () => {
    const path = join(folder(), "l");
    const journal = await openJournal({ path, run, clock });
    journal.note([start]);
    const broken = { ...intent(0), after: { n: 1n } } as unknown as Fact;
    expect(() => journal.note([intent(0), broken])).toThrow(TypeError);
    expect(journal.note([intent(0)])).toBe(2);
    await journal.close();
    expect((await recordsOf(path)).records).toHaveLength(2);
  });
});

const twoItems = (batch: number): Fact[] => [batch === 0 ? start : intent(2 * batch), intent(2 * batch + 1)];

/** Five batches with a sync after each, as far as the disk lets them. @returns Batches that were noted and synced. */
async function fiveBatches(journal: LedgerWriter): Promise<{ noted: number; synced: number; errors: unknown[] }> {
  const result = { noted: 0, synced: 0, errors: [] as unknown[] };
  for (let batch = 0; batch < 5; batch++) {
    try {
      journal.note(twoItems(batch));
      result.noted += 1;
      await journal.sync();
      result.synced += 1;
    } catch (error) {
      result.errors.push(error);
    }
  }
  return result;
}

describe("T8: a ledger whose disk fails", () => {
  const cases = (["write", "short", "datasync"] as const).flatMap((kind) => [1, 2, 3, 4, 5].map((k) => ({ kind, k })));
  it.each(cases)(
    "takes nothing more after the $kind no. $k, and resume goes on from what stands",
    async ({ kind, k }) => {
      const path = join(folder(), "l");
      const told: RecordError[] = [];
      const journal = await openJournal({
        path,
        run,
        clock,
        files: failing(kind, k),
        onPoisoned: (error) => told.push(error),
      });
      const { noted, synced, errors } = await fiveBatches(journal);
      await journal.close();
      expect({ noted, synced }).toEqual({ noted: kind === "datasync" ? k : k - 1, synced: k - 1 });
      expect(errors).toHaveLength(6 - k);
      expect(told).toEqual([errors[0]]);
      expect(new Set(errors).size).toBe(1);
      expect(errors[0]).toMatchObject({ name: "RecordError", exitCode: 10 });
      expect((errors[0] as RecordError).hint).toContain(`rollcall resume ${run}`);

      const { records, end } = await recordsOf(path);
      expect(records.length).toBeGreaterThanOrEqual(2 * noted);
      expect(end.torn > 0).toBe(kind === "short");
      const repair = await renewLedger(path, end);
      expect(repair === undefined).toBe(end.torn === 0);
      const again = await openJournal({ path, run, clock, from: end.head });
      again.note([...(records.length === 0 ? [start] : []), ...(repair === undefined ? [] : [repair]), intent(99)]);
      await again.close();
      const after = await recordsOf(path);
      expect(after.end.torn).toBe(0);
      expect(after.records.slice(0, records.length)).toEqual(records);
      expect(after.records[records.length]?.synced).toBe(end.head.seq || undefined);
      expect(after.records.at(-1)).toMatchObject(intent(99));
    },
  );

  it("fails those who wait for a sync when the write after theirs fails, unless theirs was under way", async () => {
    const held = watched();
    let isFull = false;
    const files: FileLayer = {
      ...held.files,
      write: (file, bytes) => {
        if (isFull) throw errno("ENOSPC");
        return held.files.write(file, bytes);
      },
    };
    const journal = await openJournal({ path: join(folder(), "l"), run, clock, files });
    journal.note([start]);
    const underWay = journal.sync();
    journal.note([intent(0)]);
    const waiting = journal.sync();
    isFull = true;
    expect(() => journal.note([intent(1)])).toThrow(/ENOSPC/);
    held.syncs[0]!();
    await underWay;
    await expect(waiting).rejects.toThrow(/ENOSPC/);
    expect(held.syncs).toHaveLength(1);
  });

  it("is told of a failed sync that nobody asked for", async () => {
    const told: RecordError[] = [];
    const onPoisoned = (error: RecordError): void => void told.push(error);
    const journal = await openJournal({
      path: join(folder(), "l"),
      run,
      clock,
      files: failing("datasync", 1),
      onPoisoned,
    });
    journal.note([start]);
    await sleep(200);
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining("could not be synced: EIO")]);
    expect(() => journal.note([intent(0)])).toThrow(told[0]);
    await journal.close();
  });

  it("does not open on a folder that can not be put on disk", async () => {
    const files: FileLayer = { ...realFiles, syncName: () => Promise.reject(errno("EIO")) };
    await expect(openJournal({ path: join(folder(), "l"), run, clock, files })).rejects.toThrow(/EIO/);
  });

  it("stops at a device that is full", async () => {
    const journal = await openJournal({ path: "/dev/full", run, clock, from: genesis(run) });
    expect(() => journal.note([start])).toThrow(/could not be written: ENOSPC: no space left on device/);
    await journal.close();
  });

  it("loses nothing that was noted before a small disk ran full", async () => {
    const path = join(narrowDisk(128 * 1024).path, "l");
    const journal = await openJournal({ path, run, clock });
    let noted = 0;
    expect(() => {
      for (; noted < 10_000; noted++) journal.note([noted === 0 ? start : intent(noted)]);
    }).toThrow(/ENOSPC|EFBIG|only \d+ of \d+ bytes/);
    expect(() => journal.note([intent(0)])).toThrow(RecordError);
    await journal.close();
    const { records } = await recordsOf(path);
    expect(records).toHaveLength(noted);
    expect(linesIn(path).length).toBeGreaterThan(100);
    expect(readFileSync(path).length).toBeLessThanOrEqual(128 * 1024);
  });
});

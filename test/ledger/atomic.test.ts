import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, writeFileAtomic, writeFileOnce } from "../../runner/ledger/atomic.ts";
import { diskError, errnoOf } from "../../runner/ledger/disk-error.ts";
import { createDraft } from "../../runner/runs/draft.ts";
import { withEnd } from "../../runner/ledger/with-end.ts";
import { folder } from "./sample.ts";

describe("putting a file in place", () => {
  it("replaces it whole, for its owner only", async () => {
    const path = join(folder(), "summary.json");
    writeFileSync(path, "old", { mode: 0o644 });
    await writeFileAtomic(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("leaves the old one, and nothing half written, when it fails", async () => {
    const place = folder();
    mkdirSync(join(place, "taken"));
    await expect(writeFileAtomic(join(place, "taken"), "x")).rejects.toMatchObject({ code: "record", exitCode: 10 });
    await expect(writeFileAtomic(join(place, "none/file"), "x")).rejects.toThrow(
      /Could not write .*none\/file: ENOENT/,
    );
    expect(readdirSync(place)).toEqual(["taken"]);
  });

  it("names the folder that is not there, and speaks of no record", async () => {
    const path = join(folder(), "none", "a.json");
    const hint = `There is no folder ${join(path, "..")}: make it, or name a file elsewhere.`;
    const write = (to: string): Promise<unknown> => writeFileAtomic(to, "x");
    for (const make of [write, (to: string) => writeFileOnce(to, "x"), createDraft])
      await expect(make(path)).rejects.toMatchObject({ code: "record", hint });
  });

  it("happens once when many try, and nobody sees a part of it", async () => {
    const path = join(folder(), "once");
    const contents = Array.from({ length: 20 }, (_, place) => `${place}`.repeat(10_000));
    const done = await Promise.all(contents.map((content) => writeFileOnce(path, content)));
    expect(done.filter(Boolean)).toHaveLength(1);
    expect(readFileSync(path, "utf8")).toBe(contents[done.indexOf(true)]);
    expect(await writeFileOnce(path, "again")).toBe(false);
  });

  it("makes the folders above, for their owner only, and takes those that are there", async () => {
    const place = folder();
    await makeFolder(join(place, "a/b"));
    await makeFolder(join(place, "a/b/c"));
    for (const name of ["a", "a/b", "a/b/c"]) expect(statSync(join(place, name)).mode & 0o777).toBe(0o700);
    writeFileSync(join(place, "file"), "");
    await expect(makeFolder(join(place, "file/x"))).rejects.toThrow(/Could not make the folder .*ENOTDIR/);
    expect(existsSync(join(place, "file/x"))).toBe(false);
  });
});

describe("an error of the disk", () => {
  it("names the file once, the cause and the next step", () => {
    const cause = Object.assign(new Error("ENOSPC: no space left on device, open '/x/y'"), { code: "ENOSPC" });
    const error = diskError("write", "/x/y", cause);
    expect(error.message).toBe("Could not write /x/y: ENOSPC: no space left on device.");
    expect(error.hint).toContain("Free space");
    expect(error.cause).toBe(cause);
    expect(errnoOf(new Error("no code"))).toBeUndefined();
  });
});

describe("a loop over a generator that returns something", () => {
  it("ends the generator also when it is left early", async () => {
    let isClosed = false;
    async function* numbers(): AsyncGenerator<number, string, undefined> {
      try {
        yield 1;
        yield 2;
        return await Promise.resolve("end");
      } finally {
        isClosed = true;
      }
    }
    const whole = withEnd(numbers());
    for await (const number of whole.values) expect([1, 2]).toContain(number);
    expect(whole.end()).toBe("end");
    expect(isClosed).toBe(true);
    isClosed = false;
    const left = withEnd(numbers());
    for await (const number of left.values) if (number === 1) break;
    expect(isClosed).toBe(true);
    expect(() => left.end()).toThrow(/left before it/);
  });
});

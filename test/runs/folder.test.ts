import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runId, type RunId } from "../../runner/core/model/item.ts";
import { estateOf } from "../../runner/runs/estate.ts";
import { createRunFolder, findRun, listRuns, runFolder } from "../../runner/runs/folder.ts";
import { isRunId, newRunId } from "../../runner/runs/run-id.ts";
import { currentPerson } from "../../runner/runs/person.ts";
import { folder, narrowDisk } from "../ledger/sample.ts";

const ids = ["20261123T204700Z-k3m7q", "20261123T204700Z-k3zzz", "20261124T000000Z-aaaaa"].map(runId);
const [first, second, third] = ids as [RunId, RunId, RunId];

describe("the id of a run", () => {
  it("is its start in UTC and five characters of base 32", () => {
    const random = [0, 0.999999, 0.5, 0.031, 0.032][Symbol.iterator]();
    expect(newRunId(Date.UTC(2026, 10, 23, 20, 47, 0, 999), () => random.next().value ?? 0)).toBe(
      "20261123T204700Z-a7qab",
    );
  });

  it("has always the shape that is asked for", () => {
    const now = fc.integer({ min: 0, max: Date.UTC(9999, 0) });
    fc.assert(
      fc.property(now, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (ms, x) =>
        isRunId(newRunId(ms, () => x)),
      ),
    );
  });
});

describe("the folder of runs", () => {
  it("keeps a run's plan, for its owner only", async () => {
    const root = folder();
    const made = await createRunFolder(root, first, "name: x\n");
    expect(made).toEqual(runFolder(root, first));
    expect(readFileSync(made.plan, "utf8")).toBe("name: x\n");
    for (const path of [join(root, ".rollcall"), join(root, ".rollcall/runs"), made.path])
      expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(made.plan).mode & 0o777).toBe(0o600);
    expect(readdirSync(made.path)).toEqual(["plan.yaml"]);
  });

  it("lists runs from the oldest on, and nothing else that lies there", async () => {
    const root = folder();
    expect(await listRuns(root)).toEqual([]);
    for (const run of [third, first]) await createRunFolder(root, run, "");
    mkdirSync(join(root, ".rollcall/runs/notes"));
    writeFileSync(join(root, ".rollcall/runs/20261123T204700Z-bbbbb"), "");
    symlinkSync("/", join(root, ".rollcall/runs/20261123T204700Z-ccccc"));
    expect((await listRuns(root)).map(({ run }) => run)).toEqual([first, third]);
  });

  it("finds a run by its id, the beginning of one, or as the latest", async () => {
    const root = folder();
    await expect(findRun(root, "latest")).rejects.toThrow(/no run yet/);
    for (const run of [third, first, second]) await createRunFolder(root, run, "");
    expect((await findRun(root, first)).run).toBe(first);
    expect((await findRun(root, "20261124")).run).toBe(third);
    expect((await findRun(root, "20261123T204700Z-k3m")).run).toBe(first);
    expect((await findRun(root, "latest")).run).toBe(third);
    await expect(findRun(root, "20261123")).rejects.toThrow(`20261123 begins 2 runs: ${first}, ${second}.`);
    await expect(findRun(root, "2027")).rejects.toMatchObject({ code: "usage", exitCode: 3 });
  });

  it("takes for the latest of one second the one that was begun last", async () => {
    const root = folder();
    for (const run of [second, first]) await createRunFolder(root, run, "");
    utimesSync(runFolder(root, second).plan, 100, 100);
    utimesSync(runFolder(root, first).plan, 200, 200);
    expect((await findRun(root, "latest")).run).toBe(first);
  });

  it.each(["", "..", "../..", "/etc", ".", "2026/../..", "20261123T204700Z-k3m7q/..", "2026\\..", "2026\0", "*", "2*"])(
    "refuses %j as a run",
    async (wanted) => {
      const root = folder();
      await createRunFolder(root, first, "");
      await expect(findRun(root, wanted)).rejects.toMatchObject({ code: "usage" });
    },
  );

  it("is never the run that asks", async () => {
    const root = folder();
    await createRunFolder(root, first, "");
    const itself = runId(`${first.slice(0, -1)}${first.endsWith("a") ? "b" : "a"}`);
    await createRunFolder(root, itself, "");
    const beginning = first.slice(0, -1);
    await expect(findRun(root, beginning)).rejects.toMatchObject({ code: "usage" });
    expect((await findRun(root, beginning, itself)).run).toBe(first);
    await expect(findRun(root, itself, itself)).rejects.toMatchObject({ code: "usage" });
  });

  it("never finds a folder outside, whatever is asked for", async () => {
    const root = folder();
    await createRunFolder(root, first, "");
    const asked = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("2", "0", ".", "/", "T", "Z", "-", "k") }));
    await fc.assert(
      fc.asyncProperty(asked, async (wanted) => {
        const found = await findRun(root, wanted).catch(() => undefined);
        if (found !== undefined) expect(found.path).toBe(runFolder(root, first).path);
      }),
    );
  });

  it("says what to do where nobody may make a folder", async () => {
    const refused = createRunFolder("/sys", first, "");
    await expect(refused).rejects.toMatchObject({ code: "record", exitCode: 10 });
    await expect(refused).rejects.toThrow(/Could not make the folder \/sys\/.rollcall\/runs: (EPERM|EACCES|EROFS)/);
    await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining("keep the runs elsewhere") as string });
  });

  it("says what to do when the disk is full", async () => {
    const { path: full } = narrowDisk(16 * 1024);
    const tooLarge = createRunFolder(full, first, "x".repeat(100_000));
    await expect(tooLarge).rejects.toMatchObject({ code: "record", exitCode: 10 });
    await expect(tooLarge).rejects.toThrow(/Could not write .*plan.yaml: (ENOSPC|EFBIG)/);
    await expect(tooLarge).rejects.toMatchObject({
      hint: expect.stringMatching(/Free space|raise the limit/) as string,
    });
    expect(readdirSync(runFolder(full, first).path)).toEqual([]);
  });

  it("names the file in its place when .rollcall is one", async () => {
    const root = folder();
    writeFileSync(join(root, ".rollcall"), "");
    await expect(createRunFolder(root, first, "")).rejects.toMatchObject({ code: "record" });
    await expect(listRuns(root)).rejects.toThrow(/Could not list .*ENOTDIR/);
  });
});

describe("the estate", () => {
  it("is made once and then stays, also when many ask at once", async () => {
    const root = folder();
    const asked = await Promise.all(Array.from({ length: 20 }, () => estateOf(root, Math.random)));
    expect(new Set(asked).size).toBe(1);
    expect(await estateOf(root, Math.random)).toBe(asked[0]);
    expect(asked[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(readdirSync(join(root, ".rollcall"))).toEqual(["estate"]);
  });

  it("is not made up anew when its file is damaged", async () => {
    const root = folder();
    mkdirSync(join(root, ".rollcall"));
    writeFileSync(join(root, ".rollcall/estate"), "oops");
    await expect(estateOf(root, Math.random)).rejects.toMatchObject({ code: "audit" });
  });
});

describe("who runs this", () => {
  it("is the user of this machine, or the person who set off a CI job", () => {
    expect(currentPerson({})).toEqual({
      name: expect.stringMatching(/./) as string,
      host: expect.any(String) as string,
    });
    expect(currentPerson({ CI: "false" })).not.toHaveProperty("ci");
    expect(currentPerson({ GITHUB_ACTIONS: "true", CI: "true", GITHUB_ACTOR: "ada" })).toMatchObject({
      name: "ada",
      ci: "github",
    });
    expect(currentPerson({ GITHUB_ACTOR: "eve" }).name).not.toBe("eve");
  });
});

import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunFolder } from "../../../runner/runs/folder.ts";
import { summaryOf } from "../../../runner/runs/history/summary.ts";
import { tell } from "../../../runner/runs/history/tell.ts";
import { everyEnd, tellRun } from "../../support/told-run.ts";

const noWorkers = new Map();
const sent = { is: "running", pid: 1, host: "desk", since: 0 } as const;

const ruined: readonly (readonly [string, (folder: RunFolder) => void, string])[] = [
  ["is empty", ({ ledger }) => truncateSync(ledger), "ledger.ndjson is empty"],
  ["is not there", ({ ledger }) => rmSync(ledger), "there is no ledger.ndjson"],
  ["is garbage", ({ ledger }) => writeFileSync(ledger, Buffer.alloc(5000, 0xff)), "ledger.ndjson holds no record"],
];

describe("a run that had a record, whose ledger", () => {
  it.each(ruined)("%s, is told as one whose record is gone", async (_, ruin, said) => {
    const { folder } = await tellRun(everyEnd);
    ruin(folder);
    const told = await tell(folder);
    expect(told.damage).toContain(said);
    expect(told.damage).toContain("(inventory.ndjson, changeset.ndjson are there)");
    expect(summaryOf(folder, told, noWorkers)).toMatchObject({
      run: folder.run,
      status: "damaged",
      plan: "",
      exit: undefined,
    });
  });

  it("went with its whole folder, is told as one whose record is gone", async () => {
    const { folder } = await tellRun(everyEnd);
    rmSync(folder.path, { recursive: true });
    expect((await tell(folder)).damage).toBe(`its record is gone: there is no folder ${folder.path}`);
  });

  it.each([["lookups.ndjson"], ["inventory.ndjson"], ["changeset.ndjson"], ["summary.json"], ["control"]])(
    "is gone, is known by its %s alone",
    async (name) => {
      const folder = await onlyItsPlan("");
      if (name === "control") mkdirSync(folder.control);
      else writeFileSync(join(folder.path, name), "");
      expect((await tell(folder)).damage).toContain(`the run had begun (${name} is there)`);
    },
  );

  it("holds text that is not the beginning of a record, is told as damaged", async () => {
    const { damage } = await tell(await onlyItsPlan("x"));
    expect(damage).toContain("does not follow");
  });

  it("is empty, is known by the lock that is held for it", async () => {
    const folder = await onlyItsPlan("");
    const told = await tell(folder);
    const summary = summaryOf(folder, told, new Map([[folder.run, sent]]));
    expect(summary).toMatchObject({ status: "damaged", damage: expect.stringContaining("holds its lock") as string });
  });
});

describe("a run that never had a record", () => {
  it.each([
    ["no ledger", undefined],
    ["an empty ledger", ""],
    ["a first record that was cut after its first byte", "{"],
    ["a first record that was cut", '{"seq":1,"t":1827'],
  ])("and has %s, sent nothing, and that is said", async (_, ledger) => {
    const folder = await onlyItsPlan(ledger);
    const told = await tell(folder);
    expect(told).toMatchObject({ first: undefined, damage: undefined });
    expect(() => summaryOf(folder, told, noWorkers)).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^Nothing was sent: /) as string }) as Error,
    );
  });
});

/** A folder as it is before the first record; undefined: the ledger was not made yet. */
async function onlyItsPlan(ledger: string | undefined): Promise<RunFolder> {
  const { folder } = await tellRun(everyEnd);
  for (const path of [folder.inventory, folder.changeSet, folder.ledger]) rmSync(path);
  if (ledger !== undefined) writeFileSync(folder.ledger, ledger);
  return folder;
}

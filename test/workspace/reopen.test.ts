import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunId } from "../../runner/core/model/item.ts";
import { chainOf, type Loose } from "../support/forgery.ts";
import { changesReceived, ended, estate, textOf, yes } from "../support/workspace.ts";

const apply = { consent: yes };

describe("a run that is gone on with", () => {
  it("gives no item an older value back where another run has written since", async () => {
    await using here = await estate({ latencyMs: 20 });
    const ids = here.movable(40);
    let first = "";
    for await (const event of here.workspace.apply(await here.plan(ids), apply)) {
      if (event.type === "run") first = event.run;
      if (event.type === "outcome") break;
    }
    const newer = await ended(here, here.workspace.apply(await here.plan(ids, { to: 2 }), apply));
    const left = newer.in("confirmed").filter((id) => here.simulator.device(Number(id))?.productId === 2);
    expect(left.length).toBeGreaterThan(3);
    const resumed = await ended(here, here.workspace.resume(first));
    expect(resumed.records.find((record) => record.type === "resume")).toMatchObject({ recheck: true });
    expect(resumed.in("drifted").length).toBeGreaterThan(3);
    for (const id of left) expect(here.simulator.device(Number(id))?.productId).toBe(2);
    expect(resumed.violations).toEqual([]);
  });

  it("is sent without another look where nobody wrote meanwhile", async () => {
    await using here = await estate({ latencyMs: 20 });
    const ids = here.movable(20);
    for await (const event of here.workspace.apply(await here.plan(ids), apply)) if (event.type === "outcome") break;
    const resumed = await ended(here, here.workspace.resume("latest"));
    expect(resumed.records.find((record) => record.type === "resume")).toMatchObject({ recheck: false });
    expect(resumed.end.counts.confirmed).toBe(20);
  });
});

describe("a run that has ended, and whose record is not the one it had then", () => {
  const cut = (records: readonly Loose[]): readonly Loose[] =>
    records.slice(
      0,
      records.findIndex(({ type }) => type === "intent"),
    );
  const retold = (records: readonly Loose[]): readonly Loose[] =>
    records.map((record) => (record.type === "outcome" ? { ...record, ms: 1 } : record));

  it.each([
    [
      "cut off before its first call",
      cut,
      /summary\.json names record \d+, the chain ends at record \d+: what followed was cut off/,
    ],
    ["with other answers, and its chain built anew", retold, /record \d+ is not the one summary\.json names/],
  ])("is not gone on with, and stays as it is: %s", async (_how, forged, why) => {
    await using here = await estate();
    const { run, folder, records } = await ended(here, here.workspace.apply(await here.plan(here.movable(3)), apply));
    const ledger = join(folder, "ledger.ndjson");
    writeFileSync(ledger, chainOf(run as RunId, forged(records as unknown as readonly Loose[])));
    const was = [textOf(ledger), textOf(join(folder, "summary.json"))];
    for (const verb of ["resume", "verify"] as const)
      await expect(ended(here, here.workspace[verb]("latest"))).rejects.toMatchObject({
        code: "audit",
        exitCode: 9,
        message: expect.stringMatching(why) as string,
      });
    expect([textOf(ledger), textOf(join(folder, "summary.json"))]).toEqual(was);
    expect(changesReceived(here.simulator)).toHaveLength(3);
  });
});

it("is gone on with where its record ends within a line, as after a crash: a repair record tells of it for good", async () => {
  await using here = await estate();
  const { folder, run } = await ended(here, here.workspace.apply(await here.plan(here.movable(3)), apply));
  const ledger = join(folder, "ledger.ndjson");
  writeFileSync(ledger, textOf(ledger).slice(0, -20));
  const again = await ended(here, here.workspace.verify(run));
  expect(again.records.map(({ type }) => type)).toContain("repair");
  expect(again.end.counts.confirmed).toBe(3);
});

describe("a run that is taken over while it verifies", () => {
  it("leaves no summary and no anchor behind: what became of it stands with whoever took it", async () => {
    await using here = await estate();
    const told: string[] = [];
    let folder = "";
    const going = async (): Promise<void> => {
      for await (const event of here.workspace.apply(await here.plan(here.movable(3)), apply)) {
        told.push(event.type);
        if (event.type === "run") folder = event.folder;
        if (event.type === "pass" && event.phase === "begin")
          await here.workspace.unlock("latest", "it seemed to hang");
      }
    };
    await expect(going()).rejects.toMatchObject({
      code: "lock",
      message: expect.stringContaining("taken over") as string,
    });
    expect(told).not.toContain("sealed");
    expect(existsSync(join(folder, "summary.json"))).toBe(false);
  });
});

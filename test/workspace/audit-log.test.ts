import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LogEntry } from "../../runner/core/model/evidence.ts";
import { applied, evidence, type Evidence } from "../support/evidence.ts";

const idsOf = (entries: readonly LogEntry[]): string[] => entries.map(({ id }) => id);

/** Two runs over the same devices: 3 becomes 4, then 5. */
async function twice(): Promise<Evidence & { readonly second: string; readonly ids: readonly number[] }> {
  const made = await evidence({ count: 5 });
  const ids = made.run.in("confirmed").map(Number);
  const again = made.here.simulator
    .ids()
    .filter((id) => made.here.simulator.device(id)?.productId === 3)
    .slice(0, 2);
  const second = await applied(made.here, again, 5);
  return { ...made, second: second.run, ids };
}

describe("the log of all runs", () => {
  it("says who changed which device, when, from what to what, and whether it was confirmed; the newest first", async () => {
    await using made = await twice();
    const { entries, more, damaged } = await made.here.workspace.auditLog({});
    expect([more, damaged]).toEqual([false, []]);
    expect(entries).toHaveLength(7);
    expect(entries.map(({ run }) => run)).toEqual([
      ...Array<string>(2).fill(made.second),
      ...Array<string>(5).fill(made.run.run),
    ]);
    const times = entries.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((left, right) => right - left));
    const [newest] = entries;
    expect(newest).toMatchObject({
      plan: "by-customer",
      method: "ModifyAccount",
      field: "product_id",
      before: 3,
      after: 5,
      state: "confirmed",
      confirmed: true,
    });
    expect(newest!.by).not.toBe("");
  });

  it("finds by device, customer, person, time and field", async () => {
    await using made = await twice();
    const { workspace } = made.here;
    const all = (await workspace.auditLog({})).entries;
    const one = all.at(-1)!;
    for (const device of [one.id, one.title, one.title.toUpperCase()])
      expect(idsOf((await workspace.auditLog({ device })).entries)).toEqual([one.id]);
    for (const [id, { name }] of made.customers) {
      const own = all.filter(({ customer }) => customer === `${name} (${id})`);
      for (const customer of [String(id), name])
        expect(idsOf((await workspace.auditLog({ customer })).entries)).toEqual(idsOf(own));
    }
    expect((await workspace.auditLog({ by: one.by })).entries).toHaveLength(7);
    expect((await workspace.auditLog({ by: "nobody" })).entries).toEqual([]);
    expect((await workspace.auditLog({ field: "product_id" })).entries).toHaveLength(7);
    expect((await workspace.auditLog({ field: "alias" })).entries).toEqual([]);
    const since = all[1]!.at;
    expect((await workspace.auditLog({ since })).entries).toEqual(all.filter(({ at }) => at >= since));
    const few = await workspace.auditLog({ limit: 3 });
    expect([few.entries, few.more]).toEqual([all.slice(0, 3), true]);
  });

  it("takes what is somebody's id for no name of another, in whichever run", async () => {
    await using made = await evidence({ count: 8 });
    const { workspace, simulator } = made.here;
    const [one, other] = [...made.customers].filter(([, { changed }]) => changed.length > 0).map(([id]) => id);
    const of = async (customer: string) => {
      const { entries } = await workspace.auditLog({ customer });
      return new Set(entries.map((entry) => entry.customer.replace(/^.*\((\d+)\)$/, "$1")));
    };
    simulator.editPartner(other!, { name: String(one) });
    const ids = simulator.ids().filter((id) => simulator.device(id)?.partnerId === other);
    // The newer run has only the one who is called like the other's id.
    const again = await applied(made.here, ids, 5);
    expect(again.in("confirmed").length).toBeGreaterThan(0);
    expect([await of(String(one)), await of(String(other))]).toEqual([
      new Set([String(one)]),
      new Set([String(other)]),
    ]);
    simulator.editPartner(other!, { name: " Spaced " });
    for (const id of ids) simulator.edit(id, { productId: 3 });
    await applied(made.here, ids, 4);
    expect(await of("spaced")).toEqual(new Set([String(other)]));
    expect(await of(" Spaced ")).toEqual(new Set([String(other)]));
  });

  it("tells what was rejected or lost, and leaves out what was never sent", async () => {
    const faults = [
      { method: "ModifyAccount", fault: "error", nth: 1, data: 13501, message: "no" },
      { method: "ModifyAccount", fault: "reset-after", nth: 3 },
    ] as const;
    await using made = await evidence({ count: 6, faults });
    const { entries } = await made.here.workspace.auditLog({});
    expect(entries.map(({ state }) => state).sort()).toEqual([...Array<string>(5).fill("confirmed"), "rejected"]);
    expect(entries.find(({ state }) => state === "rejected")).toMatchObject({ confirmed: false });
    const same = await applied(made.here, made.run.in("confirmed").map(Number), 4);
    expect(same.in("confirmed")).toEqual([]);
    expect((await made.here.workspace.auditLog({})).entries).toHaveLength(6);
  });

  it("tells every record that is damaged, and what stands before the damage", async () => {
    await using made = await twice();
    const { workspace } = made.here;
    const ledger = made.path("ledger.ndjson");
    const whole = readFileSync(ledger, "utf8");
    writeFileSync(
      ledger,
      whole.replace('"type":"verdict"', '"type":"verdikt"').replace('"type":"checkpoint"', '"type":"checkpoimt"'),
    );
    const cut = await workspace.auditLog({});
    expect(cut.damaged).toMatchObject([{ run: made.run.run }]);
    expect(cut.entries.filter(({ run }) => run === made.second)).toHaveLength(2);
    expect(cut.entries.filter(({ confirmed }) => !confirmed).length).toBeGreaterThan(0);
    writeFileSync(ledger, whole);
    rmSync(made.path("changeset.ndjson"));
    const lost = await workspace.auditLog({});
    expect(lost.damaged).toMatchObject([{ run: made.run.run, message: expect.stringContaining("changeset.ndjson") }]);
    expect(lost.entries).toHaveLength(2);
    rmSync(join(made.run.folder, "ledger.ndjson"));
    expect((await workspace.auditLog({})).damaged).toEqual([
      { run: made.run.run, message: expect.stringMatching(/^its record is gone: there is no ledger\.ndjson, though/) },
    ]);
  });

  it("tells what a process that died may have sent as open, not as never sent", async () => {
    await using made = await evidence({ count: 5 });
    const ledger = made.path("ledger.ndjson");
    const lines = readFileSync(ledger, "utf8").split("\n");
    const upTo = async (type: string): Promise<readonly LogEntry[]> => {
      const last = lines.findIndex((line) => line.includes(`"type":"${type}"`));
      writeFileSync(ledger, `${lines.slice(0, last + 1).join("\n")}\n`);
      return (await made.here.workspace.auditLog({})).entries;
    };
    for (const type of ["intent", "sent"]) {
      const entries = await upTo(type);
      expect(entries.length, type).toBeGreaterThan(0);
      expect(entries.every(({ state, confirmed, at }) => state === "open" && !confirmed && at > 1e12)).toBe(true);
    }
    expect(await upTo("selected")).toEqual([]);
  });
});

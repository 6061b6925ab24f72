import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import { openDocument } from "../../runner/reporters/documents/model.ts";
import { findRun } from "../../runner/runs/folder.ts";
import type { LoadedPlan } from "../../runner/workspace.ts";
import { collect } from "../support/runs.ts";
import { changesReceived, ended, estate, runsIn, textOf, yes, type Estate } from "../support/workspace.ts";

const apply = { consent: yes };
const planText = readFileSync(new URL("../support/plans/products-csv.yaml", import.meta.url), "utf8");

/** A folder with a plan and the file that it looks things up in: product 4 for `count` devices. */
async function lookingUp(count: number, edit: (text: string) => string = (text) => text) {
  const here = await estate({ devices: 120 });
  const ids = here.movable(count);
  const csv = join(here.cwd, "moves.csv");
  writeFileSync(csv, ["device_id,to,remark", ...ids.map((id) => `${id},4,"so, it is"`), ""].join("\r\n"));
  writeFileSync(join(here.cwd, "plan.yaml"), edit(planText));
  const load = (set: readonly string[] = []): Promise<LoadedPlan> =>
    here.workspace.loadPlan("plan.yaml", { set: [`partner=${here.simulator.rootPartner}`, ...set] });
  return { here, ids, csv, load, [Symbol.asyncDispose]: () => here[Symbol.asyncDispose]() };
}

const previewOf = (events: readonly RunEvent[]) =>
  events.find((event): event is Extract<RunEvent, { type: "preview" }> => event.type === "preview")!;

async function refusalOf(events: AsyncIterable<RunEvent>): Promise<string> {
  try {
    await collect(events);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was not refused");
}

function rewrite(path: string, from: string, to: string): void {
  const text = textOf(path);
  expect(text).toContain(from);
  writeFileSync(path, text.replaceAll(from, to));
}

describe("a plan that looks things up in a file", () => {
  it("gives each item what its row says, keeps the rows, and tells which met nobody", async () => {
    await using set = await lookingUp(5);
    const { here, ids, csv, load } = set;
    writeFileSync(csv, textOf(csv).replace(`${ids[0]},4`, `${ids[0]},1`) + "999999,4,nobody\r\n");
    const run = await ended(here, here.workspace.apply(await load(), apply));
    expect(run.violations).toEqual([]);
    expect(run.end.counts.confirmed).toBe(5);
    expect(ids.map((id) => here.simulator.device(id)?.productId)).toEqual([1, 4, 4, 4, 4]);
    const lookups = [{ name: "moves", rows: 6, unused: 1, keys: ["999999"] }];
    expect(previewOf(run.events).lookups).toEqual(lookups);
    expect(run.records.find(({ type }) => type === "enumerated")).toMatchObject({ lookups: { of: lookups } });
    const kept = textOf(join(run.folder, "lookups.ndjson")).split("\n");
    expect(JSON.parse(kept[1]!)).toEqual({ lookup: "moves", rows: 6 });
    expect(JSON.parse(kept[2]!)).toEqual({ row: { device_id: ids[0], to: 1 } });
    // Columns that the plan does not name are not kept.
    expect(kept.join("")).not.toContain("remark");
    expect((await here.workspace.audit(run.run)).ok).toBe(true);
  });

  it("is audited with what it looked up", async () => {
    await using set = await lookingUp(2);
    const { here, ids, load } = set;
    const run = await ended(here, here.workspace.apply(await load(), apply));
    rewrite(join(run.folder, "lookups.ndjson"), `{"device_id":${ids[0]},"to":4}`, `{"device_id":${ids[0]},"to":5}`);
    const audit = await here.workspace.audit(run.run);
    expect(audit.ok).toBe(false);
    expect(audit.findings.map(({ message }) => message).join()).toMatch(/lookups\.ndjson can not be used/);
    const { summary } = await openDocument(await findRun(here.cwd, run.run));
    expect(summary).toMatchObject({ status: "damaged", damage: expect.stringContaining("lookups.ndjson") as string });
    expect(await refusalOf(here.workspace.verify(run.run))).toMatch(/lookups\.ndjson can not be used/);
  });

  it("refuses rows that meet nobody where it says so, but for those it tolerates", async () => {
    await using set = await lookingUp(2, (text) =>
      text.replace("    key: device_id", "    key: device_id\n    unused: error"),
    );
    const { here, csv, load } = set;
    writeFileSync(csv, `${textOf(csv)}999998,4,x\r\n999999,4,x\r\n`);
    expect(await refusalOf(here.workspace.apply(await load(), apply))).toBe(
      "guards.lookup.moves: 2 of 4 rows met no item of the list: 999998, 999999",
    );
    rewrite(join(here.cwd, "plan.yaml"), "pace:", "guards: { allow_absent: 1 }\npace:");
    expect(await refusalOf(here.workspace.apply(await load(), apply))).toMatch(/^guards.lookup.moves/);
    expect(changesReceived(here.simulator)).toEqual([]);
    rewrite(join(here.cwd, "plan.yaml"), "allow_absent: 1", "allow_absent: 2");
    const run = await ended(here, here.workspace.apply(await load(), apply));
    expect(run.end.counts.confirmed).toBe(2);
  });

  it("refuses two items that take from one row, unless one row is meant for several", async () => {
    const byProduct = (text: string): string =>
      text
        .replace("fields: { device_id: integer, to: integer }", "fields: { from: integer, to: integer }")
        .replace("key: device_id", "key: from")
        .replaceAll("item.device_id in lookup", "item.product_id in lookup")
        .replaceAll("lookup.moves[item.device_id]", "lookup.moves[item.product_id]");
    await using set = await lookingUp(2, byProduct);
    const { here, csv, load } = set;
    writeFileSync(csv, "from,to\n3,4\n");
    const devices = here.movable(999).length;
    expect(devices).toBeGreaterThan(1);
    const preview = previewOf(await collect(here.workspace.preview(await load())));
    expect(preview.counts).toMatchObject({ selected: 1, refused: devices - 1 });
    expect(preview.refusals[0]).toMatchObject({
      why: "another item that changes is looked up in the same row of moves: 3",
      hint: "If one row is meant for several items, write lookups.moves.unique: false.",
    });
    rewrite(join(here.cwd, "plan.yaml"), "    key: from", "    key: from\n    unique: false");
    const again = previewOf(await collect(here.workspace.preview(await load())));
    expect(again.counts).toMatchObject({ selected: devices, refused: 0 });
  });

  it("refuses an item without a row that the plan does not ask for first", async () => {
    await using set = await lookingUp(2, (text) => text.replace("item.device_id in lookup.moves", "true"));
    const preview = previewOf(await collect(set.here.workspace.preview(await set.load())));
    expect(preview.counts).toMatchObject({ selected: 2, refused: 118 });
    expect(preview.refusals[0]).toMatchObject({ why: expect.stringMatching(/^lookup moves has no row for \d+$/) });
    expect(preview.guards.find(({ guard }) => guard === "allow_refused")).toMatchObject({ ok: false });
  });

  it("is applied as it was reviewed, whatever the file says meanwhile", async () => {
    await using set = await lookingUp(4);
    const { here, ids, csv, load } = set;
    const file = join(here.cwd, "changes.ndjson");
    await collect(here.workspace.preview(await load(), { out: { file } }));
    const [review] = runsIn(here.cwd) as [string];
    const reviewed = textOf(join(here.cwd, ".rollcall", "runs", review, "lookups.ndjson"));
    rmSync(csv);
    const run = await ended(here, here.workspace.apply(await here.workspace.loadChangeSet(file), apply));
    expect(run.violations).toEqual([]);
    expect(run.end.counts).toMatchObject({ confirmed: 4, drifted: 0 });
    expect(ids.map((id) => here.simulator.device(id)?.productId)).toEqual([4, 4, 4, 4]);
    expect(textOf(join(run.folder, "lookups.ndjson"))).toBe(reviewed);
    expect((await here.workspace.audit(run.run)).ok).toBe(true);
  });

  it("can not be applied from a change set whose rows were edited", async () => {
    await using set = await lookingUp(2);
    const { here, ids, load } = set;
    const file = join(here.cwd, "changes.ndjson");
    await collect(here.workspace.preview(await load(), { out: { file } }));
    rewrite(
      file,
      `{"lookup":{"row":{"device_id":${ids[0]},"to":4}}}`,
      `{"lookup":{"row":{"device_id":${ids[0]},"to":5}}}`,
    );
    await expect(here.workspace.loadChangeSet(file)).rejects.toMatchObject({ code: "tampered" });
  });

  it("is run again with the rows that it had", async () => {
    await using set = await lookingUp(3);
    const { here, ids, csv, load } = set;
    const halt = new AbortController();
    for await (const event of here.workspace.apply(await load(), { ...apply, stop: halt.signal })) {
      if (event.type === "wave") halt.abort();
    }
    const [earlier] = runsIn(here.cwd) as [string];
    writeFileSync(csv, ["device_id,to", ...ids.map((id) => `${id},1`), ""].join("\n"));
    const run = await ended(here, here.workspace.rerun(earlier, { ...apply, only: ["not-started"] }));
    expect(run.end.counts.confirmed).toBeGreaterThan(0);
    for (const id of run.in("confirmed")) expect(here.simulator.device(Number(id))?.productId).toBe(4);
  });
});

describe("a plan that takes from an earlier run", () => {
  const back = (run: string): string =>
    planText
      .replace('  file: { type: file, default: moves.csv, description: "CSV: device_id, to" }\n', "")
      .replace("csv: ${{ inputs.file }}", `run: ${run}\n    states: [confirmed]`)
      .replace("fields: { device_id: integer, to: integer }", "fields: [device_id, product_id]")
      .replace("lookup.moves[item.device_id].to", "lookup.moves[item.device_id].product_id");

  it("puts back what was there before it", async () => {
    await using set = await lookingUp(4);
    const { here, ids, load } = set;
    const first = await ended(here, here.workspace.apply(await load(), apply));
    expect(first.end.counts.confirmed).toBe(4);
    writeFileSync(join(here.cwd, "plan.yaml"), back(first.run));
    const second = await ended(here, here.workspace.apply(await load(), apply));
    expect(second.violations).toEqual([]);
    expect(second.end.counts.confirmed).toBe(4);
    expect(ids.map((id) => here.simulator.device(id)?.productId)).toEqual([3, 3, 3, 3]);
  });

  it("is refused when there is no such run", async () => {
    await using set = await lookingUp(1);
    writeFileSync(join(set.here.cwd, "plan.yaml"), back("20990101T000000Z-zzzzz"));
    expect(await refusalOf(set.here.workspace.apply(await set.load(), apply))).toMatch(/^There is no run 2099/);
  });
});

describe("a plan that asks the service first", () => {
  const asking = (text: string): string =>
    text
      .replace(
        "  moves:\n",
        '  customers:\n    call: EnumeratePartners\n    params: { parentPartnerId: "${{ inputs.partner }}", fetchRecursively: true }\n    fields: [Id, Name]\n    key: Id\n  moves:\n',
      )
      .replace("[device_id, device_name, product_id]", "[device_id, device_name, product_id, partner_id]")
      .replace(
        "filter: item.device_id in lookup.moves",
        'filter:\n  - item.device_id in lookup.moves\n  - item.partner_id in lookup.customers\n  - lookup.customers[item.partner_id].Name != ""',
      );

  it("is decided on again without a network, with what the service said then and what the file says now", async () => {
    await using set = await lookingUp(3, asking);
    const { here, ids, csv, load } = set;
    const first = previewOf(await collect(here.workspace.preview(await load())));
    expect(first.counts.selected).toBe(3);
    const [run] = runsIn(here.cwd) as [string];
    const from = join(here.cwd, ".rollcall", "runs", run, "inventory.ndjson");
    writeFileSync(csv, `device_id,to\n${ids[1]},1\n`);
    const asked = here.simulator.witness.requests();
    const again = previewOf(await collect(here.workspace.preview(await load(), { from })));
    expect(here.simulator.witness.requests()).toBe(asked);
    expect(again.counts).toMatchObject({ rows: 120, selected: 1 });
    expect(again.sample).toMatchObject([{ id: String(ids[1]), after: { product_id: 1 } }]);
  });

  it("is not decided on with what the service said to another question", async () => {
    const filtered = (text: string): string =>
      asking(text)
        .replace("    key: Id\n", '    key: Id\n    filter: coalesce(row.Name, "").startsWith(inputs.prefix)\n')
        .replace("inputs:", 'inputs:\n  prefix: { type: string, default: "" }');
    await using set = await lookingUp(2, filtered);
    const { here, load } = set;
    await collect(here.workspace.preview(await load()));
    const [run] = runsIn(here.cwd) as [string];
    const from = join(here.cwd, ".rollcall", "runs", run, "inventory.ndjson");
    expect(previewOf(await collect(here.workspace.preview(await load(), { from }))).counts.selected).toBe(2);
    expect(await refusalOf(here.workspace.preview(await load(["prefix=Con"]), { from }))).toMatch(
      /lookup customers was asked for something else when it was read/,
    );
  });

  it("is refused in the plan's own words where the list can not be read for what it looked up", async () => {
    const guarded = (text: string): string =>
      asking(text)
        .replace("query:\n      PartnerId: ${{ inputs.partner }}", "query:\n      PartnerId: ${{ inputs.other }}")
        .replace("inputs:", "inputs:\n  other: { type: integer }")
        .concat(
          "guards:\n  require:\n    - that: inputs.other in lookup.customers\n      message: ${{ inputs.other }} is no customer of yours.\n",
        );
    await using set = await lookingUp(2, guarded);
    const { here, load } = set;
    const plan = await load(["other=9011"]);
    await expect(collect(here.workspace.apply(plan, apply))).rejects.toMatchObject({
      code: "guard",
      exitCode: 5,
      message: "guards.require: 9011 is no customer of yours.",
    });
  });

  it("is refused when it can not be answered", async () => {
    await using here: Estate = await estate({
      devices: 20,
      faults: [{ method: "EnumeratePartners", fault: "error", data: 13501, message: "not yours" }],
    });
    writeFileSync(join(here.cwd, "moves.csv"), "device_id,to\n");
    writeFileSync(join(here.cwd, "plan.yaml"), asking(planText));
    const plan = await here.workspace.loadPlan("plan.yaml", { set: [`partner=${here.simulator.rootPartner}`] });
    await expect(collect(here.workspace.apply(plan, apply))).rejects.toMatchObject({
      code: "incomplete",
      message: expect.stringMatching(/^Lookup customers: EnumeratePartners could not be read: not yours/),
    });
  });
});

describe("a list for each of several elements", () => {
  it("is decided on again without a network, each item with its element", async () => {
    await using here = await estate({ devices: 60 });
    const text = readFileSync(new URL("../support/plans/roles-for-each.yaml", import.meta.url), "utf8");
    writeFileSync(join(here.cwd, "plan.yaml"), text);
    const plan = await here.workspace.loadPlan("plan.yaml", { set: [`partner=${here.simulator.rootPartner}`] });
    const first = previewOf(await collect(here.workspace.preview(plan)));
    expect(first.counts.selected).toBeGreaterThan(3);
    const [run] = runsIn(here.cwd) as [string];
    const folder = join(here.cwd, ".rollcall", "runs", run);
    const again = previewOf(await collect(here.workspace.preview(plan, { from: join(folder, "inventory.ndjson") })));
    expect(again).toMatchObject({ counts: first.counts, sample: first.sample });
    const alone = join(here.cwd, "copy.ndjson");
    copyFileSync(join(folder, "inventory.ndjson"), alone);
    await expect(collect(here.workspace.preview(plan, { from: alone }))).rejects.toMatchObject({
      code: "usage",
      hint: expect.stringContaining(join(here.cwd, "lookups.ndjson")) as string,
    });
    const [, second] = runsIn(here.cwd) as [string, string];
    const changes = (name: string): string[] =>
      textOf(join(here.cwd, ".rollcall", "runs", name, "changeset.ndjson"))
        .split("\n")
        .slice(1, -2);
    expect(changes(second)).toEqual(changes(run));
  });
});

describe("a narrowed list", () => {
  const narrowed = (text: string): string =>
    text
      .replace("filter: item", "guards: { max_percent: 100 }\nfilter: item")
      .replace("  fields: [device_id, dev", "  narrow:\n    query: { Filter: PD == 3 }\n  fields: [device_id, dev");

  it("is what the changes are decided on, and not what proves them", async () => {
    await using set = await lookingUp(4, narrowed);
    const { here, load } = set;
    const three = here.movable(999).length;
    const run = await ended(here, here.workspace.apply(await load(), apply));
    expect(run.violations).toEqual([]);
    // The changed devices have left the narrowed list: the whole one shows them.
    expect(run.end.counts).toMatchObject({ confirmed: 4, vanished: 0 });
    const preview = previewOf(run.events);
    expect(preview).toMatchObject({ narrowed: true, counts: { rows: three } });
    expect(preview.guards.find(({ guard }) => guard === "max_percent")?.allowed).toBe(
      "at most 100% of the narrowed list",
    );
    const passes = run.records.flatMap((one) => (one.type === "pass" && one.phase === "end" ? [one.rows] : []));
    expect(passes).toContain(120);
  });
});

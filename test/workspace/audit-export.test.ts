import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Change } from "../../runner/core/model/change.ts";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import type { ExportFormat } from "../../runner/core/model/evidence.ts";
import { openWorkspace, type Workspace } from "../../runner/workspace.ts";
import { evidence, type Evidence } from "../support/evidence.ts";
import { newFolder } from "../support/runs.ts";

const faults = [
  { method: "ModifyAccount", fault: "error", nth: 1, data: 13501, message: '=no, "never"' },
  { method: "ModifyAccount", fault: "reset-after", nth: 3 },
] as const;

async function linesOf(workspace: Workspace, run: string, format: ExportFormat): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of workspace.auditExport([run], format)) lines.push(line);
  return lines;
}

function ndjson<T>(path: string): T[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as T);
}

/** RFC 4180, read by the rules alone. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let place = 0; place < text.length; place++) {
    const one = text[place]!;
    if (quoted) {
      if (one !== '"') cell += one;
      else if (text[place + 1] === '"') [cell, place] = [`${cell}"`, place + 1];
      else quoted = false;
    } else if (one === '"') quoted = true;
    else if (one === ",") [row, cell] = [[...row, cell], ""];
    else if (one === "\r" && text[place + 1] === "\n") {
      rows.push([...row, cell]);
      [row, cell, place] = [[], "", place + 1];
    } else cell += one;
  }
  expect([row, cell, quoted]).toEqual([[], "", false]);
  return rows;
}

describe("an export", () => {
  it.each(["csv", "ndjson", "ocsf"] as const)(
    "as %s is the same bytes wherever the run's folder is, and whenever",
    async (format) => {
      await using made = await evidence({ count: 6, faults });
      const { workspace, cwd } = made.here;
      const { run } = made.run;
      await workspace.saveExport([run], format, "one");
      const elsewhere = newFolder();
      cpSync(join(cwd, ".rollcall"), join(elsewhere, ".rollcall"), { recursive: true });
      await using other = await openWorkspace({
        cwd: elsewhere,
        env: { CI: "", TZ: "Asia/Kolkata", LANG: "de_DE.UTF-8" },
      });
      await other.saveExport([run], format, "two");
      const text = readFileSync(join(cwd, "one"), "utf8");
      expect(readFileSync(join(elsewhere, "two"), "utf8")).toBe(text);
      expect(text).not.toContain(cwd);
      await expect(workspace.saveExport([run], format, "one")).rejects.toMatchObject({ code: "usage" });
      expect((await linesOf(workspace, run, format)).map((line) => `${line}\n`).join("")).toBe(text);
    },
  );

  it.each(["csv", "ndjson", "ocsf"] as const)("as %s has a run that is named twice once", async (format) => {
    await using made = await evidence({ devices: 30, count: 2 });
    const { workspace } = made.here;
    const { run } = made.run;
    const twice: string[] = [];
    for await (const line of workspace.auditExport([run, run, run.slice(0, -2), "latest"], format)) twice.push(line);
    expect(twice).toEqual(await linesOf(workspace, run, format));
  });

  it("as csv has a row for each device and field, and no cell that a spreadsheet would compute", async () => {
    await using made = await evidence({ count: 6, faults });
    const { workspace } = made.here;
    const [head, ...rows] = csvRows(
      (await linesOf(workspace, made.run.run, "csv")).map((line) => `${line}\n`).join(""),
    );
    expect(head!.slice(0, 5)).toEqual(["run", "plan", "service", "by", "method"]);
    const changes = ndjson<Change>(made.path("changeset.ndjson")).filter((line) => "request" in line);
    expect(rows.map((row) => row[head!.indexOf("item")])).toEqual(changes.map(({ id }) => id));
    const cell = (row: readonly string[], name: string): string => row[head!.indexOf(name)] ?? "";
    const rejected = rows.find((row) => cell(row, "state") === "rejected")!;
    expect(cell(rejected, "message")).toMatch(/^'=no, "never"/);
    expect(new Set(rows.map((row) => [cell(row, "before"), cell(row, "after")].join()))).toEqual(new Set(["3,4"]));
    expect(cell(rows.at(-1)!, "sent_at")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(rows.flat().filter((one) => /^[=+\-@\t\r\n]/.test(one))).toEqual([]);
  });

  it("as ndjson has an object for each device", async () => {
    await using made = await evidence({ count: 6, faults });
    const items = (await linesOf(made.here.workspace, made.run.run, "ndjson")).map(
      (line) => JSON.parse(line) as { id: string; state: string },
    );
    expect(items).toHaveLength(6);
    for (const state of ["confirmed", "rejected"])
      expect(items.filter((item) => item.state === state).map(({ id }) => id)).toEqual(made.run.in(state));
    expect(items[0]).toMatchObject({ run: made.run.run, method: "ModifyAccount", after: { product_id: 4 } });
  });

  it("of a record that does not hold gives nothing", async () => {
    await using made = await evidence({ count: 2 });
    const { workspace, cwd } = made.here;
    writeFileSync(made.path("plan.yaml"), "edited");
    await expect(linesOf(workspace, made.run.run, "csv")).rejects.toMatchObject({ code: "audit", exitCode: 9 });
    await expect(workspace.saveExport([made.run.run], "csv", "out")).rejects.toMatchObject({ code: "audit" });
    expect(() => readFileSync(join(cwd, "out"))).toThrow();
  });
});

type Json = Readonly<Record<string, unknown>>;

/** What OCSF 1.3 requires of an API Activity event, and of the objects in it. */
function faultsOf(event: Json): string[] {
  const wrong: string[] = [];
  const need = (isRight: boolean, what: string): void => {
    if (!isRight) wrong.push(what);
  };
  const object = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});
  const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
  const activity = event.activity_id as number;
  need([0, 1, 2, 3, 4, 99].includes(activity), "activity_id");
  need(activity !== 99 || isText(event.activity_name), "activity_name of 99");
  need(event.category_uid === 6 && event.class_uid === 6003, "category_uid, class_uid");
  need(event.type_uid === 600_300 + activity, "type_uid");
  need([0, 1, 2, 3, 4, 5, 6, 99].includes(event.severity_id as number), "severity_id");
  need([0, 1, 2, 99].includes(event.status_id as number), "status_id");
  need(Number.isSafeInteger(event.time) && (event.time as number) > 1_500_000_000_000, "time in ms");
  const metadata = object(event.metadata);
  need(/^1\.\d+\.\d+$/.test(String(metadata.version)), "metadata.version");
  need(isText(object(metadata.product).name) && isText(object(metadata.product).vendor_name), "metadata.product");
  const actor = object(event.actor);
  need(isText(object(actor.user).name) || isText(actor.app_name), "actor");
  const api = object(event.api);
  need(isText(api.operation), "api.operation");
  need(isText(object(api.request).uid), "api.request.uid");
  const source = object(event.src_endpoint);
  need(
    ["ip", "uid", "name", "hostname", "svc_name"].some((name) => isText(source[name])),
    "src_endpoint",
  );
  for (const one of event.resources as Json[]) need(isText(one.uid) || isText(one.name), "resources");
  return wrong;
}

describe("OCSF events", () => {
  const events = async (made: Evidence): Promise<Json[]> =>
    (await linesOf(made.here.workspace, made.run.run, "ocsf")).map((line) => JSON.parse(line) as Json);

  it("have every attribute that the class requires, one event for each request that the service received", async () => {
    await using made = await evidence({ count: 6, faults });
    const all = await events(made);
    expect(all.flatMap(faultsOf)).toEqual([]);
    const received = made.here.simulator.witness.entries.filter(({ method }) => method === "ModifyAccount");
    const uids = all.map(({ api }) => (api as { request: { uid: string } }).request.uid);
    expect(uids.sort()).toEqual(received.map(({ rpcId }) => String(rpcId)).sort());
    expect(all.filter(({ status_id }) => status_id === 2)).toMatchObject([
      {
        status: "Failure",
        status_code: "13501",
        activity_name: "Update",
        actor: { user: { name: expect.any(String) } },
      },
    ]);
    // A lost answer, and its item was sent once more or read: what came of that request nobody knows.
    expect(all.filter(({ status_id }) => status_id === 0)).toMatchObject([
      { status: "Unknown", unmapped: { outcome: "lost" } },
    ]);
    expect(all.find(({ status_id }) => status_id === 1)).toMatchObject({
      resources: [{ data: { before: { product_id: 3 }, after: { product_id: 4 } } }],
      dst_endpoint: { hostname: "127.0.0.1" },
    });
  });

  it("tell what a dead process may have sent, once, and nothing that was withdrawn", async () => {
    const { OcsfEvents } = await import("../../runner/runs/export/ocsf.ts");
    const { runId } = await import("../../runner/core/model/item.ts");
    await using made = await evidence({ count: 6, faults });
    const records = ndjson<LedgerRecord>(made.path("ledger.ndjson"));
    for (let length = 0; length <= records.length; length++) {
      const told = new OcsfEvents(runId(made.run.run));
      const part = records.slice(0, length);
      const lines = [...part.flatMap((record) => told.take(record)), ...told.end()];
      const intents = part.flatMap((record) => (record.type === "intent" ? [record.seq] : []));
      const drawn = new Set(part.flatMap((record) => (record.type === "withdrawn" ? record.intents : [])));
      const seqs = lines.flatMap((line) => (JSON.parse(line) as { unmapped: { intents: number[] } }).unmapped.intents);
      expect(seqs.sort((a, b) => a - b)).toEqual(intents.filter((seq) => !drawn.has(seq)));
    }
  });
});

import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { beforeEach, afterEach, describe, expect, it } from "vitest";
import type { AuditReport } from "../../runner/workspace/reports.ts";
import { rollcall } from "../cli/stand-in.ts";
import { applied, evidence, type Evidence } from "../support/evidence.ts";
import { collect } from "../support/runs.ts";

// What stands at the end of a record, and what lies beside it that says how it ended.

const said = ({ findings }: AuditReport): string => findings.map(({ message }) => message).join("\n");

let made: Evidence;
let ledger: string;
let whole: Buffer;
let run: string;

beforeEach(async () => {
  made = await evidence({ devices: 40, count: 2 });
  run = made.run.run;
  ledger = made.path("ledger.ndjson");
  whole = readFileSync(ledger);
});
afterEach(() => made[Symbol.asyncDispose]());

const audited = async (): Promise<AuditReport> => await made.here.workspace.audit(run);
const exported = async (): Promise<void> => {
  for await (const line of made.here.workspace.auditExport([run], "csv")) expect(line).toBeDefined();
};
const text = (): string => whole.toString("utf8");
/** Everything but its last record. */
const shorter = (): Buffer =>
  whole.subarray(0, Buffer.byteLength(text().slice(0, text().trimEnd().lastIndexOf("\n") + 1)));

/** Nobody vouches for the last records any more but they themselves. */
const alone = (): void => rmSync(made.path("summary.json"));

describe("the end of a record that was edited", () => {
  const edits: [string, () => Buffer | string][] = [
    ["a number in its end record", () => text().replace('"exit":0', '"exit":6')],
    ["a letter that makes its last line no JSON", () => text().replace('"exit":0', '"exit"20')],
    ["its last line end", () => Buffer.concat([whole.subarray(0, -1), Buffer.from("J")])],
    ["its last line, doubled", () => Buffer.concat([whole, Buffer.from(`${text().trimEnd().split("\n").at(-1)!}\n`)])],
    ["a letter behind it", () => `${text()}x`],
    ["a blank line behind it", () => `${text()}\n`],
    ["the line before its last one, taken out", () => text().trimEnd().split("\n").toSpliced(-2, 1).join("\n") + "\n"],
  ];
  it.each(edits)("does not hold, is not exported, attested, signed or gone on with: %s", async (_, edited) => {
    alone();
    writeFileSync(ledger, edited());
    const report = await audited();
    expect([report.ok, report.sealed, report.torn]).toEqual([false, false, undefined]);
    const { workspace } = made.here;
    const signed = await workspace.audit(run, { sign: { key: "auditor.pem" } });
    expect([signed.ok, signed.signed]).toEqual([false, undefined]);
    const attested = workspace.attest(run, { key: "auditor.pem", out: "a.json" });
    await expect(attested).rejects.toMatchObject({ code: "audit", exitCode: 9 });
    await expect(exported()).rejects.toMatchObject({ code: "audit" });
    await expect(collect(workspace.resume(run))).rejects.toMatchObject({ code: "audit" });
  });

  it("is found by its summary where a record is gone without a trace, or only the end of one is left", async () => {
    truncateSync(ledger, shorter().length);
    expect(said(await audited())).toMatch(
      /^summary\.json names record \d+, the chain ends at record \d+: what followed/,
    );
    truncateSync(ledger, shorter().length - 10);
    expect((await audited()).ok).toBe(false);
    // Without it a cut at a line end looks as a run that died there.
    alone();
    writeFileSync(ledger, shorter());
    expect(await audited()).toMatchObject({ ok: true, sealed: false, ended: false, findings: [] });
  });

  it("is found by the next run, when one is asked about too", async () => {
    // Ids of one second are in no order.
    await new Promise((next) => setTimeout(next, 1100 - (Date.now() % 1000)));
    await applied(made.here, made.here.movable(1), 5);
    alone();
    truncateSync(ledger, shorter().length);
    expect(said(await audited())).toMatch(/^run \S+, which was begun after it, names record \d+/);
  });

  it("is found by a signature that nobody has checked", async () => {
    await made.here.workspace.audit(run, { sign: { key: "auditor.pem" } });
    alone();
    truncateSync(ledger, shorter().length);
    expect(said(await audited())).toMatch(/^signatures\/\d+-[0-9a-f]+\.json names record \d+/);
  });
});

describe("the end of a record that a crash has left", () => {
  const torn: [string, () => Buffer][] = [
    ["the beginning of a record", () => whole.subarray(0, shorter().length + 100)],
    ["a page of zeros", () => Buffer.concat([shorter(), Buffer.alloc(300)])],
    [
      "a record with a hole",
      () =>
        Buffer.concat([
          whole.subarray(0, shorter().length + 64),
          Buffer.alloc(64),
          whole.subarray(shorter().length + 128),
        ]),
    ],
  ];
  it.each(torn)("is no edit, is not called complete, and can be gone on with: %s", async (_, left) => {
    alone();
    writeFileSync(ledger, left());
    const records = text().trimEnd().split("\n").length - 1;
    const behind = left().length - shorter().length;
    expect(await audited()).toMatchObject({ ok: true, records, torn: behind, sealed: false, ended: false });
    const { exit, out } = await rollcall(["audit", "verify", run], { workspace: made.here.workspace });
    expect(exit).toBe(0);
    expect(out).toContain(`${run}: complete up to record ${records}; ${behind} bytes behind it are no records\n`);
    await collect(made.here.workspace.resume(run));
    expect(await audited()).toMatchObject({ ok: true, sealed: true, ended: true });
    expect((await audited()).torn).toBeUndefined();
  });
});

describe("what was cut off a record when its run was gone on with", () => {
  let kept = "";
  beforeEach(async () => {
    alone();
    writeFileSync(ledger, Buffer.concat([shorter(), Buffer.alloc(300)]));
    await collect(made.here.workspace.resume(run));
    kept = readdirSync(made.run.folder).find((name) => name.includes(".torn-"))!;
    expect((await audited()).notes).toBeUndefined();
  });

  it("does not hold once it was changed", async () => {
    for (const content of ["x", "x".repeat(300), Buffer.alloc(301)]) {
      writeFileSync(made.path(kept), content);
      const report = await audited();
      expect([report.ok, said(report)]).toEqual([
        false,
        `${kept} is not what was cut off the ledger then: it was changed`,
      ]);
    }
    rmSync(made.path(kept));
    mkdirSync(made.path(kept));
    expect((await audited()).ok).toBe(false);
    await expect(exported()).rejects.toMatchObject({ code: "audit" });
  });

  it("may be cleared away, and that is noted", async () => {
    rmSync(made.path(kept));
    const { ok, notes } = await audited();
    const records = text().trimEnd().split("\n").length - 1;
    expect([ok, notes]).toEqual([
      true,
      [`${kept} is not here any more: the 300 bytes that were cut off behind record ${records}, none of them a record`],
    ]);
  });
});

describe("a record that is empty, or none", () => {
  const emptied: [string, () => Buffer][] = [
    ["emptied", () => Buffer.alloc(0)],
    ["overwritten with zeros", () => Buffer.alloc(5000)],
    ["overwritten at random", () => randomBytes(5000)],
  ];
  it.each(emptied)("does not hold where lists or a summary lie beside it: %s", async (_, content) => {
    writeFileSync(ledger, content());
    expect(said(await audited())).toContain("summary.json names record");
    alone();
    const report = await audited();
    expect(report).toMatchObject({ ok: false, records: 0, anchor: "" });
    expect(said(report)).toMatch(
      /its record is gone: ledger\.ndjson (is empty|holds no record of this run), though the run had begun \(inventory\.ndjson, changeset\.ndjson are there\)/,
    );
    const { workspace } = made.here;
    expect((await workspace.audit(run, { sign: { key: "auditor.pem" } })).signed).toBeUndefined();
    await expect(exported()).rejects.toMatchObject({ code: "audit" });
    expect((await workspace.auditLog({})).damaged.map((one) => one.run)).toEqual([run]);
    expect((await workspace.runs()).map(({ status }) => status)).toEqual(["damaged"]);
  });

  it("is exit 9 where it is gone, asked for by its name or not, and nothing is made of it", async () => {
    rmSync(ledger);
    const { workspace } = made.here;
    for (const words of [[run], []]) {
      const { exit, out } = await rollcall(["audit", "verify", ...words], { workspace });
      expect([words, exit, out]).toEqual([words, 9, expect.stringContaining("its record is gone")]);
    }
    await expect(exported()).rejects.toMatchObject({ exitCode: 9 });
    const attested = workspace.attest(run, { key: "auditor.pem", out: "a.json" });
    await expect(attested).rejects.toMatchObject({ exitCode: 9 });
  });

  it("is no fault of a run that ended before its first record, and nothing is signed of it", async () => {
    for (const name of ["inventory.ndjson", "changeset.ndjson", "summary.json"]) rmSync(made.path(name));
    writeFileSync(ledger, "");
    const report = await made.here.workspace.audit(run, { sign: { key: "auditor.pem" } });
    expect(report).toMatchObject({ ok: true, records: 0, anchor: "", findings: [] });
    expect([report.signed, report.notes]).toEqual([undefined, ["it has no record: it ended before it began"]]);
  });
});

it("notes a summary that names nothing, and holds a record against one of another run", async () => {
  const summary = readFileSync(made.path("summary.json"), "utf8");
  writeFileSync(made.path("summary.json"), "{}");
  expect(await audited()).toMatchObject({
    ok: true,
    notes: ["summary.json is not as the run wrote it: it names no record"],
  });
  rmSync(made.path("summary.json"));
  mkdirSync(made.path("summary.json"));
  expect(await audited()).toMatchObject({ ok: true, notes: ["summary.json is no summary: it names no record"] });
  rmSync(made.path("summary.json"), { recursive: true });
  appendFileSync(made.path("summary.json"), summary.replaceAll(run, "20200101T000000Z-aaaaa"));
  expect(said(await audited())).toBe("summary.json is of another run, 20200101T000000Z-aaaaa");
});

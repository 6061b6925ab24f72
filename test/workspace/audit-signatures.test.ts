import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import { runId } from "../../runner/core/model/item.ts";
import { genesis, headOf, seal } from "../../runner/ledger/chain.ts";
import { fingerprintOf } from "../../runner/ledger/key-fingerprint.ts";
import type { AuditReport } from "../../runner/workspace/reports.ts";
import { evidence, applied, filesBelow, type Evidence } from "../support/evidence.ts";
import { collect } from "../support/runs.ts";

const sign = { key: "auditor.pem" };
const publicKey = "auditor.pub";

const said = ({ findings }: AuditReport): string => findings.map(({ message }) => message).join("\n");

/** Somebody with the program edits records, and every hash fits again. */
function rebuild(path: string, run: string, change: (record: Record<string, unknown>) => void): void {
  let head = genesis(runId(run));
  const lines = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const record = JSON.parse(line) as Record<string, unknown>;
      delete record.hash;
      change(record);
      const sealed = seal(JSON.stringify(record).slice(0, -1), head.hash);
      head = headOf(JSON.parse(sealed.line) as LedgerRecord);
      return sealed.line;
    });
  writeFileSync(path, lines.join(""));
}

/** What lies beside a record and names its head is gone: nothing in the files speaks against an edit. */
function takeAwayWitnesses({ path }: Evidence): void {
  for (const name of ["summary.json", "signatures"]) rmSync(path(name), { recursive: true });
}

/** Somebody with the program: every hash fits. */
function forge({ run, path }: Evidence): void {
  rebuild(path("ledger.ndjson"), run.run, (record) => {
    if (record.type === "start") record.by = { name: "somebody else", host: "h" };
  });
}

describe("a signed record", () => {
  it("is signed where it is a key from outside that says so, and stays so when `verify` goes on with it", async () => {
    await using made = await evidence({ devices: 20, count: 2 });
    const { workspace } = made.here;
    const { run } = made.run;
    const first = await workspace.audit(run, { sign });
    expect(first).toMatchObject({ ok: true, signed: { key: expect.any(String) }, root: expect.any(String) });
    const checked = await workspace.audit(run, { publicKey });
    expect(checked).toMatchObject({ ok: true, signature: { holds: true, seq: first.records } });
    await collect(workspace.verify(run));
    const later = await workspace.audit(run, { publicKey });
    expect(later).toMatchObject({ ok: true, signature: { holds: true, seq: first.records } });
    expect(later.records).toBeGreaterThan(first.records);
    // Another signature, over what was added: the newest counts.
    await workspace.audit(run, { sign });
    expect(await workspace.audit(run, { publicKey })).toMatchObject({ signature: { seq: later.records } });
    expect((await workspace.audit(run)).signature).toBeUndefined();
  });

  it("shows by the key alone that its chain was built anew, or its tail cut off", async () => {
    await using made = await evidence({ devices: 20, count: 2 });
    const { workspace } = made.here;
    const { run } = made.run;
    await workspace.audit(run, { sign });
    const ledger = made.path("ledger.ndjson");
    const whole = readFileSync(ledger, "utf8");
    forge(made);
    const noticed = await workspace.audit(run);
    expect(said(noticed)).toMatch(
      /is not the one summary\.json names: .*\n.* is not the one signatures\/\d+-[0-9a-f]+\.json names/,
    );
    const signature = filesBelow(made.path("signatures"));
    takeAwayWitnesses(made);
    expect(await workspace.audit(run)).toMatchObject({ ok: true });
    mkdirSync(made.path("signatures"));
    for (const [path, bytes] of signature) writeFileSync(path, bytes);
    const forged = await workspace.audit(run, { publicKey });
    expect(forged).toMatchObject({ ok: false, signature: { holds: false } });
    expect(said(forged)).toMatch(/record \d+ is not the one the signature of \S+ names: .* the chain built anew/);
    writeFileSync(ledger, whole);
    const lastLine = whole.trimEnd().lastIndexOf("\n") + 1;
    truncateSync(ledger, Buffer.byteLength(whole.slice(0, lastLine)));
    expect(said(await workspace.audit(run, { publicKey }))).toMatch(/what followed was cut off or changed/);
    rmSync(made.path("signatures"), { recursive: true });
    expect(await workspace.audit(run)).toMatchObject({ ok: true, sealed: false, ended: false });
  });

  it("is not signed by somebody else's key, nor by a signature that was edited, moved or made for another run", async () => {
    await using made = await evidence({ devices: 30, count: 2 });
    const { workspace } = made.here;
    const { run } = made.run;
    expect(said(await workspace.audit(run, { publicKey }))).toMatch(/there is no signature by the key [0-9a-f]{64}: /);
    await workspace.audit(run, { sign: { key: "stranger.pem" } });
    expect(said(await workspace.audit(run, { publicKey }))).toContain("those that are there are by other keys");
    await workspace.audit(run, { sign });
    const folder = made.path("signatures");
    const own = readdirSync(folder).find((name) =>
      readFileSync(join(folder, name), "utf8").includes(fingerprintIn(made)),
    )!;
    const text = readFileSync(join(folder, own), "utf8");
    writeFileSync(join(folder, own), text.replace(/"seq": \d+/, '"seq": 1'));
    expect(said(await workspace.audit(run, { publicKey }))).toMatch(/was changed: the signature does not fit/);
    writeFileSync(join(folder, own), "nothing");
    expect(said(await workspace.audit(run, { publicKey }))).toContain("holds no signature, or is damaged");
    writeFileSync(join(folder, own), text);
    expect((await workspace.audit(run, { publicKey })).ok).toBe(true);
    const other = await applied(made.here, made.here.movable(1), 5);
    mkdirSync(join(other.folder, "signatures"));
    copyFileSync(join(folder, own), join(other.folder, "signatures", own));
    expect(said(await workspace.audit(other.run, { publicKey }))).toMatch(/is of another run/);
  });

  it("stays signed whatever else somebody puts beside a signature over its head", async () => {
    await using made = await evidence({ devices: 20, count: 2 });
    const { workspace } = made.here;
    const { run } = made.run;
    const { records, signed } = await workspace.audit(run, { sign });
    const junk = join(made.path("signatures"), "b.json");
    const own = readFileSync(signed!.file, "utf8");
    for (const text of ["anything", "", own.replace(/"seq": \d+/, '"seq": 999999')]) {
      writeFileSync(junk, text);
      const checked = await workspace.audit(run, { publicKey });
      expect(checked).toMatchObject({ ok: true, signature: { holds: true, seq: records }, findings: [] });
      expect(checked.notes!.join()).toContain("b.json");
      expect((await workspace.audit(run, { publicKey: "stranger.pub" })).signature!.holds).toBe(false);
    }
    // Where the signature leaves records out, the other file may have been a newer one; what is signed stays signed.
    await collect(workspace.verify(run));
    const later = await workspace.audit(run, { publicKey });
    expect(later).toMatchObject({ ok: false, signature: { holds: true, seq: records } });
    expect(said(later)).toContain("b.json");
  });

  it("is not vouched for when it does not hold, and no key proves anything that lies with it", async () => {
    await using made = await evidence({ devices: 20, count: 2 });
    const { workspace, cwd } = made.here;
    const { run } = made.run;
    writeFileSync(made.path("plan.yaml"), "rollcall: 1 # edited\n");
    const refused = await workspace.audit(run, { sign });
    expect([refused.ok, refused.signed]).toEqual([false, undefined]);
    expect(readdirSync(made.run.folder)).not.toContain("signatures");
    writeFileSync(made.path("signatures"), "no folder");
    const checked = await workspace.audit(run, { publicKey: "auditor.pub" });
    expect([checked.ok, said(checked)]).toEqual([false, expect.stringContaining("signatures is no folder")]);
    copyFileSync(join(cwd, "auditor.pub"), made.path("auditor.pub"));
    const within = workspace.audit(run, { publicKey: made.path("auditor.pub") });
    await expect(within).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("lies with the records"),
    });
    await expect(workspace.audit(run, { publicKey: "auditor.pem" })).rejects.toMatchObject({
      code: "usage",
      exitCode: 3,
    });
    await expect(workspace.audit(run, { sign: { key: "auditor.pub" } })).rejects.toMatchObject({ code: "usage" });
  });
});

const fingerprintIn = ({ auditor }: Evidence): string => fingerprintOf(auditor.publicKey);

describe("several records", () => {
  const all = async ({ here }: Evidence, runs: readonly string[] = []): Promise<AuditReport[]> => {
    const reports: AuditReport[] = [];
    for await (const report of here.workspace.auditAll(runs)) reports.push(report);
    return reports;
  };

  /** Three runs, one after another; run ids that rise. */
  async function threeRuns(): Promise<Evidence & { readonly folders: readonly string[] }> {
    const made = await evidence({ devices: 30, count: 2 });
    const folders = [made.run.folder];
    for (const to of [5, 6]) {
      // Ids of one second are in no order.
      await new Promise((next) => setTimeout(next, 1100 - (Date.now() % 1000)));
      folders.push((await applied(made.here, made.here.movable(2), to)).folder);
    }
    return { ...made, folders };
  }

  it("hold together, and show a run that is gone, or that is not any more what the next one found", async () => {
    await using made = await threeRuns();
    const [first = "", middle = "", last = ""] = made.folders;
    expect((await all(made)).map(({ ok, notes }) => [ok, notes])).toEqual(Array(3).fill([true, undefined]));

    // What nothing in its own files speaks against, the next run's start does.
    const ledger = readFileSync(join(middle, "ledger.ndjson"));
    rebuild(join(middle, "ledger.ndjson"), middle.split("/").at(-1)!, (record) => {
      if (record.type === "start") record.by = { name: "somebody else", host: "h" };
    });
    rmSync(join(middle, "summary.json"));
    // Of one run too it is asked what later ones found.
    expect(said(await made.here.workspace.audit(middle.split("/").at(-1)!))).toContain(
      "which was begun after it, names",
    );
    const forged = await all(made);
    expect(forged.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(said(forged[1]!)).toContain(`is not the one run ${last.split("/").at(-1)}, which was begun after it, names`);
    // Where only the later run is checked, it says so of the earlier one.
    const [later] = await all(made, ["latest"]);
    expect(said(later!)).toContain("not the one");
    writeFileSync(join(middle, "ledger.ndjson"), ledger);

    // A hole is a finding; that old runs were cleared away is a note.
    rmSync(join(middle, "ledger.ndjson"));
    const gone = await all(made);
    expect(gone.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(said(gone[1]!)).toContain("its record is gone");
    rmSync(middle, { recursive: true });
    const hole = await all(made);
    expect(hole.map(({ ok }) => ok)).toEqual([true, false]);
    expect(said(hole[1]!)).toMatch(/run \S+, which it was begun after, is not here any more/);
    rmSync(first, { recursive: true });
    const [alone, ...others] = await all(made);
    expect([alone!.ok, others]).toEqual([true, []]);
    expect(alone!.notes!.join()).toContain("all that is older is gone too");
  });

  it("are all checked, though one of them can not be read", async () => {
    await using made = await evidence({ devices: 20, count: 1 });
    const broken = join(made.here.cwd, ".rollcall", "runs", "20200101T000000Z-aaaaa");
    mkdirSync(join(broken, "ledger.ndjson"), { recursive: true });
    const [first, second, ...others] = await all(made);
    expect([first!.ok, second!.ok, others]).toEqual([false, true, []]);
    expect(said(first!)).toMatch(/^Could not read .*ledger\.ndjson: EISDIR/);
  });

  it("are none in a new workspace, and one that ended before its first record is no fault", async () => {
    await using made = await evidence({ devices: 20, count: 1 });
    rmSync(join(made.here.cwd, ".rollcall"), { recursive: true });
    expect(await all(made)).toEqual([]);
    mkdirSync(join(made.here.cwd, ".rollcall", "runs", "20260101T000000Z-aaaaa"), { recursive: true });
    expect(await all(made)).toMatchObject([
      { ok: true, records: 0, notes: ["it has no record: it ended before it began"] },
    ]);
  });
});

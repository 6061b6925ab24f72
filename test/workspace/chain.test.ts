import { appendFileSync, cpSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import { runId } from "../../runner/core/model/item.ts";
import { genesis, headOf, seal } from "../../runner/ledger/chain.ts";
import { realClock } from "../../runner/runs/clock.ts";
import type { AuditReport } from "../../runner/workspace/reports.ts";
import { rollcall } from "../cli/stand-in.ts";
import { ended, estate, yes, type Estate } from "../support/workspace.ts";
import { newFolder } from "../support/runs.ts";

/** A clock that a test sets; it begins with a second. */
function setClock() {
  const moment = Math.floor(Date.now() / 1000) * 1000;
  const clock = { ...realClock(), moment, now: (): number => clock.moment };
  return clock;
}

/** Its id; that of an apply that changes one device, or of a preview. */
async function runOf(here: Estate, kind: "preview" | "apply"): Promise<string> {
  const plan = await here.plan(here.movable(1));
  return (await ended(here, here.workspace[kind](plan, { consent: yes }))).run;
}

/** Each was begun before the other one had written its first record. */
async function twoAtOnce(here: Estate): Promise<readonly string[]> {
  const events = here.workspace.preview(await here.plan(here.movable(1)))[Symbol.asyncIterator]();
  const told = await events.next();
  if (told.done === true || told.value.type !== "run") throw new Error("a run tells its id first");
  const other = await runOf(here, "preview");
  while ((await events.next()).done !== true);
  return [told.value.run, other];
}

async function audited({ workspace }: Estate, runs: readonly string[] = []): Promise<readonly AuditReport[]> {
  const reports: AuditReport[] = [];
  for await (const report of workspace.auditAll(runs)) reports.push(report);
  return reports;
}

const runFolder = ({ cwd }: Estate, run: string): string => join(cwd, ".rollcall", "runs", run);
const ledgerOf = (here: Estate, run: string): string => join(runFolder(here, run), "ledger.ndjson");
const recordsIn = (path: string): LedgerRecord[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as LedgerRecord);

function namedBy(here: Estate, run: string): readonly string[] {
  const [start] = recordsIn(ledgerOf(here, run));
  if (start?.type !== "start") throw new Error("a run begins with its start");
  return [start.previous, ...(start.otherHeads ?? [])].flatMap((head) => head ?? []);
}

const runsNamedBy = (here: Estate, run: string): string[] =>
  namedBy(here, run)
    .map((head) => head.split(":")[0] ?? "")
    .sort();

/** With this run out of the way: what of it shows. */
async function without(here: Estate, run: string): Promise<"a finding" | "a note" | "nothing"> {
  const aside = join(newFolder(), run);
  renameSync(runFolder(here, run), aside);
  try {
    const reports = await audited(here);
    const about = (texts: readonly string[]): boolean =>
      texts.some((text) => text.includes(`run ${run}, which it was begun after, is not here any more`));
    if (reports.some(({ findings }) => about(findings.map(({ message }) => message)))) {
      expect(reports.some(({ ok }) => !ok)).toBe(true);
      return "a finding";
    }
    expect(reports.every(({ ok }) => ok)).toBe(true);
    return reports.some(({ notes = [] }) => about(notes)) ? "a note" : "nothing";
  } finally {
    renameSync(aside, runFolder(here, run));
  }
}

describe("a run that is removed", () => {
  it("shows between others, though all of them were begun within one second", async () => {
    const clock = setClock();
    await using here = await estate({ devices: 60 }, { seams: { clock } });
    const runs: string[] = [];
    for (const kind of ["preview", "apply", "preview", "apply", "preview", "preview", "preview"] as const) {
      runs.push(await runOf(here, kind));
      clock.moment += 1;
    }
    const stamps = new Set(runs.map((run) => run.split("-")[0]));
    expect(stamps.size).toBe(1);
    expect((await audited(here)).map(({ ok }) => ok)).toEqual(runs.map(() => true));
    // Of the newest one nothing else knows; of the oldest one nothing that is older is left.
    const shown = [];
    for (const run of runs) shown.push(await without(here, run));
    expect(shown).toEqual(["a note", ...runs.slice(2).map(() => "a finding"), "nothing"]);
  }, 30_000);

  it("shows where two were begun at once, and where the clock was set back", async () => {
    const clock = setClock();
    await using here = await estate({ devices: 60 }, { seams: { clock } });
    const first = await runOf(here, "preview");
    clock.moment += 10_000;
    const both = await twoAtOnce(here);
    expect(both.map((run) => runsNamedBy(here, run))).toEqual([[first], [first]]);
    clock.moment -= 5000;
    const next = await runOf(here, "preview");
    expect(runsNamedBy(here, next)).toEqual([...both].sort());
    clock.moment += 10_000;
    const last = await runOf(here, "preview");
    expect(runsNamedBy(here, last)).toEqual([next]);
    expect((await audited(here)).every(({ ok }) => ok)).toBe(true);
    for (const run of [...both, next]) expect(await without(here, run)).toBe("a finding");
    expect(await without(here, first)).toBe("a note");
  });

  it("shows though a crash had torn its end, or left it a last line of any length", async () => {
    await using here = await estate({ devices: 60 });
    await runOf(here, "preview");
    const torn = await runOf(here, "apply");
    appendFileSync(ledgerOf(here, torn), `{"seq":99,"t":1,"pad":"${"x".repeat(200_000)}`);
    const long = await runOf(here, "preview");
    lengthen(ledgerOf(here, long), long);
    await runOf(here, "preview");
    expect(await without(here, torn)).toBe("a finding");
    expect(await without(here, long)).toBe("a finding");
  });
});

describe("a run that goes on after the next one was begun", () => {
  it("is named again as it is then, so that what was added can not be cut off", async () => {
    await using here = await estate({ devices: 60 });
    const run = await runOf(here, "apply");
    await runOf(here, "preview");
    const before = readFileSync(ledgerOf(here, run)).length;
    await ended(here, here.workspace.verify(run));
    const later = await runOf(here, "preview");
    expect(runsNamedBy(here, later)).toContain(run);
    expect((await audited(here)).every(({ ok }) => ok)).toBe(true);
    truncateSync(ledgerOf(here, run), before);
    const reports = await audited(here);
    const wrong = reports.filter(({ ok }) => !ok);
    expect(wrong.map((one) => one.run)).toEqual([run]);
    expect(wrong[0]!.findings[0]!.message).toContain(`run ${later}, which was begun after it, names record`);
    // Where only the later one is checked, that says it.
    const [alone] = await audited(here, [later, "latest"]);
    expect(alone!.findings.map(({ message }) => message).join()).toContain(`run ${run}: `);
  });
});

describe("records of older versions", () => {
  it("that name one run each are checked by that, and the next run names what none of them does", async () => {
    await using here = await estate({ devices: 60 });
    const runs = [await runOf(here, "preview"), await runOf(here, "apply"), await runOf(here, "apply")];
    const [first = "", skipped = "", third = ""] = runs;
    rewriteStart(ledgerOf(here, third), third, namedBy(here, skipped)[0]!);
    expect((await audited(here)).every(({ ok }) => ok)).toBe(true);
    expect(await without(here, skipped)).toBe("nothing");
    const next = await runOf(here, "preview");
    expect(runsNamedBy(here, next)).toEqual([skipped, third].sort());
    expect(await without(here, skipped)).toBe("a finding");
    expect(await without(here, first)).toBe("a note");
  });
});

it("begins though a record can not be read, or is a copy of another one, and says what others name falsely", async () => {
  await using here = await estate({ devices: 60 });
  const first = await runOf(here, "preview");
  const copy = "20200101T000000Z-aaaaa";
  cpSync(runFolder(here, first), runFolder(here, copy), { recursive: true });
  const unreadable = "20200101T000000Z-bbbbb";
  cpSync(runFolder(here, first), join(ledgerOf(here, unreadable), "inside"), { recursive: true });
  const next = await runOf(here, "preview");
  expect(runsNamedBy(here, next)).toEqual([copy, first].sort());
  rmSync(runFolder(here, copy), { recursive: true });
  rmSync(runFolder(here, unreadable), { recursive: true });
  rewriteStart(ledgerOf(here, next), next, "nonsense");
  const reports = await audited(here);
  expect(reports.find(({ run }) => run === next)!.findings.map(({ message }) => message)).toEqual([
    "it names a run before it in a way that none is named: nonsense",
  ]);
});

it("a run that is missing between others is told as that by whoever asks for it, by a part of its id too", async () => {
  await using here = await estate({ devices: 60 });
  const { workspace, cwd } = here;
  const runs = [await runOf(here, "preview"), await runOf(here, "apply"), await runOf(here, "preview")];
  const [first = "", gone = "", last = ""] = runs;
  rmSync(runFolder(here, gone), { recursive: true });
  const said = new RegExp(`it is not here any more; run ${last}, which was begun after it, found \\d+ records of it`);
  for (const wanted of [gone, gone.slice(0, -2)]) {
    const { exit, out } = await rollcall(["audit", "verify", wanted], { workspace, cwd });
    expect([exit, out]).toEqual([9, expect.stringMatching(said)]);
    const shown = await rollcall(["show", wanted], { workspace, cwd });
    expect([shown.exit, shown.out]).toEqual([9, expect.stringContaining("THE RECORD IS MISSING")]);
    expect(shown.out).toContain(`run ${last}, which was begun after it, names it`);
  }
  const both = await rollcall(["audit", "verify", first, gone], { workspace, cwd });
  expect([both.exit, both.out]).toEqual([9, expect.stringContaining("2 records: 1 DO NOT HOLD")]);
  // What is a preview reads like no crash.
  const preview = await rollcall(["audit", "verify", first], { workspace, cwd });
  expect([preview.exit, preview.out]).toEqual([
    0,
    expect.stringContaining("  a preview: it never took its lock, without which nothing is sent\n"),
  ]);
  expect((await workspace.audit(first)).previewed).toBe(true);
  // Nobody names these.
  for (const command of [["audit", "verify"], ["show"]])
    expect((await rollcall([...command, "20200101T000000Z-aaaaa"], { workspace, cwd })).exit).toBe(3);
  rmSync(runFolder(here, first), { recursive: true });
  // All that is older is gone too: it was cleared away.
  expect((await rollcall(["audit", "verify", gone], { workspace, cwd })).exit).toBe(3);
});

describe("a run that lost power", () => {
  it("is named by the next one at the record before the hole, so that going on with it spoils nothing", async () => {
    await using here = await estate({ devices: 60 });
    await runOf(here, "preview");
    const lost = await runOf(here, "apply");
    const kept = loseTail(ledgerOf(here, lost));
    const next = await runOf(here, "preview");
    expect(namedBy(here, next).find((head) => head.startsWith(lost))).toMatch(new RegExp(`^${lost}:${kept}:`));
    expect((await audited(here)).map(({ ok }) => ok)).toEqual([true, true, true]);
    await ended(here, here.workspace.resume(lost));
    expect(recordsIn(ledgerOf(here, lost)).some(({ type }) => type === "repair")).toBe(true);
    expect((await audited(here)).flatMap(({ findings }) => findings)).toEqual([]);
    expect((await here.workspace.auditLog({})).damaged).toEqual([]);
    // What it had when the next one was begun can still not be cut off.
    expect(await without(here, lost)).toBe("a finding");
  });
});

/** Zeros in the place of the first record that no other one knows to be on disk; what follows is whole. @returns How many stay. */
function loseTail(path: string): number {
  rmSync(join(dirname(path), "summary.json"));
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -2);
  const kept = Math.max(...lines.map((line) => (JSON.parse(line) as LedgerRecord).synced ?? 0));
  expect(lines.length).toBeGreaterThan(kept + 1);
  writeFileSync(path, lines.map((line, at) => `${at === kept ? "\u0000".repeat(line.length) : line}\n`).join(""));
  return kept;
}

/** The record again, its chain anew, each record as `change` leaves it. */
function rebuild(path: string, run: string, change: (record: Record<string, unknown>) => void): void {
  let head = genesis(runId(run));
  const lines = recordsIn(path).map(({ hash: _, ...record }) => {
    change(record);
    const { line } = seal(JSON.stringify(record).slice(0, -1), head.hash);
    head = headOf(JSON.parse(line) as LedgerRecord);
    return line;
  });
  writeFileSync(path, lines.join(""));
  // It names the head that the record had.
  rmSync(join(dirname(path), "summary.json"), { force: true });
}

/** As an older version wrote it: one run before it, and no more. */
function rewriteStart(path: string, run: string, previous: string): void {
  rebuild(path, run, (record) => {
    if (record.type !== "start") return;
    record.previous = previous;
    delete record.otherHeads;
  });
}

/** Its last record longer than 64 KiB. */
function lengthen(path: string, run: string): void {
  const last = recordsIn(path).length;
  rebuild(path, run, (record) => {
    if (record.seq === last) record.pad = "x".repeat(100_000);
  });
}

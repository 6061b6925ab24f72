import { describe, expect, it } from "vitest";
import type { AuditOptions, LogEntry, LogQuery, LogReport } from "../../runner/core/model/evidence.ts";
import { digest, runId } from "../../runner/core/model/item.ts";
import type { AuditReport } from "../../runner/workspace/reports.ts";
import { durationMs, offsetMs, sinceMs } from "../../runner/cli/options.ts";
import { run } from "../reporters/events.ts";
import { widthOf } from "../../runner/reporters/width.ts";
import { rollcall, workspace } from "./stand-in.ts";

const hex = "ab".repeat(32);
const report: AuditReport = {
  ...{
    run,
    ok: true,
    records: 12,
    anchor: `${run}:12:${hex}`,
    sealed: true,
    ended: true,
    conserved: true,
    findings: [],
  },
  root: digest(hex),
};

/** A command line about one run, and what the workspace was asked. */
async function verifying(words: readonly string[], found: Partial<AuditReport> = {}) {
  const asked: (AuditOptions | undefined)[] = [];
  const made = workspace({
    audit: (_, options) => (asked.push(options), Promise.resolve({ ...report, ...found })),
  });
  return { ...(await rollcall(["audit", "verify", ...words], { workspace: made })), asked };
}

describe("audit verify", () => {
  it("says how a record was checked, and prints its anchor and its root", async () => {
    const { out, exit } = await verifying(["latest"]);
    expect(exit).toBe(0);
    expect(out).toContain("the record is complete and unchanged\n  12 records, checked by its own chain\n");
    expect(out).toContain(`Anchor ${run}:12:${hex}\nRoot   ${hex}\n`);
    expect(out).not.toContain("signed");
  });

  it("takes the head that a report prints as an anchor, of one run and once", async () => {
    const anchor = `${run}:12:${hex}`;
    for (const flag of ["--anchor", "--head"]) {
      const { asked, out } = await verifying(["latest", flag, anchor]);
      expect(asked).toEqual([{ anchor }]);
      expect(out).toContain("by its own chain and against the anchor");
    }
    expect((await verifying(["latest", "--anchor", anchor, "--head", anchor])).exit).toBe(3);
    for (const runs of [[], ["a", "b"]]) {
      const { exit, err } = await verifying([...runs, "--anchor", anchor]);
      expect([exit, err]).toEqual([3, expect.stringContaining(`audit verify ${run} --anchor ${anchor}`)]);
    }
  });

  it("says signed only where the key from outside says so, and how much of the record that is", async () => {
    const holds = { signature: { holds: true, key: digest(hex), seq: 10, at: 0 } };
    const signed = await verifying(["latest", "--public-key", "a.pub"], holds);
    expect(signed.asked).toEqual([{ publicKey: "a.pub" }]);
    expect(signed.out).toContain(
      "signed up to record 10 by the key abababababababab, 1970-01-01T00:00:00Z; 2 records after that are not",
    );
    const not = await verifying(["latest", "--public-key", "a.pub"], {
      ok: false,
      signature: { holds: false, key: digest(hex) },
      findings: [{ seq: undefined, message: "there is no signature\u001b[31m" }],
    });
    expect([not.exit, not.out]).toEqual([9, expect.stringContaining("NOT SIGNED as the key abab")]);
    expect(not.out).not.toContain("\u001b");
    const made = await verifying(["latest", "--sign", "a.pem"], { signed: { file: "/x/s.json", key: digest(hex) } });
    expect(made.out).toContain("a signature was made with the key abababababababab");
    const refused = await verifying(["latest", "--sign", "a.pem"], { ok: false });
    expect([refused.exit, refused.out]).toEqual([9, expect.stringContaining("nothing was signed")]);
  });

  it("checks every run where none is named, tells each, and ends with 9 when one does not hold", async () => {
    const asked: (readonly string[])[] = [];
    const made = (reports: readonly AuditReport[]) =>
      workspace({
        async *auditAll(runs) {
          asked.push(runs);
          for (const one of reports) yield await Promise.resolve(one);
        },
      });
    const wrong = { ...report, ok: false, findings: [{ seq: 3, message: "gone" }] };
    const two = await rollcall(["audit", "verify"], { workspace: made([report, wrong]) });
    expect([two.exit, two.out]).toEqual([9, expect.stringContaining("2 records: 1 DO NOT HOLD")]);
    expect(two.out).toContain("  record 3: gone\n");
    const json = await rollcall(["audit", "verify", "a", "b", "--json"], { workspace: made([report]) });
    expect(JSON.parse(json.out)).toMatchObject({ v: 1, ok: true, runs: [{ run }] });
    expect(asked).toEqual([[], ["a", "b"]]);
    const none = await rollcall(["audit", "verify"], { workspace: made([]) });
    expect([none.exit, none.out, none.err]).toEqual([0, "", expect.stringContaining("No runs in")]);
  });
});

describe("audit log", () => {
  const entry: LogEntry = {
    ...{ at: Date.UTC(2026, 10, 23), run: runId(run), plan: "p", service: "s", by: "ada", method: "Set" },
    ...{ id: "7", title: "DESK\u001b[31m", customer: "Acme (8)", field: "size", before: 2 ** 30, after: null },
    type: { type: "bytes" },
    ...{ state: "confirmed", confirmed: true },
  };
  const logging = async (words: readonly string[], found: Partial<LogReport> = {}, terminal?: number) => {
    const asked: LogQuery[] = [];
    const made = workspace({
      auditLog: (query) => (
        asked.push(query),
        Promise.resolve({ entries: [entry], more: false, damaged: [], ...found })
      ),
    });
    return {
      ...(await rollcall(["audit", "log", ...words], { workspace: made, ...(terminal && { terminal }) })),
      asked,
    };
  };

  it("shows a row for each field, in the zone asked for, with values as people read them", async () => {
    const { out, exit, asked } = await logging(["--zone", "Asia/Kolkata", "--by", "ada", "--limit", "5"]);
    expect([exit, asked]).toEqual([0, [{ by: "ada", limit: 5 }]]);
    expect(out).toMatch(/^2026-11-23T05:30:00\+05:30 +DESK +7 +size +1 GiB -> unset +confirmed +ada +Acme \(8\) /m);
    const { out: all } = await logging([], { more: true });
    expect(all).toContain("The newest 100; --limit N shows more");
  });

  it.each([40, 60, 80, 100, 120])("cuts nothing on a terminal of %d columns, and stays within it", async (terminal) => {
    const found = {
      ...entry,
      ...{ id: "1234567", title: "RECEPTION DESK 12", customer: "Birch Dental and Sons (5030)", by: "ada.lovelace" },
    };
    const other: LogEntry = { ...found, id: "7654321", title: "日本語デスクトップ端末" };
    const { out } = await logging([], { entries: [found, other] }, terminal);
    const lines = out.trimEnd().split("\n");
    expect(out).not.toContain("…");
    for (const line of lines) expect(widthOf(line), line).toBeLessThanOrEqual(terminal);
    const flat = out.replace(/\s+/g, " ");
    for (const { id, title } of [found, other])
      expect(flat).toContain(
        `2026-11-23T00:00:00Z ${title} (${id}): size 1 GiB -> unset, confirmed customer Birch Dental and Sons (5030), by ada.lovelace, run ${run}`,
      );
  });

  it("is a table where one fits, and cuts no id in it", async () => {
    const long = { ...entry, id: "1234567", title: "A DEVICE WITH A RATHER LONG NAME".repeat(3) };
    const { out } = await logging([], { entries: [long] }, 150);
    expect(out).toMatch(/^when +item +id +field +before -> after +state +by +customer +run\n/);
    expect(out).toMatch(/A DEVICE .*… +1234567 +size/);
  });

  it("never leaves out silently what could not be read", async () => {
    const damaged = [{ run: runId(run), message: "record 3\u001b[31m is wrong" }];
    const { out, err, exit } = await logging([], { damaged });
    expect([exit, out.includes("DESK")]).toEqual([9, true]);
    expect(err).toContain(`${run}: NOT EVERYTHING COULD BE READ: record 3 is wrong`);
    const json = await logging(["--json"], { damaged });
    expect([json.exit, JSON.parse(json.out)]).toMatchObject([9, { damaged: [{ run }] }]);
    expect((await logging([], { entries: [] })).err).toContain("No change that was sent fits");
    const noted = await logging([], { notes: ["old runs were cleared away"] });
    expect([noted.exit, noted.err]).toEqual([0, "note: old runs were cleared away\n"]);
  });

  it.each([
    ["2026-01-31", Date.UTC(2026, 0, 31)],
    ["2026-01-31T12:30", Date.UTC(2026, 0, 31, 12, 30)],
    ["2026-01-31T12:30:00Z", Date.UTC(2026, 0, 31, 12, 30)],
    ["2026-01-31T12:30:00+02:00", Date.UTC(2026, 0, 31, 10, 30)],
    ["2026-01-31T12:30:00.250Z", Date.UTC(2026, 0, 31, 12, 30, 0, 250)],
    ["2028-02-29", Date.UTC(2028, 1, 29)],
  ])("understands %s as a moment", (text, at) => {
    expect(sinceMs(text)).toBe(at);
  });

  it("takes no duration that is negative, but for how wrong a clock is", () => {
    expect([durationMs("5m"), durationMs("0"), offsetMs("-5m")]).toEqual([300_000, 0, -300_000]);
    for (const text of ["-5m", "-1ms"]) expect(() => durationMs(text)).toThrow(/not negative/);
  });

  it("understands how long ago, and nothing else", () => {
    for (const text of [
      "2026-02-31",
      "2026-02-29",
      "2026-04-31T10:00Z",
      "2026-00-10",
      "2026-01-31T25:00Z",
      "2026-01-31T12:00+25:00",
    ])
      expect(() => sinceMs(text), text).toThrow(/^expected a day such as/);
    expect(Math.abs(Date.now() - 30 * 86_400_000 - sinceMs("30d"))).toBeLessThan(5000);
    for (const text of ["", "x", "2026-13-01", "2026-01", "-3d", "3", "3d ago", "yesterday"])
      expect(() => sinceMs(text)).toThrow();
  });
});

describe("audit export", () => {
  const made = workspace({
    async *auditExport(runs, format) {
      for (const line of [`${format} ${runs.join()}`, '{"x":"\u009b31m"}']) yield await Promise.resolve(line);
    },
  });

  it("gives a program every byte, and a terminal none that steers it", async () => {
    const piped = await rollcall(["audit", "export", "a", "b", "--format", "ndjson"], { workspace: made });
    expect([piped.exit, piped.out]).toEqual([0, 'ndjson a,b\n{"x":"\u009b31m"}\n']);
    const shown = await rollcall(["audit", "export", "a", "--format", "ocsf"], { workspace: made, terminal: 80 });
    expect(shown.out).toContain('{"x":"\\u009b31m"}');
  });

  it("is many lines on stdout, so that --json is only about a file that was written", async () => {
    const saving = workspace({ saveExport: () => Promise.resolve() });
    const lines = await rollcall(["audit", "export", "a", "--format", "csv", "--json"], { workspace: made });
    expect([lines.exit, lines.err]).toEqual([3, expect.stringContaining("--json promises one document")]);
    const words = ["audit", "export", "a", "--format", "csv", "--out", "a.csv", "--json"];
    const file = await rollcall(words, { workspace: saving });
    expect(JSON.parse(file.out)).toMatchObject({ type: "export", file: "a.csv", format: "csv" });
  });

  it("wants a format and a run", async () => {
    expect((await rollcall(["audit", "export", "a"], { workspace: made })).exit).toBe(3);
    expect((await rollcall(["audit", "export", "--format", "csv"], { workspace: made })).exit).toBe(3);
  });
});

import { untoldSummary } from "../../runner/runs/history/untold.ts";
import { describe, expect, it } from "vitest";
import { itemStates, type Counts } from "../../runner/core/model/outcome.ts";
import type { AuditReport } from "../../runner/workspace/reports.ts";
import type { RunReport, RunSummary } from "../../runner/core/model/told.ts";
import { widthOf } from "../../runner/reporters/width.ts";
import { run } from "../reporters/events.ts";
import { rollcall, workspace } from "./stand-in.ts";

const zero = Object.fromEntries(itemStates.map((state) => [state, 0])) as unknown as Counts;
const summary: RunSummary = {
  run,
  folder: "/w/.rollcall/runs/x",
  plan: "assign-product",
  service: "simulator",
  endpoint: "http://127.0.0.1:4711/jsonapi",
  by: { name: "ada", host: "ws1" },
  started: Date.UTC(2026, 10, 23, 20, 47),
  ended: Date.UTC(2026, 10, 23, 20, 48),
  status: "sealed",
  counts: { ...zero, confirmed: 309, rejected: 3, already: 12, "filtered-out": 880 },
  open: 0,
  notStarted: {},
  exit: 6,
  anchor: `${run}:512:abcdef12`,
};

describe("runs", () => {
  it("are listed newest first, with what was changed of what was to be", async () => {
    const older = {
      ...summary,
      run: "20261122T000000Z-aaaaa" as typeof run,
      started: 0,
      counts: undefined,
      exit: undefined,
      status: "open" as const,
    };
    const { out, exit } = await rollcall(["runs"], {
      workspace: workspace({ runs: () => Promise.resolve([older, summary]) }),
    });
    expect(exit).toBe(0);
    expect(out).toBe(
      [
        "run                     plan            service    status           changed  exit  by",
        "20261123T204700Z-k3m7q  assign-product  simulator  sealed           309/312     6  ada",
        "20261122T000000Z-aaaaa  assign-product  simulator  open, resume it                 ada",
        "",
      ].join("\n"),
    );
  });

  it("that are not finished count what is open with what was to be changed", async () => {
    const open = { ...summary, status: "open" as const, counts: { ...zero, confirmed: 20 }, open: 12 };
    const { out } = await rollcall(["runs"], { workspace: workspace({ runs: () => Promise.resolve([open]) }) });
    expect(out).toContain("  20/32  ");
  });

  it("can be told apart, and say how they stand, on 40 columns", async () => {
    const died = { ...summary, status: "open" as const, ended: undefined };
    const made = workspace({ runs: () => Promise.resolve([died]) });
    const { out } = await rollcall(["runs"], { workspace: made, terminal: 40 });
    expect(out).toContain(`${run}  died`);
  });

  it("say when they began in the zone asked for", async () => {
    const made = workspace({ runs: () => Promise.resolve([summary]) });
    const { out } = await rollcall(["runs", "--zone", "Asia/Kolkata"], { workspace: made, terminal: 80 });
    expect(out).toContain("2026-11-24T02:17:00+05:30");
  });

  it("that do not exist yet are not an error", async () => {
    const { out, err, exit } = await rollcall(["runs"], { workspace: workspace({ runs: () => Promise.resolve([]) }) });
    expect({ out, exit }).toEqual({ out: "", exit: 0 });
    expect(err).toContain("No runs in /somewhere yet. Start with: rollcall preview PLAN");
  });

  it("that can not be read, or are missing, are rows among the others, with the reason below and no other exit code", async () => {
    const folder = (id: string) => ({ run: id as typeof run, path: `/x/${id}` });
    const unreadable = untoldSummary(
      folder("20261122T000000Z-aaaaa"),
      "unreadable",
      "Could not open \u001b[31mx: EACCES.",
    );
    const missing = untoldSummary(folder("20261121T000000Z-bbbbb"), "missing", `run ${run} names it`);
    const made = workspace({ runs: () => Promise.resolve([missing, unreadable, summary]) });
    const { out, err, exit } = await rollcall(["runs"], { workspace: made });
    expect(exit).toBe(0);
    expect(out.split("\n").slice(1, 4)).toEqual([
      expect.stringMatching(/^20261123T204700Z-k3m7q .* sealed /),
      expect.stringMatching(/^20261122T000000Z-aaaaa +can not be read$/),
      expect.stringMatching(/^20261121T000000Z-bbbbb +missing$/),
    ]);
    expect(err).toBe(
      [
        "20261122T000000Z-aaaaa can not be read: Could not open x: EACCES.",
        `20261121T000000Z-bbbbb is missing between others: run ${run} names it`,
        "Check every record: rollcall audit verify",
        "",
      ].join("\n"),
    );
    const many = Array.from({ length: 9 }, () => unreadable);
    const { err: short } = await rollcall(["runs"], { workspace: workspace({ runs: () => Promise.resolve(many) }) });
    expect(short).toContain("and 4 more");
  });

  it("as JSON are one document", async () => {
    const { out } = await rollcall(["runs", "--json"], {
      workspace: workspace({ runs: () => Promise.resolve([summary]) }),
    });
    expect(JSON.parse(out)).toEqual({ v: 1, runs: [summary] });
  });
});

describe("show", () => {
  const report: RunReport = {
    summary,
    causes: [{ state: "rejected", code: "13501", message: "Access denied", count: 3, examples: ["DESK-1"] }],
    types: { used_storage: { type: "bytes" } },
    items: [
      {
        index: 0,
        id: "1000",
        title: "日本語デスクトップ\u001b[31m",
        state: "rejected",
        before: { product_id: 3, alias: null },
        after: { product_id: 4, alias: "x".repeat(200) },
        failure: { code: "13501", message: "Access denied" },
      },
    ],
  };
  const made = workspace({ show: () => Promise.resolve(report) });

  it("shows values and times as people read them, in the zone asked for; JSON keeps them", async () => {
    const [first] = report.items;
    const item = { ...first!, before: { used_storage: 2 ** 30 }, after: { used_storage: 3 * 2 ** 29 } };
    const typed = workspace({ show: () => Promise.resolve({ ...report, items: [item] }) });
    const text = await rollcall(["show", "latest", "--zone", "Asia/Kolkata"], { workspace: typed, terminal: 200 });
    expect(text.out).toContain("1 GiB -> 1.5 GiB");
    expect(text.out).toContain("2026-11-24T02:17:00+05:30 to 2026-11-24T02:18:00+05:30");
    const json = await rollcall(["show", "latest", "--json"], { workspace: typed });
    expect(JSON.parse(json.out)).toMatchObject({
      items: [{ after: { used_storage: 1_610_612_736 } }],
      types: { used_storage: { type: "bytes" } },
    });
    const wrong = await rollcall(["show", "latest", "--zone", "Mars/Base"], { workspace: typed });
    expect(wrong.exit).toBe(3);
    expect(wrong.err).toContain("Europe/Berlin");
  });

  it("tells how the run ended, why, and each item", async () => {
    const { out } = await rollcall(["show", "latest"], { workspace: made, terminal: 200 });
    expect(out).toContain(`${run}  sealed, exit 6`);
    expect(out).toContain("by       ada on ws1, 2026-11-23T20:47:00Z to 2026-11-23T20:48:00Z");
    expect(out).toContain("confirmed 309, rejected 3");
    expect(out).toContain("3 rejected: 13501: Access denied");
    expect(out).toMatch(/日本語デスクトップ +1000 +rejected +product_id +3 -> 4 +13501: Access denied/);
    expect(out).not.toContain("\u001b");
  });

  it("says what a diverged item holds, cuts no value in a pipe, and names an item once whose id is its title", async () => {
    const [first] = report.items;
    const item = { ...first!, id: "1000", title: "1000", state: "diverged", found: { product_id: 9, alias: null } };
    const odd = workspace({ show: () => Promise.resolve({ ...report, items: [item] }) });
    const { out } = await rollcall(["show", "latest"], { workspace: odd });
    expect(out).toMatch(/^1000 +diverged +product_id +3 -> 4, found 9 /m);
    expect(out).toContain(`unset -> ${"x".repeat(200)}, found unset`);
    const json = await rollcall(["show", "latest", "--json"], { workspace: odd });
    expect(JSON.parse(json.out)).toMatchObject({ items: [{ found: { product_id: 9, alias: null } }] });
  });

  it.each([60, 80, 120, 200])("fits %s columns", async (terminal) => {
    const { out } = await rollcall(["show", "latest"], { workspace: made, terminal });
    const table = out.slice(out.indexOf("item  "));
    for (const line of table.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(terminal);
  });

  it("asks for the states and as many items as wanted", async () => {
    const asked: unknown[] = [];
    const asking = workspace({ show: (...words) => (asked.push(...words), Promise.resolve(report)) });
    await rollcall(["show", "r1", "--states", "rejected,unknown", "--limit", "5"], { workspace: asking });
    await rollcall(["show", "r1"], { workspace: asking });
    expect(asked).toEqual(["r1", { states: ["rejected", "unknown"], limit: 5 }, "r1", { limit: 100 }]);
  });
});

describe("audit verify", () => {
  const good: AuditReport = {
    run,
    ok: true,
    records: 512,
    anchor: summary.anchor,
    sealed: true,
    ended: true,
    conserved: true,
    findings: [],
  };

  it("is exit 0 for a record that holds", async () => {
    const { exit, out } = await rollcall(["audit", "verify", "latest"], {
      workspace: workspace({ audit: () => Promise.resolve(good) }),
    });
    expect(exit).toBe(0);
    expect(out).toContain(`${run}: the record is complete and unchanged\n  512 records, checked by its own chain`);
  });

  it("is exit 9 with every finding for one that does not", async () => {
    const bad = { ...good, ok: false, conserved: false, findings: [{ seq: 7, message: "its hash does not follow" }] };
    const asked: unknown[] = [];
    const made = workspace({ audit: (...words) => (asked.push(...words), Promise.resolve(bad)) });
    const anchor = `${run}:512:${"abcdef12".repeat(8)}`;
    const { exit, out } = await rollcall(["audit", "verify", "r1", "--anchor", anchor], { workspace: made });
    const options: unknown = { anchor };
    expect({ exit, asked }).toEqual({ exit: 9, asked: ["r1", options] });
    expect(out).toContain("THE RECORD DOES NOT HOLD");
    expect(out).toContain("record 7: its hash does not follow");
  });

  const tellings: [string, Partial<AuditReport>, readonly string[]][] = [
    [
      "ends in bytes that are no records",
      { torn: 479, sealed: false, ended: false, notes: ["479 bytes"] },
      [": complete up to record 512; 479 bytes behind it are no records\n", "not sealed: it has no end record"],
    ],
    ["has an end that left answers open", { sealed: false }, ["not sealed: its end left answers open"]],
    [
      "has no record",
      { records: 0, anchor: "", sealed: false, ended: false, conserved: undefined },
      [": there is no record\n", "0 records"],
    ],
  ];
  it.each(tellings)("says what is so of one that %s", async (_, more, parts) => {
    const made = workspace({ audit: () => Promise.resolve({ ...good, ...more }) });
    const { exit, out } = await rollcall(["audit", "verify", "latest"], { workspace: made });
    expect(exit).toBe(0);
    for (const part of parts) expect(out).toContain(part);
    if (more.anchor === "") expect(out).not.toContain("Anchor");
    // Asked to sign, it is not well that nothing was.
    const signing = await rollcall(["audit", "verify", "latest", "--sign", "k.pem"], { workspace: made });
    expect([signing.exit, signing.out]).toEqual([9, expect.stringContaining("nothing was signed")]);
  });

  it("takes no part of an anchor for one, whatever is missing", async () => {
    const hex = "ab".repeat(32);
    for (const anchor of [`${run}:0:${hex}`, `${run}:5:${hex.slice(1)}`, `${run}:5:abcdef12`, `${run}:05:${hex}`]) {
      const { exit, err } = await rollcall(["audit", "verify", "latest", "--anchor", anchor], {
        workspace: workspace({}),
      });
      expect([exit, err]).toEqual([3, expect.stringContaining(`"${anchor}" is not an anchor`)]);
    }
  });
});

describe("validate", () => {
  const at = { file: "bad.yaml", line: 1, column: 1 };
  const problem = { ...at, severity: "error" as const, code: "missing", message: "name is missing" };
  const note = { ...problem, file: "noted.yaml", severity: "note" as const, code: "old-code", message: "PD is old" };
  const made = workspace({
    lint: (file) =>
      Promise.resolve({
        problems: file === "bad.yaml" ? [problem] : file === "noted.yaml" ? [note] : [],
        warnings: [],
      }),
  });

  it("tells the good plans and every problem of the others: exit 3", async () => {
    const { exit, out } = await rollcall(["validate", "good.yaml", "bad.yaml"], { workspace: made });
    expect(exit).toBe(3);
    expect(out).toBe("good.yaml: ok\nbad.yaml:1:1  missing  name is missing\n\n1 problem\n");
  });

  it("is exit 0 when there are none", async () => {
    expect(await rollcall(["validate", "good.yaml"], { workspace: made })).toMatchObject({
      exit: 0,
      out: "good.yaml: ok\n",
    });
  });

  it("shows notes and does not fail for them", async () => {
    const { exit, out } = await rollcall(["validate", "noted.yaml"], { workspace: made });
    expect({ exit, out }).toEqual({
      exit: 0,
      out: "noted.yaml: ok\nnoted.yaml:1:1  note old-code  PD is old\n\n1 note\n",
    });
    const both = await rollcall(["validate", "noted.yaml", "bad.yaml"], { workspace: made });
    expect(both.exit).toBe(3);
    expect(both.out).toContain("1 problem, 1 note in 2 files\n");
    const json = await rollcall(["validate", "noted.yaml", "--json"], { workspace: made });
    expect({ exit: json.exit, told: JSON.parse(json.out) as unknown }).toEqual({
      exit: 0,
      told: { v: 1, problems: [note], count: 1, warnings: [] },
    });
  });

  it("speaks JSON", async () => {
    const { exit, out } = await rollcall(["validate", "bad.yaml", "--json"], { workspace: made });
    expect({ exit, told: JSON.parse(out) as unknown }).toEqual({
      exit: 3,
      told: { v: 1, problems: [problem], count: 1, warnings: [] },
    });
  });
});

it("unlock hands over the reason and says what it did", async () => {
  const asked: unknown[] = [];
  const made = workspace({ unlock: (...words) => (asked.push(...words), Promise.resolve("Released.")) });
  expect(await rollcall(["unlock", "r1", "--why", "the host is gone"], { workspace: made })).toMatchObject({
    exit: 0,
    out: "Released.\n",
  });
  expect(asked).toEqual(["r1", "the host is gone"]);
});

describe("colour", () => {
  const made = workspace({
    audit: () =>
      Promise.resolve({
        run,
        ok: true,
        records: 1,
        anchor: "a",
        sealed: true,
        ended: true,
        conserved: true,
        findings: [],
      }),
  });
  const coloured = async (
    env: Record<string, string>,
    words: readonly string[] = [],
    terminal?: number,
  ): Promise<boolean> => {
    const around = { workspace: made, env: { NO_COLOR: "", ...env }, ...(terminal === undefined ? {} : { terminal }) };
    return (await rollcall(["audit", "verify", "r", ...words], around)).out.includes("\u001b[");
  };

  it.each([
    ["on a terminal", {}, "", 80, true],
    ["in a pipe", {}, "", undefined, false],
    ["in CI", { CI: "true" }, "", 80, false],
    ["on a dumb terminal", { TERM: "dumb" }, "", 80, false],
    ["with NO_COLOR", { NO_COLOR: "1", FORCE_COLOR: "1" }, "", 80, false],
    ["with --no-color", { FORCE_COLOR: "1" }, "--no-color", 80, false],
    ["with FORCE_COLOR in a pipe", { FORCE_COLOR: "1" }, "", undefined, true],
    ["with FORCE_COLOR=0", { FORCE_COLOR: "0" }, "", 80, false],
  ] as const)("%s", async (...[, env, flag, terminal, expected]) => {
    expect(await coloured(env, flag === "" ? [] : [flag], terminal)).toBe(expected);
  });
});

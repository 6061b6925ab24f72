import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { rollcall } from "../cli/stand-in.ts";
import { evidence, type Evidence } from "../support/evidence.ts";
import { changesReceived } from "../support/workspace.ts";

let real: Evidence;
let ledger: string;
let summary: string;
let whole: string;
let ended: string;

beforeAll(async () => {
  real = await evidence({ devices: 40, count: 6 });
  [ledger, summary] = [real.path("ledger.ndjson"), real.path("summary.json")];
  [whole, ended] = [readFileSync(ledger, "utf8"), readFileSync(summary, "utf8")];
});

afterAll(() => real[Symbol.asyncDispose]());

beforeEach(() => {
  writeFileSync(ledger, whole);
  writeFileSync(summary, ended);
});

const lines = (count: number): string => whole.split("\n").slice(0, count).join("\n") + "\n";
const cuts: readonly (readonly [string, () => void])[] = [
  ["without its last line", () => writeFileSync(ledger, lines(whole.split("\n").length - 2))],
  ["cut to three lines", () => writeFileSync(ledger, lines(3))],
  ["emptied", () => writeFileSync(ledger, "")],
  ["removed", () => rmSync(ledger)],
  [
    "cut, with its summary emptied",
    () => {
      writeFileSync(ledger, lines(whole.split("\n").length - 2));
      writeFileSync(summary, "");
    },
  ],
];

const told = async (words: readonly string[]) =>
  await rollcall(words, { workspace: real.here.workspace, cwd: real.here.cwd });

describe.each(cuts)("the record of a run that has ended, %s", (_how, cut) => {
  it.each([
    [["show"], []],
    [["report"], ["--format", "md"]],
    [["report"], ["--format", "json"]],
    [["explain"], ["--near"]],
    [["undo"], []],
    [["rerun"], ["--only", "not-started", "--yes"]],
    [["resume"], []],
    [["verify"], []],
    [["pause"], []],
    [["abort"], ["--why", "test"]],
    [["audit", "verify"], []],
    [
      ["audit", "export"],
      ["--format", "csv"],
    ],
  ])("is no record to %j %j: exit 9, nothing is sent, nothing is written", async (verb, flags) => {
    const before = changesReceived(real.here.simulator).length;
    cut();
    const was = existsSync(ledger) ? readFileSync(ledger, "utf8") : undefined;
    const { exit, out, err } = await told([...verb, real.run.run, ...flags]);
    expect([exit, out + err]).toEqual([9, expect.stringMatching(/is gone|cut off or changed|there is no/)]);
    expect(existsSync(ledger) ? readFileSync(ledger, "utf8") : undefined).toBe(was);
    expect(changesReceived(real.here.simulator)).toHaveLength(before);
  });

  it("is a row of `runs` that says so", async () => {
    cut();
    const { exit, out, err } = await told(["runs"]);
    expect(exit).toBe(0);
    expect(out + err).toMatch(/damaged/);
  });
});

it.each(["inventory.ndjson", "changeset.ndjson"])(
  "a whole record beside a damaged %s is told with all it says",
  async (name) => {
    const path = real.path(name);
    const kept = readFileSync(path, "utf8");
    writeFileSync(path, kept.replace('"title"', '"tilte"'));
    const { exit, out } = await told(["show", real.run.run]);
    const report = await told(["report", real.run.run, "--format", "json"]);
    writeFileSync(path, kept);
    expect(exit).toBe(9);
    expect(out).toContain("THE RECORD IS DAMAGED");
    expect(out.replaceAll(/\s+/g, " ")).toMatch(/The ledger itself is whole, and says: .*confirmed 6\. Which items/);
    expect(report.exit).toBe(9);
    expect(JSON.parse(report.out)).toMatchObject({ summary: { open: 0, counts: { confirmed: 6, "not-started": 0 } } });
  },
);

import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";
import { everyEnd, hostile, tellRun, type ToldItem } from "../support/told-run.ts";

const items: readonly ToldItem[] = [
  ...everyEnd,
  ...hostile.map((text, place) => ({ id: `h${place}`, title: text, ends: "rejected", says: text }) as const),
];
const formats = ["html", "md", "junit", "csv", "json"] as const;

describe("a report", () => {
  let root: string;
  beforeAll(async () => {
    ({ root } = await tellRun(items, { exit: 7 }));
  });

  it("is the same, byte for byte, in another folder, time zone and language", async () => {
    const elsewhere = join(newFolder(), "a copy of it");
    cpSync(root, elsewhere, { recursive: true });
    for (const format of formats) {
      const words = ["report", "latest", "--format", format];
      const here = await rollcall(words, { cwd: root, env: { TZ: "UTC", LANG: "C", LC_ALL: "C" } });
      const there = await rollcall(words, {
        cwd: elsewhere,
        env: { TZ: "Asia/Kolkata", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR" },
      });
      expect(here.exit).toBe(0);
      expect(here.stdout.length).toBeGreaterThan(500);
      expect(there.stdout).toBe(here.stdout);
    }
  });

  it("goes into a file of which the ending says the format, and replaces none unasked", async () => {
    const first = await rollcall(["report", "latest", "--out", "run.html"], { cwd: root });
    expect(first).toMatchObject({ exit: 0, stdout: "", stderr: "Wrote run.html\n" });
    writeFileSync(join(root, "run.html"), "mine");
    const again = await rollcall(["report", "latest", "--out", "run.html"], { cwd: root });
    expect(again.exit).toBe(3);
    expect(again.stderr).toMatch(/already a file .*run\.html[^]*--force/);
    expect(readFileSync(join(root, "run.html"), "utf8")).toBe("mine");
    expect((await rollcall(["report", "latest", "--out", "run.html", "--force"], { cwd: root })).exit).toBe(0);
    expect(readFileSync(join(root, "run.html"), "utf8")).toMatch(/^<!doctype html>/);
  });

  it.each([
    [["--out", "run.txt"], /does not say in which format[^]*--format/],
    [["--json", "--format", "csv"], /ask for two things/],
    [["--format", "csv", "--max-bytes", "5000"], /--max-bytes is of --format md/],
    [["--format", "md", "--max-bytes", "10"], /from 4000/],
    [["--format", "md", "--force"], /no --out names one/],
    [["--format", "github"], /GITHUB_STEP_SUMMARY is not set[^]*--format md/],
  ])("is not made of a wish that can not be: %j", async (flags, said) => {
    const { exit, stderr } = await rollcall(["report", "latest", ...flags], {
      cwd: root,
      env: { GITHUB_STEP_SUMMARY: "" },
    });
    expect([exit, stderr]).toEqual([3, expect.stringMatching(said)]);
    expect(existsSync(join(root, "run.txt"))).toBe(false);
  });

  it("for GitHub adds its page to the step's summary, and prints annotations", async () => {
    const summary = join(root, "summary.md");
    writeFileSync(summary, "what was there\n");
    const { exit, stdout } = await rollcall(["report", "latest", "--format", "github"], {
      cwd: root,
      env: { GITHUB_STEP_SUMMARY: summary },
    });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^::error title=/);
    expect(stdout.split("\n").filter((line) => line !== "" && !line.startsWith("::"))).toEqual([]);
    expect(readFileSync(summary, "utf8")).toMatch(/^what was there\n### ❌ /);
  });
});

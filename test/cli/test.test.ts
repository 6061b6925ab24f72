import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { TestedFile } from "../../runner/core/model/tested.ts";
import { rollcall } from "../support/cli.ts";

const gallery = resolve(import.meta.dirname, "../../plans/cove");

/** A folder with the first plan of the gallery and its test, each changed as asked. */
function folderWith(change: { plan?: (text: string) => string; test?: (text: string) => string } = {}): string {
  const cwd = mkdtempSync(join(tmpdir(), "rollcall-test-verb-"));
  for (const [name, edit] of [
    ["assign-product.yaml", change.plan],
    ["assign-product.test.yaml", change.test],
  ] as const) {
    cpSync(join(gallery, name), join(cwd, name));
    if (edit !== undefined) writeFileSync(join(cwd, name), edit(readFileSync(join(cwd, name), "utf8")));
  }
  return cwd;
}

describe("rollcall test", () => {
  it("tries the tests beside a plan: a line a case, exit 0", async () => {
    const { exit, stdout, stderr } = await rollcall(["test", "assign-product.yaml"], { cwd: folderWith() });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toMatch(/^assign-product\.test\.yaml\n {2}ok {6}\S/);
    expect(stdout).toMatch(/\n\d+ cases in 1 file: \d+ passed\n$/);
  });

  it("is exit 6 where a plan does not do what its test says", async () => {
    const cwd = folderWith({ plan: (text) => text.replace("max: 500", "max: 5000") });
    const { exit, stdout, stderr } = await rollcall(["test", "."], { cwd });
    expect({ exit, stderr }).toEqual({ exit: 6, stderr: "" });
    expect(stdout).toContain("found     it does not refuse");
    expect(stdout).toMatch(/: \d+ passed, 1 failed\n$/);
  });

  it("is exit 3 where the plan or the test is wrong, with every problem at its place", async () => {
    const plan = folderWith({ plan: (text) => text.replace("os_type ==", "os_typ ==") });
    const first = await rollcall(["test", "."], { cwd: plan });
    expect(first.exit).toBe(3);
    expect(first.stdout).toMatch(/assign-product\.yaml:\d+:\d+ {2}unknown-field/);
    expect(first.stdout).toContain("BROKEN");
    const test = folderWith({ test: (text) => text.replace("already: [103]", "alredy: [103]") });
    const second = await rollcall(["test", "."], { cwd: test });
    expect(second.exit).toBe(3);
    expect(second.stdout).toMatch(/assign-product\.test\.yaml:\d+:\d+ {2}unknown-key/);
    expect(second.stdout).toContain("Did you mean already?");
  });

  it("finds no test: exit 3, since that proves nothing", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "rollcall-test-verb-"));
    const { exit, stdout, stderr } = await rollcall(["test", "."], { cwd });
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
    expect(stderr).toContain("There is no .test.yaml file below .");
  });

  it("prints the same as one line of JSON", async () => {
    const cwd = folderWith({ plan: (text) => text.replace("max: 500", "max: 5000") });
    const { exit, stdout } = await rollcall(["test", ".", "--json"], { cwd });
    expect(exit).toBe(6);
    const { v, files } = JSON.parse(stdout) as { v: number; files: TestedFile[] };
    expect(v).toBe(1);
    const failed = files.flatMap(({ cases }) => cases).filter(({ outcome }) => outcome === "failed");
    expect(failed).toHaveLength(1);
    expect(failed[0]!.mismatches).toEqual([
      expect.objectContaining({ file: "assign-product.test.yaml", about: "guard max", found: "it does not refuse" }),
    ]);
  });
});

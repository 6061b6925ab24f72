import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import type { TestedFile } from "../runner/core/model/tested.ts";
import { cove } from "../runner/providers/cove/connect.ts";
import { openWorkspace } from "../runner/workspace.ts";
import { rollcall } from "./support/cli.ts";
import { mutantsOf } from "./support/mutants.ts";

const root = resolve(import.meta.dirname, "..");
const below = (ending: RegExp): string[] =>
  readdirSync(join(root, "plans"), { recursive: true, encoding: "utf8" }).filter((name) => ending.test(name));
const tests = below(/\.test\.yaml$/).sort();
const plans = below(/(?<!\.test|\.inputs|\.config)\.yaml$/).sort();

/** Slips that change nothing that a test of the plan could see, and why. */
const told = "rows that met no item are told with the preview, which is tried in plans/cove-a.test.ts";
const harmless: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "cove/gui-password.test.yaml": { "verify.horizon of a day": "nothing shows which password a device has" },
  "cove/put-back-columns.test.yaml": { "lookups.before.unused ignore": told },
  "cove/put-back-move.test.yaml": { "lookups.before.unused ignore": told },
  "cove/put-back-product.test.yaml": { "lookups.before.unused ignore": told },
};

const catalogue = cove.catalogue();
const namesOf = (method: string, field: string): readonly string[] =>
  Object.values(catalogue.list(method)?.field(field)?.tokens ?? {});

async function tried(cwd: string, file: string): Promise<TestedFile[]> {
  await using workspace = await openWorkspace({ cwd, env: {} });
  const files: TestedFile[] = [];
  for await (const one of workspace.test([file])) files.push(one);
  return files;
}

const passes = (files: readonly TestedFile[]): boolean =>
  files.every(({ problems, cases }) => problems.length === 0 && cases.every(({ outcome }) => outcome === "passed"));

describe("the plans of the gallery", () => {
  it("all do what their tests say", async () => {
    const { exit, stdout, stderr } = await rollcall(["test", "plans"], { cwd: root });
    expect({ exit, stderr, stdout: exit === 0 ? "" : stdout }).toEqual({ exit: 0, stderr: "", stdout: "" });
    for (const test of tests) expect(stdout).toContain(join("plans", test));
  });

  it("each has a test", () => {
    const tested = tests.map((test) => {
      const { plan } = parse(readFileSync(join(root, "plans", test), "utf8")) as { plan: string };
      return join(dirname(test), plan);
    });
    expect(plans.filter((plan) => !tested.includes(plan))).toEqual([]);
  });

  describe.each(tests)("%s", (test) => {
    const { plan } = parse(readFileSync(join(root, "plans", test), "utf8")) as { plan: string };
    const text = readFileSync(join(root, "plans", dirname(test), plan), "utf8");

    it("notices the slips that are tried on its plan", { timeout: 120_000 }, async () => {
      const cwd = mkdtempSync(join(tmpdir(), "rollcall-mutants-"));
      cpSync(join(root, "plans", dirname(test)), cwd, { recursive: true });
      const file = test.slice(dirname(test).length + 1);
      const survivors: string[] = [];
      const mutants = mutantsOf(text, namesOf);
      expect(mutants.length).toBeGreaterThan(5);
      for (const { slip, text: broken } of mutants) {
        writeFileSync(join(cwd, plan), broken);
        if (passes(await tried(cwd, file))) survivors.push(slip);
      }
      expect(survivors).toEqual(Object.keys(harmless[test] ?? {}));
      writeFileSync(join(cwd, plan), text);
      expect(passes(await tried(cwd, file))).toBe(true);
    });
  });
});

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { rollcall } from "./support/cli.ts";

const root = resolve(import.meta.dirname, "..");

describe("the documentation", () => {
  it("describes the plan language as the schema has it", () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, "schemas/docs.mjs"), "--check"], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("tests a plan as the page on plan tests shows it", async () => {
    const page = readFileSync(join(root, "docs/plan-tests.md"), "utf8");
    const block = (language: string): string => page.split(`\`\`\`${language}\n`)[1]?.split("```")[0] ?? "";
    const cwd = mkdtempSync(join(tmpdir(), "rollcall-docs-"));
    const plan = readFileSync(join(root, "plans/cove/assign-product.yaml"), "utf8");
    writeFileSync(join(cwd, "assign-product.yaml"), plan);
    writeFileSync(join(cwd, "assign-product.test.yaml"), block("yaml"));
    expect(await rollcall(["test", "assign-product.yaml"], { cwd })).toMatchObject({ exit: 0, stderr: "" });
    const slip = plan.replace("item.product_id in [inputs.from, inputs.to]", "item.product_id == inputs.from");
    writeFileSync(join(cwd, "assign-product.yaml"), slip);
    expect(await rollcall(["test", "."], { cwd })).toEqual({ exit: 6, stderr: "", stdout: block("text") });
  });

  it("links to files that are there", () => {
    for (const page of ["README.md", "SECURITY.md", "docs/plan.md", "docs/library.md", "docs/plan-tests.md"]) {
      const text = readFileSync(join(root, page), "utf8");
      const targets = [...text.matchAll(/\]\(([^)#]+)\)/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !target.startsWith("http"));
      for (const target of targets)
        expect(existsSync(join(root, dirname(page), target)), `${page} links to ${target}`).toBe(true);
    }
  });
});

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");

describe("the documentation", () => {
  it("describes the plan language as the schema has it", () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, "schemas/docs.mjs"), "--check"], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("links to files that are there", () => {
    for (const page of ["README.md", "SECURITY.md", "docs/plan.md", "docs/library.md"]) {
      const text = readFileSync(join(root, page), "utf8");
      const targets = [...text.matchAll(/\]\(([^)#]+)\)/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !target.startsWith("http"));
      for (const target of targets)
        expect(existsSync(join(root, dirname(page), target)), `${page} links to ${target}`).toBe(true);
    }
  });
});

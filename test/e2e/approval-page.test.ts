import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stepsOf } from "../support/page.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/approval.md"), "utf8");

const steps = stepsOf(page);

const cwd = mkdtempSync(join(tmpdir(), "rollcall-approval-"));
const main = join(root, "dist/cli/main.js");
const env = { ...process.env, CI: "true", ROLLCALL_CONFIG: "" };

describe("the page on approvals", () => {
  let simulator: ChildProcess;

  beforeAll(async () => {
    symlinkSync(join(root, "plans"), join(cwd, "plans"));
    const config = page.split("```yaml\n")[1]?.split("```")[0] ?? "";
    const port = /127\.0\.0\.1:(\d+)/.exec(config)?.[1] ?? "";
    simulator = spawn(process.execPath, [main, "simulate", "--port", port], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise<void>((ready, fail) => {
      simulator.stdout?.once("data", () => ready());
      simulator.once("exit", () => fail(new Error("the simulator of the page did not start")));
    });
    writeFileSync(join(cwd, "rollcall.config.yaml"), config);
  });
  afterAll(() => simulator.kill("SIGTERM"));

  it("walks from keys to an applied change set", () => {
    const verbs = steps.filter(({ command }) => command.startsWith("npx")).map(({ command }) => command.split(" ")[2]);
    expect(verbs).toEqual(["preview", "apply", "approve", "approvals", "approve", "approvals", "apply", "show"]);
  });

  for (const { command, exit } of steps) {
    it(`${command} (exit ${exit})`, () => {
      const line = command.replace(/^npx rollcall/, `node ${main}`);
      const { status, stdout, stderr } = spawnSync("sh", ["-c", line], { cwd, env, encoding: "utf8" });
      expect({ status, stderr: status === exit ? "" : stderr + stdout }).toEqual({ status: exit, stderr: "" });
    });
  }
});

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shells } from "../../runner/cli/completion-script.ts";
import { exitCodes } from "../../runner/core/model/errors.ts";

const root = resolve(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");

/** Commands of the `sh` blocks of a section, in order, one list a block. */
function blocksOf(title: string): string[][] {
  const section = readme.split(/^## /m).find((one) => one.startsWith(title)) ?? "";
  return [...section.matchAll(/```sh\n([^`]*)```/g)].map(([, text = ""]) => text.trim().split("\n"));
}

/** The checkout's program in an empty folder with the checkout's plans, so that a tour leaves nothing in the checkout. */
const cwd = mkdtempSync(join(tmpdir(), "rollcall-readme-"));
const here = (command: string): string => command.replace(/^npx rollcall/, `node ${join(root, "dist/cli/main.js")}`);
const env = { ...process.env, CI: "true" };

describe("the README", () => {
  const [simulate = [], tour = []] = blocksOf("A short tour");
  let simulator: ChildProcess;

  beforeAll(async () => {
    symlinkSync(join(root, "plans"), join(cwd, "plans"));
    simulator = spawn("sh", ["-c", `exec ${here(simulate[0] ?? "")}`], {
      cwd,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise<void>((ready, fail) => {
      simulator.stdout?.once("data", () => ready());
      simulator.once("exit", () => fail(new Error("the simulator of the tour did not start")));
    });
  });
  afterAll(() => simulator.kill("SIGTERM"));

  it("has a tour", () => {
    expect(simulate).toHaveLength(1);
    expect(tour.length).toBeGreaterThan(5);
  });

  for (const command of tour) {
    it(command, () => {
      const { status, stdout, stderr } = spawnSync("sh", ["-c", here(command)], { cwd, env, encoding: "utf8" });
      expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout.trim()).not.toBe("");
    });
  }

  describe("on a plan of your own", () => {
    const blocks = blocksOf("A plan of your own");

    it("makes one, looks whether it would work, and prints schemas", () => {
      expect(blocks.flat().map((command) => command.split(" ")[2])).toEqual([
        "init",
        "validate",
        "test",
        "doctor",
        "preview",
        "schema",
        "schema",
        "schema",
        "test",
      ]);
    });

    for (const command of blocks.flat()) {
      it(command, () => {
        const { status, stdout, stderr } = spawnSync("sh", ["-c", here(command)], { cwd, env, encoding: "utf8" });
        expect({ status, stderr: status === 0 ? "" : stderr + stdout }).toEqual({ status: 0, stderr: "" });
        expect(stdout.trim()).not.toBe("");
      });
    }

    it("names a line for every shell that completion knows", () => {
      for (const shell of shells)
        expect(readme).toMatch(new RegExp(`^\\| ${shell}\\b.*rollcall completion ${shell}`, "m"));
    });
  });

  it("sends nothing when the tour's apply runs again", () => {
    const apply = tour.find((command) => command.includes(" apply ")) ?? "";
    const { status, stdout } = spawnSync("sh", ["-c", `${here(apply)} --json`], { cwd, env, encoding: "utf8" });
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; counts?: Record<string, number> });
    expect(status).toBe(0);
    expect(events.filter(({ type }) => type === "intent")).toEqual([]);
    expect(events.find(({ type }) => type === "end")?.counts?.already).toBeGreaterThan(100);
  });

  it("names every exit code there is, and no other", () => {
    const section = readme.split(/^## /m).find((one) => one.startsWith("Exit codes")) ?? "";
    const listed = [...section.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    const ours = new Set<number>([0, 2, 6, 7, 8, ...Object.values(exitCodes)]);
    expect(new Set(listed)).toEqual(ours);
  });

  it("gives set-up commands that the package has", () => {
    const scripts = (
      JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> }
    ).scripts;
    for (const [command = ""] of blocksOf("Set up")) {
      for (const name of command.match(/npm (run \w+|test)/g) ?? [])
        expect(scripts).toHaveProperty(name.replace(/npm (run )?/, ""));
    }
  });
});

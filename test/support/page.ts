import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { main } from "./cli.ts";
import { newFolder } from "./runs.ts";

const root = resolve(import.meta.dirname, "../..");

interface Step {
  readonly command: string;
  readonly exit: number;
}

/** Every command of a page's `sh` blocks, in order. Exit codes stand in front of a block; 0 where none do. */
function stepsOf(page: string): readonly Step[] {
  return [...page.matchAll(/(?:<!-- exits ([\d ]+) -->\n)?```sh\n([^`]*)```/g)].flatMap(([, exits = "", text = ""]) => {
    const codes = exits.split(" ");
    return text
      .trim()
      .split("\n")
      .map((command, place) => ({ command, exit: Number(codes[place] ?? 0) }));
  });
}

/**
 * Walk through a page of the documentation in a folder of its own: its config is the first `yaml` block, the simulator listens
 * where that says, and each command is a test that is run behind the ones before it.
 * @returns The words of each `npx rollcall` command, the verb first.
 */
export function walkThrough(file: string, devices = 1000): readonly (readonly string[])[] {
  const page = readFileSync(join(root, file), "utf8");
  const steps = stepsOf(page);
  const cwd = newFolder();
  const env = { ...process.env, CI: "true", ROLLCALL_CONFIG: "" };
  let simulator: ChildProcess;

  beforeAll(async () => {
    symlinkSync(join(root, "plans"), join(cwd, "plans"));
    const config = page.split("```yaml\n")[1]?.split("```")[0] ?? "";
    const port = /127\.0\.0\.1:(\d+)/.exec(config)?.[1] ?? "";
    const words = [main, "simulate", "--devices", String(devices), "--port", port];
    simulator = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise<void>((ready, fail) => {
      simulator.stdout?.once("data", () => ready());
      simulator.once("exit", () => fail(new Error("the simulator of the page did not start")));
    });
    writeFileSync(join(cwd, "rollcall.config.yaml"), config);
  });
  afterAll(() => void simulator.kill("SIGTERM"));

  for (const { command, exit } of steps)
    it(`${command} (exit ${exit})`, () => {
      const line = command.replace(/^npx rollcall/, `node ${main}`);
      const { status, stdout, stderr } = spawnSync("sh", ["-c", line], { cwd, env, encoding: "utf8" });
      expect({ status, stderr: status === exit ? "" : stderr + stdout }).toEqual({ status: exit, stderr: "" });
    });
  return steps.filter(({ command }) => command.startsWith("npx")).map(({ command }) => command.split(" ").slice(2));
}

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { configFor, rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";

const cwd = newFolder();
const folder = "nm/o\n::error::x";
const bad = `${folder}/a\r::error::pwn\u001b[2J.yaml`;
const unwritten = `${folder}/no\n::error::such`;

beforeAll(() => {
  mkdirSync(join(cwd, dirname(bad)), { recursive: true });
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor("http://127.0.0.1:1/jsonapi"));
  writeFileSync(join(cwd, bad), "no plan\n");
  writeFileSync(join(cwd, bad.replace(".yaml", ".test.yaml")), "no test\n");
});

describe("a name with line breaks in it", () => {
  it.each([
    ["a change set that is not there", ["apply", `${unwritten}.ndjson`, "--of", bad, "--yes"]],
    ["a plan that is not there", ["apply", `${unwritten}.yaml`, "--yes"]],
    ["a plan that is none", ["preview", bad]],
    ["a plan to validate that is none", ["validate", bad]],
    ["a plan without a test", ["test", `${folder}/b.yaml`]],
    ["a folder without a test", ["test", unwritten]],
    ["a test that is none", ["test", bad]],
    ["inputs that are not there", ["preview", bad, "--inputs", `${unwritten}.yaml`]],
    ["a config that is not there", ["preview", bad, "--config", `${unwritten}.yaml`]],
    ["a run", ["resume", unwritten]],
    ["a list", ["preview", bad, "--from", `${unwritten}.ndjson`]],
    ["a value of --set", ["preview", bad, "--set", "no\n::error::such=1"]],
    ["a flag", ["preview", bad, "--no\n::error::such"]],
    ["a flag's value", ["preview", bad, "--expires", "no\n::error::such"]],
    ["a command", ["no\n::error::such"]],
  ])("is told on one line, as that of %s", async (_, words) => {
    const { exit, stdout, stderr } = await rollcall(words, { cwd });
    expect(exit).not.toBe(0);
    expect(stdout + stderr).toMatch(/::error::(such|x|pwn)/);
    // eslint-disable-next-line no-control-regex
    expect(stdout + stderr).not.toMatch(/^\s*::|\r|\u001b/m);
  });

  it("is one word of a command line that is to be copied, and means the same name", async () => {
    const { commandLine } = await import("../../runner/cli/options.ts");
    const names = ["plain", "it's a plan", "nm/o\n::error::x", "a'\\\u0007b\u2028 é"];
    const line = commandLine({ program: "printf" } as never, {}, ["%s|", ...names]);
    expect(line).not.toMatch(/[\n\u2028]/);
    const { stdout } = spawnSync("bash", ["-c", line], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    expect(stdout).toBe(names.map((name) => `${name}|`).join(""));
  });
});

import { describe, expect, it } from "vitest";
import { GuardError, PlanError, RecordError, RunnerError } from "../../runner/core/model/errors.ts";
import { programName } from "../../runner/cli/main.ts";
import { verbs } from "../../runner/cli/verbs.ts";
import { rollcall, workspace } from "./stand-in.ts";

describe("help", () => {
  it.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j lists every command with a sentence", async (words) => {
    const { exit, out, err } = await rollcall(words);
    expect(exit).toBe(0);
    expect(err).toBe("");
    for (const { name, sentence } of verbs)
      expect(out).toMatch(new RegExp(`^  ${name}.*${sentence.slice(0, 20)}`, "m"));
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  it.each(verbs.map(({ name }) => name))("of %s shows its flags", async (name) => {
    const { exit, out } = await rollcall([name, "--help"]);
    expect(exit).toBe(0);
    expect(out).toContain(`rollcall ${name}`);
  });

  it("of one command can be asked for in both ways", async () => {
    expect((await rollcall(["help", "apply"])).out).toBe((await rollcall(["apply", "--help"])).out);
  });

  it("uses the sentences of the table", async () => {
    for (const { name, sentence } of verbs) expect((await rollcall([name, "--help"])).out).toContain(sentence);
  });
});

describe("a command line that can not be understood", () => {
  it.each([
    ["an unknown command", ["prview"], 'There is no command "prview". Did you mean preview?'],
    ["a command unlike any", ["xyzzyqqq"], "See: rollcall --help"],
    ["an unknown flag", ["apply", "p.yaml", "--jsn"], "did you mean --json"],
    ["an id that looks like one", ["explain", "latest", "-home"], "an id that begins with - stands behind --"],
    ["a missing plan", ["apply"], "PLAN"],
    ["one word too many", ["apply", "a", "b"], "Too many arguments"],
    ["a flag without its value", ["apply", "a", "--set"], "--set"],
    ["an input without a name", ["apply", "a", "--set", "=5"], 'expected name=value, found "=5"'],
    [
      "a seed that is too great",
      ["rehearse", "a", "--seed", "99999999999999999999"],
      'expected a whole number up to 9007199254740991, found "99999999999999999999"',
    ],
    ["a seed below zero", ["rehearse", "a", "--seed", "-1"], 'expected a whole number from 0, found "-1"'],
    ["a count that is none", ["apply", "a", "--confirm", "3.5"], 'expected a whole number, found "3.5"'],
    ["an unknown log level", ["apply", "a", "--log-level", "loud"], "debug"],
    ["an unknown state", ["show", "r", "--states", "confirmd"], "confirmed"],
    ["a duration without a unit", ["simulate", "--latency", "50"], "expected a duration such as 50ms"],
    ["a missing reason", ["unlock", "r", "--why", " "], "a reason is needed"],
    ["a broken anchor", ["audit", "verify", "r", "--anchor", "abc"], "run:seq:hash"],
  ])("%s is exit 3, and the message helps", async (_, words, message) => {
    const { exit, out, err } = await rollcall(words);
    expect({ exit, out }).toEqual({ exit: 3, out: "" });
    expect(err).toContain(message);
  });

  it("is an error in JSON, too, where that is asked for", async () => {
    const { exit, out, err } = await rollcall(["apply", "p", "--json", "--confirm", "x"]);
    expect(exit).toBe(3);
    expect(JSON.parse(out)).toEqual({
      ...{ v: 1, type: "error", code: "usage", exit: 3, hint: "See: rollcall apply --help" },
      message: expect.stringContaining('expected a whole number, found "x"') as string,
    });
    expect(err).toContain('found "x"');
  });

  it.each([
    [["--json"], "A command comes first, then its flags. See: rollcall --help"],
    [["show", "r", "--states", "foo"], "(filtered-out|"],
    [["show", "r", "--jason"], "did you mean --json"],
  ])("%j is told what is near, and nothing far-fetched", async (words, message) => {
    const { err } = await rollcall(words);
    expect(err).toContain(message);
    expect(err).not.toMatch(/mean (version|"open")/);
  });

  it("tells every wrong value at once", async () => {
    const { err } = await rollcall(["apply", "p", "--confirm", "x", "--set", "y"]);
    expect(err).toContain('found "x"');
    expect(err).toContain('found "y"');
  });
});

describe("an error", () => {
  const failing = (error: Error) => workspace({ loadPlan: () => Promise.reject(error) });
  const fail = (error: Error, ...words: readonly string[]) =>
    rollcall(["preview", "p.yaml", ...words], { workspace: failing(error) });

  it.each([
    ["config", 3],
    ["connect", 4],
    ["login", 4],
    ["lock", 5],
    ["audit", 9],
    ["interrupted", 130],
  ] as const)("of kind %s exits with %s", async (code, exit) => {
    expect((await fail(new RunnerError(code, "it broke"))).exit).toBe(exit);
  });

  it("says what happened and what to do, without a stack", async () => {
    const { err, out } = await fail(new GuardError("lock", "Run x is writing.", { hint: "Wait for it." }));
    expect(err).toBe("Run x is writing.\nhelp: Wait for it.\n");
    expect(out).toBe("");
  });

  it("of the record is exit 10", async () => {
    expect((await fail(new RecordError("disk full"))).exit).toBe(10);
  });

  it("of a plan shows all its problems", async () => {
    const at = { file: "p.yaml", line: 3, column: 1, severity: "error" as const };
    const { exit, err } = await fail(
      new PlanError([
        { ...at, code: "unknown-key", message: "filtre", hint: "Did you mean filter?" },
        { ...at, line: 1, code: "missing", message: "name" },
      ]),
    );
    expect(exit).toBe(3);
    expect(err).toBe(
      "p.yaml:1:1  missing  name\n\np.yaml:3:1  unknown-key  filtre\n  help: Did you mean filter?\n\n2 problems\n",
    );
  });

  it("of ours is exit 1, with its stack only when asked for", async () => {
    const bug = new TypeError("x is undefined", { cause: new Error("deeper") });
    const plain = await fail(bug);
    expect(plain).toMatchObject({ exit: 1 });
    expect(plain.err).toContain("This is an error of ours, please report it: x is undefined");
    expect(plain.err).not.toContain("main.test.ts");
    const debug = await fail(bug, "--log-level", "debug");
    expect(debug.err).toContain("main.test.ts");
    expect(debug.err).toContain("caused by Error: deeper");
  });

  it("is a last line of JSON too, when JSON is asked for", async () => {
    const { out, exit } = await fail(new GuardError("guard", "too many", { hint: "look" }), "--json");
    expect(JSON.parse(out)).toEqual({ v: 1, type: "error", code: "guard", message: "too many", hint: "look", exit });
  });

  it("names commands as the operator calls them, and times in the zone asked for", async () => {
    const error = new GuardError("lock", "Held since 2026-11-26T17:43:20Z by x/rollcall resume.", {
      hint: "If it is gone: rollcall unlock R",
    });
    const around = { workspace: failing(error), program: "npx rollcall" };
    const words = ["preview", "p.yaml", "--zone", "Asia/Kolkata"];
    expect((await rollcall(words, around)).err).toBe(
      "Held since 2026-11-26T23:13:20+05:30 by x/rollcall resume.\nhelp: If it is gone: npx rollcall unlock R\n",
    );
    const json = JSON.parse((await rollcall([...words, "--json"], around)).out) as { message: string };
    expect(json.message).toContain("2026-11-26T17:43:20Z");
  });

  it("can not steer the terminal, and never shows a password of the environment", async () => {
    const error = new RunnerError("login", "\u001b[2Jrefused: hunter2-secret");
    const { err } = await rollcall(["preview", "p"], {
      workspace: failing(error),
      env: { COVE_PASSWORD: "hunter2-secret" },
    });
    expect(err).toBe("refused: [redacted]\n");
  });
});

it.each([
  ["/usr/bin/rollcall", {}, "rollcall"],
  ["/x/node_modules/.bin/rollcall", { npm_command: "exec" }, "npx rollcall"],
  ["/x/node_modules/.bin/rollcall", { PATH: "/bin:/x/node_modules/.bin" }, "rollcall"],
  ["/x/node_modules/.bin/rollcall", {}, "/x/node_modules/.bin/rollcall"],
  [`${process.cwd()}/node_modules/.bin/rollcall`, {}, "npx rollcall"],
  [`${process.cwd()}/dist/cli/main.js`, {}, "node dist/cli/main.js"],
])("called as %s it names itself so that a command can be copied", (script, env, name) => {
  expect(programName(script, env)).toBe(name);
});

it("prints its version", async () => {
  for (const words of [["version"], ["--version"], ["-v"]]) {
    expect((await rollcall(words)).out).toMatch(/^rollcall \d+\.\d+\.\d+\n$/);
  }
});

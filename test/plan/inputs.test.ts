import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { load, places, problemsOf } from "../support/plan.ts";

function plan(inputs: string): string {
  return `rollcall: 1
name: inputs
service: cove
enumerate:
  call: EnumerateAccountStatistics
  fields: [device_id]
filter: true
change:
  expect: accepted
  call: SendRemoteCommands
  params: { accountId: "\${{ item.device_id }}" }
inputs:
${inputs}
`;
}

describe("inputs", () => {
  it.each<[string, string, unknown]>([
    ["{ type: string }", "x=y", "x=y"],
    ["{ type: string }", "", ""],
    ["{ type: integer }", "-12", -12],
    ["{ type: integer }", "9007199254740993", "9007199254740993"],
    ["{ type: number }", "1.5e3", 1500],
    ["{ type: boolean }", "false", false],
    ["{ type: bytes }", "500 GB", 536_870_912_000],
    ["{ type: duration }", "90d", 7_776_000],
    ["{ type: duration }", "90", 90],
    ["{ type: time }", "2026-01-31", 1_769_817_600],
    ["{ type: list }", "a, b,c", ["a", "b", "c"]],
    ["{ type: list, of: integer }", "1,2,3", [1, 2, 3]],
    ["{ type: list }", "", []],
    ["{ type: string, pattern: '[a-z]+' }", "abc", "abc"],
    ["{ type: bytes, max: 1 TB }", "500 GB", 536_870_912_000],
  ])("%s reads %j", async (declaration, text, expected) => {
    // A duration in seconds is a number: only YAML can say so.
    const yaml = declaration.includes("duration") && /^\d+$/.test(text);
    const given = yaml ? { inputsFile: "in.yaml", files: { "in.yaml": `x: ${text}\n` } } : { set: [`x=${text}`] };
    const loaded = await load(plan(`  x: ${declaration}`), given);
    expect(loaded.plan.inputs).toEqual({ x: expected });
  });

  it.each<[string, string, RegExp]>([
    ["{ type: integer }", "1.5", /expected a whole number, found "1.5"/],
    ["{ type: integer }", "10000000000000000000", /at most 19 digits, found .*: it is too large/],
    ["{ type: list, of: integer }", "[1,2]", /a list is written without brackets, with commas alone: "1,2"/],
    ["{ type: integer }", "", /whole number/],
    ["{ type: number }", "NaN", /expected a number/],
    ["{ type: number }", "1e999", /expected a number/],
    ["{ type: boolean }", "yes", /true or false/],
    ["{ type: bytes }", "lots", /500 GB/],
    ["{ type: duration }", "250ms", /whole seconds/],
    ["{ type: time }", "2026-02-31", /2026-01-31/],
    ["{ type: list, of: integer }", "1,b", /whole number/],
    ["{ type: string, enum: [a, b] }", "c", /not one of a, b/],
    ["{ type: integer, min: 5 }", "4", /less than 5/],
    ["{ type: integer, max: 5 }", "9007199254740993", /more than 5/],
    ["{ type: duration, min: 30d }", "29d", /less than 30d/],
    ["{ type: string, min_length: 3 }", "ab", /shorter/],
    ["{ type: list, max_length: 1 }", "a,b", /longer/],
    ["{ type: string, pattern: '[a-z]+' }", "abc1", /pattern/],
  ])("%s refuses %j, at the input", async (declaration, text, message) => {
    const problems = await problemsOf(plan(`  x: ${declaration}`), { set: [`x=${text}`] });
    expect(places(problems)).toEqual(["13:3 bad-input"]);
    expect(problems[0]?.message).toMatch(/input x from --set/);
    expect(problems[0]?.message).toMatch(message);
  });

  it("are given once: the second of two does not win without a word", async () => {
    const problems = await problemsOf(plan("  x: { type: integer }"), { set: ["x=4", "x=5"] });
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      ["bad-input", "--set x is given more than once"],
    ]);
  });

  it("come from --set before the file before the environment before the default", async () => {
    const declared = plan(["a", "b", "c", "d"].map((name) => `  ${name}: { type: string, default: plan }`).join("\n"));
    const loaded = await load(declared, {
      set: ["a=set"],
      inputsFile: "in.yaml",
      files: { "in.yaml": "a: file\nb: file\n" },
      env: { ROLLCALL_INPUT_A: "env", ROLLCALL_INPUT_B: "env", ROLLCALL_INPUT_C: "env" },
    });
    expect(loaded.plan.inputs).toEqual({ a: "set", b: "file", c: "env", d: "plan" });
  });

  it("that are secret come from a variable that gives no other input a value", async () => {
    const env = { ROLLCALL_SECRET_PW: "hunter22", ROLLCALL_INPUT_PW: "hunter33" };
    expect((await load(plan("  pw: { type: secret }"), { env })).secretValues.pw?.reveal()).toBe("hunter22");
    const byOther = await load(plan("  pw: { type: secret }"), { env: { ROLLCALL_INPUT_PW: "hunter33" } });
    expect(byOther.secretValues.pw?.reveal()).toBe("hunter33");
    const secretOnly = { ROLLCALL_SECRET_PW: "hunter22" };
    for (const type of ["string", "integer", "number", "boolean", "bytes", "duration", "time", "file", "list"]) {
      const problems = await problemsOf(plan(`  pw: { type: ${type} }`), { env: secretOnly });
      expect(problems.map(({ code }) => code)).toEqual(["missing-input"]);
      expect(problems[0]?.hint).toContain(
        "ROLLCALL_SECRET_PW is set, and gives a value only to an input of type secret.",
      );
      expect(JSON.stringify(problems)).not.toContain("hunter22");
    }
    const refused = await problemsOf(plan("  pw: { type: secret, min_length: 20 }"), { env: secretOnly });
    expect(JSON.stringify(refused)).not.toContain("hunter22");
  });

  it("are null where they need not be given", async () => {
    expect((await load(plan("  x: { type: integer, required: false }"))).plan.inputs).toEqual({ x: null });
  });

  it("shows every problem at once, each with how to give it", async () => {
    const problems = await problemsOf(
      plan("  partner: { type: integer, description: Customer id }\n  pw: { type: secret }\n  n: { type: integer }"),
      {
        set: ["n=x", "parnter=1", "nonsense"],
      },
    );
    expect(problems.map(({ code, message, hint }) => [code, message, hint])).toEqual([
      ["unknown-input", "--set parnter: the plan has no input parnter", "Did you mean partner?"],
      ["bad-input", "--set nonsense has no name", "Write --set name=value."],
      [
        "missing-input",
        "input partner (Customer id) has no value",
        "Give it as --set partner=…, ROLLCALL_INPUT_PARTNER, or with --inputs FILE.",
      ],
      [
        "missing-input",
        "input pw has no value",
        "Give it as ROLLCALL_SECRET_PW, in an --inputs FILE of mode 0600, or on a terminal when asked for it.",
      ],
      ["bad-input", 'input n from --set: expected a whole number, found "x"', undefined],
    ]);
  });

  it.each<[string, string, string]>([
    ["{ type: string, pattern: a( }", "13:31 bad-pattern", '"a(" is not an RE2 pattern'],
    ["{ type: string, pattern: a(, default: x }", "13:31 bad-pattern", '"a(" is not an RE2 pattern'],
    [
      "{ type: integer, min: 5, max: 3 }",
      "13:28 bad-bounds",
      "min of input x: 5 is more than max 3, so no value would do",
    ],
    ["{ type: integer, min: 5, max: 3, default: 4 }", "13:28 bad-bounds", "5 is more than max 3"],
    [
      "{ type: bytes, max: lots }",
      "13:26 bad-bounds",
      'max of input x: expected a size such as "500 GB", found "lots"',
    ],
    [
      "{ type: string, min: 3 }",
      "13:27 bad-bounds",
      "min of input x: x is a string, and only what is a number has bounds",
    ],
    ["{ type: integer, enum: [1, a] }", "13:33 bad-bounds", 'enum of input x: expected a whole number, found "a"'],
    [
      "{ type: list, min_length: 3, max_length: 2 }",
      "13:32 bad-bounds",
      "min_length of input x: 3 is more than max_length 2",
    ],
  ])("%s is refused with and without a value, where it is written", async (declaration, place, message) => {
    const problems = await problemsOf(plan(`  x: ${declaration}`), { set: ["x=1"] });
    expect(places(problems)).toEqual([place]);
    expect(problems[0]?.message).toContain(message);
    const without = await problemsOf(plan(`  x: ${declaration.replace(" }", ", required: false }")}`));
    expect(places(without)).toEqual([place]);
  });

  it("of a file are placed in that file, and its secrets are not repeated", async () => {
    const file = { inputsFile: "in.yaml", files: { "in.yaml": "n: x\nm: 1\n" } };
    const problems = await problemsOf(plan("  n: { type: integer }"), file);
    expect(
      problems.map(({ file: name, line, column, code }) => [name.endsWith("in.yaml"), line, column, code]),
    ).toEqual([
      [true, 1, 4, "bad-input"],
      [true, 2, 1, "unknown-input"],
    ]);
    const broken = await problemsOf(plan("  pw: { type: secret }"), {
      inputsFile: "in.yaml",
      files: { "in.yaml": "pw: !hunter22\n" },
    });
    expect(JSON.stringify(broken)).not.toContain("hunter22");
  });

  it("that a file names without a value wait there to be filled in", async () => {
    const file = { inputsFile: "in.yaml", files: { "in.yaml": "n:\nd: ~\n" } };
    const declared = plan("  n: { type: integer }\n  d: { type: integer, default: 7 }");
    const problems = await problemsOf(declared, file);
    expect(problems.map(({ file: name, line, code }) => [name.endsWith("in.yaml"), line, code])).toEqual([
      [true, 1, "missing-input"],
    ]);
    expect((await load(declared, { ...file, set: ["n=1"] })).plan.inputs).toEqual({ n: 1, d: 7 });
  });

  it("that are secret are asked for when nothing gives them and all else is there", async () => {
    const declared = plan("  pw: { type: secret, description: The new one }\n  n: { type: integer }");
    const asked: string[] = [];
    const ask = (...about: readonly string[]) => (asked.push(about.join(": ")), Promise.resolve("hunter22"));
    const { secretValues } = await load(declared, { ask, set: ["n=1"] });
    expect(secretValues.pw?.reveal()).toBe("hunter22");
    await load(declared, { ask, set: ["n=1"], env: { ROLLCALL_INPUT_PW: "hunter33" } });
    expect((await problemsOf(declared, { ask })).map(({ code }) => code)).toEqual(["missing-input", "missing-input"]);
    expect(asked).toEqual(["pw: The new one"]);
  });

  it.skipIf(process.platform === "win32")("that are secret in a file that others can read are noted", async () => {
    const notesOf = async (mode: number) => {
      const inputsFile = join(mkdtempSync(join(tmpdir(), "rollcall-inputs-")), "in.yaml");
      writeFileSync(inputsFile, "pw: hunter22\n");
      chmodSync(inputsFile, mode);
      const loaded = await load(plan("  pw: { type: secret }"), { inputsFile });
      const told = loaded.notes.filter(({ code }) => code !== "unused-input");
      return told.map(({ line, code, hint }) => [line, code, hint?.slice(0, 9)]);
    };
    expect(await notesOf(0o644)).toEqual([[1, "open-file", "chmod 600"]]);
    expect(await notesOf(0o600)).toEqual([]);
  });

  it("that are secret keep their value out of every message", async () => {
    const problems = await problemsOf(plan("  pw: { type: secret, min_length: 20 }"), {
      env: { ROLLCALL_INPUT_PW: "hunter22" },
    });
    expect(problems.map(({ code }) => code)).toEqual(["bad-input"]);
    expect(JSON.stringify(problems)).not.toContain("hunter22");
    expect(places(await problemsOf(plan("  pw: { type: secret, default: hunter22 }"), {}))).toContain(
      "13:23 secret-input",
    );
  });

  it("keep a file that the plan names below the plan's folder", async () => {
    const problems = await problemsOf(plan("  csv: { type: file, default: ../../etc/passwd }"));
    expect(problems[0]?.message).toMatch(/below the plan's folder/);
    expect((await load(plan("  csv: { type: file, default: values.csv }"))).plan.inputs.csv).toMatch(/\/values\.csv$/);
    expect((await load(plan("  csv: { type: file }"), { set: ["csv=/etc/hosts"] })).plan.inputs).toEqual({
      csv: "/etc/hosts",
    });
  });
});

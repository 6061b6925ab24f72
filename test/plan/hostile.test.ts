import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mostProblems, PlanError } from "../../runner/core/model/errors.ts";
import type { Problem } from "../../runner/core/model/problem.ts";
import { loadPlan } from "../../runner/plan/load.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import { problemsText } from "../../runner/reporters/problems/text.ts";
import { paintFor } from "../../runner/reporters/paint.ts";
import { newFolder } from "../support/runs.ts";

const plain = (more: { filter?: string; set?: string; fields?: string; inputs?: string; rest?: string } = {}): string =>
  `rollcall: 1
name: hostile
service: cove
inputs: ${more.inputs ?? "{}"}
enumerate:
  call: EnumerateAccountStatistics
  fields: ${more.fields ?? "[device_id, product_id]"}
filter: ${more.filter ?? "true"}
change:
  set: ${more.set ?? "{ product_id: 4 }"}
  call: ModifyAccount
  params:
    accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}" }
${more.rest ?? ""}`;

async function problemsOf(file: string, inputsFile?: string): Promise<readonly Problem[]> {
  try {
    const inputs = inputsFile === undefined ? {} : { inputsFile };
    const catalogueOf = () => Promise.resolve(cove.catalogue());
    await loadPlan({ file, set: [], env: {}, serviceNames: ["cove"], catalogueOf, ...inputs });
    return [];
  } catch (error) {
    if (error instanceof PlanError) return error.problems;
    throw error;
  }
}

function written(text: string, name = "plan.yaml", folder = newFolder()): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const many = (count: number, each: (place: number) => string): string =>
  Array.from({ length: count }, (_, n) => each(n)).join("");

describe("a plan from a stranger", () => {
  it.each<[string, string]>([
    ["keys", plain({ rest: many(20_000, (n) => `k${n}: 1\n`) })],
    ["one key again and again", plain({ rest: "k: 1\n".repeat(20_000) })],
    ["fields", plain({ fields: `[${many(20_000, (n) => `a${n},`)}]` })],
    [
      "computed fields",
      plain({ fields: `\n    product_id: product_id\n${many(490, (n) => `    f${n}: { value: f${n} }\n`)}` }),
    ],
    [
      "lookups",
      plain({
        rest: `lookups:\n${many(20, (n) => `  l${n}: { call: X, for_each: y, fields: [${many(99, (k) => `a${k},`)}] }\n`)}`,
      }),
    ],
    ["clauses", plain({ filter: `\n${"  - x\n".repeat(20_000)}` })],
    ["templates", plain().replace("params:\n", `params:\n    z: [${'"${{x}}",'.repeat(20_000)}]\n`)],
    ["inputs", plain({ inputs: `\n${many(9000, (n) => `  a${n}: {type: string}\n`)}` })],
    [
      "choices",
      plain({
        inputs: `{ a: { type: list, enum: [${many(9000, (n) => `a${n},`)}], default: [${many(9000, (n) => `b${n},`)}] } }`,
      }),
    ],
    [
      "pattern",
      plain({ inputs: `{ a: { type: string, pattern: "((a?){30}){30}[bc]", default: "${"a".repeat(100_000)}" } }` }),
    ],
  ])("with a bomb of %s is refused in seconds, with a bounded number of problems", async (_, text) => {
    const problems = await problemsOf(written(text));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(mostProblems + 1);
  });

  it("that sets a field named like a member of every object is refused, not an error of ours", async () => {
    expect(await problemsOf(written(plain({ set: "{ constructor: 4 }" })))).toMatchObject([
      { code: "unknown-field" },
      { code: "unknown-field" },
    ]);
  });

  it.each(["0s", "99ms", "999999999999y"])(
    "that would read the list without a pause is refused: every %s",
    async (every) => {
      const text = plain({ rest: `verify: { within: 1000y, every: ${every} }\n` });
      expect(await problemsOf(written(text))).toMatchObject([{ code: "bad-value" }]);
    },
  );

  it("that is a link out of its folder is neither read nor quoted", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "plans"));
    written("token: not for the log\n", "private.yaml", folder);
    const link = join(folder, "plans", "plan.yaml");
    symlinkSync("../private.yaml", link);
    const problems = await problemsOf(link);
    expect(problems).toMatchObject([{ code: "unreadable", line: 1, private: true }]);
    expect(problems[0]?.message).toContain("out of its folder");
  });

  it("that is a link to a plan beside it is read", async () => {
    const plan = written(plain());
    const link = join(plan, "..", "link.yaml");
    symlinkSync("plan.yaml", link);
    expect(await problemsOf(link)).toEqual([]);
  });

  it("that is no file is refused before it is read", async () => {
    expect(await problemsOf("/dev/zero")).toMatchObject([{ code: "unreadable" }]);
  });
});

describe("a file of inputs", () => {
  const plan = plain({ inputs: "{ pin: { type: secret, min_length: 12 } }" });

  it.each([
    "pin: hunter2x\n",
    "pinn: hunter2x\n",
    "pin: hunter2x\npin: hunter2x\n",
    'pin: "hunter2x" y\n',
    "[hunter2x]\n",
  ])("is never quoted when it is wrong: %j", async (text) => {
    const problems = await problemsOf(written(plan), written(text, "inputs.yaml"));
    expect(problems.length).toBeGreaterThan(0);
    const shown = { sourceOf: () => text, width: 100, paint: paintFor(false) };
    const ofInputs = problems.filter(({ file }) => file.endsWith("inputs.yaml"));
    expect(problemsText(ofInputs, shown)).not.toContain("hunter2x");
    expect(JSON.stringify(problems)).not.toContain("hunter2x");
  });
});

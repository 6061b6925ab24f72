import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultLogin, startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import * as github from "../support/ci/github.ts";
import * as gitlab from "../support/ci/gitlab.ts";
import { Platform } from "../support/ci/platform.ts";
import { judged } from "../support/ci/pull-request.ts";
import { commit, git, newRepository } from "../support/ci/repository.ts";
import { configFor, rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";

const nowhere = configFor("http://127.0.0.1:1/jsonapi");
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ devices: 20, login: { ...defaultLogin, password: "planted-pw-7Qx9Zk" } });
});
afterAll(() => simulator.close());

const config = (): string =>
  configFor(simulator.url, "    credentials: { password: { env: COVE_PASSWORD } }\n    limits: { timeout: 2s }\n");
const credentials = { COVE_PASSWORD: "planted-pw-7Qx9Zk" };

/** A plan that gives every device of the service an alias. */
const renaming = (alias: string, more = ""): string => `rollcall: 1
name: renaming
service: simulator
${more}enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: ${simulator.rootPartner} } }
  fields: [device_id, device_name, device_name_alias]
  title: device_name
filter: item.device_id > 0
change:
  set: { device_name_alias: ${JSON.stringify(alias)} }
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", NameAlias: "\${{ set.device_name_alias }}" } }
guards: { max_percent: 100 }
`;

describe("inputs that a pull request brings", () => {
  const byFile = `rollcall: 1
name: by-file
service: simulator
inputs: { partner: { type: integer }, file: { type: file } }
lookups: { ids: { csv: "\${{ inputs.file }}", key: id, fields: { id: integer } } }
enumerate: { call: EnumerateAccountStatistics, params: { query: { PartnerId: "\${{ inputs.partner }}" } }, fields: [device_id, product_id] }
filter: item.device_id in lookup.ids
change:
  set: { product_id: 4 }
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}" } }
`;
  const outside = newFolder();
  const secret = "planted-1Vc8Rw";
  writeFileSync(join(outside, "ids.csv"), `id\n${secret}\n`);
  writeFileSync(join(outside, "inputs.yaml"), `partner: ${secret}\n`);
  const request = { config: nowhere, files: { "plans/by-file.yaml": byFile } };

  it.each(["validate.sh", "preview.sh"] as const)(
    "can not have %s show a file outside the plan's folder",
    async (script) => {
      const inputs = `partner: 4001\nfile: ${outside}/ids.csv\n`;
      const files = { ...request.files, "plans/by-file.inputs.yaml": inputs };
      const { exit, told } = await judged(script, { ...request, files });
      expect(exit).toBe(3);
      expect(told).toContain("lies outside the plan's folder");
      expect(told).not.toContain(secret);
    },
  );

  it.each(["validate.sh", "preview.sh"] as const)(
    "can not have %s follow a link to a file of the runner's",
    async (script) => {
      const { exit, told } = await judged(script, {
        ...request,
        bring: (checkout) => symlinkSync(join(outside, "inputs.yaml"), join(checkout, "plans/by-file.inputs.yaml")),
      });
      expect(exit).toBe(3);
      expect(told).toContain("plans/by-file.inputs.yaml is a symbolic link");
      expect(told).not.toContain(secret);
    },
  );
});

describe("a folder link that leads out of the checkout", () => {
  const secret = "planted-8Yk2Fd";
  const outside = newFolder();
  writeFileSync(join(outside, "x.yaml"), `${secret}: 1\n`);
  const replace = (checkout: string): void => {
    rmSync(join(checkout, "plans/sub"), { recursive: true });
    symlinkSync(outside, join(checkout, "plans/sub"));
  };

  it.each([
    ["validate.sh", "a plan", "x.yaml"],
    ["preview.sh", "a plan", "x.yaml"],
    ["validate.sh", "a CSV file beside plans", "rows.csv"],
  ] as const)("has %s neither follow nor show what is there in place of %s", async (script, _, name) => {
    const base = { [`plans/sub/${name}`]: "a: 1\n", "plans/sub/y.yaml": "b: 1\n" };
    const { exit, told } = await judged(script, { config: nowhere, base, bring: replace });
    expect(exit, told).toBe(0);
    expect(told).not.toContain(secret);
    expect(told).not.toContain("plans/sub");
  });
});

describe("what a merge request has in place of the artefact", () => {
  const token = "planted-token-Kd83";

  /** The jobs `preview` and `comment` of GitLab, in one checkout, of a request that brings what `bring` puts there. */
  async function piped(bring: (checkout: string) => void) {
    await using platform = await new Platform(token).listen();
    const repository = newRepository({ "rollcall.config.yaml": nowhere });
    commit(repository, "change", { "plans/a.yaml": "no plan\n" });
    bring(repository.checkout);
    git(repository.checkout, "add", "--all");
    git(repository.checkout, "commit", "--quiet", "--message", "Links");
    git(repository.checkout, "push", "--quiet", "origin", "change");
    const request = { repository, platform, branch: "change" };
    const previewed = await gitlab.runJob("preview", request);
    git(previewed.folder, "worktree", "prune");
    const kept = readFileSync(join(previewed.folder, "preview/comment.md"), "utf8");
    const commented = await gitlab.runJob("comment", { ...request, folder: previewed.folder });
    const alone = await gitlab.runJob("comment", request);
    return { previewed, kept, commented, alone, comments: [...platform.comments] };
  }

  const own = newFolder();
  it.each<[string, (checkout: string) => void]>([
    [
      "a link in place of the comment",
      (checkout) => {
        mkdirSync(join(checkout, "preview"));
        symlinkSync(join(own, "comment.md"), join(checkout, "preview/comment.md"));
        writeFileSync(join(checkout, "preview/changes"), "");
      },
    ],
    ["a link in place of the folder", (checkout) => symlinkSync(own, join(checkout, "preview"))],
    [
      "a comment of its own",
      (checkout) => {
        mkdirSync(join(checkout, "preview"));
        writeFileSync(join(checkout, "preview/comment.md"), "Digest to approve");
      },
    ],
  ])("is neither followed nor posted: %s", async (_, bring) => {
    writeFileSync(join(own, "comment.md"), "of the runner");
    const { previewed, kept, commented, alone, comments } = await piped(bring);
    expect(previewed.exit, previewed.stderr).toBe(3);
    expect(kept).toMatch(/^## Rollcall\n[^]*exit code 3/);
    expect(readFileSync(join(own, "comment.md"), "utf8")).toBe("of the runner");
    // In a checkout of its own, without the artefact, there is nothing to post.
    expect([alone.exit, alone.stderr]).toEqual([3, expect.stringContaining("nothing is posted")]);
    expect(comments.map(({ body }) => body)).toEqual(commented.exit === 0 ? [kept] : []);
    expect(JSON.stringify(comments)).not.toContain(token);
  });
});

it("a name is code in the comment: no link, no mention, and no end of the code", async () => {
  const name = "plans/x www.evil.example @all `[a](http:b)` <i>\n\n# c.yaml";
  const { out } = await judged("preview.sh", { config: nowhere, files: { [name]: "no plan\n" } });
  const comment = readFileSync(join(out, "comment.md"), "utf8");
  const told = "`plans/x www.evil.example @all ??a??http?b?? ?i???? c.yaml`";
  expect(comment.split("\n")).toContain(`**Plan** ${told}, exit code 3`);
  expect(comment.replace(told, "")).not.toMatch(/www|@all|evil/);
});

describe("on a runner of GitHub", () => {
  const env = { ...credentials, GITHUB_ACTIONS: "true" };
  const shout = "::error title=pwn::owned";

  it("what items are called is text and no command, and what we say of them is commands", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), config());
    writeFileSync(join(cwd, "plan.yaml"), renaming(shout));
    const renamed = await rollcall(["apply", "plan.yaml", "--yes"], { cwd, env: credentials });
    expect(renamed.exit, renamed.stderr).toBe(0);
    const plan = renaming("x").replace("title: device_name", "title: device_name_alias");
    const summary = join(cwd, "summary.md");
    const { exit, stdout, stderr } = await judged("preview.sh", {
      config: config(),
      files: { "plans/a.yaml": plan },
      env: { ...env, GITHUB_STEP_SUMMARY: summary },
    });
    expect(exit, stderr).toBe(0);
    expect(stdout).toMatch(/^\s*::error title=pwn/m);
    const commands = [...github.commandsIn(stdout), ...github.commandsIn(stderr)];
    expect(commands).toEqual([expect.stringMatching(/^::notice title=(?!pwn)/)]);
  });

  it.each(["validate.sh", "preview.sh"] as const)("no name of a file is a command to %s", async (script) => {
    const name = "plans/a\n::error title=pwn::owned\n##[error]x";
    const { told, stdout, stderr } = await judged(script, {
      config: nowhere,
      files: { [`${name}.yaml`]: "no plan\n", [`${name}.test.yaml`]: "no test\n", "plans/b\n::warning::.yaml": "1" },
      bring: (checkout) => symlinkSync("b.yaml", join(checkout, `plans/b\n::warning::.inputs.yaml`)),
      env,
    });
    expect(told).toContain("pwn");
    const commands = [...github.commandsIn(stdout), ...github.commandsIn(stderr)];
    expect(commands.filter((line) => !line.startsWith("::error file=plans/"))).toEqual([]);
    expect(commands.length).toBe(script === "validate.sh" ? 1 : 0);
  });
});

describe("a secret input of other plans", () => {
  const secret = "planted-input-4Tz1Lq";
  const asText = (pattern = ""): string => `inputs: { password: { type: string${pattern} } }\n`;

  it.each([
    ["shown", asText()],
    ["quoted by an error", asText(", pattern: '[a-o]+'")],
  ])("is not %s by a plan that declares its name", async (_, inputs) => {
    const files = { "plans/a.yaml": renaming("${{ inputs.password }}", inputs) };
    const env = { ...credentials, ROLLCALL_SECRET_PASSWORD: secret };
    const { exit, told } = await judged("preview.sh", { config: config(), files, env });
    expect([exit, told]).toEqual([3, expect.stringContaining("input password has no value")]);
    expect(told).not.toContain(secret);
  });

  it.each(["validate.sh", "preview.sh"] as const)("is not guessed by a pattern that %s tries", async (script) => {
    const plan = renaming("x", "inputs: { password: { type: secret, pattern: 'no.*' } }\n");
    const env = { ...credentials, ROLLCALL_SECRET_PASSWORD: secret };
    const { exit, told } = await judged(script, { config: config(), files: { "plans/a.yaml": plan }, env });
    expect(exit, told).toBe(0);
  });

  it.each(["validate.sh", "preview.sh"] as const)("does not go to %s by the variable of every type", async (script) => {
    const files = { "plans/a.yaml": renaming("${{ inputs.password }}", asText(", pattern: '[a-o]+'")) };
    const env = { ...credentials, ROLLCALL_INPUT_PASSWORD: secret };
    const { exit, told } = await judged(script, { config: config(), files, env });
    expect([exit, told]).toEqual([3, expect.stringContaining("ROLLCALL_INPUT_PASSWORD")]);
    expect(told).not.toContain(secret);
  });

  it("is not needed to preview a plan, and stands in the change set as a reference", async () => {
    const plan = renaming("x", "inputs: { password: { type: secret, min_length: 12 } }\n").replace(
      'NameAlias: "${{ set.device_name_alias }}"',
      'NameAlias: "${{ set.device_name_alias }}", Password: "${{ inputs.password }}"',
    );
    const { exit, told } = await judged("preview.sh", {
      config: config(),
      files: { "plans/a.yaml": plan },
      env: credentials,
    });
    expect(exit, told).toBe(0);
    expect(told).toContain("$secret");
  });
});

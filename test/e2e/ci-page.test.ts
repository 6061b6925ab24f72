import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultLogin, startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import * as github from "../support/ci/github.ts";
import * as gitlab from "../support/ci/gitlab.ts";
import { Platform } from "../support/ci/platform.ts";
import { filesBelow } from "../support/ci/pull-request.ts";
import { commit, git, kit, merge, newRepository, type Repository } from "../support/ci/repository.ts";
import { bash } from "../support/ci/shell.ts";
import { demoPlan, rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/ci.md"), "utf8");
const secrets = { password: "planted-pw-7Qx9Zk", token: "planted-token-Kd83" } as const;
const plan = readFileSync(demoPlan, "utf8").replace(/^# yaml-language-server.*\n/, "");
const inputs = "partner: 4001\nfrom: 3\nto: 4\n";
const odd = `plans/it's a "move" $(x).yaml`;

const config = (url: string, more = ""): string => `rollcall: 1
services:
  cove:
    kind: simulator
    url: ${url}
    credentials: { password: { env: COVE_PASSWORD } }
    late: 200ms
    lag: { list: 200ms, by_id: 0s }
    limits: { timeout: 2s }
${more}`;

/** Main has two plans; the pull request adds one more, takes one away, and brings a config of its own. */
function repositoryFor({ url }: Simulator, more: Readonly<Record<string, string>> = {}, approval = ""): Repository {
  const repository = newRepository({
    "rollcall.config.yaml": config(url, approval),
    "plans/assign-product.yaml": plan,
    "plans/assign-product.inputs.yaml": inputs,
    "plans/old.yaml": plan,
    ...more,
  });
  commit(repository, "change", {
    [odd]: `# Moved.\n${plan}`,
    [odd.replace(/yaml$/, "inputs.yaml")]: inputs,
    "plans/old.yaml": undefined,
    "rollcall.config.yaml": config("http://127.0.0.1:1/jsonapi"),
  });
  git(repository.checkout, "checkout", "--quiet", "main");
  return repository;
}

/** Takes the pull request's config out again, as a reviewer would ask for, and merges it. */
function mergeReviewed(repository: Repository, { url }: Simulator, approval = ""): void {
  git(repository.checkout, "checkout", "--quiet", "change");
  commit(repository, "change", { "rollcall.config.yaml": config(url, approval) });
  merge(repository, "change");
}

function expectNoSecrets(texts: readonly string[]): void {
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts)
    for (const secret of Object.values(secrets))
      for (const form of [
        secret,
        Buffer.from(secret).toString("base64"),
        createHash("sha256").update(secret).digest("hex"),
      ])
        expect(text.includes(form)).toBe(false);
}

const written = ({ witness }: Simulator): number => witness.requests("ModifyAccount");
const digestIn = (text: string): string => /Digest to approve and to apply: `([0-9a-f]{64})`/.exec(text)?.[1] ?? "";

describe("the example for GitHub Actions", () => {
  let simulator: Simulator;
  let platform: Platform;
  let repository: Repository;
  let digest = "";
  const state = newFolder();
  const own = {
    "secrets.COVE_PASSWORD": secrets.password,
    "vars.ROLLCALL_STATE": state,
  };
  const job = (name: string, context: Readonly<Record<string, string>> = {}, branch?: string): Promise<github.Done> =>
    github.runJob(name, { repository, platform, context: { ...own, ...context }, ...(branch && { branch }) });
  const apply = (more: Readonly<Record<string, string>> = {}): Promise<github.Done> =>
    job("apply", { "inputs.action": "apply", "inputs.preview": "1", "inputs.digest": digest, ...more });

  beforeAll(async () => {
    simulator = await startSimulator({ devices: 80, login: { ...defaultLogin, password: secrets.password } });
    platform = await new Platform(secrets.token).listen();
    repository = repositoryFor(simulator);
  });
  afterAll(async () => {
    await simulator[Symbol.asyncDispose]();
    await platform[Symbol.asyncDispose]();
  });

  it("validates a pull request without credentials, and annotates what is wrong in it", async () => {
    const good = await job("validate", { "secrets.COVE_PASSWORD": "" }, "change");
    expect({ exit: good.exit, stderr: good.stderr }).toEqual({ exit: 0, stderr: "" });
    commit(repository, "wrong", { "plans/wrong.yaml": plan.replace("ModifyAccount", "ModifyAcount") });
    git(repository.checkout, "checkout", "--quiet", "main");
    const wrong = await job("validate", {}, "wrong");
    expect([wrong.exit, wrong.stdout]).toEqual([3, expect.stringMatching(/^::error file=plans\/wrong\.yaml,line=/m)]);
    expect(simulator.witness.entries).toHaveLength(0);
  });

  it("previews only what has changed, with the config of the default branch, and keeps it as an artefact", async () => {
    const { exit, stdout, stderr, summary } = await job("preview", {}, "change");
    expect({ exit, stderr: exit === 0 ? "" : stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toMatch(/^::\w+ title=/m);
    expect(summary).toContain("would change");
    const folder = platform.artefacts.get("rollcall-preview") ?? "";
    const names = filesBelow(folder).map((path) => path.slice(folder.length + 1));
    expect(names.sort()).toEqual([
      expect.stringMatching(/^changes\/[0-9a-f]{64}\.ndjson$/),
      expect.stringMatching(/^changes\/[0-9a-f]{64}\.plan$/),
      "comment.md",
      "junit/1.xml",
    ]);
    expect(written(simulator)).toBe(0);
  });

  it("comments with the preview and the digest, within what GitHub takes", async () => {
    expect((await job("comment", {}, "change")).exit).toBe(0);
    const [comment = { path: "", body: "" }] = platform.comments;
    expect(comment.path).toBe("/repos/ada/plans/issues/7/comments");
    expect(comment.body.length).toBeLessThan(65_536);
    expect(comment.body).toContain("**Plan** `plans/it?s a ?move? ??x?.yaml`, exit code 0");
    expect(comment.body).toMatch(/\| would change \| \d+ \|/);
    expect(comment.body).not.toContain("assign-product.yaml");
    digest = digestIn(comment.body);
    expect(digest).not.toBe("");
  });

  it("refuses what is not merged, inputs among it, another digest, and a destructive count that does not fit", async () => {
    const unmerged = await apply();
    expect([unmerged.exit, unmerged.stderr]).toEqual([5, expect.stringContaining("merge it first")]);
    expect(readdirSync(platform.artefacts.get("rollcall-reports") ?? "")).toEqual([]);
    mergeReviewed(repository, simulator);
    const oddInputs = odd.replace(/yaml$/, "inputs.yaml");
    commit(repository, "main", { [oddInputs]: inputs.replace("to: 4", "to: 5") });
    const other = await apply();
    expect([other.exit, other.stdout]).toEqual([5, expect.stringContaining("its input to has another value")]);
    commit(repository, "main", { [oddInputs]: inputs });
    expect((await apply({ "inputs.digest": "0".repeat(64) })).exit).toBe(5);
    expect((await apply({ "inputs.digest": "../x" })).exit).toBe(5);
    expect((await apply({ "inputs.confirm": "1" })).exit).toBe(5);
    expect(written(simulator)).toBe(0);
  });

  it("applies it once, and a second time sends nothing", async () => {
    const { exit, stdout, stderr, summary } = await apply();
    expect({ exit, stderr: exit === 0 ? "" : stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toMatch(/^::notice title=/m);
    expect(summary).toContain("confirmed");
    const sent = written(simulator);
    expect(sent).toBeGreaterThan(0);
    const reports = platform.artefacts.get("rollcall-reports") ?? "";
    expect(readdirSync(reports).sort()).toEqual(["junit.xml", "report.html"]);
    const again = await apply();
    expect([again.exit, again.stdout, again.summary]).toEqual([5, expect.stringContaining("applied already"), ""]);
    expect(written(simulator)).toBe(sent);
  });

  it("goes on with a run that is named, and with no other words", async () => {
    const [run = ""] = readdirSync(join(state, "runs")).sort().reverse();
    const sent = written(simulator);
    expect((await job("apply", { "inputs.action": "resume", "inputs.run": "latest; true" })).exit).toBe(5);
    const resumed = await job("apply", { "inputs.action": "resume", "inputs.run": run });
    expect(resumed.exit, resumed.stderr).toBe(0);
    expect(written(simulator)).toBe(sent);
  });

  it("is green on schedule while all is as it was left, and red once something has drifted", async () => {
    const good = await job("watch");
    expect({ exit: good.exit, stderr: good.exit === 0 ? "" : good.stderr }).toEqual({ exit: 0, stderr: "" });
    const inputsNow = {
      "plans/assign-product.inputs.yaml": inputs.replace("from: 3", "from: 4").replace("to: 4", "to: 3"),
    };
    commit(repository, "main", inputsNow);
    expect((await job("watch")).exit).toBe(2);
  });

  it("leaves no secret in artefacts, comments, or the record that stays on the runner", () => {
    const files = [...platform.artefacts.values(), state].flatMap(filesBelow);
    expectNoSecrets([...files.map((path) => readFileSync(path, "utf8")), ...platform.comments.map(({ body }) => body)]);
  });
});

describe("the example for GitLab", () => {
  it("goes from a merge request to changes that somebody has signed", async () => {
    const keys = newFolder();
    const openssl = (...words: readonly string[]): string =>
      spawnSync("openssl", words, { cwd: keys, encoding: "utf8" }).stdout;
    openssl("genpkey", "-algorithm", "ed25519", "-out", "alice.pem");
    spawnSync("chmod", ["600", join(keys, "alice.pem")]);
    const approval = "approval:\n  keys: { alice: { file: keys/alice.pub } }\n  require: [{ above: 0 }]\n";
    const alice = openssl("pkey", "-in", "alice.pem", "-pubout");
    await using simulator = await startSimulator({
      devices: 80,
      login: { ...defaultLogin, password: secrets.password },
    });
    await using platform = await new Platform(secrets.token).listen();
    const repository = repositoryFor(simulator, { "keys/alice.pub": alice }, approval);
    const variables = { COVE_PASSWORD: secrets.password };
    const request = { repository, platform, branch: "change" };

    const validated = await gitlab.runJob("validate", request);
    expect({ exit: validated.exit, said: validated.stdout }).toEqual({
      exit: 0,
      said: expect.stringContaining("ok") as string,
    });
    expect(simulator.witness.entries).toHaveLength(0);

    const previewed = await gitlab.runJob("preview", { ...request, variables });
    expect(previewed.exit, previewed.stderr).toBe(0);
    platform.artefacts.set("31", previewed.folder);
    expect(readFileSync(join(previewed.folder, "preview/junit/1.xml"), "utf8")).toContain("<testsuites");

    const { folder } = previewed;
    git(folder, "worktree", "prune");
    expect((await gitlab.runJob("comment", { ...request, folder })).exit).toBe(0);
    const [{ path, body } = { path: "", body: "" }] = platform.comments;
    expect(path).toBe("/projects/12/merge_requests/7/notes");
    const digest = digestIn(body);

    mergeReviewed(repository, simulator, approval);
    const state = newFolder();
    const asked = { ACTION: "apply", PREVIEW_JOB: "31", DIGEST: digest, ROLLCALL_STATE: state };
    const apply = () => gitlab.runJob("apply", { repository, platform, variables: { ...variables, ...asked } });
    expect((await apply()).exit).toBe(5);
    expect(written(simulator)).toBe(0);

    const changes = join(folder, "preview/changes", `${digest}.ndjson`);
    const signer = newFolder();
    for (const [name, text] of [["rollcall.config.yaml", config(simulator.url)]] as const)
      writeFileSync(join(signer, name), text);
    const key = join(keys, "alice.pem");
    const signed = await rollcall(
      [
        "approve",
        changes,
        "--key",
        key,
        "--yes",
        "--digest",
        digest,
        "--config",
        join(repository.checkout, "rollcall.config.yaml"),
      ],
      { cwd: signer, env: variables },
    );
    expect(signed.exit, signed.stderr).toBe(0);
    const approvalFile = `${changes}.approval-alice.json`;
    commit(repository, "main", { [`approvals/${basename(approvalFile)}`]: readFileSync(approvalFile, "utf8") });

    const applied = await apply();
    expect(applied.exit, applied.stderr).toBe(0);
    const sent = written(simulator);
    expect(sent).toBeGreaterThan(0);
    expect((await apply()).exit).toBe(5);
    expect(written(simulator)).toBe(sent);
    const watched = { repository, platform, variables: { ...variables, ROLLCALL_STATE: state } };
    // On a runner that keeps its checkout, one job after the other.
    const drifted = await gitlab.runJob("drift", watched);
    expect(drifted.exit, drifted.stderr).toBe(0);
    expect(lstatSync(join(drifted.folder, ".rollcall")).isSymbolicLink()).toBe(true);
    const verified = await gitlab.runJob("verify", { ...watched, folder: drifted.folder });
    expect(verified.exit, verified.stderr).toBe(0);
    const left = [join(folder, "preview"), join(applied.folder, "reports"), state].flatMap(filesBelow);
    expectNoSecrets([...left.map((name) => readFileSync(name, "utf8")), body]);
  });
});

describe("the plans that a pull request concerns", () => {
  const repository = newRepository({
    "plans/a b.yaml": "a",
    "plans/deep/by-csv.yaml": "file: rows/it's.csv",
    "plans/deep/rows/it's.csv": "id\n1\n",
    "plans/alone/one.yaml": "1",
    "plans/alone/two.yaml": "2",
    "plans/alone/rows.csv": "id\n",
    "plans/gone.yaml": "g",
    "plans/untouched.yaml": "u",
    "other/x.yaml": "x",
  });
  const concerned = async (files: Readonly<Record<string, string | undefined>>, base = "origin/main") => {
    git(repository.checkout, "checkout", "--quiet", "main");
    commit(repository, "one", files);
    const script = `"${join(kit, "changed-plans.sh")}" "$BASE" | tr '\\0' '\\n'`;
    const { exit, stdout } = await bash(script, { cwd: repository.checkout, env: { BASE: base }, path: [] });
    return { exit, plans: stdout.split("\n").filter(Boolean) };
  };
  it.each([
    ["a plan with a blank in its name", { "plans/a b.yaml": "A" }, ["plans/a b.yaml"]],
    ["its test", { "plans/a b.test.yaml": "t" }, ["plans/a b.yaml"]],
    ["its inputs", { "plans/a b.inputs.yaml": "t" }, ["plans/a b.yaml"]],
    ["a CSV file that it names", { "plans/deep/rows/it's.csv": "id\n2\n" }, ["plans/deep/by-csv.yaml"]],
    [
      "a CSV file that nobody names",
      { "plans/alone/rows.csv": "id\n9\n" },
      ["plans/alone/one.yaml", "plans/alone/two.yaml"],
    ],
    ["a name with a line break", { "plans/q\"u\no'te.yaml": "q" }, ['plans/q"u', "o'te.yaml"]],
    ["a plan that is gone", { "plans/gone.yaml": undefined }, []],
    ["a file elsewhere", { "other/x.yaml": "y" }, []],
  ])("are found by %s", async (_, files, plans) => {
    expect(await concerned(files)).toEqual({ exit: 0, plans });
  });

  it("are none that a symbolic link leads to", async () => {
    git(repository.checkout, "checkout", "--quiet", "main");
    symlinkSync("/etc/hostname", join(repository.checkout, "plans/link.yaml"));
    expect(await concerned({})).toEqual({ exit: 0, plans: [] });
  });

  it("are not none when git does not know the base", async () => {
    expect((await concerned({ "plans/a b.yaml": "B" }, "origin/nowhere")).exit).not.toBe(0);
  });
});

describe("the ready files", () => {
  const stepKeys = ["name", "uses", "run", "if", "with", "env", "working-directory"];
  const jobKeys = [
    "if",
    "needs",
    "runs-on",
    "timeout-minutes",
    "environment",
    "concurrency",
    "permissions",
    "env",
    "steps",
  ];

  it("have keys that GitHub knows, least permissions, time limits, and no expression inside a script", () => {
    const { jobs, ...rest } = github.workflow;
    expect(Object.keys(rest)).toEqual(["name", "on", "permissions", "defaults"]);
    expect(rest.permissions).toEqual({});
    const writes: string[] = [];
    for (const [name, job] of Object.entries(jobs)) {
      expect(jobKeys).toEqual(expect.arrayContaining(Object.keys(job)));
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
      const permissions = Object.entries(job.permissions as Record<string, string>);
      writes.push(...permissions.filter(([, right]) => right === "write").map(([what]) => `${name}: ${what}`));
      for (const step of job.steps) {
        expect(stepKeys).toEqual(expect.arrayContaining(Object.keys(step)));
        expect([step.run, step.uses].filter((one) => one !== undefined)).toHaveLength(1);
        expect(step.run ?? "").not.toContain("${{");
      }
    }
    expect(writes).toEqual(["comment: pull-requests"]);
    expect(jobs.apply?.concurrency).toEqual({ group: "rollcall-apply", "cancel-in-progress": false });
    const withSecrets = Object.entries(jobs).filter(([, job]) => JSON.stringify(job).includes("secrets."));
    expect(withSecrets.map(([name, { environment }]) => [name, environment])).toEqual([
      ["preview", "rollcall-preview"],
      ["apply", "rollcall-apply"],
      ["watch", "rollcall-preview"],
    ]);
  });

  it("have keys that GitLab knows, and one writing job at a time", () => {
    const known =
      "extends stage tags timeout environment resource_group rules needs script before_script artifacts allow_failure";
    const { stages, default: _, variables, ...jobs } = gitlab.pipeline as Record<string, gitlab.Job>;
    expect([stages, variables]).toEqual([["validate", "preview", "comment", "apply", "watch"], { GIT_DEPTH: "0" }]);
    for (const [name, job] of Object.entries(jobs)) {
      expect(known.split(" ")).toEqual(expect.arrayContaining(Object.keys(job)));
      if (name.startsWith(".")) continue;
      expect(stages).toContain(job.stage);
      expect(Object.keys(jobs)).toContain(job.extends);
      expect(job.rules).toHaveLength(1);
    }
    expect(jobs.apply).toMatchObject({ resource_group: "rollcall-apply", allow_failure: { exit_codes: [8] } });
  });

  it("are the files that the page names, scripts that bash can read", () => {
    for (const name of readdirSync(kit)) {
      expect(page).toContain(`examples/ci/${name}`);
      if (!name.endsWith(".sh")) continue;
      expect(statSync(join(kit, name)).mode & 0o111).not.toBe(0);
      expect(spawnSync("bash", ["-n", join(kit, name)], { encoding: "utf8" }).stderr).toBe("");
    }
  });
});

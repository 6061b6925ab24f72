import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Ended } from "../cli.ts";
import { newFolder } from "../runs.ts";
import type { Platform } from "./platform.ts";
import { git, kit, type Repository } from "./repository.ts";
import { bash, programFolder } from "./shell.ts";

type Texts = Readonly<Record<string, string | number | boolean>>;

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Texts;
  readonly env?: Texts;
  readonly "working-directory"?: string;
}
export interface Job {
  readonly env?: Texts;
  readonly steps: readonly Step[];
  readonly [key: string]: unknown;
}

export const workflow = parse(readFileSync(join(kit, "github.yaml"), "utf8")) as {
  readonly jobs: Readonly<Record<string, Job>>;
  readonly [key: string]: unknown;
};

export interface Given {
  readonly repository: Repository;
  readonly platform: Platform;
  /** What expressions give, without the surroundings that every job has. */
  readonly context?: Texts;
  /** The branch of the pull request; left out: the job is one of the default branch. */
  readonly branch?: string;
}

export interface Done extends Ended {
  /** The step's summary. */
  readonly summary: string;
}

/** Go through the steps of a job as GitHub's runner does: a failed step ends it, but for those that always run. */
export async function runJob(name: string, { repository, platform, context = {}, branch }: Given): Promise<Done> {
  const { steps, env = {} } = workflow.jobs[name] ?? { steps: [] };
  const workspace = newFolder();
  const temp = newFolder();
  const known: Texts = {
    "github.workspace": workspace,
    "runner.temp": temp,
    "github.event.repository.default_branch": "main",
    "github.token": platform.token,
    "github.event.number": 7,
    ...context,
  };
  const files = { GITHUB_PATH: join(temp, "path"), GITHUB_STEP_SUMMARY: join(temp, "summary") };
  for (const file of Object.values(files)) writeFileSync(file, "");
  const surroundings = {
    ...{ GITHUB_ACTIONS: "true", GITHUB_BASE_REF: branch === undefined ? "" : "main", GITHUB_WORKSPACE: workspace },
    ...{ GITHUB_API_URL: platform.url, GITHUB_REPOSITORY: "ada/plans", RUNNER_TEMP: temp },
    ...files,
  };
  const program = programFolder();
  let done: Ended = { exit: 0, stdout: "", stderr: "" };
  for (const step of steps) {
    if (!isWanted(step, known, done.exit !== 0)) continue;
    const given = textsOf(step.with, known);
    if (step.run === undefined) {
      use(step.uses ?? "", given, { workspace, repository, platform, branch });
      continue;
    }
    const ended = await bash(step.run, {
      cwd: join(workspace, step["working-directory"] ?? "."),
      env: { ...surroundings, ...textsOf(env, known), ...textsOf(step.env, known) },
      path: [program, ...readFileSync(files.GITHUB_PATH, "utf8").split("\n").filter(Boolean)],
    });
    done = { exit: done.exit === 0 ? ended.exit : done.exit, ...said(done, ended) };
  }
  return { ...done, summary: readFileSync(files.GITHUB_STEP_SUMMARY, "utf8") };
}

/** The lines that GitHub's runner takes for commands: of one stream, those that no `stop-commands` keeps from it. */
export function commandsIn(stream: string): readonly string[] {
  const commands: string[] = [];
  let token: string | undefined;
  for (const line of stream.split(/\r\n|[\n\r]/).map((one) => one.trimStart())) {
    const [, stopped] = /^::stop-commands::(.+)$/.exec(line) ?? [];
    if (token !== undefined) token = line === `::${token}::` ? undefined : token;
    else if (stopped !== undefined) token = stopped;
    else if (/^(::|##\[)/.test(line)) commands.push(line);
  }
  return commands;
}

const said = (first: Ended, next: Ended) => ({
  stdout: first.stdout + next.stdout,
  stderr: first.stderr + next.stderr,
});

function isWanted(step: Step, known: Texts, hasFailed: boolean): boolean {
  const { if: wanted } = step;
  if (wanted === "always()") return true;
  if (hasFailed) return false;
  if (wanted === undefined) return true;
  const [, name = "", value] = /^([\w.]+) == '(\w+)'$/.exec(wanted) ?? [];
  return valueOf(name, known) === value;
}

function textsOf(given: Texts = {}, known: Texts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => [
      name,
      String(text).replaceAll(/\$\{\{ ([^}]+) \}\}/g, (_, expression: string) => valueOf(expression, known)),
    ]),
  );
}

/** A secret, a variable or an input that nobody has set is empty; anything else has to be known here. */
function valueOf(expression: string, known: Texts): string {
  const value = known[expression] ?? (/^(secrets|vars|inputs)\.\w+$/.test(expression) ? "" : undefined);
  if (value === undefined) throw new Error(`nothing is known of \${{ ${expression} }}`);
  return String(value);
}

interface Around extends Pick<Given, "repository" | "platform"> {
  readonly workspace: string;
  readonly branch: string | undefined;
}

function use(action: string, given: Readonly<Record<string, string>>, around: Around): void {
  const { workspace, repository, platform, branch } = around;
  const { name = "", path = "." } = given;
  switch (action.split("@")[0]) {
    case "actions/checkout": {
      const folder = join(workspace, path);
      git(workspace, "clone", "--quiet", repository.origin, folder);
      git(folder, "checkout", "--quiet", "--detach", "origin/main");
      // What GitHub checks out of a pull request is its merge with the base.
      if (given.ref === undefined && branch !== undefined)
        git(folder, "merge", "--quiet", "--no-ff", `origin/${branch}`);
      return;
    }
    case "actions/upload-artifact":
      if (existsSync(join(workspace, path)) || existsSync(path))
        platform.artefacts.set(name, existsSync(path) ? path : join(workspace, path));
      return;
    case "actions/download-artifact":
      cpSync(platform.artefacts.get(name) ?? "", path.startsWith("/") ? path : join(workspace, path), {
        recursive: true,
      });
      return;
    case "actions/setup-node":
      return;
    default:
      throw new Error(`${action} is not known here`);
  }
}

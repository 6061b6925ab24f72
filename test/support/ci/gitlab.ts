import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Ended } from "../cli.ts";
import { newFolder } from "../runs.ts";
import type { Platform } from "./platform.ts";
import { git, kit, type Repository } from "./repository.ts";
import { bash, programFolder } from "./shell.ts";

export interface Job {
  readonly extends?: string;
  readonly before_script?: readonly string[];
  readonly script?: readonly string[];
  readonly [key: string]: unknown;
}

export const pipeline = parse(readFileSync(join(kit, "gitlab.yaml"), "utf8")) as Readonly<Record<string, unknown>>;

export interface Given {
  readonly repository: Repository;
  readonly platform: Platform;
  /** Variables of the project, the environment, or who starts the pipeline. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The branch of the merge request; left out: the job is one of the default branch. */
  readonly branch?: string;
  /** The checkout; left out: a new one. */
  readonly folder?: string;
}

/** Run a job as GitLab's runner does: `before_script` and `script` as one. @returns With the folder that it ran in. */
export async function runJob(name: string, given: Given): Promise<Ended & { readonly folder: string }> {
  const { repository, platform, variables = {}, branch } = given;
  const job = pipeline[name] as Job;
  const parent = (job.extends === undefined ? {} : pipeline[job.extends]) as Job;
  const folder = given.folder ?? newFolder();
  if (given.folder === undefined) {
    git(folder, "clone", "--quiet", repository.origin, ".");
    git(folder, "checkout", "--quiet", "--detach", `origin/${branch ?? "main"}`);
  }
  const ended = await bash([...(parent.before_script ?? []), ...(job.script ?? [])].join("\n"), {
    cwd: folder,
    path: [programFolder()],
    env: {
      ...{ CI_PROJECT_DIR: folder, CI_PROJECT_ID: "12", CI_DEFAULT_BRANCH: "main", CI_API_V4_URL: platform.url },
      ...{
        CI_MERGE_REQUEST_IID: "7",
        CI_JOB_TOKEN: platform.token,
        CI_JOB_STAGE: job.stage as string,
        COMMENT_TOKEN: platform.token,
      },
      ...(branch && { CI_MERGE_REQUEST_DIFF_BASE_SHA: git(folder, "merge-base", "origin/main", `origin/${branch}`) }),
      ...variables,
    },
  });
  return { ...ended, folder };
}

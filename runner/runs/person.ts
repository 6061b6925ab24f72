import { hostname, userInfo } from "node:os";
import type { Person } from "../core/model/events.ts";

const ciSystems: readonly (readonly [variable: string, name: string])[] = [
  ["GITHUB_ACTIONS", "github"],
  ["GITLAB_CI", "gitlab"],
  ["TF_BUILD", "azure"],
  ["JENKINS_URL", "jenkins"],
  ["BUILDKITE", "buildkite"],
  ["CIRCLECI", "circleci"],
  ["CI", "ci"],
];

/** Who runs this, as the ledger names them; inside a CI job also the person who set it off, where the job says so. */
export function currentPerson(env: Readonly<Record<string, string | undefined>> = process.env): Person {
  const ci = ciSystems.find(([variable]) => (env[variable] ?? "") !== "" && env[variable] !== "false")?.[1];
  const actor = ci === undefined ? undefined : (env.GITHUB_ACTOR ?? env.GITLAB_USER_LOGIN ?? env.BUILD_REQUESTEDFOR);
  return { name: actor ?? userName(env), host: hostname(), ...(ci === undefined ? {} : { ci }) };
}

function userName(env: Readonly<Record<string, string | undefined>>): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return env.USER ?? env.LOGNAME ?? `user ${process.getuid?.() ?? "?"}`;
  }
}

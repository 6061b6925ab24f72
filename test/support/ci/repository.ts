import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { newFolder } from "../runs.ts";

const root = resolve(import.meta.dirname, "../../..");
export const kit = join(root, "docs/examples/ci");

/** A command of git in a folder, as a person who is no one in particular. @returns What it printed. @throws {Error} */
export function git(cwd: string, ...words: readonly string[]): string {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"];
  const { status, stdout, stderr } = spawnSync("git", [...who, ...words], { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${words.join(" ")}: ${stderr}`);
  return stdout.trim();
}

export interface Repository {
  /** A bare repository that jobs clone. */
  readonly origin: string;
  /** Somebody's checkout of it. */
  readonly checkout: string;
}

/** Files by name; undefined: it is taken away. */
export type Files = Readonly<Record<string, string | undefined>>;

/** A repository of plans with the scripts of the kit in `ci/`, whose package needs nothing from a registry. */
export function newRepository(files: Files): Repository {
  const origin = join(newFolder(), "origin.git");
  git(dirname(origin), "init", "--quiet", "--bare", origin);
  const checkout = newFolder();
  git(checkout, "clone", "--quiet", origin, ".");
  git(checkout, "checkout", "--quiet", "-B", "main");
  cpSync(kit, join(checkout, "ci"), { recursive: true });
  const about = { name: "plans", version: "1.0.0" };
  const lock = { ...about, lockfileVersion: 3, requires: true, packages: { "": about } };
  const own = { "package.json": JSON.stringify(about), "package-lock.json": JSON.stringify(lock) };
  commit({ origin, checkout }, "main", { ...own, ...files });
  return { origin, checkout };
}

/** One commit on a branch, which begins where the checkout is; pushed. */
export function commit({ checkout }: Repository, branch: string, files: Files): void {
  git(checkout, "checkout", "--quiet", "-B", branch);
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) git(checkout, "rm", "--quiet", "--", name);
    else {
      mkdirSync(dirname(join(checkout, name)), { recursive: true });
      writeFileSync(join(checkout, name), text);
    }
  }
  git(checkout, "add", "--all");
  git(checkout, "commit", "--quiet", "--message", "Change");
  git(checkout, "push", "--quiet", "--force", "origin", branch);
}

/** Merge a branch into main, as the platform does when somebody presses the button. */
export function merge({ checkout }: Repository, branch: string): void {
  git(checkout, "checkout", "--quiet", "main");
  git(checkout, "merge", "--quiet", "--no-ff", "--message", "Merge", branch);
  git(checkout, "push", "--quiet", "origin", "main");
}

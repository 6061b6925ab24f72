import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Ended } from "../cli.ts";
import { newFolder } from "../runs.ts";
import { commit, git, kit, newRepository, type Files } from "./repository.ts";
import { bash, programFolder } from "./shell.ts";

export interface Judged extends Ended {
  /** Where the script was to put what it makes. */
  readonly out: string;
  /** All that was said, and all that was put there. */
  readonly told: string;
}

/**
 * What a script of the kit makes of a pull request: `base` is merged, `files` are of the request, and `bring` puts into its checkout
 * what no map of files can say. The config lies outside of the checkout, as in a job.
 */
export async function judged(
  script: "validate.sh" | "preview.sh",
  {
    config,
    base = {},
    files = {},
    bring = () => undefined,
    env = {},
  }: {
    readonly config: string;
    readonly base?: Files;
    readonly files?: Files;
    readonly bring?: (checkout: string) => void;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<Judged> {
  const repository = newRepository({ "rollcall.config.yaml": config, ...base });
  const { checkout } = repository;
  const trusted = newFolder();
  git(trusted, "clone", "--quiet", repository.origin, ".");
  commit(repository, "change", { "plans/notes.txt": "", ...files });
  bring(checkout);
  git(checkout, "add", "--all");
  git(checkout, "commit", "--quiet", "--allow-empty", "--message", "More");
  const out = join(newFolder(), "preview");
  mkdirSync(join(out, ".."), { recursive: true });
  const done = await bash(`"${join(kit, script)}" origin/main "$OUT"`, {
    cwd: checkout,
    env: { ROLLCALL_CONFIG: join(trusted, "rollcall.config.yaml"), OUT: out, ...env },
    path: [programFolder()],
  });
  const told = [done.stdout, done.stderr, ...filesBelow(out).map((file) => readFileSync(file, "utf8"))].join("\n");
  return { ...done, out, told };
}

/** Paths of all files below a folder; none if it is not there. */
export function filesBelow(folder: string): readonly string[] {
  if (!isFolder(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  return entries.filter((path) => statSync(path).isFile());
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

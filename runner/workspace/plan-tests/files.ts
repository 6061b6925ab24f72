import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { RunnerError } from "../../core/model/errors.ts";
import { reasonOf } from "../../core/model/reason.ts";

const ending = ".test.yaml";
const guide = fileURLToPath(new URL("../../../docs/plan-tests.md", import.meta.url));

/**
 * The test files that words of a command line mean, each once: a test, the tests beside a plan, all tests below a folder.
 * @throws {RunnerError} `usage` for a word that means none: a test run that tries nothing proves nothing.
 */
export async function testFiles(cwd: string, words: readonly string[]): Promise<readonly string[]> {
  const found = new Map<string, string>();
  for (const word of words) for (const file of await meantBy(cwd, word)) found.set(resolve(cwd, file), file);
  return [...found.values()];
}

async function meantBy(cwd: string, word: string): Promise<readonly string[]> {
  const path = resolve(cwd, word);
  const about = await stat(path).catch((cause: unknown) => {
    throw new RunnerError("usage", `${word} can not be read: ${reasonOf(cause)}`, { cause });
  });
  if (about.isDirectory()) {
    const below = await readdir(path, { recursive: true, encoding: "utf8" });
    const tests = below.filter((name) => name.endsWith(ending) && !/(^|\/)(\.|node_modules\/)/.test(name)).sort();
    return orNone(
      tests.map((name) => join(word, name)),
      `There is no ${ending} file below ${word}.`,
    );
  }
  if (word.endsWith(ending)) return [word];
  const stem = basename(word).replace(/\.ya?ml$/, "");
  const beside = (await readdir(dirname(path))).sort().filter((name) => name.startsWith(`${stem}.`));
  return orNone(
    beside.filter((name) => name.endsWith(ending)).map((name) => join(dirname(word), name)),
    `There is no ${stem}${ending} beside ${word}.`,
  );
}

function orNone(files: readonly string[], message: string): readonly string[] {
  if (files.length > 0) return files;
  throw new RunnerError("usage", message, { hint: `${guide} shows how a test is written.` });
}

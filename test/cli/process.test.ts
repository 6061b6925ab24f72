import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The command line as a process of its own: the sources, translated one by one into a temporary folder.

const root = resolve(import.meta.dirname, "../..");
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rollcall-cli-"));
  const files = await readdir(join(root, "runner"), { recursive: true });
  for (const file of files.filter((name) => name.endsWith(".ts"))) await translate(file);
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await cp(join(root, "package.json"), join(folder, "package.json"));
  await writeFile(
    join(folder, "watch.mjs"),
    'import { register } from "node:module"; register("./loads.mjs", import.meta.url);',
  );
  await writeFile(
    join(folder, "loads.mjs"),
    `import { appendFileSync } from "node:fs";
     export async function load(url, context, next) { appendFileSync(process.env.LOADED, url + "\\n"); return next(url, context); }`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function translate(file: string): Promise<void> {
  const target = join(folder, "dist", file.replace(/\.ts$/, ".js"));
  const options = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    rewriteRelativeImportExtensions: true,
    verbatimModuleSyntax: true,
  };
  const source = await readFile(join(root, "runner", file), "utf8");
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, ts.transpileModule(source, { compilerOptions: options }).outputText);
}

function start(
  words: readonly string[],
  more: { readonly node?: readonly string[]; readonly env?: Record<string, string> } = {},
) {
  const main = join(folder, "dist/cli/main.js");
  return spawn(process.execPath, [...(more.node ?? []), main, ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...more.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

const exitOf = (child: ChildProcess): Promise<number | null> => new Promise((done) => child.once("close", done));

async function finished(words: readonly string[], more?: Parameters<typeof start>[1]) {
  const child = start(words, more);
  const [out, err, exit] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
  return { out, err, exit };
}

describe("the command as a process", () => {
  it("loads nothing for its help but itself, the table of verbs and the parser", async () => {
    const loaded = join(folder, "loaded.txt");
    await appendFile(loaded, "");
    const { out, exit } = await finished(["--help"], {
      node: ["--import", join(folder, "watch.mjs")],
      env: { LOADED: loaded },
    });
    expect({ exit, help: out.includes("preview PLAN") }).toEqual({ exit: 0, help: true });
    const urls = (await readFile(loaded, "utf8"))
      .trim()
      .split("\n")
      .filter((url) => url.startsWith("file:"));
    const names = urls.map((url) => url.replace(/^.*?\/(?:dist|node_modules)\//, ""));
    expect(names.sort()).toEqual(["@stricli/core/dist/index.js", "cli/main.js", "cli/verbs.js"]);
  });

  it("exits with 3 when it is not understood", async () => {
    expect(await finished(["aply"])).toMatchObject({ exit: 3, out: "" });
  });

  it("is not stopped, and does not crash, when its reader goes away", async () => {
    for (let time = 0; time < 3; time++) {
      const child = start(["--help"]);
      child.stdout.destroy();
      const [err, exit] = await Promise.all([text(child.stderr), exitOf(child)]);
      expect({ err, exit }).toEqual({ err: "", exit: 0 });
    }
  });

  it.runIf(existsSync("/dev/full"))(
    "whose output is lost to a full disk is no success: exit 10, and says so",
    async () => {
      const full = openSync("/dev/full", "w");
      const child = spawn(process.execPath, [join(folder, "dist/cli/main.js"), "--help"], {
        stdio: ["ignore", full, "pipe"],
      });
      const [err, exit] = await Promise.all([text(child.stderr!), exitOf(child)]);
      closeSync(full);
      expect({ err, exit }).toEqual({
        err: "The output could not be written: ENOSPC: no space left on device, write\n",
        exit: 10,
      });
    },
  );

  it.each(["SIGINT", "SIGTERM"] as const)("runs a simulator until %s, and says how to reach it", async (signal) => {
    const child = start(["simulate", "--devices", "3", "--json"]);
    const first = await new Promise<string>((done) =>
      child.stdout.once("data", (data: Buffer) => done(data.toString())),
    );
    const told = JSON.parse(first) as { url: string; type: string; login: { username: string } };
    expect(told).toMatchObject({ type: "simulator", login: { username: "simulator" } });
    expect((await fetch(told.url.replace("/jsonapi", "/stats"))).status).toBe(200);
    child.kill(signal);
    expect(await exitOf(child)).toBe(0);
  });

  it("refuses a port in use and a broken faults file as usage errors", async () => {
    const holder = start(["simulate", "--devices", "1", "--json"]);
    const { port } = JSON.parse(
      await new Promise<string>((done) => holder.stdout.once("data", (data: Buffer) => done(data.toString()))),
    ) as { port: number };
    const taken = await finished(["simulate", "--port", String(port)]);
    expect(taken).toMatchObject({ exit: 3, out: "" });
    expect(taken.err).toContain(`can not listen on port ${port}`);
    await writeFile(join(folder, "faults.yaml"), "- fault: http-5O3\n");
    const broken = await finished(["simulate", "--faults", "faults.yaml"]);
    expect(broken).toMatchObject({ exit: 3 });
    expect(broken.err).toContain("faults.yaml: faults: rule 1: fault 'http-5O3' is unknown");
    holder.kill();
    await exitOf(holder);
  });
});

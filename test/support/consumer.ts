import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

/** A project of somebody else's in a temporary folder, with exactly the files that the package would ship. */
export function newConsumer(): string {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-consumer-"));
  const installed = join(folder, "node_modules/rollcall");
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
  });
  const [{ files }] = JSON.parse(packed) as [{ readonly files: readonly { readonly path: string }[] }];
  for (const { path } of files) {
    mkdirSync(dirname(join(installed, path)), { recursive: true });
    cpSync(join(root, path), join(installed, path));
  }
  // What it depends on, as `npm install` would put it there.
  symlinkSync(join(root, "node_modules"), join(installed, "node_modules"));
  symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["**/*.ts"] }));
  return folder;
}

const compilerOptions = {
  target: "ES2022",
  lib: ["ES2023", "ESNext.Disposable"],
  module: "NodeNext",
  moduleResolution: "NodeNext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** What the compiler has to say against the project; empty: nothing. JavaScript lies beside each source afterwards. */
export function compileIn(folder: string): string {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  return spawnSync(process.execPath, [compiler, "-p", folder], { cwd: folder, encoding: "utf8" }).stdout;
}

export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly exit: number | null;
}

/** Run a compiled program of the project. */
export function runIn(folder: string, args: readonly string[]): Promise<Ran> {
  return new Promise((done, fail) => {
    const env = { ...process.env, CI: "", ROLLCALL_CONFIG: "" };
    const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (out += text.toString()));
    child.stderr.on("data", (text: Buffer) => (err += text.toString()));
    child.once("error", fail);
    child.once("close", (exit) => done({ out, err, exit }));
  });
}

export const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

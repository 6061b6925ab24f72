import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

const runner = resolve(import.meta.dirname, "../../runner");
const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2022,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** Compile parts of the program as they stand now into a folder, for tests that start processes of their own. */
export function compile(parts: readonly string[], target: string): void {
  writeFileSync(join(target, "package.json"), JSON.stringify({ type: "module" }));
  for (const part of parts) {
    for (const name of readdirSync(join(runner, part))) {
      if (!name.endsWith(".ts")) continue;
      const source = join(runner, part, name);
      const { outputText } = ts.transpileModule(readFileSync(source, "utf8"), { compilerOptions });
      const compiled = join(target, relative(runner, source).replace(/\.ts$/, ".js"));
      mkdirSync(dirname(compiled), { recursive: true });
      writeFileSync(compiled, outputText);
    }
  }
}

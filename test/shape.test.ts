import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const runner = resolve(import.meta.dirname, "../runner");

/** Which part of the project may import which, besides itself. `simulator` shares nothing with the client it judges. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  simulator: [],
  language: ["core"],
  rpc: ["core"],
  ledger: ["core"],
  engine: ["core"],
  config: ["core", "language"],
  plan: ["core", "language"],
  runs: ["core", "ledger"],
  providers: ["core", "language", "rpc"],
  reporters: ["core", "ledger", "runs"],
  workspace: ["core", "language", "rpc", "ledger", "engine", "config", "plan", "runs", "providers"],
  ui: ["core", "ledger", "runs", "reporters"],
  cli: ["workspace", "core", "reporters", "ledger", "simulator", "ui"],
  index: ["workspace", "core"],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly lazy: boolean;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const places = [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;"']*?\bfrom\s*"(\.[^"]+)"|\bimport\(\s*"(\.[^"]+)"\s*\)/g),
  ];
  return places.map((match) => ({
    from: relative(runner, file),
    to: relative(runner, resolve(dirname(file), match[1] ?? match[2] ?? "")),
    lazy: match[2] !== undefined,
  }));
}

const partOf = (file: string): string => (file.split("/")[0] ?? "").replace(/\.ts$/, "");
const imports = filesBelow(runner).flatMap(importsOf);

describe("the shape of the project", () => {
  it("has imports to look at", () => {
    expect(imports.length).toBeGreaterThan(50);
  });

  it("imports in one direction only", () => {
    const wrong = imports.filter(({ from, to }) => {
      const part = partOf(from);
      return part !== partOf(to) && !(allowed[part] ?? []).includes(partOf(to));
    });
    expect(wrong).toEqual([]);
  });

  it("loads the simulator only when a command needs it", () => {
    const eager = imports.filter(({ from, to, lazy }) => partOf(from) === "cli" && partOf(to) === "simulator" && !lazy);
    expect(eager.filter(({ from }) => !from.startsWith("cli/commands/"))).toEqual([]);
  });

  it("loads the pages only when somebody wants them served", () => {
    expect(imports.filter(({ from, to, lazy }) => partOf(from) !== "ui" && partOf(to) === "ui" && !lazy)).toEqual([]);
  });

  it("keeps one provider from knowing another", () => {
    const provider = (file: string): string => file.split("/")[1] ?? "";
    const across = imports.filter(
      ({ from, to }) => partOf(from) === "providers" && partOf(to) === "providers" && provider(from) !== provider(to),
    );
    expect(across).toEqual([]);
  });

  it("has no cycle", () => {
    const graph = new Map<string, string[]>();
    for (const { from, to, lazy } of imports) if (!lazy) graph.set(from, [...(graph.get(from) ?? []), to]);
    const done = new Set<string>();
    const path: string[] = [];
    const cycles: string[] = [];
    const visit = (file: string): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      if (done.has(file) || path.includes(file)) return;
      path.push(file);
      for (const next of graph.get(file) ?? []) visit(next);
      path.pop();
      done.add(file);
    };
    for (const file of graph.keys()) visit(file);
    expect(cycles).toEqual([]);
  });

  it("is built without a file that is there in the source only", () => {
    const dist = resolve(import.meta.dirname, "../dist");
    const built = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
    const wrong = built.filter((name) =>
      /\b(?:from|import\()\s*["']\.[^"']*\.ts["']/.test(readFileSync(join(dist, name), "utf8")),
    );
    expect(built.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  });

  it("says nothing of one vendor outside its provider, the built-in services and the simulator", () => {
    const neutral = filesBelow(runner).filter((file) =>
      ["core", "engine", "ledger", "language", "rpc", "reporters"].includes(partOf(relative(runner, file))),
    );
    const telling = neutral.filter((file) => /\b(visa|cove)\b/i.test(readFileSync(file, "utf8")));
    expect(telling.map((file) => relative(runner, file))).toEqual([]);
  });
});

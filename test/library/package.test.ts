import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configFor } from "../support/cli.ts";
import { compileIn, newConsumer, root, runIn, textOf } from "../support/consumer.ts";

// The package as another program gets it: its built files, its declarations, its examples.

let folder = "";
beforeAll(() => {
  folder = newConsumer();
  cpSync(join(root, "docs/examples"), folder, { recursive: true });
  writeFileSync(join(folder, "wrong.ts"), wrongUses);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each of these must be refused by the compiler. */
const wrongUses = `
import { openWorkspace } from "rollcall";
// @ts-expect-error test seams are not part of the library
await openWorkspace({ seams: {} });
// @ts-expect-error nor is anything of the engine
import type { Job } from "rollcall";
// @ts-expect-error nor any file behind the entry
import type { Parts } from "rollcall/dist/engine/job.js";
const workspace = await openWorkspace();
const plan = await workspace.loadPlan("p.yaml");
// @ts-expect-error nothing is changed without consent
workspace.apply(plan, {});
// @ts-expect-error a function is no input
await workspace.loadPlan("p.yaml", { inputs: { partner: () => 5 } });
export type { Job, Parts };
`;

describe("a program that imports rollcall", () => {
  it("compiles strictly, the declarations of the package included, and so do the examples", () => {
    expect(compileIn(folder)).toBe("");
    expect(existsSync(join(folder, "assign-product.js"))).toBe(true);
  });

  it("loads next to nothing until it uses a verb", async () => {
    writeFileSync(
      join(folder, "loads.mjs"),
      `import { Session } from "node:inspector";
       const session = new Session();
       const urls = [];
       session.connect();
       session.on("Debugger.scriptParsed", ({ params }) => urls.push(params.url));
       session.post("Debugger.enable");
       await import("rollcall");
       console.log(urls.filter((url) => url.startsWith("file:") && url !== import.meta.url)
         .map((url) => url.replace(/^.*\\/rollcall\\//, "")).sort().join(" "));`,
    );
    const { out, err } = await runIn(folder, ["loads.mjs"]);
    expect({ loaded: out.trim(), err }).toEqual({
      loaded: "dist/core/model/errors.js dist/core/model/item.js dist/index.js",
      err: "",
    });
  });
});

describe("the declarations", () => {
  it("reach nothing but the workspace and the words of the model", () => {
    const reached = new Set<string>();
    const follow = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const { fileName } of ts.preProcessFile(readFileSync(file, "utf8")).importedFiles)
        if (fileName.startsWith(".")) follow(resolve(dirname(file), fileName).replace(/\.[jt]s$/, ".d.ts"));
    };
    follow(join(root, "dist/index.d.ts"));
    const names = [...reached].map((file) => relative(join(root, "dist"), file));
    expect(names.length).toBeGreaterThan(5);
    expect(
      names.filter((name) => !/^(index|workspace(\/(options|reports))?|core\/model\/[a-z-]+)\.d\.ts$/.test(name)),
    ).toEqual([]);
    const text = [...reached].map((file) => readFileSync(file, "utf8")).join("\n");
    expect(text.match(/\b(Seams|Inside|Job|Parts|Book)\b/g)).toBeNull();
  });

  it("name every type that an exported one is made of", () => {
    const program = ts.createProgram([join(root, "dist/index.d.ts")], { strict: true, types: [] });
    const checker = program.getTypeChecker();
    const entry = program.getSourceFile(join(root, "dist/index.d.ts"))!;
    const exported = checker
      .getExportsOfModule(checker.getSymbolAtLocation(entry)!)
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
    const known = new Set(exported.map(({ name }) => name));
    const missing = new Set<string>();
    const visit = (node: ts.Node): void => {
      if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) {
        const found = checker.getSymbolAtLocation(node.typeName);
        const isOurs = found?.declarations?.every(
          (one) => !ts.isTypeParameterDeclaration(one) && one.getSourceFile().fileName.includes("/dist/"),
        );
        if (isOurs === true && !known.has(node.typeName.text)) missing.add(node.typeName.text);
      }
      ts.forEachChild(node, visit);
    };
    for (const { declarations = [] } of exported) declarations.forEach(visit);
    expect([...missing].sort()).toEqual(unnamed);
  });
});

/** The parts of a resolved plan and of a configured service, which a caller hands on and does not make; the brand of an id. */
const unnamed = [
  "Brand",
  "ChangeRule",
  "Clause",
  "DeclaredPath",
  "Enumeration",
  "Gate",
  "Guards",
  "Hold",
  "ItemRead",
  "Lookup",
  "Pace",
  "Protocol",
  "Stops",
  "UndoRule",
  "Verification",
  "Warning",
  "Window",
];

describe("the examples", () => {
  let simulator: ChildProcess;

  beforeAll(async () => {
    const main = join(folder, "node_modules/rollcall/dist/cli/main.js");
    simulator = spawn(process.execPath, [main, "simulate", "--devices", "400", "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const line = await new Promise<string>((ready, fail) => {
      simulator.stdout?.once("data", (data: Buffer) => ready(data.toString()));
      simulator.once("exit", () => fail(new Error("the simulator did not start")));
    });
    const { url } = JSON.parse(line) as { readonly url: string };
    writeFileSync(join(folder, "rollcall.config.yaml"), configFor(url));
  });
  afterAll(() => simulator.kill("SIGTERM"));

  it("preview and apply a plan, and have nothing to do the second time", async () => {
    const plan = "node_modules/rollcall/plans/cove/assign-product.yaml";
    const first = await runIn(folder, ["assign-product.js", plan]);
    const [, selected = "0"] = /^(\d+) of 400 would change$/m.exec(first.out) ?? [];
    expect(Number(selected)).toBeGreaterThan(10);
    expect(first).toEqual({ out: `${selected} of 400 would change\n${selected} confirmed\n`, err: "", exit: 0 });
    const second = await runIn(folder, ["assign-product.js", plan]);
    expect(second).toEqual({ out: "0 of 400 would change\n0 confirmed\n", err: "", exit: 0 });
  });

  it("say what is wrong with a plan, and exit as the command line would", async () => {
    writeFileSync(join(folder, "broken.yaml"), "rollcall: 1\nname: broken\nservice: simulater\n");
    const { err, exit } = await runIn(folder, ["assign-product.js", "broken.yaml"]);
    expect(exit).toBe(3);
    expect(err).toMatch(/^1:1 the plan needs the key enumerate$/m);
  });

  it("run a service of their own kind from list to proof, a lost answer included", async () => {
    const port = await freePort();
    const lamps = join(folder, "lamps");
    const config = readFileSync(join(lamps, "rollcall.config.yaml"), "utf8");
    writeFileSync(join(lamps, "rollcall.config.yaml"), config.replace("8766", String(port)));
    const { out, err, exit } = await runIn(lamps, ["main.js", String(port)]);
    expect({ err, exit }).toEqual({ err: "", exit: 0 });
    // Which lamp it is, and how many calls were marked as sent together, depends on the machine.
    const settled = (text: string): string =>
      text.replace(/lamp-\d+/, "lamp-N").replace(/of \d+ entries/, "of N entries");
    const [, told = ""] = /^program prints:\n\n```\n([^]*?)^```$/m.exec(textOf("docs/library.md")) ?? [];
    expect(settled(out)).toBe(settled(told));
    expect(told).toContain("4 confirmed, exit 0");
  });

  it("stand in the documentation as they were run", () => {
    const blocks = [...textOf("docs/library.md").matchAll(/^<!-- (\S+) -->\n```\w+\n([^]*?)^```$/gm)];
    expect(blocks.map(([, file]) => file)).toEqual([
      "examples/assign-product.ts",
      "examples/lamps/main.ts",
      "examples/lamps/dim.yaml",
      "examples/lamps/rollcall.config.yaml",
      "examples/lamps/provider.ts",
    ]);
    for (const [, file = "", text] of blocks) expect(text, file).toBe(textOf(join("docs", file)));
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

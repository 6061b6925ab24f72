import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../runner/config/load.ts";
import { startSimulator } from "../../runner/simulator/server.ts";
import { openWorkspace } from "../../runner/workspace.ts";
import { rollcall as run } from "../support/cli.ts";
import { rollcall, type Surroundings } from "./stand-in.ts";

const root = resolve(import.meta.dirname, "../..");
const newFolder = (): string => mkdtempSync(join(tmpdir(), "rollcall-init-"));
const complete = ["init", "--plan", "assign-product", "--set", "partner=4001", "--set", "from=3", "--set", "to=4"];

async function init(words: readonly string[] = [], around: Surroundings = {}) {
  const cwd = around.cwd ?? newFolder();
  const session = await rollcall(["init", ...words], { ...around, cwd });
  return {
    ...session,
    cwd,
    files: readdirSync(cwd).sort(),
    read: (file: string) => readFileSync(join(cwd, file), "utf8"),
  };
}

describe("init with flags", () => {
  it("writes plan, inputs and config, and says what comes next", async () => {
    const { exit, out, err, files, read } = await init(complete.slice(1));
    expect({ exit, err }).toEqual({ exit: 0, err: "" });
    const own = ["inputs.yaml", "test.yaml", "yaml"].map((ending) => `assign-product.${ending}`);
    expect(files).toEqual([...own, "rollcall.config.yaml"]);
    const [, ...copy] = read("assign-product.yaml").split("\n");
    const [, ...original] = readFileSync(join(root, "plans/cove/assign-product.yaml"), "utf8").split("\n");
    expect(copy).toEqual(original);
    expect(read("assign-product.inputs.yaml")).toMatch(/^# Customer id.*\npartner: 4001$/m);
    expect(out).toContain("  rollcall validate assign-product.yaml --inputs assign-product.inputs.yaml\n");
    expect(out).toContain("  rollcall preview assign-product.yaml --inputs assign-product.inputs.yaml");
  });

  it("writes what the next commands accept as it is, up to a preview", async () => {
    await using simulator = await startSimulator({ devices: 60 });
    const cwd = newFolder();
    expect(await run(complete, { cwd })).toMatchObject({ exit: 0, stderr: "" });
    const inputs = ["assign-product.yaml", "--inputs", "assign-product.inputs.yaml"];
    expect(await run(["validate", ...inputs], { cwd })).toMatchObject({ exit: 0, stderr: "" });
    writeFileSync(join(cwd, "sim.yaml"), `services: { cove: { kind: simulator, url: "${simulator.url}" } }\n`);
    const previewed = await run(["preview", ...inputs, "--config", "sim.yaml"], { cwd });
    expect(previewed.exit, previewed.stderr).toBe(0);
  });

  it("writes a config that is valid and holds references only", async () => {
    const { cwd } = await init(complete.slice(1));
    const { services, written } = await loadConfig({ cwd, env: { COVE_USERNAME: "u", COVE_PASSWORD: "p" } });
    expect([...written.keys()]).toEqual(["cove"]);
    expect((await services.get("cove")?.credentials())?.password.reveal()).toBe("p");
  });

  it("leaves what is not given empty, says so, and the plan is refused there until it is filled in", async () => {
    const { exit, out, err, cwd, read } = await init(["--plan", "assign-product", "--set", "from=3"]);
    expect({ exit, err }).toEqual({ exit: 0, err: "" });
    expect(out).toContain("To be filled in, in assign-product.inputs.yaml: partner, to\n");
    expect(read("assign-product.inputs.yaml")).toBe(
      [
        "# Inputs of assign-product. Used with: --inputs FILE",
        "# Customer id at the top of the scope (whole number)",
        "partner:",
        "# Product id the devices have now (whole number)",
        "from: 3",
        "# Product id they get (whole number)",
        "to:",
        "",
      ].join("\n"),
    );
    const inputs = ["preview", "assign-product.yaml", "--inputs", "assign-product.inputs.yaml"];
    const empty = await run(inputs, { cwd });
    expect(empty.exit).toBe(3);
    expect(empty.stderr).toMatch(/assign-product\.inputs\.yaml:3:1 {2}missing-input {2}input partner /);
    expect(empty.stderr).toMatch(/assign-product\.inputs\.yaml:7:1 {2}missing-input {2}input to /);
    // What comes from elsewhere fills the gaps.
    const env = { ROLLCALL_INPUT_PARTNER: "4001" };
    const { stderr } = await run([...inputs, "--set", "to=4", "--service", "simulator"], { cwd, env });
    expect(stderr).not.toContain("missing-input");
    const json = await init(["--plan", "assign-product", "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({ missing: ["partner", "from", "to"] });
  });

  it("of every plan of the gallery brings a test that passes as it is", async () => {
    const plans = readdirSync(join(root, "plans/cove")).filter((name) => /(?<!\.test)\.yaml$/.test(name));
    expect(plans.length).toBeGreaterThan(10);
    for (const name of plans.map((file) => file.replace(".yaml", ""))) {
      const { cwd, exit } = await init(["--plan", name, "--out", "my plan.yml"]);
      expect(exit, name).toBe(0);
      await using workspace = await openWorkspace({ cwd, env: {} });
      for await (const { problems, cases } of workspace.test(["my plan.yml"])) {
        expect(problems, name).toEqual([]);
        expect(new Set(cases.map(({ outcome }) => outcome)), name).toEqual(new Set(["passed"]));
      }
    }
  });

  it("keeps no secret, and says in the file and beside it how each is given", async () => {
    const { out, cwd, read } = await init(["--plan", "gui-password", "--set", "partner=4001"]);
    const ways =
      "Give it as ROLLCALL_SECRET_PASSWORD, in an --inputs FILE of mode 0600, or on a terminal when asked for it.";
    expect(out).toContain(`The secret password is not kept. ${ways}`);
    expect(read("gui-password.inputs.yaml")).toContain(`# ${ways}\n# password:\n`);
    expect(statSync(join(cwd, "gui-password.inputs.yaml")).mode & 0o777).toBe(0o600);
    const set = await init(["--plan", "gui-password", "--set", "password=correct-horse"]);
    expect(set.exit).toBe(3);
    expect(set.err).toContain(ways);
    expect(set.err).not.toContain("correct-horse");
  });

  it("tells everything that is wrong at once, and writes nothing", async () => {
    const { exit, out, err, files } = await init([
      ...["--plan", "assign-product", "--set", "partner=x", "--set", "frm=3"],
      ...["--set", "to=4", "--set", "to=5"],
    ]);
    expect({ exit, out, files }).toEqual({ exit: 3, out: "", files: [] });
    expect(err).toBe(
      [
        '--set partner: expected a whole number, found "x"',
        "--set frm: assign-product has no such input. Did you mean from?",
        "--set to is given more than once.",
        "help: Nothing was written.\n",
      ].join("\n"),
    );
  });

  it.each([
    ["no plan", [], "--plan NAME is missing, and nobody is at the terminal to choose."],
    ["an unknown plan", ["--plan", "assign"], 'There is no plan "assign" in the gallery.'],
  ])("of %s is exit 3, and lists what there is with its job", async (_, words, message) => {
    const { exit, err, files } = await init(words);
    expect({ exit, files }).toEqual({ exit: 3, files: [] });
    expect(err).toContain(message);
    expect(err).toContain("  assign-product: Move the workstations below one customer");
  });

  it("asks nobody in CI, or when JSON is wanted, even on a terminal", async () => {
    for (const around of [{ env: { CI: "true" } }, {}]) {
      const { exit, err } = await init(around.env ? [] : ["--json"], { ...around, terminal: 80, typed: ["1"] });
      expect(exit).toBe(3);
      expect(err).toContain("--plan NAME is missing");
    }
  });

  it("tells the same as JSON", async () => {
    const { out } = await init([...complete.slice(1), "--json", "--out", "mine.yml"]);
    expect(JSON.parse(out)).toMatchObject({
      v: 1,
      type: "init",
      plan: "assign-product",
      written: {
        ...{ plan: "mine.yml", inputs: "mine.inputs.yaml", test: "mine.test.yaml", config: "rollcall.config.yaml" },
      },
      missing: [],
      next: [
        expect.stringMatching(/ validate /),
        expect.stringMatching(/ test mine\.yml$/),
        expect.stringMatching(/ doctor /),
        expect.stringMatching(/ preview /),
      ],
    });
  });
});

describe("files that are there already", () => {
  it.each(["assign-product.yaml", "assign-product.inputs.yaml", "assign-product.test.yaml"])(
    "%s is never overwritten: exit 3",
    async (file) => {
      const cwd = newFolder();
      writeFileSync(join(cwd, file), "mine");
      const { exit, err, files, read } = await init(complete.slice(1), { cwd });
      expect({ exit, files, text: read(file) }).toEqual({ exit: 3, files: [file], text: "mine" });
      expect(err).toContain(`In the way: ${file}.`);
      expect(err).toContain("--out FILE");
    },
  );

  it("a config stays as it is, and so does one that ROLLCALL_CONFIG names", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), "rollcall: 1\n");
    const { exit, out, read } = await init(complete.slice(1), { cwd });
    expect({ exit, text: read("rollcall.config.yaml") }).toEqual({ exit: 0, text: "rollcall: 1\n" });
    expect(out).toContain("rollcall.config.yaml is there and stays as it is");
    const other = await init(complete.slice(1), { env: { ROLLCALL_CONFIG: "/etc/rollcall.yaml" } });
    expect(other.files).not.toContain("rollcall.config.yaml");
  });

  it("a place that can hold no plan is exit 3", async () => {
    for (const [out, message] of [
      ["plan.txt", "must end in .yaml"],
      ["dd.test.yaml", "files that end in .test.yaml are none"],
      ["dd.inputs.yaml", "files that end in .inputs.yaml are none"],
      ["rollcall.config.yaml", "files that end in .config.yaml are none"],
      ["nowhere/plan.yaml", "There is no folder nowhere."],
    ] as const) {
      const { exit, err } = await init([...complete.slice(1), "--out", out]);
      expect(exit).toBe(3);
      expect(err).toContain(message);
    }
  });
});

describe("init at a terminal", () => {
  it("asks for job and inputs until each answer will do", async () => {
    const typed = ["99", "assign-product", "abc", "", "4001", "3", "4"];
    const { exit, err, read } = await init([], { terminal: 60, typed });
    expect(exit).toBe(0);
    expect(err).toContain('There is no "99"');
    expect(err).toContain('expected a whole number, found "abc"');
    expect(err).toContain("a value is needed");
    expect(read("assign-product.inputs.yaml")).toMatch(/^partner: 4001$/m);
    expect(read("assign-product.inputs.yaml")).toMatch(/^to: 4$/m);
    // What is typed ends a line here; the stand-in does not show it.
    expect(Math.max(...err.split(/\n|: /).map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  it("takes a number for the job, and asks only what the flags leave open", async () => {
    const jobs = readdirSync(join(root, "plans/cove")).filter((name) => /(?<!\.test)\.yaml$/.test(name));
    const number = 1 + jobs.sort().indexOf("assign-product.yaml");
    const inputs = ["--set", "partner=4001", "--set", "from=3"];
    const { exit, err } = await init(inputs, { terminal: 80, typed: [String(number), "4"] });
    expect(exit).toBe(0);
    expect(err).not.toContain("partner:");
  });

  it("writes nothing when the input ends early: exit 130", async () => {
    const words = ["--plan", "assign-product"];
    const { exit, files, err } = await init(words, { terminal: 80, typed: ["4001"], ends: true });
    expect({ exit, files }).toEqual({ exit: 130, files: [] });
    expect(err).toContain("nothing was written");
  });
});

describe("the line by which editors find the schema", () => {
  const schemaOf = (folder: string, file = "assign-product.yaml"): string =>
    /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(join(folder, file), "utf8"))?.[1] ?? "";

  it("leads from wherever the files lie to the schemas of the package", async () => {
    const { cwd } = await init(complete.slice(1));
    for (const [file, schema] of [
      ["assign-product.yaml", "plan"],
      ["assign-product.test.yaml", "test"],
      ["rollcall.config.yaml", "config"],
    ] as const)
      expect(fileURLToPath(schemaOf(cwd, file))).toBe(join(root, `schemas/${schema}.schema.json`));
  });

  it("is relative where the package lies in the project, so that it holds on every machine", async () => {
    const cwd = mkdtempSync(join(root, "dist", "init-"));
    mkdirSync(join(cwd, "deep"));
    await init([...complete.slice(1), "--out", "deep/p.yaml"], { cwd });
    const schema = schemaOf(cwd, "deep/p.yaml");
    expect(schema).toBe(relative(join(cwd, "deep"), join(root, "schemas/plan.schema.json")));
    expect(existsSync(resolve(dirname(join(cwd, "deep/p.yaml")), schema))).toBe(true);
  });
});

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verbs } from "../../runner/cli/verbs.ts";
import { rollcall } from "./stand-in.ts";

const cwd = mkdtempSync(join(tmpdir(), "rollcall-complete-"));
const write = (file: string, text = ""): void => writeFileSync(join(cwd, file), text);
mkdirSync(join(cwd, "plans/cove"), { recursive: true });
mkdirSync(join(cwd, ".rollcall/runs/20261123T204700Z-k3m7q"), { recursive: true });
mkdirSync(join(cwd, ".rollcall/runs/20261124T010000Z-abcde"), { recursive: true });
mkdirSync(join(cwd, ".rollcall/runs/not a run"));
mkdirSync(join(cwd, "elsewhere/.rollcall/runs/20251231T235959Z-zzzzz"), { recursive: true });
for (const file of ["plans/cove/a.yaml", "plans/cove/a.test.yaml", "plans/cove/a.inputs.yaml", "plans/notes.txt"])
  write(file);
write("elsewhere/c.yaml", "rollcall: 1\nservices: { tenant: { kind: cove } }\n");
write("broken.yaml", "services: [");

/** What the last word may become; with `about`, what is said of it as well. */
async function proposed(...words: readonly string[]): Promise<readonly string[]> {
  return (await linesFor(words)).map((line) => line.split("\t")[0] ?? "");
}

async function linesFor(words: readonly string[]): Promise<readonly string[]> {
  const { exit, out, err } = await rollcall(["__complete", ...words], { cwd });
  expect({ exit, err }).toEqual({ exit: 0, err: "" });
  return out.split("\n").filter((line) => line !== "");
}

describe("a verb being written", () => {
  it("may become every command of the help, told with its sentence, and nothing hidden", async () => {
    expect(await linesFor([""])).toEqual(verbs.map(({ name, sentence }) => `${name}\t${sentence}`));
  });

  it("becomes the one that begins so, also behind help", async () => {
    expect(await proposed("prev")).toEqual(["preview"]);
    expect(await proposed("help", "prev")).toEqual(["preview"]);
  });

  it("is followed by its own verbs where it has some", async () => {
    expect(await proposed("audit", "")).toEqual([
      ...["verify", "log", "export", "attest", "verify-attestation", "pack", "verify-pack"],
    ]);
  });
});

describe("a flag being written", () => {
  it.each(verbs.map(({ name }) => name).filter((name) => name !== "audit"))(
    "of %s may become every flag that its help shows",
    async (name) => {
      const { out } = await rollcall([name, "--help"]);
      const shown = [...out.matchAll(/^ +(?:-\w )? *\[?--([\w-]+)/gm)].map(([, flag]) => `--${flag}`);
      expect(await proposed(name, "--")).toEqual(shown.filter((flag) => flag !== "--help"));
    },
  );

  it("is not proposed twice, but for one that may be given again", async () => {
    expect(await proposed("apply", "--yes", "--y")).toEqual([]);
    expect(await proposed("apply", "--set", "a=1", "--se")).toEqual(["--set", "--service"]);
  });
});

describe("a value being written", () => {
  it.each([
    [
      ["apply", "x", "--log-level", ""],
      ["debug", "info", "warn", "silent"],
    ],
    [["apply", "x", "--log-level=d"], ["--log-level=debug"]],
    [["show", "x", "--states", "conf"], ["confirmed"]],
    [["show", "x", "--states", "confirmed,pend"], ["confirmed,pending"]],
    [["show", "x", "--states=open,pend"], ["--states=open,pending"]],
    [
      ["schema", ""],
      ["plan", "config", "test", "policy"],
    ],
    [["completion", "z"], ["zsh"]],
    [["init", "--plan", "assign-prod"], ["assign-product"]],
    [["apply", "x", "--confirm", ""], []],
    [["apply", "x", "--log-level=,d"], []],
  ])("%j may become %j", async (words, values) => {
    expect(await proposed(...words)).toEqual(values);
  });

  it("of --states is not one that is in the list already", async () => {
    const more = await proposed("show", "x", "--states", "confirmed,open,");
    expect(more).toContain("confirmed,open,rejected");
    expect(more).not.toContain("confirmed,open,confirmed");
    expect(more).not.toContain("confirmed,open,open");
  });

  it("of --service is a service of the config that the command line names", async () => {
    expect(await proposed("apply", "x", "--service", "")).toEqual(["cove", "simulator"]);
    expect(await proposed("apply", "--config", "elsewhere/c.yaml", "--service", "t")).toEqual(["tenant"]);
    expect(await proposed("apply", "--config=elsewhere/c.yaml", "--service=t")).toEqual(["--service=tenant"]);
  });

  it("of --set is an input of the plan that the command line names; a secret is none", async () => {
    write(
      "plans/cove/a.yaml",
      "inputs: { partner: { type: integer }, word: { type: secret }, path: { type: file } }\n",
    );
    expect(await proposed("apply", "plans/cove/a.yaml", "--set", "")).toEqual(["partner=", "path="]);
    expect(await proposed("apply", "--inputs", "x.yaml", "plans/cove/a.yaml", "--set", "par")).toEqual(["partner="]);
    expect(await proposed("init", "--plan", "assign-product", "--set", "pa")).toEqual(["partner="]);
    expect(await proposed("apply", "no.yaml", "--set", "")).toEqual([]);
    expect(await proposed("apply", "--set", "")).toEqual([]);
  });

  it("is never one that would move the cursor of a terminal", async () => {
    write("plans/bad\u001b[2J\n.txt");
    expect(await proposed("simulate", "--faults", "plans/b")).toEqual([]);
  });

  it("is nothing, quietly, where the config can not be read", async () => {
    expect(await proposed("apply", "--config", "broken.yaml", "--service", "")).toEqual([]);
    expect(await proposed("apply", "no/such/folder/")).toEqual([]);
  });
});

describe("a plan being written", () => {
  it("is reached through its folders; tests, inputs and other files are no plans", async () => {
    expect(await proposed("apply", "pl")).toEqual(["plans/"]);
    expect(await proposed("apply", "./plans/")).toEqual(["./plans/cove/"]);
    write("plans/changes.ndjson");
    expect(await proposed("apply", "plans/ch")).toEqual(["plans/changes.ndjson"]);
    expect(await proposed("preview", "plans/ch")).toEqual([]);
    expect(await proposed("validate", "one.yaml", "plans/cove/")).toEqual(["plans/cove/a.yaml"]);
    expect(await proposed("test", "plans/cove/")).toEqual(["plans/cove/a.test.yaml", "plans/cove/a.yaml"]);
  });

  it("may be any file where any file will do", async () => {
    expect(await proposed("apply", "x", "--inputs", "plans/cove/a.i")).toEqual(["plans/cove/a.inputs.yaml"]);
    expect(await proposed("simulate", "--faults", "plans/n")).toEqual(["plans/notes.txt"]);
  });

  it("gives way to flags only when they are asked for", async () => {
    expect(await proposed("apply", "plans/cove/a.yaml", "")).toContain("--yes");
    expect(await proposed("apply", "")).not.toContain("--yes");
    expect(await proposed("apply", "--", "--y")).toEqual([]);
  });
});

describe("a run being written", () => {
  it.each(["show", "resume", "verify", "unlock", "audit verify"])(
    "after %s is latest, or an id, the newest first",
    async (verb) => {
      const words = verb.split(" ");
      expect(await proposed(...words, "")).toEqual(["latest", "20261124T010000Z-abcde", "20261123T204700Z-k3m7q"]);
      expect(await proposed(...words, "20261123")).toEqual(["20261123T204700Z-k3m7q"]);
    },
  );

  it("is looked for beside the config that the command line names", async () => {
    expect(await proposed("show", "--config", "elsewhere/c.yaml", "2")).toEqual(["20251231T235959Z-zzzzz"]);
  });
});

import { describe, expect, it } from "vitest";
import type { LoadedPlan } from "../../runner/workspace.ts";
import type { InputOptions } from "../../runner/workspace/options.ts";
import { rollcall, telling, workspace, type Surroundings } from "./stand-in.ts";

/** A plan that needs a secret: what the command line gives for it, and what it shows. */
async function asked(words: readonly string[], around: Surroundings) {
  let given: string | undefined;
  const needs = async (inputs: InputOptions | undefined): Promise<void> => {
    given = await inputs?.ask?.("password", "The new one");
  };
  const made = workspace({
    loadPlan: async (file, inputs): Promise<LoadedPlan> => {
      await needs(inputs);
      return workspace({}).loadPlan(file);
    },
    preview: () => telling(),
    async *apply() {
      yield* telling();
    },
    async *resume(_run, options) {
      await needs(options?.inputs);
      yield* telling();
    },
  });
  const { exit, err, out } = await rollcall(words, { ...around, workspace: made });
  return { exit, given, err, out };
}

describe("a secret that a plan needs and nothing gives", () => {
  it.each([["preview"], ["apply"]])("is asked for twice by %s, and never shown", async (verb) => {
    const { given, err, out } = await asked([verb, "p.yaml"], { terminal: 80, typed: ["hunter22", "hunter22"] });
    expect(given).toBe("hunter22");
    expect(err).toContain("The plan needs a secret, password: The new one\nType it (it is not shown): ");
    expect(err + out).not.toContain("hunter22");
  });

  it("is asked for again where the two differ", async () => {
    const typed = ["hunter22", "hunter23", "hunter24", "hunter24"];
    const { given, err } = await asked(["preview", "p.yaml"], { terminal: 80, typed });
    expect(given).toBe("hunter24");
    expect(err).toContain("These are not the same.");
  });

  it("is asked for once by resume, which compares it with what the run began with", async () => {
    expect((await asked(["resume", "r"], { terminal: 80, typed: ["hunter22"] })).given).toBe("hunter22");
  });

  it("may be corrected while it is typed", async () => {
    const typed = ["x\u0015huntex\u007fr\u001b[D22"];
    expect((await asked(["resume", "r"], { terminal: 80, typed })).given).toBe("hunter22");
  });

  it("is ended by Ctrl-C: exit 130, nothing sent", async () => {
    const { exit, err } = await asked(["apply", "p.yaml"], { terminal: 80, typed: ["hunt\u0003"] });
    expect(exit).toBe(130);
    expect(err).toContain("Interrupted before anything was sent.");
  });

  it.each([
    ["in a pipe", ["apply", "p.yaml"], {}],
    ["in CI", ["apply", "p.yaml"], { terminal: 80, env: { CI: "true" } }],
    ["with --json", ["apply", "p.yaml", "--json"], { terminal: 80 }],
    ["by validate", ["validate", "p.yaml"], { terminal: 80 }],
  ] as const)("is asked of nobody %s", async (_, words, around) => {
    const { given, err } = await asked(words, { ...around, typed: ["hunter22", "hunter22"] });
    expect(given).toBeUndefined();
    expect(err).not.toContain("Type it");
  });
});

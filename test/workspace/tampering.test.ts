import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import { openWorkspace, type Workspace } from "../../runner/workspace.ts";
import { configFor, demoPlan } from "../support/cli.ts";
import { collect, newFolder } from "../support/runs.ts";
import { ended, estate, yes } from "../support/workspace.ts";

interface Done {
  readonly workspace: Workspace;
  readonly run: string;
  /** A file of the run's folder. */
  readonly path: (name: string) => string;
  readonly edit: (name: string, from: string | RegExp, to: string) => void;
  /** Requests the service has received so far. */
  readonly requests: () => number;
}

/** A finished run, to be tampered with. */
async function withRun(test: (done: Done) => Promise<void>): Promise<void> {
  await using simulator = await startSimulator({ devices: 40 });
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url));
  await using workspace = await openWorkspace({ cwd, env: { CI: "" } });
  const run = await applied(workspace);
  const path = (name: string): string => join(cwd, ".rollcall", "runs", run, name);
  const edit = (name: string, from: string | RegExp, to: string): void => {
    const before = readFileSync(path(name), "utf8");
    writeFileSync(path(name), before.replace(from, to));
    expect(readFileSync(path(name), "utf8")).not.toBe(before);
  };
  await test({ workspace, run, path, edit, requests: () => simulator.witness.entries.length });
}

async function applied(workspace: Workspace): Promise<string> {
  const plan = await workspace.loadPlan(demoPlan, {
    set: ["partner=4001", "from=3", "to=4"],
    service: "simulator",
  });
  const consent = () => Promise.resolve({ given: true, how: "library" } as const);
  const [first] = await collect(workspace.apply(plan, { consent }));
  if (first?.type !== "run") throw new Error("a run tells its id first");
  return first.run;
}

describe("T22: a run whose files were edited", () => {
  it.each<[string, (done: Done) => void]>([
    ["its plan", ({ edit }) => edit("plan.yaml", "product_id: ${{ inputs.to }}", "product_id: 9")],
    ["its plan, by a comment alone", ({ edit }) => edit("plan.yaml", "rollcall: 1", "rollcall: 1 # later")],
    ["its start record", ({ edit }) => edit("ledger.ndjson", '"to":4', '"to":5')],
    ["the address in its start record", ({ edit }) => edit("ledger.ndjson", "127.0.0.1", "127.0.0.2")],
    ["its change set", ({ edit }) => edit("changeset.ndjson", '"ProductId":4', '"ProductId":5')],
  ])("is not gone on with, and the audit finds it: %s", async (_, tamper) => {
    await withRun(async (done) => {
      tamper(done);
      const before = done.requests();
      for (const verb of ["resume", "verify"] as const)
        await expect(collect(done.workspace[verb](done.run))).rejects.toMatchObject({ code: "audit", exitCode: 9 });
      expect((await done.workspace.audit(done.run)).ok).toBe(false);
      // Not even a login, where the plan or the ledger is wrong; never a change.
      expect(done.requests()).toBeLessThanOrEqual(before + 2);
    });
  });

  it("is found out where other bytes of its plan read as the same text", async () => {
    await using here = await estate();
    const file = join(here.cwd, "plan.yaml");
    const products = readFileSync(join(import.meta.dirname, "../support/plans/products.yaml"), "utf8");
    writeFileSync(file, `${products}# \uFFFD\n`);
    const { run, folder } = await ended(
      here,
      here.workspace.apply(await here.plan(here.movable(1), { file }), { consent: yes }),
    );
    expect((await here.workspace.audit(run)).ok).toBe(true);
    const plan = join(folder, "plan.yaml");
    writeFileSync(
      plan,
      Buffer.from(readFileSync(plan).toString("latin1").replace("\u00EF\u00BF\u00BD", "\u00E9"), "latin1"),
    );
    expect(readFileSync(plan, "utf8")).toBe(readFileSync(file, "utf8"));
    expect((await here.workspace.audit(run)).findings[0]!.message).toMatch(
      /is not the plan that this run was begun with$/,
    );
    expect((await here.workspace.show(run)).summary.status).toBe("damaged");
    for (const verb of ["resume", "verify"] as const)
      await expect(collect(here.workspace[verb](run))).rejects.toMatchObject({ code: "audit" });
  });

  it("is not gone on with when its ledger is that of another run", async () => {
    await withRun(async ({ workspace, run, path }) => {
      const other = await applied(workspace);
      writeFileSync(path("ledger.ndjson"), readFileSync(path(join("..", other, "ledger.ndjson"))));
      await expect(collect(workspace.resume(run))).rejects.toMatchObject({ code: "audit" });
    });
  });
});

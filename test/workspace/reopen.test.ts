import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import { openWorkspace, type Workspace } from "../../runner/workspace.ts";
import { configFor, demoPlan } from "../support/cli.ts";
import { collect, newFolder } from "../support/runs.ts";

async function apply(workspace: Workspace): Promise<string> {
  const plan = await workspace.loadPlan(demoPlan, { set: ["partner=4001", "from=3", "to=4"], service: "simulator" });
  const consent = () => Promise.resolve({ given: true, how: "library" } as const);
  const [first] = await collect(workspace.apply(plan, { consent }));
  if (first?.type !== "run") throw new Error("a run tells its id first");
  return first.run;
}

it("a run that had nothing to change says so, instead of that it stopped", async () => {
  await using simulator = await startSimulator({ devices: 40 });
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url));
  await using workspace = await openWorkspace({ cwd, env: { CI: "" } });
  await apply(workspace);
  const again = await apply(workspace);
  for (const verb of ["resume", "verify"] as const) {
    await expect(collect(workspace[verb](again))).rejects.toMatchObject({
      code: "stale",
      message: `Run ${again} had nothing to change, and has ended.`,
    });
  }
});

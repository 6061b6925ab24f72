import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { configFor, demoInputs, demoPlan, main, rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";

const settings = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 2s }\n";

const holders = (simulator: Simulator, product: number): number[] =>
  simulator.ids().filter((id) => simulator.device(id)?.productId === product);

/** Kill the program once it has sent so many changes. */
async function killed(args: readonly string[], cwd: string, isTime: () => boolean): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [main, ...args], { cwd, stdio: "ignore" });
  const ended = new Promise<NodeJS.Signals | null>((done) => child.on("close", (_, signal) => done(signal)));
  const timer = setInterval(() => isTime() && child.kill("SIGKILL"), 2);
  const signal = await ended;
  clearInterval(timer);
  return signal;
}

describe("going back, on the command line", () => {
  it("undoes a run, is killed while that is applied, and ends what it began after a resume", async () => {
    await using simulator = await startSimulator({ devices: 160, latencyMs: 15 });
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
    const before = { three: holders(simulator, 3), four: holders(simulator, 4) };
    const first = await rollcall(["apply", demoPlan, "--service", "simulator", ...demoInputs, "--yes"], { cwd });
    expect(first.exit).toBe(0);
    expect(holders(simulator, 3)).toEqual([]);

    const undone = await rollcall(["undo", "latest"], { cwd });
    expect([undone.exit, undone.stderr.includes("undo assign-product")]).toEqual([0, true]);
    const file = readdirSync(cwd).find((name) => name.startsWith("undo-")) ?? "";
    expect(undone.stdout).toContain(`apply ${file}`);
    expect(holders(simulator, 3)).toEqual([]);

    const sent = simulator.witness.requests("ModifyAccount");
    const isTime = () => simulator.witness.requests("ModifyAccount") >= sent + 8;
    expect(await killed(["apply", file, "--yes"], cwd, isTime)).toBe("SIGKILL");
    const resumed = await rollcall(["resume", "latest"], { cwd });
    expect(resumed.exit, resumed.stdout + resumed.stderr).toBe(0);
    expect(holders(simulator, 3)).toEqual(before.three);
    expect(holders(simulator, 4)).toEqual(before.four);
    expect((await rollcall(["audit", "verify", "latest"], { cwd })).exit).toBe(0);
    const shown = await rollcall(["show", "latest"], { cwd });
    expect(shown.stdout).toMatch(/^from .* saved, which takes back run /m);
  }, 60_000);
});

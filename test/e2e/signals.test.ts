import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { configFor, demoInputs, demoPlan, rollcall } from "../support/cli.ts";
import { check } from "../support/oracle.ts";
import { evidenceOf, newFolder, witnessOf } from "../support/runs.ts";

const main = resolve(import.meta.dirname, "../../dist/cli/main.js");
const settings = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 2s }\n";

/** Start an apply without a terminal, and send it signals once so many changes have arrived. */
async function interrupted(
  simulator: Simulator,
  { after, signals, gapMs = 0 }: { after: number; signals: NodeJS.Signals[]; gapMs?: number },
) {
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
  const running = spawn(
    process.execPath,
    [main, "apply", demoPlan, "--service", "simulator", ...demoInputs, "--yes", "--json"],
    {
      cwd,
      env: { ...process.env, CI: "" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let folder = "";
  let stderr = "";
  running.stdout.on("data", (text: Buffer) => (folder ||= /"folder":"([^"]+)"/.exec(text.toString())?.[1] ?? ""));
  running.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const ended = new Promise<number | string>((done) =>
    running.on("close", (code, signal) => done(signal ?? code ?? -1)),
  );
  while (simulator.witness.requests("ModifyAccount") < after) await pause(5);
  for (const signal of signals) {
    running.kill(signal);
    await pause(gapMs);
  }
  return { exit: await ended, folder, cwd, stderr };
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const violations = (folder: string, simulator: Simulator): string[] =>
  check({ ...evidenceOf(folder), witness: witnessOf(simulator), method: "ModifyAccount", repeat: "set" });
const endOf = (folder: string) =>
  evidenceOf(folder).records.findLast((one): one is Extract<LedgerRecord, { type: "end" }> => one.type === "end");

describe("T20: a run that is interrupted", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`${signal}: withdraws, waits for answers, ends with 130 or worse; resume finishes the job`, async () => {
      await using simulator = await startSimulator({ devices: 400, latencyMs: 20 });
      const { exit, folder, cwd } = await interrupted(simulator, { after: 10, signals: [signal] });
      const end = endOf(folder);
      expect([130, 7]).toContain(exit);
      expect(end?.notStarted.interrupted).toBeGreaterThan(0);
      expect(violations(folder, simulator)).toEqual([]);
      const resumed = await rollcall(["resume", "latest"], { cwd });
      expect(resumed.exit).toBe(0);
      expect(endOf(folder)?.counts["not-started"]).toBe(0);
      expect(violations(folder, simulator)).toEqual([]);
    });
  }

  it("a second signal leaves at once; what was answered is recorded, and resume goes on", async () => {
    await using simulator = await startSimulator({ devices: 400, latencyMs: 600 });
    const began = performance.now();
    const { exit, folder, cwd } = await interrupted(simulator, { after: 4, signals: ["SIGINT", "SIGINT"], gapMs: 50 });
    expect([130, 7]).toContain(exit);
    expect(performance.now() - began).toBeLessThan(20_000);
    const resumed = await rollcall(["resume", "latest"], { cwd });
    expect({ exit: resumed.exit, stderr: resumed.exit === 0 ? "" : resumed.stderr }).toEqual({ exit: 0, stderr: "" });
    expect(violations(folder, simulator)).toEqual([]);
  });

  it("the timing of a CI system (SIGINT, SIGTERM, SIGKILL) leaves a record that resume can use", async () => {
    await using simulator = await startSimulator({ devices: 400, latencyMs: 300 });
    const { folder, cwd } = await interrupted(simulator, {
      after: 4,
      signals: ["SIGINT", "SIGTERM", "SIGKILL"],
      gapMs: 20,
    });
    const resumed = await rollcall(["resume", "latest"], { cwd });
    expect(resumed.exit).toBe(0);
    expect(violations(folder, simulator)).toEqual([]);
  });

  it("a reader that goes away does not end the run", async () => {
    await using simulator = await startSimulator({ devices: 200 });
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
    const running = spawn(
      "bash",
      [
        "-c",
        `"$0" "$@" | head -1`,
        process.execPath,
        main,
        "apply",
        demoPlan,
        "--service",
        "simulator",
        ...demoInputs,
        "--yes",
        "--json",
      ],
      { cwd, env: { ...process.env, CI: "" }, stdio: "ignore" },
    );
    await new Promise((done) => running.on("close", done));
    const report = await rollcall(["runs", "--json"], { cwd });
    expect(report.stdout).toContain('"sealed"');
  });
});

describe("two runs at once", () => {
  it("the second is refused with the first one's name, and sends nothing", async () => {
    await using simulator = await startSimulator({ devices: 400, latencyMs: 400 });
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
    const args = ["apply", demoPlan, "--service", "simulator", ...demoInputs, "--yes"];
    const first = rollcall(args, { cwd });
    while (simulator.witness.requests("ModifyAccount") < 3) await pause(5);
    const second = await rollcall(args, { cwd });
    expect(second.exit).toBe(5);
    expect(second.stderr).toMatch(/held by run \d{8}T\d{6}Z/);
    expect((await first).exit).toBe(0);
  });
});

describe("verify, later", () => {
  it("settles from the run folder alone what the list did not show yet", async () => {
    await using simulator = await startSimulator({ devices: 200, lagMs: 4000 });
    const cwd = newFolder();
    const patient = "    late: 200ms\n    lag: { list: 60s, by_id: 0s }\n";
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, patient));
    writeFileSync(
      join(cwd, "plan.yaml"),
      (await import("node:fs"))
        .readFileSync(demoPlan, "utf8")
        .replace("within: 2m, every: 10s", "within: 0s, every: 1s"),
    );
    const applied = await rollcall(["apply", "plan.yaml", "--service", "simulator", ...demoInputs, "--yes"], { cwd });
    expect(applied.exit).toBe(8);
    await pause(4200);
    const verified = await rollcall(["verify", "latest"], { cwd });
    expect({ exit: verified.exit, stderr: verified.exit === 0 ? "" : verified.stderr }).toEqual({
      exit: 0,
      stderr: "",
    });
    const audited = await rollcall(["audit", "verify", "latest"], { cwd });
    expect(audited.exit).toBe(0);
  });
});

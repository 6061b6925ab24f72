import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import { configFor, demoInputs, demoPlan, rollcall } from "../support/cli.ts";
import { check } from "../support/oracle.ts";
import { evidenceOf, newFolder, witnessOf } from "../support/runs.ts";

const main = resolve(import.meta.dirname, "../../dist/cli/main.js");
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

it("T17: unlock takes a run from an owner that hangs, records who and why, and the owner admits nothing new and tells nothing of it", async () => {
  await using simulator = await startSimulator({ devices: 400, latencyMs: 100 });
  const cwd = newFolder();
  const settings = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 1s }\n";
  writeFileSync(`${cwd}/rollcall.config.yaml`, configFor(simulator.url, settings));
  const args = [main, "apply", demoPlan, "--service", "simulator", ...demoInputs, "--yes", "--json"];
  const owner = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, CI: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let told = "";
  owner.stdout.on("data", (text: Buffer) => (told += text.toString()));
  let complaint = "";
  owner.stderr.on("data", (text: Buffer) => (complaint += text.toString()));
  const gone = new Promise<number | null>((done) => owner.on("close", done));
  while (simulator.witness.requests("ModifyAccount") < 10) await pause(5);
  owner.kill("SIGSTOP");
  await pause(300);
  expect((await rollcall(["resume", "latest"], { cwd })).exit).toBe(5);
  const unlocked = await rollcall(["unlock", "latest", "--why", "the laptop was lost"], { cwd });
  expect(unlocked.stdout).toContain("was taken from run");
  const resumed = await rollcall(["resume", "latest"], { cwd });
  expect({ exit: resumed.exit, stderr: resumed.exit === 0 ? "" : resumed.stderr }).toEqual({ exit: 0, stderr: "" });
  const sent = simulator.witness.requests("ModifyAccount");
  const folder = /"folder":"([^"]+)"/.exec(told)?.[1] ?? "";
  const kept = ["ledger.ndjson", "summary.json"].map((name) => readFileSync(join(folder, name)));
  // What it told before, of its first wave, was its own.
  const before = told.length;
  owner.kill("SIGCONT");
  expect(await gone).toBe(7);
  expect(complaint).toMatch(/Another process has taken over run .* show 20/s);
  expect(told.slice(before)).not.toMatch(/"type":"(end|sealed|pass)"/);
  expect(["ledger.ndjson", "summary.json"].map((name) => readFileSync(join(folder, name)))).toEqual(kept);
  const evidence = evidenceOf(folder);
  const control = evidence.records.find((record) => record.type === "control");
  expect(control).toMatchObject({ op: "unlock", why: "the laptop was lost" });
  // The stopped owner had called under way that had not left yet, at most its slots; it admits nothing new.
  expect(simulator.witness.requests("ModifyAccount") - sent).toBeLessThanOrEqual(8);
  const violations = check({ ...evidence, witness: witnessOf(simulator), method: "ModifyAccount", repeat: "set" });
  expect(violations.filter((one) => !/^I[34679]:/.test(one))).toEqual([]);
});

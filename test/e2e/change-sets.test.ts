import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { configFor, demoInputs, demoPlan, rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";

const settings = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 2s }\n";
const planned = [demoPlan, "--service", "simulator", ...demoInputs];

function folderFor(simulator: Simulator): string {
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
  return cwd;
}

describe("review first, apply later, on the command line", () => {
  it("saves, says until when and how to go on, applies once, and tells why not twice", async () => {
    await using simulator = await startSimulator({ devices: 80 });
    const cwd = folderFor(simulator);
    const saved = await rollcall(["preview", ...planned, "--out", "changes.ndjson", "--expires", "2h"], { cwd });
    expect(saved.exit).toBe(0);
    expect(saved.stdout).toMatch(
      /Saved to changes\.ndjson, good until 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\.\nDigest [0-9a-f]{64}\n/,
    );
    expect(saved.stdout).toMatch(/Apply exactly this: \S+.* apply changes\.ndjson/);

    const unasked = await rollcall(["apply", "changes.ndjson"], { cwd });
    expect([unasked.exit, simulator.witness.requests("ModifyAccount")]).toEqual([5, 0]);

    const applied = await rollcall(["apply", "changes.ndjson", "--yes"], { cwd });
    expect(applied.exit).toBe(0);
    const sent = simulator.witness.requests("ModifyAccount");
    expect(sent).toBeGreaterThan(0);

    const again = await rollcall(["apply", "changes.ndjson", "--yes"], { cwd });
    expect(again.exit).toBe(5);
    expect(again.stderr).toContain("was applied already, by run");
    // It came to all of its items.
    expect(again.stderr).toContain("How that run ended: ");
    expect(again.stderr).not.toContain("resume");
    expect(simulator.witness.requests("ModifyAccount")).toBe(sent);

    const shown = await rollcall(["show", "latest"], { cwd });
    expect(shown.stdout).toMatch(/^from {5}the change set that run \d{8}T\d{6}Z-[a-z2-7]{5} saved/m);
  });

  it("refuses an edited file, new inputs for reviewed changes, and --expires without --out", async () => {
    await using simulator = await startSimulator({ devices: 80 });
    const cwd = folderFor(simulator);
    await rollcall(["preview", ...planned, "--out", "changes.ndjson"], { cwd });
    const file = join(cwd, "changes.ndjson");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.replaceAll('"ProductId":4', '"ProductId":6'));
    const edited = await rollcall(["apply", "changes.ndjson", "--yes", "--json"], { cwd });
    expect(edited.exit).toBe(5);
    expect(JSON.parse(edited.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ code: "tampered", exit: 5 });
    writeFileSync(file, whole);
    const inputs = await rollcall(["apply", "changes.ndjson", "--yes", "--set", "to=6"], { cwd });
    expect([inputs.exit, inputs.stderr]).toEqual([3, expect.stringContaining("reviewed with")]);
    const expires = await rollcall(["preview", ...planned, "--expires", "2h"], { cwd });
    expect([expires.exit, expires.stderr]).toEqual([3, expect.stringContaining("--out")]);
    expect(simulator.witness.requests("ModifyAccount")).toBe(0);
  });

  it("applies with --of only what was made of that plan with those inputs, and --of goes with a change set", async () => {
    await using simulator = await startSimulator({ devices: 80 });
    const cwd = folderFor(simulator);
    await rollcall(["preview", ...planned, "--out", "changes.ndjson"], { cwd });
    const inputs = (to: number): void =>
      writeFileSync(join(cwd, "in.yaml"), `partner: ${simulator.rootPartner}\nfrom: 3\nto: ${to}\n`);
    const words = ["--of", demoPlan, "--inputs", "in.yaml", "--service", "simulator", "--yes"];
    const apply = () => rollcall(["apply", "changes.ndjson", ...words], { cwd });
    inputs(6);
    const other = await apply();
    expect([other.exit, other.stderr]).toEqual([5, expect.stringContaining("its input to has another value")]);
    expect(simulator.witness.requests("ModifyAccount")).toBe(0);
    const plan = await rollcall(["apply", demoPlan, ...words], { cwd });
    expect([plan.exit, plan.stderr]).toEqual([3, expect.stringContaining("--of goes with one")]);
    inputs(4);
    const { exit, stderr } = await apply();
    expect([exit, exit === 0 ? "" : stderr]).toEqual([0, ""]);
  });

  it("previews from the inventory of an earlier run when the service is gone", async () => {
    const cwd = newFolder();
    {
      await using simulator = await startSimulator({ devices: 80 });
      writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
      const live = await rollcall(["preview", ...planned, "--json"], { cwd });
      const folder = /"folder":"([^"]+)"/.exec(live.stdout)?.[1] ?? "";
      writeFileSync(join(cwd, "inventory.ndjson"), readFileSync(join(folder, "inventory.ndjson")));
    }
    const offline = await rollcall(["preview", ...planned, "--from", "inventory.ndjson", "--detailed-exitcode"], {
      cwd,
    });
    expect([offline.exit, offline.stdout]).toEqual([2, expect.stringContaining("to change")]);
    expect((await rollcall(["preview", ...planned], { cwd })).exit).toBe(4);
  });
});

describe("rerun, on the command line", () => {
  it("is named by the recap of a run with rejected items, and finishes it", async () => {
    await using simulator = await startSimulator({
      devices: 80,
      faults: [{ method: "ModifyAccount", nth: [2, 5], fault: "error", data: 13501 }],
    });
    const cwd = folderFor(simulator);
    const first = await rollcall(["apply", ...planned, "--yes"], { cwd });
    expect(first.exit).toBe(6);
    const run = /rerun (\S+)/.exec(first.stdout)?.[1] ?? "";
    const unasked = await rollcall(["rerun", run, "--only", "rejected"], { cwd });
    expect([unasked.exit, unasked.stderr]).toEqual([5, expect.stringContaining("--yes")]);
    const second = await rollcall(["rerun", run, "--only", "rejected", "--yes"], { cwd });
    expect([second.exit, second.stdout]).toEqual([0, expect.stringContaining("2 of 2 changes confirmed")]);
    const nothing = await rollcall(["rerun", run, "--only", "unknown", "--yes"], { cwd });
    expect([nothing.exit, nothing.stderr]).toEqual([
      5,
      expect.stringMatching(/No item of run .* is unknown[^]*Its items ended .*: .*rerun .* --only rejected/),
    ]);
  });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CheckReport } from "../../runner/core/model/explained.ts";
import { startSimulator } from "../../runner/simulator/server.ts";
import { configFor, demoInputs, demoPlan, rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";

const settings = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 2s }\n";

describe("a plan on a schedule", () => {
  it("is green, is drift once another editor was there, and the baseline and explain name the device", async () => {
    await using simulator = await startSimulator({ devices: 160 });
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
    const plan = [demoPlan, "--service", "simulator", ...demoInputs];
    const check = async (...more: readonly string[]) => rollcall(["check", ...plan, ...more], { cwd });
    const [moved = 0, lost = 0] = simulator.ids().filter((id) => simulator.device(id)?.productId === 3);

    const before = await check();
    expect([before.exit, before.stdout.split("\n")[0]]).toEqual([2, expect.stringMatching(/^DRIFT: \d+ of 160 items/)]);
    expect(simulator.witness.requests("ModifyAccount")).toBe(0);

    const applied = await rollcall(["apply", ...plan, "--yes", "--json"], { cwd });
    expect(applied.exit).toBe(0);
    const { run } = JSON.parse(applied.stdout.split("\n")[0] ?? "") as { run: string };
    const sent = simulator.witness.requests("ModifyAccount");

    const green = await check("--baseline", run);
    expect(green.exit, green.stdout + green.stderr).toBe(0);
    expect(green.stdout).toMatch(/^Nothing would change: \d+ items are as assign-product wants/);
    expect(green.stdout).toMatch(
      /newly selected, \d+ not any more\.\nWhat made the difference: .* explain \S+ --against \S+$/m,
    );

    simulator.edit(moved, { productId: 3 });
    simulator.edit(lost, { productId: 7 });
    const drift = await check("--baseline", run, "--json");
    expect(drift.exit).toBe(2);
    const report = JSON.parse(drift.stdout) as CheckReport & { readonly v: number; readonly type: string };
    expect(report).toMatchObject({ v: 1, type: "check", exit: 2, counts: { selected: 1 }, baseline: { of: { run } } });
    expect(report.baseline?.strayed.examples.map(({ id, found }) => [id, found])).toEqual([
      [String(moved), { product_id: 3 }],
      [String(lost), { product_id: 7 }],
    ]);
    const told = await check("--baseline", run);
    expect(told.stdout).toContain(
      "2 items do not hold it any more. Somebody or something changed them since; who, a list",
    );
    expect(told.stdout).toContain(`(${lost}): product_id was left as 4, is 7`);
    expect(simulator.witness.requests("ModifyAccount")).toBe(sent);

    await simulator.close();
    const item = await rollcall(["explain", "latest", String(lost)], { cwd });
    expect(item.exit, item.stderr).toBe(0);
    expect(item.stdout).toMatch(/^\S+ \(\d+\): left out by clause \d of the filter\n/);
    expect(item.stdout).toContain("product_id is 7\n               this one decided");
    const near = await rollcall(["explain", "latest", "--examples", "50"], { cwd });
    expect(near.stdout).toMatch(/^\d+ items? fails? only this clause: item\.product_id in/m);
    expect(near.stdout).toContain(`(${lost}): product_id is 7`);
    const story = await rollcall(["explain", run, String(lost), "--json"], { cwd });
    const steps = (JSON.parse(story.stdout) as { story: { text: string }[] }).story.map(({ text }) => text);
    expect([steps[1], steps.at(-1)]).toEqual(["Sent", expect.stringContaining("as asked for")]);
    expect((await check()).exit).toBe(4);
  }, 60_000);

  it("can be explained from a plan file, and again from the run that this leaves", async () => {
    await using simulator = await startSimulator({ devices: 60 });
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
    const [id = 0] = simulator.ids();
    const plan = [demoPlan, String(id), "--service", "simulator", ...demoInputs];
    const told = await rollcall(["explain", ...plan], { cwd });
    expect([told.exit, told.stdout.split("\n")[0]]).toEqual([0, expect.stringContaining(`(${id}): `)]);
    const run = /explain (\S+) ID/.exec(told.stderr)?.[1] ?? "";
    const again = await rollcall(["explain", run, String(id)], { cwd });
    expect(again.stdout).toBe(told.stdout);
    const from = ["--from", join(cwd, ".rollcall/runs", run, "inventory.ndjson")];
    const requests = simulator.witness.requests();
    expect((await rollcall(["explain", ...plan, ...from], { cwd })).exit).toBe(0);
    expect(simulator.witness.requests()).toBe(requests);
    const refused = await rollcall(["explain", run, String(id), "--set", "to=4"], { cwd });
    expect([refused.exit, refused.stderr]).toEqual([3, expect.stringContaining("what it went by is frozen")]);
  }, 30_000);
});

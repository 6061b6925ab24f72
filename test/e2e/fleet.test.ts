import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { configFor, rollcall } from "../support/cli.ts";
import { fleetPlan } from "../support/fleet-plan.ts";
import { check } from "../support/oracle.ts";
import { evidenceOf, newFolder, witnessOf } from "../support/runs.ts";
import { runsIn } from "../support/workspace.ts";

const settings = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 1s }\n";

/** Every device of some customers gets another product; what is said of the pace stands below. */
const plan = (simulator: Simulator, more: string): string =>
  fleetPlan(simulator, "item.product_id in [3, 4]", `guards: { max: 1000 }\n${more}`);

/** Apply such a plan with the real program, in a folder of its own. */
async function applied(simulator: Simulator, more: string, args: readonly string[] = []) {
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
  writeFileSync(join(cwd, "plan.yaml"), plan(simulator, more));
  const ended = await rollcall(["apply", "plan.yaml", "--yes", ...args], { cwd });
  const [run = ""] = runsIn(cwd);
  const evidence = evidenceOf(join(cwd, ".rollcall", "runs", run));
  const violations = check({ ...evidence, witness: witnessOf(simulator), method: "ModifyAccount", repeat: "set" });
  return { ...ended, cwd, run, ...evidence, violations, all: allIn(evidence.records) };
}

const allIn =
  (records: readonly LedgerRecord[]) =>
  <T extends LedgerRecord["type"]>(type: T): Extract<LedgerRecord, { type: T }>[] =>
    records.filter((one): one is Extract<LedgerRecord, { type: T }> => one.type === type);

const toChange = (simulator: Simulator): number[] =>
  simulator.ids().filter((id) => simulator.device(id)?.productId === 3);

const refusing = (item: readonly number[]): FaultRule => ({
  method: "ModifyAccount",
  item,
  fault: "error",
  data: 13501,
});

describe.concurrent("a change to a whole fleet", () => {
  it("parks one bad customer and finishes the others", async () => {
    await using simulator = await startSimulator({ devices: 800, latencyMs: 2 });
    const sizes = new Map<number, number[]>();
    for (const id of toChange(simulator)) {
      const partner = simulator.device(id)?.partnerId ?? 0;
      sizes.set(partner, [...(sizes.get(partner) ?? []), id]);
    }
    const [bad = [], ...others] = [...sizes.values()].sort((one, other) => other.length - one.length);
    expect(others.length).toBeGreaterThanOrEqual(3);
    simulator.setFaults([refusing(bad)]);
    const more = "pace: { concurrency: 4, per: partner_id, waves: [100%] }\nstop: { errors: 1, consecutive: 9 }\n";
    const { exit, stdout, stderr, cwd, violations, records } = await applied(simulator, more);
    expect(violations).toEqual([]);
    expect(exit).toBe(6);
    expect(stderr).toMatch(/Group \d+ is parked: stop\.errors is 2, tolerated 1; the others go on\./);
    expect(stdout).toMatch(/not-started.*because their group was parked/);
    const left = bad.filter((id) => simulator.device(id)?.productId === 3);
    expect(left).toEqual(bad);
    expect(simulator.witness.received(bad.at(-1) ?? 0)).toBe(0);
    for (const group of others) for (const id of group) expect(simulator.device(id)?.productId).toBe(4);
    expect(records.at(-1)).toMatchObject({ type: "end", notStarted: { parked: expect.any(Number) as number } });
    const shown = await rollcall(["show", "latest", "--states", "not-started", "--limit", "2"], { cwd });
    expect(shown.stdout).toMatch(/not-started.*parked$/m);
  });

  it("that breaks backups is stopped by the gate after the first device", async () => {
    await using simulator = await startSimulator({ devices: 400 });
    // Whatever is changed holds no backups any more.
    simulator.setFaults([{ method: "ModifyAccount", fault: "editor", when: "before", set: { usedStorage: 0 } }]);
    const more = `pace: { concurrency: 4, waves: [1, 10%, 100%] }
gate:
  call: EnumerateAccountStatistics
  params:
    query:
      PartnerId: ${simulator.rootPartner}
  fields: [device_id, used_storage]
  fail: rows.exists(row, row.used_storage == 0 && changed.exists(item, item.device_id == row.device_id))
`;
    const { exit, stdout, stderr, violations, all } = await applied(simulator, more);
    expect(violations).toEqual([]);
    expect(exit).toBe(6);
    expect(simulator.witness.requests("ModifyAccount")).toBe(1);
    expect(all("gate")).toMatchObject([{ wave: 0, result: "fail" }]);
    expect(stderr).toContain("Gate after wave 1: fail");
    expect(stdout).toMatch(/not-started.*because the gate did not pass/);
    expect(stdout).toMatch(/ undo 20/);
  });

  it("passes its gate wave by wave where nothing breaks", async () => {
    await using simulator = await startSimulator({ devices: 400 });
    const more = `pace: { concurrency: 4, waves: [1, 10%, 100%] }
gate:
  call: EnumerateAccountStatistics
  params:
    query:
      PartnerId: ${simulator.rootPartner}
      Filter: "I14 == 0"
  fields: [device_id]
  pass: rows.size() == 0
`;
    const { exit, violations, all } = await applied(simulator, more);
    expect(violations).toEqual([]);
    expect(all("gate").map(({ result }) => result)).toEqual(["pass", "pass", "pass"]);
    expect(exit).toBe(0);
  });

  it("comes back to busy devices later in the same run", async () => {
    await using simulator = await startSimulator({ devices: 400, latencyMs: 2 });
    const busy = toChange(simulator).slice(3, 33);
    for (const id of busy) simulator.edit(id, { nameAlias: "in session" });
    const freed = setInterval(() => {
      if (simulator.witness.requests("ModifyAccount") < 40) return;
      clearInterval(freed);
      for (const id of busy) simulator.edit(id, { nameAlias: "" });
    }, 50);
    const more = `pace: { concurrency: 4, waves: [50, 100%] }
hold: { when: item.device_name_alias == "in session", every: 1s, give_up: 1m }
`;
    const { exit, stderr, violations, all } = await applied(simulator, more);
    clearInterval(freed);
    expect(violations).toEqual([]);
    expect({ exit, stderr }).toMatchObject({ exit: 0 });
    expect(new Set(all("hold").map(({ index }) => index)).size).toBe(30);
    expect(all("limit")).toEqual([]);
    for (const id of toChange(simulator)) expect(simulator.device(id)?.productId).toBe(4);
  });

  it("that nobody can judge by its first device waits for a person, and goes on once somebody has said so", async () => {
    await using simulator = await startSimulator({ devices: 400 });
    const [first = 0] = toChange(simulator);
    simulator.setFaults([refusing([first])]);
    const { exit, stdout, cwd, run } = await applied(simulator, "pace: { concurrency: 4, waves: [1, 100%] }\n");
    expect(exit).toBe(6);
    expect(stdout).toMatch(/not-started.*because somebody has to judge a wave first/);
    expect(stdout).toMatch(/ promote 20.*\n.* abort 20/);
    expect(simulator.witness.requests("ModifyAccount")).toBe(1);
    const promoted = await rollcall(["promote", "latest", "--why", "that device is being scrapped"], { cwd });
    expect(promoted).toMatchObject({ exit: 0, stdout: expect.stringContaining(`resume ${run}`) as string });
    const resumed = await rollcall(["resume", "latest"], { cwd });
    expect(resumed.exit).toBe(6);
    const { records } = evidenceOf(join(cwd, ".rollcall", "runs", run));
    expect(allIn(records)("control")).toMatchObject([{ op: "promote", why: "that device is being scrapped" }]);
    const left = toChange(simulator);
    expect(left).toEqual([first]);
    expect(readFileSync(join(cwd, ".rollcall", "runs", run, "summary.json"), "utf8")).toContain('"rejected": 1');
    expect((await rollcall(["audit", "verify", "latest"], { cwd })).exit).toBe(0);
    const again = await rollcall(["pause", "latest"], { cwd });
    expect(again).toMatchObject({
      exit: 5,
      stderr: expect.stringContaining("has ended, and everything of it was sent") as string,
    });
  });

  it("is paused, slowed and continued from another terminal while it runs", async () => {
    await using simulator = await startSimulator({ devices: 400, latencyMs: 60 });
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
    writeFileSync(join(cwd, "plan.yaml"), plan(simulator, "pace: { concurrency: 4, waves: [100%] }\n"));
    const running = rollcall(["apply", "plan.yaml", "--yes"], { cwd });
    while (simulator.witness.requests("ModifyAccount") < 12) await new Promise((done) => setTimeout(done, 20));
    expect(await rollcall(["pause", "latest", "--why", "a call from a customer"], { cwd })).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/has heard it: nothing new is sent until somebody says continue/) as string,
    });
    const paused = simulator.witness.requests("ModifyAccount");
    await new Promise((done) => setTimeout(done, 500));
    expect(simulator.witness.requests("ModifyAccount") - paused).toBeLessThanOrEqual(4);
    expect((await rollcall(["set", "latest", "concurrency=9"], { cwd })).stderr).toMatch(
      /more than what this run began with/,
    );
    expect((await rollcall(["set", "latest", "concurrency=2", "rate=6000/m"], { cwd })).exit).toBe(0);
    expect((await rollcall(["continue", "latest"], { cwd })).exit).toBe(0);
    const { exit, stderr } = await running;
    expect(exit).toBe(0);
    // The line of progress may come in between.
    expect(stderr).toMatch(/says pause: a call from a customer\n/);
    expect(stderr).toMatch(/^Paused\. To go on: .* continue 20/m);
    const { records } = evidenceOf(join(cwd, ".rollcall", "runs", runsIn(cwd)[0] ?? ""));
    expect(allIn(records)("control").map(({ op }) => op)).toEqual(["pause", "set", "continue"]);
  });
});

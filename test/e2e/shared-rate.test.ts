import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { idsOf, killable, productsPlan } from "../support/crash.ts";
import { newFolder, witnessOf } from "../support/runs.ts";

const perMinute = 1200;
const spacingMs = 60_000 / perMinute;
const items = 14;

/** A run in a process and with records of its own, of some of the devices. */
function runOf(simulator: Simulator, place: number): ChildProcess {
  const cwd = newFolder();
  const config = join(cwd, "rollcall.config.yaml");
  const limits = `{ timeout: 5s, rate: ${perMinute}/m }`;
  const times = "late: 200ms\n    lag: { list: 200ms, by_id: 0s }";
  const service = `kind: simulator\n    url: ${simulator.url}\n    ${times}\n    limits: ${limits}`;
  writeFileSync(config, `rollcall: 1\nservices:\n  simulator:\n    ${service}\n`);
  const ids = idsOf(simulator, 3 * items).slice(place * items, (place + 1) * items);
  const inputs = [`partner=${simulator.rootPartner}`, "from=3", "to=4", `ids=${ids.join(",")}`];
  const order = JSON.stringify({ verb: "apply", plan: productsPlan, config, cwd, inputs });
  return spawn(process.execPath, [killable, order], { stdio: ["ignore", "ignore", "inherit"] });
}

const within = (times: readonly number[], from: number, ms: number): number =>
  times.filter((at) => at >= from && at < from + ms).length;

it("T19: three processes on one service, one killed, calls turned away: no window and no second holds more than the rate", async () => {
  const method = "ModifyAccount";
  const faults = [{ method, nth: [10, 11, 12], fault: "http-429" } as const];
  await using simulator = await startSimulator({ devices: 300, latencyMs: 120, faults });
  const runs = [0, 1, 2].map((place) => runOf(simulator, place));
  const ends = runs.map(async (run) => ((await once(run, "exit")) as [number | null, string | null])[0]);
  while (simulator.witness.requests(method) < 6) await new Promise((resolve) => setTimeout(resolve, 5));
  runs[2]!.kill("SIGKILL");
  expect(await Promise.all(ends)).toEqual([0, 0, null]);

  const { received } = witnessOf(simulator);
  const times = received.map(({ arrived }) => arrived).sort((one, other) => one - other);
  expect(simulator.witness.requests(method)).toBeGreaterThan(2 * items);
  for (const [first, from] of times.entries())
    for (const [last, to] of times.entries())
      if (last > first) expect(last - first).toBeLessThanOrEqual((to - from) / spacingMs + 1.5);
  for (let second = Math.floor(times[0]! / 1000); second <= times.at(-1)! / 1000; second++)
    expect(within(times, second * 1000, 1000)).toBeLessThanOrEqual(perMinute / 60 + 1);

  // Slowed by what was turned away, all of them; and together they had used the rate before.
  const turnedAway = received.filter((one) => one.method === method)[10 - 1]!.arrived;
  expect(within(times, turnedAway + 100, 1000)).toBeLessThanOrEqual(perMinute / 60 / 2 + 1);
  const before = times.filter((at) => at < turnedAway);
  expect(before.length / ((turnedAway - before[0]!) / spacingMs)).toBeGreaterThan(0.5);
}, 60_000);

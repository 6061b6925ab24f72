import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import { runId } from "../../runner/core/model/item.ts";
import { genesis, seal } from "../../runner/ledger/chain.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { startSimulator } from "../../runner/simulator/server.ts";
import { child, idsOf, inParallel, productsPlan, quickConfig, runIn } from "../support/crash.ts";
import { dice, oneOf, type Dice } from "../support/dice.ts";
import { check, checkChain } from "../support/oracle.ts";
import { evidenceOf, newFolder, witnessOf } from "../support/runs.ts";

const method = "ModifyAccount";
const faults: readonly FaultRule[] = [
  { method, probability: 0.1, fault: "reset-after" },
  { method, probability: 0.1, fault: "reset-before" },
  { method, probability: 0.05, fault: "late", ms: 300 },
];
const laterBoot = "00000000-0000-4000-8000-000000000000";

/** Apply, lose power at the k-th moment, start the machine again, resume. */
async function powerLoss(seed: number): Promise<{ exit: number | string; torn: number; problems: readonly string[] }> {
  const roll = dice(seed);
  await using simulator = await startSimulator({ devices: 200, seed, faults, lagMs: 100 });
  const cwd = newFolder();
  const config = join(cwd, "rollcall.config.yaml");
  const durable = join(cwd, "durable");
  writeFileSync(config, quickConfig(simulator.url));
  const inputs = [`partner=${simulator.rootPartner}`, "from=3", "to=4", `ids=${idsOf(simulator, 30).join(",")}`];
  const killAt = 25 + roll(200);
  const first = await child({ verb: "apply", plan: productsPlan, config, cwd, inputs, killAt, durable });
  expect(first.exit).toBe("SIGKILL");
  const folder = runIn(cwd)!;
  const synced = Number(existsSync(durable) ? readFileSync(durable, "utf8") : 0);
  const torn = forget(folder, synced, roll);
  startAgain(join(cwd, ".rollcall", "locks"));
  const sent = simulator.witness.requests(method);
  const { exit, output } = await child({ verb: "resume", config, cwd });
  const { records } = evidenceOf(folder);
  const problems = exit === 1 ? [output] : [];
  if (exit === 9 || !records.some(({ type }) => type === "lock")) {
    // Refused: then it must not send, and without a lock on disk nothing may have been sent before.
    if (simulator.witness.requests(method) > (exit === 9 ? sent : 0)) problems.push("sent although it refused");
  } else {
    const witness = witnessOf(simulator);
    problems.push(...check({ ...evidenceOf(folder), witness, method, repeat: "set" }));
    problems.push(...checkChain(readFileSync(join(folder, "ledger.ndjson")), folder.split("/").at(-1)!));
    if (records.at(-1)?.type !== "end") problems.push(`no end: ${output}`);
  }
  if (problems.length === 0) rmSync(cwd, { recursive: true });
  return { exit, torn, problems: problems.map((one) => `seed ${seed}: ${one} (${cwd})`) };
}

/**
 * The ledger as the disk may have it: what was synced is there; of the pages behind it each may be there or be zeros, and the
 * file may end anywhere. What was written on the boot before carries another boot id.
 */
function forget(folder: string, synced: number, roll: Dice): number {
  const path = join(folder, "ledger.ndjson");
  const lines = onEarlierBoot(readFileSync(path, "utf8").split("\n").slice(0, -1), folder.split("/").at(-1)!);
  const claims = lines.map((line) => (JSON.parse(line) as LedgerRecord).synced ?? 0);
  const kept = Math.max(synced, ...claims);
  const whole = Buffer.from(lines.join(""));
  const safe = Buffer.byteLength(lines.slice(0, kept).join(""));
  const left = Buffer.from(whole.subarray(0, safe + roll(whole.length - safe + 1)));
  const page = oneOf(roll, [64, 512, 4096]);
  for (let from = safe; from < left.length;) {
    const to = Math.min(left.length, (Math.floor(from / page) + 1) * page);
    if (roll(2) === 0) left.fill(0, from, to);
    from = to;
  }
  writeFileSync(path, left);
  return whole.length - safe;
}

/** The same records, written before the machine was started anew. */
function onEarlierBoot(lines: readonly string[], run: string): string[] {
  let { hash } = genesis(runId(run));
  return lines.map((line) => {
    const open = line.slice(0, line.lastIndexOf(',"hash":"')).replace(/"boot":"[^"]+"/, `"boot":"${laterBoot}"`);
    const sealed = seal(open, hash);
    hash = sealed.hash;
    return sealed.line;
  });
}

function startAgain(locks: string): void {
  for (const name of readdirSync(locks, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const path = join(name.parentPath, name.name);
    writeFileSync(path, readFileSync(path, "utf8").replace(/"boot":"[^"]+"/, `"boot":"${laterBoot}"`));
  }
}

const seeds = Array.from({ length: Number(process.env.CHAOS_POWER ?? 6) }, (_, place) => place + 1);

it(
  "T7: a machine that loses power keeps what was synced; resume goes on from there, or refuses",
  { timeout: 300_000 },
  async () => {
    const losses = await inParallel(seeds, 2, powerLoss);
    expect(losses.flatMap(({ problems }) => problems)).toEqual([]);
    // Some lost something, or this shows nothing.
    expect(losses.filter(({ torn }) => torn > 0).length).toBeGreaterThan(seeds.length / 3);
    expect(losses.filter(({ exit }) => exit === 0).length).toBeGreaterThan(seeds.length / 3);
  },
);

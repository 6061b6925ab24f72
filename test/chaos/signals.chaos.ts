import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { configFor, demoInputs, demoPlan, main, rollcall } from "../support/cli.ts";
import { inParallel, runIn } from "../support/crash.ts";
import { dice, oneOf } from "../support/dice.ts";
import { check } from "../support/oracle.ts";
import { evidenceOf, newFolder, witnessOf } from "../support/runs.ts";
import { say, setting } from "./settings.ts";

const seed = setting("CHAOS_SEED", 1);
const rounds = setting("CHAOS_SIGNALS", 60);
const method = "ModifyAccount";

/** Signals and how long after the one before each of them comes, ms. */
type Script = readonly (readonly [NodeJS.Signals | "close-stdout", number])[];

interface Interrupted {
  readonly exit: number | string;
  readonly cwd: string;
  /** Requests for changes that arrived more than half a second after the first signal. */
  readonly sentLater: number;
  readonly stderr: string;
}

/** Apply with the real program, and treat it as the script says once it has been going for a while. */
async function interrupted(
  simulator: Simulator,
  settings: string,
  { script, isTime }: { readonly script: Script; readonly isTime: () => Promise<void> },
): Promise<Interrupted> {
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
  const args = ["apply", demoPlan, "--service", "simulator", ...demoInputs, "--yes", "--json"];
  const running = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...process.env, CI: "true" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  running.stdout.resume();
  running.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const ended = new Promise<number | string>((done) =>
    running.on("exit", (code, signal) => done(signal ?? code ?? -1)),
  );
  await Promise.race([isTime(), ended]);
  const grace = 500;
  let counted = 0;
  const [first, ...later] = script;
  act(running, first?.[0]);
  const count = sleep(grace).then(() => (counted = simulator.witness.requests(method)));
  for (const [signal, ms] of later) {
    const isOver = await Promise.race([ended.then(() => true), sleep(ms).then(() => false)]);
    if (isOver) break;
    act(running, signal);
  }
  const exit = await ended;
  await count;
  return { exit, cwd, stderr, sentLater: simulator.witness.requests(method) - counted };
}

function act(running: ChildProcess, what: Script[number][0] | undefined): void {
  if (what === "close-stdout") running.stdout?.destroy();
  else if (what !== undefined) running.kill(what);
}

function violationsOf(cwd: string, simulator: Simulator): string[] {
  return check({ ...evidenceOf(runIn(cwd)!), witness: witnessOf(simulator), method, repeat: "set" });
}

const lastOf = (cwd: string) => evidenceOf(runIn(cwd)!).records.at(-1);

/** The run is finished by `resume`, however often that takes while the service is as it was; then with nothing wrong. */
async function expectResumable(cwd: string, simulator: Simulator): Promise<void> {
  expect(violationsOf(cwd, simulator)).toEqual([]);
  simulator.setFaults([]);
  const resumed = await rollcall(["resume", "latest"], { cwd });
  // Answers that hang come in last, one behind the other: more of them in a row than the plan tolerates stop the resume too.
  const stops = evidenceOf(runIn(cwd)!).records.some(({ type }) => type === "limit");
  const wanted = stops ? [6, 7] : [0];
  expect(wanted, resumed.stderr).toContain(resumed.exit);
  expect(lastOf(cwd)).toMatchObject({ type: "end", sealed: true });
  expect(violationsOf(cwd, simulator)).toEqual([]);
}

/** As a CI system ends a job that was cancelled. */
const ci: Script = [
  ["SIGINT", 0],
  ["SIGTERM", 7500],
  ["SIGKILL", 2500],
];

/** `exits`: those a run may end with. 7: what was sent stays open, because nothing but its deadline or the second signal ends a call. */
const slowServices: Readonly<
  Record<string, { faults: readonly FaultRule[]; timeout: string; exits: readonly number[] }>
> = {
  "does everything after 5 s": { faults: [{ method, fault: "slow", ms: 5000 }], timeout: "20s", exits: [130] },
  "answers 5 s after everything is done": {
    faults: [{ method, fault: "slow", ms: 5000, when: "after" }],
    timeout: "20s",
    exits: [130],
  },
  "answers after 15 s": { faults: [{ method, fault: "slow", ms: 15_000 }], timeout: "20s", exits: [7] },
  "stops answering before anything is done": {
    faults: [{ method, every: 3, fault: "hang" }],
    timeout: "20s",
    exits: [7],
  },
  "stops answering after everything is done": {
    faults: [{ method, every: 3, fault: "hang-after" }],
    timeout: "20s",
    exits: [7],
  },
  "loses one answer in three": { faults: [{ method, every: 3, fault: "reset-after" }], timeout: "5s", exits: [130, 7] },
};

describe.concurrent("T20: the timing of a CI system: SIGINT, SIGTERM after 7.5 s, SIGKILL after 2.5 s more", () => {
  for (const [name, { faults, timeout, exits }] of Object.entries(slowServices)) {
    it(`a service that ${name}`, async () => {
      await using simulator = await startSimulator({ devices: 400, latencyMs: 20, faults });
      const settings = `    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: ${timeout} }\n`;
      const isTime = async (): Promise<void> => {
        while (simulator.witness.requests(method) < 8) await sleep(5);
        await sleep(300);
      };
      const began = performance.now();
      const { exit, cwd, sentLater } = await interrupted(simulator, settings, { script: ci, isTime });
      say(`${name}: ended with ${exit} after ${Math.round(performance.now() - began)} ms`);
      expect(sentLater).toBe(0);
      expect(exits).toContain(exit);
      const { records } = evidenceOf(runIn(cwd)!);
      expect(records.some(({ type }) => type === "control")).toBe(true);
      const answered = new Set(records.flatMap((one) => (one.type === "outcome" ? [one.intent] : [])));
      const withdrawn = new Set(records.flatMap((one) => (one.type === "withdrawn" ? one.intents : [])));
      for (const { seq } of records.filter(({ type }) => type === "intent"))
        expect(answered.has(seq) || withdrawn.has(seq), `intent ${seq} is answered or withdrawn`).toBe(true);
      await expectResumable(cwd, simulator);
    });
  }
});

describe("T20: signals and a closed output at random moments", () => {
  it(
    `${rounds} times, seed ${seed}: an end or a run to resume, never a green one that is not done`,
    { timeout: 0 },
    async () => {
      const exits = new Map<string, number>();
      await inParallel(
        Array.from({ length: rounds }, (_, place) => place),
        2,
        async (place) => {
          const roll = dice(seed * 7919 + place);
          const kinds = ["SIGINT", "SIGTERM", "SIGHUP", "close-stdout"] as const;
          const first = oneOf(roll, kinds);
          const again = oneOf(roll, [undefined, undefined, "SIGINT", "SIGTERM", "SIGKILL"] as const);
          const script: Script = [[first, 0], ...(again === undefined ? [] : ([[again, roll(400)]] as const))];
          const faults = oneOf(roll, [
            [],
            [{ method, probability: 0.1, fault: "reset-after" }],
            [{ method, probability: 0.05, fault: "hang" }],
            [{ method, probability: 0.1, fault: "http-429" }],
          ] as const);
          await using simulator = await startSimulator({
            devices: 400,
            seed: seed * 1000 + place,
            latencyMs: oneOf(roll, [0, 10, 40]),
            faults,
          });
          const ms = 150 + roll(2200);
          const settings = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 1s }\n";
          const { exit, cwd, sentLater, stderr } = await interrupted(simulator, settings, {
            script,
            isTime: () => sleep(ms),
          });
          const told = `round ${place} of seed ${seed}: ${script.map(([what]) => what).join(", ")} after ${ms} ms: ${exit} ${cwd}\n${stderr}`;
          const key = `${first}: ${exit}`;
          exits.set(key, (exits.get(key) ?? 0) + 1);
          if (first !== "close-stdout") expect(sentLater, told).toBe(0);
          if (runIn(cwd) === undefined || !evidenceOf(runIn(cwd)!).records.some(({ type }) => type === "lock")) {
            expect(simulator.witness.requests(method), told).toBe(0);
            return;
          }
          const last = lastOf(cwd);
          if (last?.type === "end" && exit !== "SIGKILL") expect(last.exit, told).toBe(exit);
          if (last?.type === "end" && exit === 0) expect(last.counts["not-started"], told).toBe(0);
          if (last?.type !== "end") expect(exit, told).not.toBe(0);
          await expectResumable(cwd, simulator);
        },
      );
      say(
        `signals: ${[...exits]
          .sort()
          .map(([key, count]) => `${key} (${count})`)
          .join(", ")}`,
      );
    },
  );
});

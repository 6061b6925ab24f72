import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { leaveRequest } from "../../runner/runs/mailbox.ts";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { rollcall } from "../support/cli.ts";
import { child, idsOf, inParallel, quickConfig, runIn } from "../support/crash.ts";
import { fleetPlan } from "../support/fleet-plan.ts";
import { check } from "../support/oracle.ts";
import { evidenceOf, newFolder, witnessOf } from "../support/runs.ts";

const minutes = 60_000;
const items = 6;
const sizes = [1, 2, 3];
/** The wave that each item belongs to. */
const waveOf = sizes.flatMap((size, wave) => Array<number>(size).fill(wave));

const planOf = (simulator: Simulator, ids: readonly number[], more: string): string =>
  fleetPlan(simulator, `item.device_id in ${JSON.stringify(ids)}`, `verify: { within: 3s, every: 100ms }\n${more}`);

interface Scenario {
  /** What the plan says of its pace. */
  readonly more: string;
  readonly faults?: (ids: readonly number[]) => readonly FaultRule[];
  /** What happens between the kill and the resume. */
  readonly meanwhile?: (cwd: string, folder: string) => Promise<unknown>;
}

interface Crash {
  /** Moments the first process passed; undefined: it was killed. */
  readonly moments: number | undefined;
  readonly violations: readonly string[];
  readonly records: readonly LedgerRecord[];
  /** 0: it was resumed to its end. Undefined: there was nothing to go on with. */
  readonly exit: number | string | undefined;
}

/** Apply with a real process, kill it at the k-th moment, go on with others until it ends, and judge what is left. */
async function crash({ more, faults, meanwhile }: Scenario, kills: readonly number[]): Promise<Crash> {
  await using simulator = await startSimulator({ devices: 60 });
  const ids = idsOf(simulator, items);
  simulator.setFaults(faults?.(ids) ?? []);
  const cwd = newFolder();
  const config = join(cwd, "rollcall.config.yaml");
  writeFileSync(config, quickConfig(simulator.url));
  const plan = join(cwd, "plan.yaml");
  writeFileSync(plan, planOf(simulator, ids, more));
  const [first, ...later] = kills;
  let last = await child({ verb: "apply", plan, config, cwd, inputs: [], killAt: first });
  const moments = last.exit === "SIGKILL" ? undefined : Number(last.output.trim().split("\n").at(-1));
  const folder = runIn(cwd) ?? "";
  const ledger = (): readonly LedgerRecord[] =>
    existsSync(join(folder, "ledger.ndjson")) ? evidenceOf(folder).records : [];
  const mayGoOn = (): boolean => ledger().some(({ type }) => type === "lock") && ledger().at(-1)?.type !== "end";
  let exit: number | string | undefined = moments === undefined ? undefined : last.exit;
  for (const killAt of [...later, undefined]) {
    if (!mayGoOn()) break;
    await meanwhile?.(cwd, folder);
    last = await child({ verb: "resume", config, cwd, killAt });
    exit = last.exit;
  }
  if (!ledger().some(({ type }) => type === "lock")) {
    const sent = simulator.witness.requests("ModifyAccount");
    return { moments, violations: sent > 0 ? [`sent ${sent} changes without a lock`] : [], records: [], exit };
  }
  const evidence = evidenceOf(folder);
  const violations = [
    ...check({ ...evidence, witness: witnessOf(simulator), method: "ModifyAccount", repeat: "set" }),
    ...(exit === 1 || exit === 13 ? [`resume failed: ${last.output}`] : []),
  ];
  if (violations.length === 0) rmSync(cwd, { recursive: true });
  return { moments, violations: violations.map((one) => `${one} (${folder})`), records: evidence.records, exit };
}

/** Kill at every n-th moment, and then once more a little later. */
async function crashes(scenario: Scenario, step: number): Promise<readonly Crash[]> {
  const whole = await crash(scenario, []);
  expect(whole.violations).toEqual([]);
  const moments = Array.from({ length: whole.moments ?? 0 }, (_, place) => place + 1).filter((one) => one % step === 0);
  expect(moments.length).toBeGreaterThan(8);
  const all = await inParallel(moments, 3, (moment) => crash(scenario, moment % 2 === 0 ? [moment] : [moment, 9]));
  return [whole, ...all];
}

/** Every intent is of the wave that its item belongs to, or of a later one where it had to wait. */
function expectWaves(records: readonly LedgerRecord[], mayWait: boolean): void {
  for (const record of records) {
    if (record.type !== "intent") continue;
    if (mayWait) expect(record.wave).toBeGreaterThanOrEqual(waveOf[record.index] ?? 0);
    else expect([record.index, record.wave]).toEqual([record.index, waveOf[record.index]]);
  }
}

const begun = (records: readonly LedgerRecord[]): number =>
  new Set(records.flatMap((one) => (one.type === "wave" && one.phase === "begin" ? [one.wave] : []))).size;

const gate = `gate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 4001 } }
  fields: [device_id, product_id]
  pass: rows.size() > 0
`;

describe("T16: SIGKILL in a run of several waves, and again in its resume", () => {
  it("that has a gate and pauses goes on with the same waves", { timeout: 6 * minutes }, async () => {
    const all = await crashes({ more: `pace: { concurrency: 2, waves: [1, 2, 100%], pause: 50ms }\n${gate}` }, 7);
    expect(all.flatMap(({ violations }) => violations)).toEqual([]);
    for (const { records, exit } of all) {
      expectWaves(records, false);
      if (exit === undefined) continue;
      expect(exit).toBe(0);
      expect(begun(records)).toBe(3);
    }
  });

  it("of which one group is parked keeps it parked", { timeout: 6 * minutes }, async () => {
    const odd = (ids: readonly number[]): number[] => ids.filter((_, place) => place % 2 === 1);
    const scenario: Scenario = {
      more: `pace: { concurrency: 2, waves: [1, 2, 100%], per: item.device_id % 2 == 0 }
stop: { errors: 0, consecutive: 9 }
`,
      faults: (ids) => [{ method: "ModifyAccount", item: odd(ids), fault: "error", data: 13501 }],
    };
    const all = await crashes(scenario, 9);
    expect(all.flatMap(({ violations }) => violations)).toEqual([]);
    for (const { records } of all) expectWaves(records, false);
    expect(all.some(({ records }) => records.some((one) => one.type === "limit" && one.group !== undefined))).toBe(
      true,
    );
  });

  it(
    "that nobody can judge goes on once somebody has, and each word is in the record once",
    { timeout: 6 * minutes },
    async () => {
      const scenario: Scenario = {
        more: "pace: { concurrency: 2, waves: [1, 2, 100%] }\nstop: { errors: 3, consecutive: 9 }\n",
        faults: ([first = 0]) => [{ method: "ModifyAccount", item: first, fault: "error", data: 13501 }],
        // It may be heard by the process that resumes, or be recorded here: twice is one too many.
        meanwhile: (_, folder) =>
          leaveRequest(
            `${folder}/control`,
            { op: "promote", by: { name: "ada", host: "desk" }, why: "seen" },
            Date.now(),
          ),
      };
      const all = await crashes(scenario, 4);
      expect(all.flatMap(({ violations }) => violations)).toEqual([]);
      for (const { records } of all) {
        expectWaves(records, false);
        const ids = records.flatMap((one) => (one.type === "control" && one.id !== undefined ? [one.id] : []));
        expect(new Set(ids).size).toBe(ids.length);
      }
      expect(all.some(({ records }) => records.some((one) => one.type === "control" && one.op === "promote"))).toBe(
        true,
      );
    },
  );
});

describe("T18: a run that died", () => {
  const dead = async () => {
    const simulator = await startSimulator({ devices: 60 });
    const ids = idsOf(simulator, items);
    const cwd = newFolder();
    const config = join(cwd, "rollcall.config.yaml");
    writeFileSync(config, quickConfig(simulator.url));
    const plan = join(cwd, "plan.yaml");
    writeFileSync(plan, planOf(simulator, ids, "pace: { concurrency: 1, waves: [1, 2, 100%] }\n"));
    expect((await child({ verb: "apply", plan, config, cwd, inputs: [], killAt: 40 })).exit).toBe("SIGKILL");
    const sent = (): number => simulator.witness.requests("ModifyAccount");
    return { cwd, sent, [Symbol.asyncDispose]: () => simulator.close() };
  };
  const controls = (cwd: string) =>
    evidenceOf(runIn(cwd) ?? "").records.flatMap((one) => (one.type === "control" ? [one.op] : []));

  it("and was aborted sends nothing more, whoever resumes it", async () => {
    await using left = await dead();
    const { cwd } = left;
    expect((await rollcall(["abort", "latest", "--why", "wrong product"], { cwd })).exit).toBe(0);
    const sent = left.sent();
    const { exit, stdout } = await rollcall(["resume", "latest"], { cwd });
    expect(exit).toBe(6);
    expect(stdout).toMatch(/because the run was aborted/);
    expect(left.sent()).toBe(sent);
    expect(controls(cwd)).toEqual(["abort"]);
    expect((await rollcall(["continue", "latest"], { cwd })).stderr).toMatch(/was aborted by/);
    expect((await rollcall(["audit", "verify", "latest"], { cwd })).exit).toBe(0);
  });

  it("and was paused stays paused until somebody says continue", async () => {
    await using left = await dead();
    const { cwd } = left;
    expect((await rollcall(["pause", "latest"], { cwd })).exit).toBe(0);
    const sent = left.sent();
    const resumed = rollcall(["resume", "latest"], { cwd });
    await new Promise((done) => setTimeout(done, 1500));
    expect(left.sent()).toBe(sent);
    expect((await rollcall(["continue", "latest"], { cwd })).stdout).toMatch(/has heard it: it goes on/);
    expect((await resumed).exit).toBe(0);
    expect(controls(cwd)).toEqual(["pause", "continue"]);
    expect((await rollcall(["audit", "verify", "latest"], { cwd })).exit).toBe(0);
  });

  it("hears many at once, each once", async () => {
    await using left = await dead();
    const { cwd } = left;
    const words = ["pause", "set", "continue", "promote"].map((op) =>
      rollcall([op, "latest", ...(op === "set" ? ["concurrency=1"] : [])], { cwd }),
    );
    const resumed = rollcall(["resume", "latest"], { cwd });
    for (const { exit } of await Promise.all(words)) expect(exit).toBe(0);
    let { exit } = await Promise.race([
      resumed,
      new Promise<{ exit: string }>((done) => setTimeout(() => done({ exit: "waits" }), 3000)),
    ]);
    // Whoever took the lock for a moment may have turned the resume away, and the last word may have been pause.
    if (exit !== 0) expect((await rollcall(["continue", "latest"], { cwd })).exit).toBeOneOf([0, 5]);
    if (exit === "waits") ({ exit } = await resumed);
    if (exit === 5) ({ exit } = await rollcall(["resume", "latest"], { cwd }));
    expect(exit).toBe(0);
    for (const op of ["pause", "set", "continue", "promote"]) expect(controls(cwd)).toContain(op);
    const { records } = evidenceOf(runIn(cwd) ?? "");
    const ids = records.flatMap((one) => (one.type === "control" && one.id !== undefined ? [one.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
    expect((await rollcall(["audit", "verify", "latest"], { cwd })).exit).toBe(0);
  });
});

describe("T20: a signal to a run that waits", () => {
  const waiting: readonly (readonly [string, string, RegExp, readonly string[]])[] = [
    ["for a person", "pace: { waves: [1, 100%] }\nstop: { errors: 3 }\n", /Waiting for you/, ["--wait", "1h"]],
    [
      "for its window",
      `window: { from: "${hoursAhead(3)}", to: "${hoursAhead(4)}" }\n`,
      /Outside the change window/,
      [],
    ],
    ["between two waves", "pace: { waves: [2, 100%], pause: 1h }\n", /The next wave begins/, []],
    ["for its gate", `pace: { waves: [2, 100%] }\n${gate}  wait: 1h\n`, /by the gate/, []],
  ];
  for (const [name, more, sign, flags] of waiting) {
    it(`${name} ends it promptly, and a resume waits for the same`, async () => {
      await using simulator = await startSimulator({ devices: 60 });
      const ids = idsOf(simulator, items);
      if (name === "for a person")
        simulator.setFaults([{ method: "ModifyAccount", item: ids[0] ?? 0, fault: "error", data: 13501 }]);
      const cwd = newFolder();
      writeFileSync(join(cwd, "rollcall.config.yaml"), quickConfig(simulator.url));
      writeFileSync(join(cwd, "plan.yaml"), planOf(simulator, ids, more));
      const ends = async (args: readonly string[]): Promise<number> => {
        const { exit, ms } = await signalled(cwd, [...args, ...flags], sign);
        expect([130, 6, 7]).toContain(exit);
        expect(ms).toBeLessThan(4000);
        return simulator.witness.requests("ModifyAccount");
      };
      const sent = await ends(["apply", "plan.yaml", "--yes"]);
      expect(await ends(["resume", "latest"])).toBe(sent);
      const { records } = evidenceOf(runIn(cwd) ?? "");
      expect(records.at(-1)).toMatchObject({ type: "end", sealed: true });
      expect(
        check({
          ...evidenceOf(runIn(cwd) ?? ""),
          witness: witnessOf(simulator),
          method: "ModifyAccount",
          repeat: "set",
        }),
      ).toEqual([]);
    });
  }
});

/** The hour of the day so many hours from now, in UTC. */
function hoursAhead(hours: number): string {
  return `${String((new Date().getUTCHours() + hours) % 24).padStart(2, "0")}:00`;
}

/** SIGTERM once the program has said something. @returns How long it took to leave. */
async function signalled(
  cwd: string,
  args: readonly string[],
  sign: RegExp,
): Promise<{ exit: number | null; ms: number }> {
  const { spawn } = await import("node:child_process");
  const { main } = await import("../support/cli.ts");
  const running = spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, CI: "", NO_COLOR: "1" } });
  let said = "";
  const heard = new Promise<void>((done) => {
    const listen = (text: Buffer): void => {
      said += text.toString();
      if (sign.test(said)) done();
    };
    running.stdout.on("data", listen);
    running.stderr.on("data", listen);
    running.on("close", () => done());
  });
  const gone = new Promise<number | null>((done) => running.on("close", done));
  await heard;
  expect(said).toMatch(sign);
  const began = performance.now();
  running.kill("SIGTERM");
  const exit = await gone;
  return { exit, ms: performance.now() - began };
}

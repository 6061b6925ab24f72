import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FactOf } from "../../runner/core/model/events.ts";
import { defaultLogin, startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { inDoubt, killable, runIn } from "../support/crash.ts";
import { check, checkChain, type Excuse } from "../support/oracle.ts";
import { evidenceOf, newFolder, witnessOf } from "../support/runs.ts";
import { times, type Kill, type Trial } from "./trial.ts";

/** What came of one trial. */
export interface Ordeal {
  readonly trial: Trial;
  /** SIGKILLs that met a process: the apply's, then those of resumes. */
  readonly kills: number;
  readonly resumes: number;
  /** The first process was killed after it took its lock. Else it was too early, or it ended before its moment came. */
  readonly wasKilled: boolean;
  /** Items marked as sent and not settled, at the worst kill. */
  readonly doubt: number;
  readonly violations: readonly string[];
  /** How often each kind of fault struck. */
  readonly struck: ReadonlyMap<string, number>;
  /** Rules under which something was allowed that would be a violation otherwise. */
  readonly excuses: readonly Excuse[];
  readonly end: FactOf<"end"> | undefined;
  /** Kept when something is wrong. */
  readonly folder: string;
}

/** A process that asks the service nothing for so long hangs, however busy the machine: its longest waits are a few seconds. */
const patienceMs = 60_000;
const password = "correct-horse-battery-staple-7";
const target = 4;

/** Apply with a real process, kill it, resume until nothing is left to do, and judge what all of it left behind. */
export async function ordeal(trial: Trial): Promise<Ordeal> {
  await using simulator = await startSimulator({
    devices: Math.ceil(trial.items * 1.6) + 40,
    seed: trial.seed,
    faults: trial.faults,
    lagMs: trial.lagMs,
    byIdLagMs: trial.byIdLagMs,
    latencyMs: trial.latencyMs,
    login: { ...defaultLogin, password },
  });
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator));
  writeFileSync(join(cwd, "plan.yaml"), planFor(trial, simulator));
  const course = new Course(trial, simulator, cwd);
  await course.run();
  const violations = [...course.violations, ...course.judge()];
  const { end } = course;
  if (violations.length === 0) rmSync(cwd, { recursive: true });
  const struck = new Map<string, number>();
  for (const { fault } of simulator.witness.entries)
    for (const kind of fault?.split("+") ?? []) struck.set(kind, (struck.get(kind) ?? 0) + 1);
  const { kills, resumes, wasKilled, doubt, excuses } = course;
  return { trial, kills, resumes, wasKilled, doubt, excuses, violations, struck, end, folder: cwd };
}

/** The processes of one trial, one after the other, and the folder they share. */
class Course {
  readonly #trial: Trial;
  readonly #simulator: Simulator;
  readonly #cwd: string;
  readonly violations: string[] = [];
  readonly excuses: Excuse[] = [];
  kills = 0;
  resumes = 0;
  wasKilled = false;
  doubt = 0;
  /** What every process after the first must leave as it is. */
  #frozen: ReadonlyMap<string, Buffer> | undefined;
  #ledgers: Buffer[] = [];

  constructor(trial: Trial, simulator: Simulator, cwd: string) {
    this.#trial = trial;
    this.#simulator = simulator;
    this.#cwd = cwd;
  }

  get #folder(): string | undefined {
    return runIn(this.#cwd);
  }

  get end(): FactOf<"end"> | undefined {
    const last = this.#folder === undefined ? undefined : evidenceOf(this.#folder).records.at(-1);
    return last?.type === "end" ? last : undefined;
  }

  async run(): Promise<void> {
    const [first, ...later] = this.#trial.kills;
    const exit = await this.#process("apply", first);
    if (!this.#hasLock()) return;
    this.wasKilled = exit === "SIGKILL";
    for (const kill of later) {
      if (this.end?.sealed === true) return;
      await this.#process("resume", kill);
    }
    for (let left = 3; left > 0 && this.end?.sealed !== true; left--) {
      // What may be wrong with the service must not go on for ever for the run to come to its end.
      if (left < 3) this.#simulator.setFaults([]);
      await this.#process("resume", undefined);
    }
    if (this.end?.sealed !== true)
      this.violations.push("I22: the run is not sealed although nothing goes wrong any more");
  }

  /** @returns Exit code, or `SIGKILL`. */
  async #process(verb: "apply" | "resume", kill: Kill | undefined): Promise<number | string> {
    if (verb === "resume") this.resumes += 1;
    const { change } = this.#trial;
    const order = {
      verb,
      cwd: this.#cwd,
      config: join(this.#cwd, "rollcall.config.yaml"),
      plan: join(this.#cwd, "plan.yaml"),
      inputs: [],
      ...(change === "once" ? { repeat: "once" } : {}),
      ...(kill?.how === "moment" ? { killAt: kill.moment } : {}),
    };
    const { running, ended } = start(order);
    const watch = kill?.how === "outside" ? this.#killLater(running, kill) : undefined;
    const patience = this.#killIdle(running, verb);
    const { exit, output } = await ended;
    clearInterval(patience);
    clearInterval(watch);
    if (exit === "SIGKILL") this.#afterKill();
    else this.#afterExit(verb, exit, output);
    return exit;
  }

  #killIdle(running: ChildProcess, verb: string): NodeJS.Timeout {
    let asked = -1;
    let since = performance.now();
    return setInterval(() => {
      const now = this.#simulator.witness.requests();
      if (now !== asked) [asked, since] = [now, performance.now()];
      else if (performance.now() - since > patienceMs) {
        this.violations.push(`I22: ${verb} has asked nothing for ${patienceMs / 1000} s and does not end`);
        running.kill("SIGKILL");
      }
    }, 1000);
  }

  #killLater(running: ChildProcess, { requests, ms }: Extract<Kill, { how: "outside" }>): NodeJS.Timeout {
    const before = this.#simulator.witness.requests();
    let isDue = false;
    return setInterval(() => {
      if (isDue || this.#simulator.witness.requests() - before < requests) return;
      isDue = true;
      setTimeout(() => running.kill("SIGKILL"), ms);
    }, 3);
  }

  #afterKill(): void {
    this.kills += 1;
    if (!this.#hasLock() || this.#folder === undefined) return;
    const { records } = evidenceOf(this.#folder);
    this.doubt = Math.max(this.doubt, inDoubt(records));
    this.#ledgers.push(readFileSync(join(this.#folder, "ledger.ndjson")));
    this.#frozen ??= new Map(frozenFiles.map((name) => [name, readFileSync(join(this.#folder ?? "", name))]));
    if (this.doubt > 2 * this.#trial.concurrency)
      this.violations.push(`I9: ${this.doubt} items in doubt after a kill, ${this.#trial.concurrency} slots`);
  }

  #afterExit(verb: string, exit: number | string, output: string): void {
    if (exit === 1) this.violations.push(`${verb} failed: ${output}`);
    const { end } = this;
    // Without an end it was refused, or the service could not be reached: never 0.
    if (end === undefined && exit === 0) this.violations.push(`I18: ${verb} ended with 0, and there is no end record`);
    if (end !== undefined && exit !== end.exit && output === "")
      this.violations.push(`I18: ${verb} ended with ${exit}, its record says ${end.exit}`);
  }

  #hasLock(): boolean {
    const folder = this.#folder;
    if (folder === undefined || !existsSync(join(folder, "ledger.ndjson"))) return false;
    return evidenceOf(folder).records.some(({ type }) => type === "lock");
  }

  judge(): string[] {
    const { change } = this.#trial;
    const method = change === "removal" ? "RemoveAccount" : "ModifyAccount";
    const folder = this.#folder;
    if (folder === undefined || !this.#hasLock())
      return this.#simulator.witness.requests(method) > 0 ? ["I10: sent without a lock"] : [];
    const ledger = readFileSync(join(folder, "ledger.ndjson"));
    const evidence = evidenceOf(folder);
    return [
      ...check(
        {
          ...evidence,
          witness: witnessOf(this.#simulator),
          method,
          repeat: change === "once" ? "once" : "set",
          expectAbsent: change === "removal",
        },
        (rule) => this.excuses.push(rule),
      ),
      ...checkChain(ledger, folder.split("/").at(-1) ?? ""),
      ...this.#kept(folder, ledger),
      ...secretsIn(folder),
    ];
  }

  /** I14 and I17: what was frozen is as it was, and every earlier ledger is the beginning of the last one. */
  #kept(folder: string, ledger: Buffer): string[] {
    const changed = [...(this.#frozen ?? [])].filter(
      ([name, bytes]) => !readFileSync(join(folder, name)).equals(bytes),
    );
    const rewritten = this.#ledgers.filter((one) => {
      const whole = one.subarray(0, one.lastIndexOf(10) + 1);
      return !ledger.subarray(0, whole.length).equals(whole);
    });
    return [
      ...changed.map(([name]) => `I14: ${name} was changed by a resume`),
      ...rewritten.map((one) => `I17: the ${one.length} bytes that a kill left are not the beginning of the ledger`),
    ];
  }
}

const frozenFiles = ["plan.yaml", "inventory.ndjson", "changeset.ndjson"];

/** I21: the password is in no file. */
function secretsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => readFileSync(join(folder, name)).includes(password))
    .map((name) => `I21: ${name} holds the password`);
}

function start(order: object): {
  readonly running: ChildProcess;
  readonly ended: Promise<{ readonly exit: number | string; readonly output: string }>;
} {
  const running = spawn(process.execPath, [killable, JSON.stringify(order)], {
    env: { ...process.env, CI: "", CHAOS_PASSWORD: password },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  running.stderr.on("data", (text: Buffer) => (output += text.toString()));
  const ended = new Promise<{ exit: number | string; output: string }>((resolve, reject) => {
    running.on("error", reject);
    running.on("close", (code, signal) => resolve({ exit: signal ?? code ?? -1, output }));
  });
  return { running, ended };
}

const configFor = ({ url }: Simulator): string => `rollcall: 1
services:
  simulator:
    kind: simulator
    url: ${url}
    late: ${times.late}ms
    lag: { list: ${times.listLag}ms, by_id: ${times.byIdLag}ms }
    limits: { timeout: ${times.timeout}ms, concurrency: 50 }
    credentials: { password: { env: CHAOS_PASSWORD } }
`;

function planFor({ change, items, concurrency, rereads, tolerated }: Trial, simulator: Simulator): string {
  const ids = simulator.ids().filter((id) => change === "removal" || simulator.device(id)?.productId !== target);
  const last = ids[items - 1];
  if (last === undefined) throw new Error(`the simulator has only ${ids.length} devices to change, not ${items}`);
  const call =
    change === "removal"
      ? `  call: RemoveAccount
  destructive: true
  params: { accountId: "\${{ item.device_id }}" }
  expect: absent`
      : `  set: { product_id: ${target} }
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}" } }`;
  return `rollcall: 1
name: ${change}
description: Change many devices while everything goes wrong.
service: simulator
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: ${simulator.rootPartner} } }
  fields: [device_id, device_name, product_id]
  title: device_name
filter:
  - item.device_id <= ${last}
change:
${call}
  only_if_unchanged: ${rereads}
guards: { max: ${2 * items} }
pace: { concurrency: ${concurrency} }
stop: { errors: ${tolerated}, consecutive: ${tolerated}, unknown: ${tolerated} }
verify: { within: 3s, every: 150ms }
`;
}

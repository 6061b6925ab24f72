import { spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../runner/simulator/server.ts";
import { check } from "./oracle.ts";
import { evidenceOf, labelled, newFolder, witnessOf } from "./runs.ts";

/** Applies or resumes in a process of its own, and kills itself when told to. */
export const killable = join(import.meta.dirname, "killable.mjs");
/** Gives product `to` to the devices of `ids` that have `from`. */
export const productsPlan = join(import.meta.dirname, "plans/products.yaml");
const labelsPlan = join(import.meta.dirname, "plans/label-devices.yaml");
const csvPlan = join(import.meta.dirname, "plans/products-csv.yaml");

/** Times short enough that a lost answer is settled in well under a second. */
export const quickConfig = (url: string): string => `rollcall: 1
services:
  simulator:
    kind: simulator
    url: ${url}
    late: 200ms
    lag: { list: 200ms, by_id: 0s }
    limits: { timeout: 300ms }
`;

export interface Scenario {
  readonly items: number;
  readonly simulator?: SimulatorOptions;
  /** The plan takes what it wants from a file, which says something else by the time of the resume. */
  readonly csv?: boolean;
  /** The plan labels devices instead, several in one call. */
  readonly labels?: boolean;
}

export interface Crash {
  /** Undefined: it was let finish. */
  readonly killedAt: number | undefined;
  /** Moments the first process passed before it ended by itself; undefined: it was killed. */
  readonly moments: number | undefined;
  readonly firstExit: number | string;
  readonly resumeExit: number | undefined;
  readonly violations: readonly string[];
  readonly counts: Readonly<Record<string, number>> | undefined;
  readonly doubt: number;
  readonly folder: string;
}

/**
 * Apply to a fresh simulator with a real process, kill it at the k-th moment, resume with another one, and judge the evidence.
 * @param killAt From 1; undefined: let it finish.
 */
export async function crash(
  { items, simulator: options = {}, csv = false, labels = false }: Scenario,
  killAt: number | undefined,
): Promise<Crash> {
  await using simulator = await startSimulator({ devices: Math.max(40, items * 4), ...options });
  const cwd = newFolder();
  const config = join(cwd, "rollcall.config.yaml");
  writeFileSync(config, quickConfig(simulator.url));
  const ids = idsOf(simulator, items);
  const file = join(cwd, "moves.csv");
  const moves = (to: number): string => ["device_id,to", ...ids.map((id) => `${id},${to}`), ""].join("\n");
  if (csv) writeFileSync(file, moves(4));
  const inputs = [
    `partner=${simulator.rootPartner}`,
    ...(csv ? [`file=${file}`] : labels ? [] : ["from=3", "to=4", `ids=${ids.join(",")}`]),
  ];
  const plan = csv ? csvPlan : labels ? labelsPlan : productsPlan;
  const first = await child({ verb: "apply", plan, config, cwd, inputs, killAt });
  if (csv) writeFileSync(file, moves(1).slice(0, -3));
  const run = runIn(cwd);
  const before = run === undefined ? undefined : evidenceIfAny(run);
  const locked = before?.records.some((record) => record.type === "lock") === true;
  const ended = before?.records.at(-1)?.type === "end";
  const resumed = locked && !ended ? await child({ verb: "resume", config, cwd }) : undefined;
  const method = labels ? "AddAccountLabel" : "ModifyAccount";
  const changes = simulator.witness.requests(method);
  const violations =
    locked && run !== undefined ? judge(run, simulator, method) : changes > 0 ? ["sent without a lock"] : [];
  const end = run === undefined ? undefined : evidenceIfAny(run)?.records.at(-1);
  const doubt = before === undefined ? 0 : inDoubt(before.records);
  if (violations.length === 0) rmSync(cwd, { recursive: true });
  return {
    killedAt: killAt,
    moments: first.exit === "SIGKILL" ? undefined : Number(first.output.trim().split("\n").at(-1)),
    firstExit: first.exit,
    resumeExit: typeof resumed?.exit === "number" ? resumed.exit : undefined,
    violations: resumed?.exit === 1 ? [...violations, `resume failed: ${resumed.output}`] : violations,
    counts: end?.type === "end" ? end.counts : undefined,
    doubt,
    folder: cwd,
  };
}

/** What is wrong, with the moment of the kill and the folder in which it can be looked at. */
export function wrongIn(crashes: readonly Crash[]): readonly string[] {
  return crashes.flatMap(({ violations, folder, killedAt }) =>
    violations.map((one) => `kill ${killedAt ?? "none"}: ${one} ${folder}`),
  );
}

/** Work through many with a few at once: the processes are real and the machine is small. */
export async function inParallel<T, R>(
  values: readonly T[],
  width: number,
  work: (value: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = [...values.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

function judge(folder: string, simulator: Simulator, method: string): string[] {
  const evidence = evidenceOf(folder);
  if (method === "ModifyAccount") return check({ ...evidence, witness: witnessOf(simulator), method, repeat: "set" });
  const witness = witnessOf(simulator, labelled);
  return check({ ...evidence, witness, method, repeat: "set", chunk: 10 });
}

/** Items that a kill leaves in doubt: marked as sent, and neither answered, withdrawn nor settled by a read. */
export function inDoubt(records: ReturnType<typeof evidenceOf>["records"]): number {
  const itemOf = new Map(
    records.flatMap((record) => (record.type === "intent" ? [[record.seq, record.index] as const] : [])),
  );
  const doubted = new Set<number | undefined>();
  for (const record of records) {
    if (record.type === "sent") for (const intent of record.intents) doubted.add(itemOf.get(intent));
    if (record.type === "withdrawn") for (const intent of record.intents) doubted.delete(itemOf.get(intent));
    if (record.type === "outcome" && record.kind !== "lost") doubted.delete(record.index);
    if (record.type === "read" && record.seen !== "early-before") doubted.delete(record.index);
  }
  return doubted.size;
}

/** The first devices with product 3. */
export function idsOf(simulator: Simulator, items: number): number[] {
  const movable = simulator.ids().filter((id) => {
    const device = simulator.device(id);
    return device?.productId === 3;
  });
  if (movable.length < items)
    throw new Error(`the simulator has only ${movable.length} devices to change, ${items} are asked for`);
  return movable.slice(0, items);
}

/** The one run of a folder. */
export function runIn(cwd: string): string | undefined {
  const runs = join(cwd, ".rollcall", "runs");
  const [name] = existsSync(runs) ? readdirSync(runs) : [];
  return name === undefined ? undefined : join(runs, name);
}

/** A torn last line is what a kill may leave; everything before it must be readable. */
function evidenceIfAny(folder: string): ReturnType<typeof evidenceOf> | undefined {
  const files = ["ledger.ndjson", "inventory.ndjson", "changeset.ndjson"];
  return files.every((name) => existsSync(join(folder, name))) ? evidenceOf(folder) : undefined;
}

/** Run `killable.mjs`. @returns Exit code or signal, and all it said. */
export function child(order: object): Promise<{ readonly exit: number | string; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CI: "" };
    const running = spawn(process.execPath, [killable, JSON.stringify(order)], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    running.stdout.on("data", (text: Buffer) => (output += text.toString()));
    running.stderr.on("data", (text: Buffer) => (output = `${text.toString()}\n${output}`));
    running.on("error", reject);
    running.on("close", (code, signal) => resolve({ exit: signal ?? code ?? -1, output }));
  });
}

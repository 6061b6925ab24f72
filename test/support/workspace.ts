import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FactOf, LedgerRecord, RunEvent } from "../../runner/core/model/events.ts";
import { RunState } from "../../runner/core/tally/fold.ts";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../runner/simulator/server.ts";
import type { LoadedPlan, Workspace } from "../../runner/workspace.ts";
import { openWith } from "../../runner/workspace/open.ts";
import type { Seams } from "../../runner/workspace/inside.ts";
import { configFor } from "./cli.ts";
import { check } from "./oracle.ts";
import { evidenceOf, newFolder, witnessOf, type ValuesOf } from "./runs.ts";

/** Short times, so that a lost answer is settled in well under a second. */
const quick = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 400ms }\n";
export const yes = () => Promise.resolve({ given: true, how: "library" } as const);

/** A folder with a config that leads to a simulator. */
export interface Estate extends AsyncDisposable {
  readonly cwd: string;
  readonly simulator: Simulator;
  readonly workspace: Workspace;
  /** Devices with product 3, `count` of them. */
  movable(count: number): number[];
  /** The plan of test/support/plans/products.yaml: product 4 for these devices. */
  plan(ids: readonly number[], more?: { readonly file?: string; readonly to?: number }): Promise<LoadedPlan>;
  /** Another folder for the same simulator. */
  elsewhere(options?: { readonly seams?: Seams }): Promise<Estate>;
}

const productsPlan = join(import.meta.dirname, "plans/products.yaml");

export async function estate(options: SimulatorOptions = {}, more: { readonly seams?: Seams } = {}): Promise<Estate> {
  const simulator = await startSimulator({ devices: 400, ...options });
  return estateAt(simulator, { ...more, isOwner: true });
}

async function estateAt(
  simulator: Simulator,
  { seams, isOwner }: { readonly seams?: Seams; readonly isOwner: boolean },
): Promise<Estate> {
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, quick));
  const env = { CI: "", XDG_CONFIG_HOME: join(cwd, "xdg") };
  const workspace = await openWith({ cwd, env }, seams ?? {});
  return {
    cwd,
    simulator,
    workspace,
    movable: (count) =>
      simulator
        .ids()
        .filter((id) => simulator.device(id)?.productId === 3)
        .slice(0, count),
    plan: (ids, { file = productsPlan, to = 4 } = {}) =>
      workspace.loadPlan(file, {
        service: "simulator",
        set: [`partner=${simulator.rootPartner}`, "from=3", `to=${to}`, `ids=${ids.join(",")}`],
      }),
    elsewhere: (other = {}) => estateAt(simulator, { ...other, isOwner: false }),
    [Symbol.asyncDispose]: async () => {
      await workspace[Symbol.asyncDispose]();
      if (isOwner) await simulator.close();
    },
  };
}

interface Change {
  readonly method?: string;
  readonly repeat?: "set" | "once";
  readonly expectAbsent?: boolean;
  /** Items in one call at most. */
  readonly chunk?: number;
  /** What the service holds of an item, in the plan's own words. Left out: the product of a device. */
  readonly values?: ValuesOf;
}

/** What came of a run: from its events and its folder. */
export interface Ended {
  readonly events: readonly RunEvent[];
  readonly end: FactOf<"end">;
  readonly run: string;
  readonly folder: string;
  readonly records: readonly LedgerRecord[];
  /** Ids of items by the state they ended in. */
  readonly in: (state: string) => string[];
  /** Of the oracle. */
  readonly violations: readonly string[];
}

export async function ended(
  { simulator }: Estate,
  events: AsyncIterable<RunEvent>,
  { method = "ModifyAccount", repeat = "set", expectAbsent = false, chunk = 1, values }: Change = {},
): Promise<Ended> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  const told = all.find((event): event is Extract<RunEvent, { type: "run" }> => event.type === "run");
  const end = all.findLast((event): event is FactOf<"end"> => event.type === "end")!;
  if (told === undefined) throw new Error("a run tells its id first");
  const evidence = evidenceOf(told.folder);
  const state = new RunState();
  for (const record of evidence.records) state.fold(record, record);
  const { changes } = evidence;
  // Requests of earlier runs carry another run's id; the oracle looks at this one's.
  const witness = witnessOf(simulator, values);
  const received = witness.received.filter(({ rpcId, method: name }) => name !== method || rpcId.startsWith(told.run));
  return {
    events: all,
    end,
    run: told.run,
    folder: told.folder,
    records: evidence.records,
    in: (wanted) => changes.filter(({ index }) => state.items.stateOf(index) === wanted).map(({ id }) => id),
    violations: check({ ...evidence, witness: { ...witness, received }, method, repeat, expectAbsent, chunk }),
  };
}

/** Change requests that the service has received, by device. */
export function changesReceived(simulator: Simulator, method = "ModifyAccount"): string[] {
  return simulator.witness.entries
    .filter((entry) => entry.by === "client" && entry.method === method && entry.authenticated)
    .map((entry) => String(entry.item));
}

/** The oldest first: of runs begun within one second the plan's file, written once, says which was earlier. */
export const runsIn = (cwd: string): string[] => {
  const folder = join(cwd, ".rollcall", "runs");
  const written = (run: string): number => statSync(join(folder, run, "plan.yaml")).mtimeMs;
  const stamp = (run: string): string => run.slice(0, run.indexOf("-"));
  const byAge = (left: string, right: string): number =>
    stamp(left) === stamp(right) ? written(left) - written(right) : left < right ? -1 : 1;
  return readdirSync(folder).sort(byAge);
};
export const textOf = (path: string): string => readFileSync(path, "utf8");

import { expect } from "vitest";
import type { FactOf, LedgerRecord, RunEvent } from "../../runner/core/model/events.ts";
import type { Change } from "../../runner/core/model/change.ts";
import type { Plan } from "../../runner/core/model/plan.ts";
import { RunState } from "../../runner/core/tally/fold.ts";
import type { Job } from "../../runner/engine/job.ts";
import { openJournal } from "../../runner/ledger/writer.ts";
import { createRunFolder, findRun, type RunFolder } from "../../runner/runs/folder.ts";
import { realClock } from "../../runner/runs/clock.ts";
import { newRunId } from "../../runner/runs/run-id.ts";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../runner/simulator/server.ts";
import type { ApplyOptions } from "../../runner/workspace/options.ts";
import { connect, factsOf, rateOf } from "../../runner/workspace/connect.ts";
import type { Inside, Seams } from "../../runner/workspace/inside.ts";
import { apply } from "../../runner/workspace/begin.ts";
import { bookOf, Held, record } from "../../runner/workspace/record.ts";
import { startFact } from "../../runner/workspace/start.ts";
import type { Service } from "../../runner/core/model/service.ts";
import { check, type Evidence } from "./oracle.ts";
import { evidenceOf, insideOf, newFolder, productPlan, serviceOf, witnessOf, type ValuesOf } from "./runs.ts";

const consent = () => Promise.resolve({ given: true, how: "library" } as const);

export interface Drive {
  readonly simulator?: SimulatorOptions;
  /** Laid over the plan that gives product 4 to the devices that have 3. */
  readonly plan?: (simulator: Simulator) => Plan | Promise<Plan>;
  /** What the service holds of an item, in the plan's own words. Left out: the product of a device. */
  readonly values?: ValuesOf;
  readonly service?: Partial<Service>;
  readonly seams?: Seams;
  readonly job?: Partial<Job>;
  readonly options?: Partial<ApplyOptions>;
  /** How long the service lives on before it is asked what happened: requests may act after the run is over. */
  readonly lingerMs?: number;
  /** Told every event as it comes; `false` leaves the run there and then. */
  readonly on?: (event: RunEvent, simulator: Simulator) => unknown;
}

export interface Driven {
  readonly events: readonly RunEvent[];
  /** What the run threw, if it did. */
  readonly error: unknown;
  readonly end: FactOf<"end">;
  readonly folder: RunFolder;
  readonly inside: Inside;
  readonly records: readonly LedgerRecord[];
  readonly changes: readonly Change[];
  readonly evidence: Evidence;
  /** Of the oracle, on whatever the run left behind. */
  readonly violations: readonly string[];
  readonly check: typeof check;
  /** Requests for changes, as the simulator received them. */
  readonly received: readonly string[];
  all<T extends LedgerRecord["type"]>(type: T): Extract<LedgerRecord, { type: T }>[];
  stateOf(id: string): string;
  creditOf(id: string): string;
  /** Kinds and looks of one item, in order: `["intent", "sent", "lost", "read after"]`. */
  storyOf(id: string): string[];
}

/** A deadline that a busy machine keeps: a test that loses answers loses those it means to. */
const unhurried = { concurrency: 50, timeoutMs: 1000, body: 64 * 1024 * 1024, message: 500 };

/** A whole run against a simulator of its own, from login to end, with everything that came of it. */
export async function drive(options: Drive = {}): Promise<Driven> {
  await using simulator = await startSimulator({ devices: 60, ...options.simulator });
  const plan = await (options.plan ?? productsOf())(simulator);
  const inside = insideOf(newFolder(), serviceOf(simulator, { limits: unhurried, ...options.service }), {
    seams: options.seams ?? {},
    clock: options.seams?.clock ?? realClock(),
  });
  const events: RunEvent[] = [];
  let error: unknown;
  try {
    for await (const event of start(inside, plan, options)) {
      events.push(event);
      if (options.on?.(event, simulator) === false) break;
    }
  } catch (thrown) {
    error = thrown;
  }
  const run = events.find((event): event is Extract<RunEvent, { type: "run" }> => event.type === "run");
  if (run === undefined) throw toError(error);
  // What a request still does after its client has gone is over by then, or never will be.
  await new Promise((resolve) => setTimeout(resolve, options.lingerMs ?? 20));
  const folder = await findRun(inside.root, run.run);
  return gathered({ events, error, inside, plan, simulator, folder, values: options.values });
}

/** Product 4 for the devices with product 3, `count` of them at most. */
export function productsOf(more: Partial<Plan> & { readonly count?: number } = {}) {
  return (simulator: Simulator): Plan => {
    const { count = Infinity, ...rest } = more;
    const only = simulator.ids().filter((id) => simulator.device(id)?.productId === 3);
    return productPlan(simulator.rootPartner, { from: 3, to: 4, only: only.slice(0, count), ...rest });
  };
}

/** Remove the devices with product 3, `count` of them at most. */
export function removalOf(more: Partial<Plan> & { readonly count?: number } = {}) {
  return (simulator: Simulator): Plan => {
    const plan = productsOf(more)(simulator);
    const change: Plan["change"] = {
      method: "RemoveAccount",
      repeat: "set",
      destructive: true,
      sets: [],
      uses: ["device_id"],
      desired: () => ({}),
      params: (_, item) => ({ accountId: Number(item.id) }),
      expect: { kind: "absent" },
    };
    return { ...plan, filter: plan.filter, change: more.change ?? change };
  };
}

function start(inside: Inside, plan: Plan, { job, options }: Drive): AsyncGenerator<RunEvent, void> {
  if (job !== undefined) return bent(inside, plan, { job, options: options ?? {} });
  return apply(inside, { plan, notes: [], secretValues: {} }, { consent, ...options });
}

/** The same steps as the workspace's `begin`, with a job that no verb has yet. */
async function* bent(inside: Inside, plan: Plan, { job, options = {} }: Drive): AsyncGenerator<RunEvent, void> {
  const service = inside.services.get("simulator")!;
  const { providers, clock, log, seams } = inside;
  const line = await connect(service, {
    providers,
    clock,
    log,
    concurrency: factsOf(plan, service).concurrency,
    perMinute: rateOf(plan, service),
    signal: options.abort ?? new AbortController().signal,
  });
  await using connection = seams.connection?.(line) ?? line;
  const run = newRunId(clock.now(), Math.random);
  const folder = await createRunFolder(inside.root, run, plan.source);
  await using held = new Held();
  await using journal = await openJournal({ path: folder.ledger, run, clock });
  const loaded = { plan, notes: [], secretValues: {} };
  const start = await startFact(inside, loaded, { run, service, connection });
  const state = new RunState();
  const book = bookOf(inside, journal, state);
  const open = { inside, loaded, service, folder, connection, journal, state, book, held, opening: [start] };
  yield {
    type: "run",
    run,
    folder: folder.path,
    plan: plan.name,
    service: service.name,
    endpoint: service.url,
    verb: "apply",
  };
  const whole: Job = {
    run,
    plan,
    frozen: { now: start.now, login: connection.login, run: { id: run, started: start.now } },
    changes: undefined,
    until: "verified",
    write: true,
    recheck: false,
    sameBoot: true,
    verifyAfterStop: options.verifyAfterStop === true,
    ...job,
  };
  yield* record(open, whole, { consent, ...options });
}

interface Ran {
  readonly events: readonly RunEvent[];
  readonly error: unknown;
  readonly inside: Inside;
  readonly plan: Plan;
  readonly simulator: Simulator;
  readonly folder: RunFolder;
  readonly values: ValuesOf | undefined;
}

function gathered({ events, error, inside, plan, simulator, folder, values }: Ran): Driven {
  const found = evidenceOf(folder.path);
  const { method, repeat, expect: wanted } = plan.change;
  const evidence: Evidence = {
    ...found,
    witness: witnessOf(simulator, values),
    method,
    repeat: repeat === "once" ? "once" : "set",
    expectAbsent: wanted.kind === "absent",
    ...(plan.change.chunk === undefined ? {} : { chunk: plan.change.chunk.size }),
  };
  const state = new RunState();
  for (const one of found.records) state.fold(one, one);
  const indexOf = (id: string): number => found.changes.findIndex((change) => change.id === id);
  const all = <T extends LedgerRecord["type"]>(type: T): Extract<LedgerRecord, { type: T }>[] =>
    found.records.filter((one): one is Extract<LedgerRecord, { type: T }> => one.type === type);
  return {
    events,
    error,
    end: events.find((event): event is FactOf<"end"> => event.type === "end")!,
    folder,
    inside,
    ...found,
    evidence,
    violations: check(evidence),
    check,
    received: evidence.witness.received
      .filter((call) => call.method === method)
      .flatMap((call) => call.items ?? [call.item ?? ""]),
    all,
    stateOf: (id) => state.items.stateOf(indexOf(id)),
    creditOf: (id) => state.items.creditOf(indexOf(id)),
    storyOf: (id) => storyOf(found.records, id),
  };
}

function storyOf(records: readonly LedgerRecord[], id: string): string[] {
  const intents = new Map(records.flatMap((one) => (one.type === "intent" ? [[one.seq, one] as const] : [])));
  const index = [...intents.values()].find((intent) => intent.id === id)?.index;
  const concerns = (seqs: readonly number[]): boolean => seqs.some((seq) => intents.get(seq)?.id === id);
  return records.flatMap((one) => {
    switch (one.type) {
      case "intent":
        return one.id === id ? ["intent"] : [];
      case "sent":
      case "withdrawn":
        return concerns(one.intents) ? [one.type] : [];
      case "outcome":
        return one.id === id ? [one.kind] : [];
      case "read":
        return one.id === id ? [`read ${one.seen}`] : [];
      case "verdict":
        return index !== undefined && one.indexes.includes(index) ? [`verdict ${one.seen}`] : [];
      default:
        return [];
    }
  });
}

/** The run came to its end, and the oracle finds nothing wrong with it. */
export function expectSound({ error, violations, end, events, records }: Driven): void {
  if (error !== undefined) throw toError(error);
  expect(violations).toEqual([]);
  expect(end.conserved).toBe(true);
  expectTold(events, records);
}

/** Every fact that was told is in the ledger, in the same order. */
function expectTold(events: readonly RunEvent[], records: readonly LedgerRecord[]): void {
  const kept = records.map(({ seq: _seq, t: _t, up: _up, synced: _synced, hash: _hash, ...fact }) =>
    JSON.stringify(fact),
  );
  for (const event of events) {
    if (notes.has(event.type)) continue;
    expect(kept, `told, but not kept: ${JSON.stringify(event)}`).toContain(JSON.stringify(event));
  }
}

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const notes: ReadonlySet<string> = new Set(["run", "enumerating", "preview", "waiting", "slowed", "sealed"]);

import { digest, itemId, runId } from "../../../runner/core/model/item.ts";
import type { Change } from "../../../runner/core/model/change.ts";
import type { Fact, FactOf, LedgerRecord, Owner } from "../../../runner/core/model/events.ts";
import type { Plan } from "../../../runner/core/model/plan.ts";
import type { Pace, Stops } from "../../../runner/core/model/precautions.ts";
import type { ControlRequest } from "../../../runner/core/model/run-ports.ts";
import { RunState } from "../../../runner/core/tally/fold.ts";
import { LocalBackend } from "../../../runner/engine/backends/local.ts";
import { Book } from "../../../runner/engine/book.ts";
import type { Job, Parts } from "../../../runner/engine/job.ts";
import { road } from "../../../runner/engine/run.ts";
import { PaperSelection } from "../../../runner/workspace/paper-selection.ts";
import { ModelService, type Script } from "./service.ts";
import { through, VirtualTime } from "./virtual.ts";
import { virtualInbox } from "../../../runner/workspace/rehearsal/virtual-time.ts";

/** A process ends at its n-th yield. `power`: so many of the records that were not synced are kept; undefined: all are. */
interface Death {
  readonly at: number;
  readonly power?: number | undefined;
}

/** A run, what its service does, what people ask at which yield of the first process, and how its processes die. */
export interface Tale extends Script {
  readonly waves: readonly number[];
  readonly groupOf?: readonly number[];
  readonly concurrency: number;
  readonly ramp: boolean;
  readonly stop: Partial<Stops>;
  readonly holds: boolean;
  readonly hasGate: boolean;
  readonly asked: readonly { readonly at: number; readonly op: ControlRequest["op"] }[];
  readonly deaths: readonly Death[];
}

export interface Told {
  readonly records: readonly LedgerRecord[];
  readonly state: RunState;
  readonly service: ModelService;
  readonly changes: readonly Change[];
}

const run = runId("20261123T204700Z-k3m7q");
const some = digest("ab".repeat(32));
const by = { name: "ada", host: "h" };
const owner = (boot: number): Owner => ({
  ...{ host: "h", machine: "m", boot: `b${boot}`, pid: 1, started: "1", namespace: "n" },
});
const login = { user_id: 1, partner_id: null, name: "ada" };
const never = (): never => {
  throw new Error("a model run was asked for what it does not have");
};

/** Lives through a tale with the real engine: one process after another, until one comes to the end. */
export async function liveThrough(tale: Tale): Promise<Told> {
  const life = new Life(tale);
  for (const [place, death] of [...tale.deaths, undefined].entries()) {
    const state = await life.process(place, death);
    if (state !== undefined)
      return { state, service: life.service, changes: life.selection.changes, records: life.records };
  }
  throw new Error("the last process did not come to its end");
}

class Life {
  records: LedgerRecord[] = [];
  readonly service: ModelService;
  readonly selection = new PaperSelection(() => undefined);
  readonly #tale: Tale;
  readonly #selected: Promise<unknown>;
  readonly #waiting: ControlRequest[] = [];
  #synced = 0;
  #boot = 0;
  #up = 1000;

  constructor(tale: Tale) {
    this.#tale = tale;
    this.service = new ModelService(tale);
    this.#selected = Promise.all([...tale.fates.keys()].map((index) => this.selection.select(changeOf(index, tale))));
  }

  /** @returns The state in which it ended; undefined: it died. */
  async process(place: number, death: Death | undefined): Promise<RunState | undefined> {
    await this.#selected;
    let isAlive = true;
    const time = new VirtualTime(this.#up + 1);
    const state = new RunState();
    for (const record of this.records) state.fold(record, record);
    const sameBoot = state.boot === owner(this.#boot).boot;
    const journal = {
      note: (facts: readonly Fact[]): number => {
        if (!isAlive) throw new Error("dead");
        const first = this.records.length + 1;
        for (const [nth, fact] of facts.entries())
          this.records.push({ seq: first + nth, t: time.up(), up: time.up(), ...fact, hash: some });
        return first;
      },
      sync: (): Promise<void> => {
        if (isAlive) this.#synced = this.records.length;
        return Promise.resolve();
      },
    };
    const book = new Book(journal, state, time);
    book.note(place === 0 ? opening(this.#tale) : [this.#resume(place)]);
    await book.sync();
    const parts = this.#parts(book, { time, generation: place + 1, isAlive: () => isAlive });
    const { signal } = new AbortController();
    const events = road(jobOf(this.#tale, { changes: this.selection, sameBoot }), parts.parts, {
      stop: signal,
      abort: signal,
    });
    for (let nth = 0; ; nth++) {
      if (nth > 5000) throw new Error("the run goes on for ever");
      if (place === 0)
        for (const [id, { at, op }] of this.#tale.asked.entries())
          if (at === nth) parts.ask({ id: `r${id}`, op, by, why: "", ...(op === "set" && { concurrency: 1 }) });
      const turn = await through(events.next(), time);
      this.#up = time.up();
      if (turn.done === true) return state;
      if (death === undefined || nth < death.at || !state.consented || state.generation === 0) continue;
      isAlive = false;
      this.service.forget();
      if (death.power !== undefined) {
        this.records = this.records.slice(0, this.#synced + death.power);
        this.#boot += 1;
      }
      return undefined;
    }
  }

  #resume(place: number): FactOf<"resume"> {
    return {
      ...{
        type: "resume",
        verb: "resume",
        tool: "0",
        owner: owner(this.#boot),
        by,
        generation: place + 1,
        recheck: false,
      },
    };
  }

  #parts(book: Book, { time, generation, isAlive }: { time: VirtualTime; generation: number; isAlive: () => boolean }) {
    const inbox = virtualInbox(time);
    let heard: ((asked: ControlRequest) => void) | undefined;
    const { concurrency } = this.#tale;
    const parts: Parts = {
      ...{ connection: this.service.connect(time, isAlive), book, inbox, clock: time, by, random: () => 0.5 },
      selection: never,
      ...{ keepLookups: never, earlier: never, reveal: never, spill: () => undefined },
      bystanders: nobody,
      firstList: nobody,
      consent: () => Promise.resolve({ type: "consent", how: "library", by }),
      takeLock: () => Promise.resolve({ scope: "s", generation, check: isAlive }),
      claim: () => Promise.resolve(),
      holdsLock: isAlive,
      controls: {
        take: () => Promise.resolve([...this.#waiting]),
        listen: (listener) => {
          heard = listener;
          return { [Symbol.dispose]: () => (heard = undefined) };
        },
        done: (id) => {
          const at = this.#waiting.findIndex((one) => one.id === id);
          if (isAlive() && at >= 0) this.#waiting.splice(at, 1);
          return Promise.resolve();
        },
      },
      backend: (carrier) => new LocalBackend(carrier, { concurrency, margin: concurrency }),
    };
    const ask = (asked: ControlRequest): void => {
      this.#waiting.push(asked);
      heard?.(asked);
    };
    return { parts, ask };
  }
}

async function* nobody(): AsyncGenerator<never> {}

function changeOf(index: number, { groupOf }: Tale): Change {
  const [before, after] = [{ tier: "Bronze" }, { tier: "Gold" }];
  const group = groupOf?.[index];
  return {
    ...{ index, id: itemId(String(index)), title: `item ${index}`, before, after },
    item: { id: String(index), tier: "Bronze", busy: false },
    request: { method: "Set", params: { index } },
    ...(group !== undefined && { group: `g${group}` }),
  };
}

function jobOf(tale: Tale, { changes, sameBoot }: Pick<Job, "changes" | "sameBoot">): Job {
  const frozen = { now: 1, login, run: { id: run, started: 1 } };
  return {
    ...{ run, plan: planOf(tale), frozen, changes, until: "verified", write: true, recheck: false, sameBoot },
    ...{ verifyAfterStop: false, waits: { personMs: 0, windowMs: 0 } },
  };
}

function planOf({ concurrency, ramp, groupOf, stop, holds, hasGate }: Tale): Plan {
  const fields = ["id", "tier", "busy"].map((name) => ({
    ...{ name, type: name === "busy" ? ("boolean" as const) : ("string" as const), source: name, spellings: [name] },
    ...{ volatile: name === "busy", secret: false },
  }));
  const pace: Pace = {
    concurrency,
    ...(ramp && { ramp: "double" }),
    ...(groupOf && { per: { text: "g", of: () => "" } }),
  };
  const listing = { method: "Look", params: () => ({}) };
  return {
    ...{
      name: "p",
      description: "",
      source: "",
      file: "p.yaml",
      digest: some,
      service: "s",
      inputs: {},
      secrets: [],
      files: [],
    },
    ...{ lookups: [], filter: [], pace },
    enumerate: { method: "List", params: () => ({}), fields, key: "id", title: "id" },
    change: {
      ...{ method: "Set", repeat: "set", destructive: false, params: () => ({}), sets: ["tier"], uses: [] },
      ...{ desired: () => ({ tier: "Gold" }), expect: { kind: "set" } },
    },
    guards: { require: [], min: 0, allowEmpty: true, allowRefused: 0 },
    stop: { errors: 99, consecutive: 99, unknown: 99, driftedPercent: 100, ...stop },
    ...(holds && { hold: { everyMs: 50, giveUpMs: 400, when: (_frozen, { fields: seen }) => seen["busy"] === true } }),
    ...(hasGate && {
      gate: {
        ...{ method: "Look", source: { kind: "call", listing, optional: false }, take: ([first]) => first ?? null },
        ...{ waitMs: 10, everyMs: 10, count: 1, observeOnly: false },
        pass: (_frozen, { rows }) => rows === "pass",
        fail: (_frozen, { rows }) => rows === "fail",
      },
    }),
    verify: { withinMs: 300, everyMs: 100, horizonMs: 200, collateral: "ignore" },
  };
}

function opening({ fates, waves, groupOf, concurrency }: Tale): readonly Fact[] {
  const size = fates.length;
  const selection = { rows: size, "filtered-out": 0, already: 0, refused: 0, selected: size };
  const names = [...new Set(groupOf)].sort();
  const groups = names.map((name) => ({ name: `g${name}`, size: groupOf?.filter((one) => one === name).length ?? 0 }));
  const facts = { timeoutMs: 100, lateMs: 100, listLagMs: 0, byIdLagMs: 0, concurrency, margin: concurrency };
  return [
    {
      ...{ type: "start", format: 1, run, estate: "e", tool: "0", owner: owner(0), by, login, inputs: {}, secrets: {} },
      service: { name: "s", kind: "model", endpoint: "memory:" },
      plan: { name: "p", digest: some },
      change: { method: "Set", repeat: "set", destructive: false, unverifiable: false },
      ...{ facts, now: 0, skewMs: null, previous: null },
    },
    { type: "enumerated", inventory: some, pages: 1, began: 0, ended: 0, ...selection },
    { type: "selected", changeSet: some, size, waves, guards: [], ...(groupOf && { groups }) },
  ];
}

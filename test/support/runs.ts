import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Change } from "../../runner/core/model/change.ts";
import type { LedgerRecord, RunEvent } from "../../runner/core/model/events.ts";
import { digest, type Fields, type Item } from "../../runner/core/model/item.ts";
import type { Plan } from "../../runner/core/model/plan.ts";
import { Secret } from "../../runner/core/model/secret.ts";
import type { Service } from "../../runner/core/model/service.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import { realClock } from "../../runner/runs/clock.ts";
import { defaultLogin, type Simulator } from "../../runner/simulator/server.ts";
import type { Inside } from "../../runner/workspace/inside.ts";
import type { Received, Witness } from "./oracle.ts";

export const newFolder = (): string => mkdtempSync(join(tmpdir(), "rollcall-"));

/** The simulator as a service with short times, so that a lost answer is settled in half a second. */
export function serviceOf(simulator: Pick<Simulator, "url">, more: Partial<Service> = {}): Service {
  const { partner, username, password } = defaultLogin;
  return {
    name: "simulator",
    kind: "simulator",
    url: simulator.url,
    domains: ["127.0.0.1"],
    lateMs: 200,
    lag: { listMs: 200, byIdMs: 0 },
    limits: { concurrency: 50, timeoutMs: 300, body: 64 * 1024 * 1024, message: 500 },
    credentials: () =>
      Promise.resolve({ partner: new Secret(partner), username: new Secret(username), password: new Secret(password) }),
    ...more,
  };
}

export function insideOf(root: string, service: Service, more: Partial<Inside> = {}): Inside {
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  return {
    root,
    services: new Map([[service.name, service]]),
    webhooks: [],
    providers: new Map(),
    env: { CI: "" },
    clock: realClock(),
    log,
    seams: {},
    ...more,
  };
}

/** Give product `to` to devices of `partner` that have `from` or `to`: the shape of the demo's plan, made by hand. */
export function productPlan(
  partner: number,
  { from, to, only, pace, ...more }: { from: number; to: number; only?: readonly number[] } & Partial<Plan>,
): Plan {
  const list = cove.catalogue().list("EnumerateAccountStatistics");
  if (list === undefined) throw new Error("the catalogue has no device list");
  const fields = ["device_id", "device_name", "product_id"].map((name) => list.field(name)!);
  return {
    name: "products",
    description: "",
    source: "rollcall: 1\n",
    file: "products.yaml",
    digest: digest("0".repeat(64)),
    service: "simulator",
    inputs: {},
    secrets: [],
    files: [],
    lookups: [],
    enumerate: {
      method: list.method,
      params: () => ({ query: { PartnerId: partner } }),
      fields,
      key: "device_id",
      title: "device_name",
    },
    filter: [
      { text: "product", line: 1, holds: (_, item: Item) => [from, to].includes(item.fields.product_id as number) },
      { text: "only", line: 2, holds: (_, item: Item) => only?.includes(Number(item.id)) ?? true },
    ],
    change: {
      method: "ModifyAccount",
      repeat: "set",
      destructive: false,
      sets: ["product_id"],
      uses: ["device_id"],
      desired: () => ({ product_id: to }),
      params: (_, item: Item, set: Fields) => ({
        accountInfo: { Id: Number(item.id), ProductId: set.product_id ?? null },
      }),
      expect: { kind: "set" },
    },
    guards: { require: [], min: 1, allowEmpty: false, allowRefused: 0 },
    // One wave, whatever the size, where a test says nothing else.
    pace: { concurrency: 8, waves: [{ percent: 100 }], ...pace },
    stop: { errors: 3, consecutive: 3, unknown: 0, driftedPercent: 10 },
    verify: { withinMs: 5000, everyMs: 150 },
    ...more,
  };
}

export async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const ndjson = <T>(path: string): T[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);

/** The files of a run, as the oracle wants them; empty where the run ended before it wrote them. */
export function evidenceOf(folder: string): {
  records: LedgerRecord[];
  inventory: { id: string; as: string }[];
  changes: Change[];
} {
  const lines = <T extends object>(name: string, member: string): T[] =>
    existsSync(join(folder, name)) ? ndjson<T>(join(folder, name)).filter((line) => member in line) : [];
  return {
    records: ndjson<LedgerRecord>(join(folder, "ledger.ndjson")),
    inventory: lines<{ id: string; as: string }>("inventory.ndjson", "as"),
    changes: lines<Change>("changeset.ndjson", "request"),
  };
}

/** What a simulator holds of an item at an instant (ms since boot; left out: now), in a plan's words. Undefined: it is not there. */
export type ValuesOf = (simulator: Simulator, id: number, up?: number) => Readonly<Record<string, unknown>> | undefined;

/** What the simulator saw, in the oracle's words. */
export function witnessOf(simulator: Simulator, valuesOf: ValuesOf = productOf): Witness {
  const { entries } = simulator.witness;
  const received = entries
    .filter((entry) => entry.by === "client")
    .map(({ hidden, ...entry }): Received => ({
      ...entry,
      rpcId: String(entry.rpcId),
      item: typeof entry.item === "number" ? String(entry.item) : undefined,
      ...(typeof entry.item === "object" ? { items: entry.item.map(String), changed: changedBy(entry.after) } : {}),
      effect: entry.effect,
      ...(hidden === undefined ? {} : { hidden: hidden.map(String) }),
    }));
  const edits = entries
    .filter((entry) => entry.by === "editor")
    .map((entry) => ({ item: String(entry.item), at: entry.arrived }));
  return {
    received,
    edits,
    maxInFlight: simulator.witness.maxInFlight,
    valueNow: (item) => valuesOf(simulator, Number(item)),
    valueAt: (item, up) => valuesOf(simulator, Number(item), up),
  };
}

/** The devices that a call about several changed. */
function changedBy(after: object | undefined): readonly string[] {
  return Array.isArray(after) ? (after as readonly { item: number }[]).map(({ item }) => String(item)) : [];
}

const productOf: ValuesOf = (simulator, id, up) => {
  const device = deviceAt(simulator, id, up);
  return device && { product_id: device.productId };
};

/** A device as it is, or was. */
export function deviceAt(simulator: Simulator, id: number, up?: number): ReturnType<Simulator["device"]> {
  return up === undefined ? simulator.device(id) : simulator.witness.valueAt(id, up);
}

/** Whether a device has the label that the plan `label-devices` gives. */
export const labelled: ValuesOf = (simulator, id, up) => {
  const device = deviceAt(simulator, id, up);
  return device && { has_label: device.labels.includes('"blue"') };
};

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SimulatorOptions } from "../../runner/simulator/server.ts";
import { writePair, type Pair } from "./keys.ts";
import { ended, estate, yes, type Ended, type Estate } from "./workspace.ts";

const plan = join(import.meta.dirname, "plans/by-customer.yaml");

/** A finished run over devices of several customers, and two pairs of keys. */
export interface Evidence extends AsyncDisposable {
  readonly here: Estate;
  readonly run: Ended;
  /** A file of the run's folder. */
  readonly path: (name: string) => string;
  /** By customer, the ids of its devices in the run's list. */
  readonly customers: ReadonlyMap<
    number,
    { readonly name: string; readonly ids: readonly string[]; readonly changed: readonly string[] }
  >;
  readonly auditor: Pair;
  readonly stranger: Pair;
}

interface Listed {
  readonly id: string;
  readonly as: string;
  readonly fields: { readonly partner_id: number; readonly customer_name: string };
}

export async function evidence({
  devices = 60,
  count = 12,
  faults,
  to = 4,
}: SimulatorOptions & { count?: number; to?: number } = {}): Promise<Evidence> {
  const here = await estate({ devices, ...(faults && { faults }) });
  const run = await applied(here, here.movable(count), to);
  const path = (name: string): string => join(run.folder, name);
  return {
    ...{ here, run, path, customers: customersIn(path("inventory.ndjson")) },
    auditor: writePair(here.cwd, "auditor"),
    stranger: writePair(here.cwd, "stranger"),
    [Symbol.asyncDispose]: () => here[Symbol.asyncDispose](),
  };
}

/** Give these devices a product, in a list that says whose they are. */
export async function applied(here: Estate, ids: readonly number[], to: number): Promise<Ended> {
  return await ended(here, here.workspace.apply(await here.plan(ids, { file: plan, to }), { consent: yes }));
}

function customersIn(inventory: string): Evidence["customers"] {
  const found = new Map<number, { name: string; ids: string[]; changed: string[] }>();
  for (const line of readFileSync(inventory, "utf8").trimEnd().split("\n").slice(1, -1)) {
    const { id, as, fields } = JSON.parse(line) as Listed;
    const one = found.get(fields.partner_id) ?? { name: fields.customer_name, ids: [], changed: [] };
    one.ids.push(id);
    if (as === "selected") one.changed.push(id);
    found.set(fields.partner_id, one);
  }
  return found;
}

/** Every file below a folder, by its path. */
export function filesBelow(folder: string): ReadonlyMap<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(entries.map((entry) => join(entry.parentPath, entry.name)).map((path) => [path, readFileSync(path)]));
}

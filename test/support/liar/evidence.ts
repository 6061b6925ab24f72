import type { LedgerRecord } from "../../../runner/core/model/events.ts";
import { RunState } from "../../../runner/core/tally/fold.ts";
import type { Liar, Received } from "../liar.ts";
import { check, type Received as Seen, type Witness } from "../oracle.ts";
import { evidenceOf } from "../runs.ts";
import { upNow } from "./things.ts";

/** What came of a run: by its files, and by what the liar really received and did. */
export interface Run {
  readonly folder: string;
  readonly records: readonly LedgerRecord[];
  /** By item; `confirmed` with who did it: `confirmed ours`, `confirmed unsure`, `confirmed despite`. */
  readonly states: Readonly<Record<string, string>>;
  /** Requests for a change that the liar took, by item; 0 where there was none. */
  readonly received: Readonly<Record<string, number>>;
  /** Changes that it really made, by item; 0 where there was none. */
  readonly applied: Readonly<Record<string, number>>;
  /** Of docs/invariants.md, by the oracle. */
  readonly violations: readonly string[];
}

/** Methods that change something. */
const changing: ReadonlySet<string> = new Set(["set", "set_many", "remove"]);

/** @param chunk Items in one call at most. */
export function cameOf(folder: string, liar: Liar, chunk = 1): Run {
  const evidence = evidenceOf(folder);
  const { records, changes } = evidence;
  const state = new RunState();
  for (const record of records) state.fold(record, record);
  const { run, method, repeat } = startOf(records);
  const witness = witnessOf(liar, run);
  const taken = witness.received.filter((one) => changing.has(one.method) && one.authenticated);
  const count = (ids: readonly string[]): Readonly<Record<string, number>> =>
    Object.fromEntries(changes.map(({ id }) => [id, ids.filter((one) => one === id).length]));
  const credited = (index: number): string => {
    const found = state.items.stateOf(index);
    return found === "confirmed" ? `${found} ${state.items.creditOf(index)}` : found;
  };
  return {
    folder,
    records,
    states: Object.fromEntries(changes.map(({ id, index }) => [id, credited(index)])),
    received: count(taken.flatMap(({ item, items }) => items ?? item ?? [])),
    applied: count(taken.flatMap(({ changed = [] }) => changed)),
    violations: check({ ...evidence, witness, method, repeat, expectAbsent: method === "remove", chunk }),
  };
}

function startOf(records: readonly LedgerRecord[]) {
  const start = records.find((one): one is Extract<LedgerRecord, { type: "start" }> => one.type === "start");
  if (start === undefined) throw new Error("the run has no beginning");
  const { method, repeat } = start.change;
  return { run: start.run, method, repeat: repeat === "once" ? repeat : ("set" as const) };
}

/** What the liar saw, in the oracle's words. Changes of other runs are left out. */
function witnessOf(liar: Liar, run: string): Witness {
  const received = liar.received
    .filter(({ method, id }) => !changing.has(method) || String(id).startsWith(run))
    .map((one) => seenBy(liar, one));
  const valueAt = (item: string, up: number) => {
    const thing = liar.thingAt(Number(item), up);
    return thing && { level: thing.level };
  };
  return {
    received,
    edits: liar.edits.map(({ at, item }) => ({ at, item: String(item) })),
    // Of a request that was given up it may hear only after it has heard the next one: the ledger says how many there were.
    maxInFlight: 0,
    valueNow: (item) => valueAt(item, upNow()),
    valueAt,
  };
}

function seenBy(liar: Liar, { at, method, id, items, isKnown, lie, hidden }: Received): Seen {
  const applied = liar.applied.filter((one) => one.id === id && changing.has(method));
  const [first] = items;
  return {
    rpcId: String(id),
    method,
    item: items.length === 1 ? String(first) : undefined,
    ...(items.length > 1 && { items: items.map(String) }),
    changed: applied.map(({ item }) => String(item)),
    authenticated: isKnown,
    arrived: at,
    effect: applied[0]?.at,
    ...(lie !== undefined && { fault: faults[lie] ?? lie }),
    ...(changing.has(method) ? {} : { asOf: at }),
    ...(hidden.length > 0 && { hidden: hidden.map(String), fault: "drop-row" }),
  };
}

/** What the oracle calls them. */
const faults: Readonly<Record<string, string>> = {
  nothing: "no-effect",
  error: "error-after-apply",
  echo: "error-after-apply",
  blame: "error-after-apply",
};

import fc from "fast-check";
import type { Change } from "../../runner/core/model/change.ts";
import type { Fact, FactOf, LedgerRecord, Owner } from "../../runner/core/model/events.ts";
import { digest, itemId, runId } from "../../runner/core/model/item.ts";
import { itemStates, type Counts, type ItemState } from "../../runner/core/model/outcome.ts";
import { genesis, seal } from "../../runner/ledger/chain.ts";
import type { Evidence, Received } from "./oracle.ts";

/** What happens to one attempt at an item. */
type Attempt = "accepted" | "rejected" | "not-acted" | "withdrawn" | "lost-done" | "lost-undone";
/** The attempts at an item, and whether the last one is judged by a pass. */
export interface Tale {
  readonly attempts: readonly Attempt[];
  readonly isJudged: boolean;
}

const again = ["not-acted", "withdrawn", "lost-undone"] as const;
const last = ["accepted", "rejected", "withdrawn", "lost-done", "lost-undone"] as const;

/** Tales of items as the rules allow them: at most three lost answers, a rejection only where nothing was lost before. */
export const tales = fc.array(
  fc.record({
    attempts: fc
      .tuple(fc.array(fc.constantFrom(...again), { maxLength: 3 }), fc.constantFrom(...last))
      .map(([before, end]) => [...before, end])
      .filter((all) => all.filter((one) => one.startsWith("lost")).length <= 3)
      .filter((all) => all.at(-1) !== "rejected" || !all.includes("lost-undone")),
    isJudged: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

const run = runId("20261123T204700Z-k3m7q");
const some = digest("ab".repeat(32));
const owner: Owner = { host: "h", machine: "m", boot: "b", pid: 1, started: "1", namespace: "n" };
const by = { name: "ada", host: "h" };
const facts = { timeoutMs: 100, lateMs: 100, listLagMs: 0, byIdLagMs: 0, concurrency: 50, margin: 100 };

/** A ledger in which every tale is told, woven together as `turns` say, with the witness that goes with it. */
export function legalRun(told: readonly Tale[], turns: () => number): Evidence & { readonly lines: readonly string[] } {
  const writer = new Writer();
  const selection = { rows: told.length + 2, "filtered-out": 2, already: 0, refused: 0, selected: told.length };
  writer.write(startFact);
  writer.write({ type: "enumerated", inventory: some, pages: 1, began: 0, ended: 0, ...selection });
  writer.write({ type: "selected", changeSet: some, size: told.length, waves: [told.length], guards: [] });
  writer.write({ type: "consent", how: "library", by });
  writer.write({ type: "lock", scope: "s", generation: 1 });
  writer.write({ type: "wave", wave: 0, phase: "begin", size: told.length });
  const threads = told.map(({ attempts }, index) => storyOf(index, attempts, writer));
  while (threads.length > 0) {
    const turn = turns() % threads.length;
    if (threads[turn]?.next().done === true) threads.splice(turn, 1);
  }
  if (told.some((tale) => stateOf(tale) === "not-started"))
    writer.write({ type: "stopped", reason: "interrupted", detail: "signal" });
  writer.write({ type: "wave", wave: 0, phase: "end", size: told.length });
  writer.write({ type: "pass", pass: 1, phase: "begin", rows: 0, complete: false });
  for (const [index, tale] of told.entries()) {
    const seen = seenBy(tale);
    if (seen !== undefined) writer.write({ type: "verdict", pass: 1, seen, indexes: [index] });
  }
  writer.write({ type: "pass", pass: 1, phase: "end", rows: selection.rows, complete: true });
  writer.write(endOf(told));
  const filtered = ["900", "901"].map((id) => ({ id, as: "filtered-out" }));
  return {
    records: writer.records,
    lines: writer.lines,
    inventory: [...told.map((_, index) => ({ id: String(index), as: "selected" })), ...filtered],
    changes: told.map((_, index) => changeOf(index)),
    method: "Set",
    repeat: "set",
    witness: {
      received: writer.received,
      edits: [],
      maxInFlight: 1,
      valueNow: (item) => ({ tier: writer.valueAt(item, Infinity) }),
      valueAt: (item, up) => ({ tier: writer.valueAt(item, up) }),
    },
  };
}

/** Gives records their numbers, times and hashes, and remembers what the service received. */
class Writer {
  readonly records: LedgerRecord[] = [];
  readonly lines: string[] = [];
  readonly received: Received[] = [];
  up = 1000;
  #hash = genesis(run).hash;

  write(fact: Fact): number {
    this.up += 5;
    const record = { seq: this.records.length + 1, t: this.up, up: this.up, ...fact };
    const { line, hash } = seal(JSON.stringify(record).slice(0, -1), this.#hash);
    this.#hash = hash;
    this.lines.push(line);
    this.records.push({ ...record, hash });
    return record.seq;
  }

  receive(index: number, rpcId: string, isDone: boolean): void {
    const arrived = this.up + 1;
    const effect = isDone ? arrived + 1 : undefined;
    this.received.push({ rpcId, method: "Set", item: String(index), authenticated: true, arrived, effect });
  }

  valueAt(item: string, up: number): string {
    return this.received.some((call) => call.item === item && (call.effect ?? Infinity) <= up) ? "Gold" : "Bronze";
  }
}

/** One item's records, a few at a time: between two steps other items have their turn. */
function* storyOf(index: number, attempts: readonly Attempt[], writer: Writer): Generator<undefined, void> {
  const { id, title } = changeOf(index);
  for (const [place, what] of attempts.entries()) {
    const attempt = place + 1;
    const change = { method: "Set", request: some, before: { tier: "Bronze" }, after: { tier: "Gold" } };
    const intent = writer.write({ type: "intent", index, id, title, attempt, wave: 0, ...change });
    yield;
    if (what === "withdrawn") {
      writer.write({ type: "withdrawn", intents: [intent], reason: "interrupted" });
      continue;
    }
    writer.write({ type: "sent", intents: [intent] });
    const sentUp = writer.up;
    writer.receive(index, `${run}-${intent}-${attempt}`, what === "accepted" || what === "lost-done");
    yield;
    const kind = what.startsWith("lost") ? "lost" : what;
    const about = { intent, index, id, attempt, ms: 1 };
    const failure = { class: "uncertain", code: "reset", message: "connection reset" } as const;
    if (kind === "accepted") writer.write({ type: "outcome", ...about, kind });
    else writer.write({ type: "outcome", ...about, kind: kind as "lost" | "rejected" | "not-acted", failure });
    yield;
    if (kind !== "lost") continue;
    writer.up = Math.max(writer.up, sentUp + facts.timeoutMs + facts.lateMs) + 1;
    const seen = what === "lost-done" ? "after" : "before";
    const found = { tier: seen === "after" ? "Gold" : "Bronze" };
    writer.write({ type: "read", index, id, why: "settle", began: writer.up, source: "test", seen, found });
    yield;
  }
}

function changeOf(index: number): Change {
  const [before, after] = [{ tier: "Bronze" }, { tier: "Gold" }];
  const request = { method: "Set", params: {} };
  return { index, id: itemId(String(index)), title: `item ${index}`, item: before, before, after, request };
}

/** Worked out from the tale alone. */
function stateOf({ attempts, isJudged }: Tale): ItemState {
  const wasLost = attempts.some((one) => one === "lost-undone");
  switch (attempts.at(-1)) {
    case "accepted":
      return isJudged ? "confirmed" : "pending";
    case "lost-done":
      return "confirmed";
    case "rejected":
      return "rejected";
    case "lost-undone":
      return "unknown";
    default:
      return wasLost ? "unknown" : "not-started";
  }
}

function seenBy({ attempts, isJudged }: Tale): "after" | undefined {
  return isJudged && attempts.at(-1) === "accepted" ? "after" : undefined;
}

function endOf(told: readonly Tale[]): FactOf<"end"> {
  const counts = Object.fromEntries(itemStates.map((state) => [state, 0])) as Record<ItemState, number>;
  counts["filtered-out"] = 2;
  for (const tale of told) counts[stateOf(tale)] += 1;
  const has = (state: keyof Counts): boolean => counts[state] > 0;
  const table: readonly (readonly [number, boolean])[] = [
    [7, has("unknown")],
    [6, has("rejected")],
    [130, has("not-started")],
    [8, has("pending")],
  ];
  const exits = table.filter(([, applies]) => applies).map(([code]) => code);
  const notStarted = has("not-started") ? { interrupted: counts["not-started"] } : {};
  return { type: "end", counts, notStarted, conserved: true, sealed: true, exit: exits[0] ?? 0, exits };
}

const startFact: FactOf<"start"> = {
  type: "start",
  format: 1,
  run,
  estate: "e",
  tool: "0",
  owner,
  by,
  service: { name: "s", kind: "simulator", endpoint: "http://127.0.0.1" },
  login: { user_id: 1, partner_id: 2, name: "n" },
  plan: { name: "p", digest: some },
  change: { method: "Set", repeat: "set", destructive: false, unverifiable: false },
  inputs: {},
  secrets: {},
  facts,
  now: 0,
  skewMs: null,
  previous: null,
};

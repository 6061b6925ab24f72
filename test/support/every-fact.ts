import type { Fact, FactOf } from "../../runner/core/model/events.ts";
import { digest, itemId, runId } from "../../runner/core/model/item.ts";
import { itemStates, type Counts } from "../../runner/core/model/outcome.ts";

const aDigest = digest("ab".repeat(32));
const by = { name: "ada", host: "h", ci: "gitlab" };
const owner = { host: "h", machine: "m", boot: "b", pid: 1, started: "1", namespace: "n" };
const id = itemId("7");
const other = runId("20250101T000000Z-aaaaa");
const failure = { class: "reject", code: "1701", message: "no" } as const;
const outcome = { type: "outcome", intent: 9, index: 0, id, attempt: 1, ms: 1.5, gapMs: 2 } as const;
const counts = Object.fromEntries(itemStates.map((state) => [state, 0])) as unknown as Counts;
const totals = { checked: true, rows: 3, found: 1, touched: 1, untouched: 0, appeared: 0, vanished: 0 } as const;
const undone = { run: other, seq: 3, only: [id] };

const start: FactOf<"start"> = {
  ...{ type: "start", format: 1, run: other, estate: "e", tool: "rollcall/0.1.0", owner, by },
  service: { name: "cove", kind: "simulator", endpoint: "http://127.0.0.1" },
  login: { user_id: 1, partner_id: "2", name: "n" },
  plan: { name: "p", digest: aDigest },
  change: { method: "Set", repeat: "set", destructive: false, unverifiable: false },
  ...{ inputs: { ids: [1] }, secrets: { token: "f" } },
  facts: { lateMs: 0, timeoutMs: 0, listLagMs: 0, byIdLagMs: 0, concurrency: 1, margin: 1, perMinute: 0.5 },
  ...{ now: 1, started: 2, skewMs: -3, previous: `${other}:1:${aDigest}`, salt: "cd".repeat(32) },
  from: {
    ...{ kind: "change-set", run: other, estate: "e", digest: aDigest, changeSet: aDigest, expires: 5, began: 1 },
    undoes: undone,
  },
};

/** Facts of every type, with all the members that a run may write. */
export const everyFact: { readonly [T in Fact["type"]]: readonly FactOf<T>[] } = {
  start: [
    start,
    { ...start, skewMs: null, previous: null, from: { kind: "rerun", run: other, only: ["rejected"], undoes: undone } },
    { ...start, login: { user_id: null, partner_id: null, name: "" }, from: { kind: "undo", ...undone } },
  ],
  enumerated: [
    {
      ...{ type: "enumerated", inventory: aDigest, pages: 1, began: 1.5, ended: 2, narrowed: true },
      lookups: { digest: aDigest, of: [{ name: "prices", rows: 2, unused: 1, keys: ["k"] }] },
      ...{ rows: 3, "filtered-out": 1, already: 0, refused: 0, selected: 2 },
    },
  ],
  selected: [
    {
      ...{ type: "selected", changeSet: aDigest, size: 2, waves: [1, 1], groups: [{ name: "g", size: 2 }] },
      guards: [{ guard: "max", allowed: "5", found: 2, ok: true, message: "" }],
    },
  ],
  saved: [{ type: "saved", file: "c.ndjson", digest: aDigest, changeSet: aDigest, expires: 5 }],
  consent: [{ type: "consent", how: "on-stop", by, approvals: [{ key: "k", fingerprint: aDigest, at: 5 }] }],
  lock: [{ type: "lock", scope: "s", generation: 1 }],
  wave: [{ type: "wave", wave: 0, phase: "end", size: 1, cut: true }],
  intent: [
    {
      ...{ type: "intent", index: 0, id, title: "t", attempt: 1, wave: 0, group: 0, method: "Set", request: aDigest },
      ...{ before: { tier: null }, after: { tier: "Gold" } },
    },
  ],
  sent: [{ type: "sent", intents: [9] }],
  withdrawn: [{ type: "withdrawn", intents: [9], reason: "stopped" }],
  outcome: [
    { ...outcome, kind: "accepted" },
    { ...outcome, kind: "rejected", failure },
    { ...outcome, kind: "lost", failure },
    { ...outcome, kind: "not-acted", failure, retryAfterMs: 5 },
    { ...outcome, kind: "drifted", found: null, why: "tier is other" },
    { ...outcome, kind: "already", found: { tier: "Gold" } },
  ],
  read: [
    {
      ...{ type: "read", index: 0, id, why: "settle", began: 1.5, source: "list", seen: "other" },
      found: { tier: "Iron" },
    },
    { type: "read", index: 0, id, why: "recheck", began: 1, source: "none", seen: "unreadable", found: null },
  ],
  limit: [{ type: "limit", limit: "errors", tolerated: 0, value: 1, inFlight: 2, wave: 0, group: 0 }],
  control: [
    { type: "control", op: "set", by, why: "slow", id: "1", concurrency: 2, perMinute: 0.5 },
    { type: "control", op: "promote", by, why: "", wave: 0 },
  ],
  hold: [{ type: "hold", intent: 9, index: 0, id, until: 5, gaveUp: true }],
  gate: [{ type: "gate", wave: 0, result: "inconclusive", detail: "d", observed: true }],
  paused: [{ type: "paused", for: "between-waves", detail: "", until: 5 }],
  continued: [{ type: "continued", after: "between-waves" }],
  throttle: [
    { type: "throttle", what: "rate", from: null, to: 30, cause: "429" },
    { type: "throttle", what: "concurrency", from: 4, to: null, cause: "" },
  ],
  stopped: [{ type: "stopped", reason: "limit", detail: "d" }],
  pass: [{ type: "pass", pass: 1, phase: "end", rows: 3, complete: true, digest: aDigest, wave: 0, by: "id" }],
  verdict: [
    {
      ...{ type: "verdict", pass: 1, seen: "other", indexes: [0], found: [{ tier: "Iron" }] },
      ...{ pendingNow: true, pastHorizon: true },
    },
  ],
  also: [
    {
      ...{ type: "also", what: "touched", cause: "ours" },
      items: [{ id, title: "t", fields: { quota: { before: null, after: 1 } } }],
    },
  ],
  collateral: [
    {
      ...{ type: "collateral", ...totals, fails: true, pass: 1, more: 0, narrowed: true },
      groups: [
        {
          what: "touched",
          cause: "ours",
          field: "quota",
          count: 1,
          examples: [{ id, title: "t", before: 1, after: 2 }],
        },
      ],
    },
    { type: "collateral", checked: false, why: "w" },
  ],
  clock: [{ type: "clock", jumpMs: -3, kind: "suspend" }],
  repair: [{ type: "repair", afterSeq: 1, bytes: 3, digest: aDigest, kept: "l.torn" }],
  resume: [{ type: "resume", verb: "verify", tool: "0", owner, by, generation: 2, recheck: true }],
  checkpoint: [{ type: "checkpoint", counts, open: 0 }],
  end: [
    {
      ...{ type: "end", counts, notStarted: { limit: 1 }, conserved: true, sealed: true, exit: 0, exits: [0] },
      ...{ collateral: { ...totals, fails: true }, gate: "fail", gapMs: 1.5 },
    },
    {
      ...{ type: "end", counts, notStarted: {}, conserved: true, sealed: false, exit: 2, exits: [] },
      collateral: { checked: false, why: "w" },
    },
  ],
};

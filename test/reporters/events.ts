import type { Fact, FactOf, Note } from "../../runner/core/model/events.ts";
import type { SelectionCounts } from "../../runner/core/model/preview.ts";
import { digest, itemId, runId } from "../../runner/core/model/item.ts";
import { itemStates, type Counts, type Outcome } from "../../runner/core/model/outcome.ts";
import { Screen, type OutputStream } from "../../runner/reporters/screen.ts";

// Handmade events, as the engine tells them.

export const run = runId("20261123T204700Z-k3m7q");
const none = digest("0".repeat(64));
const by = { name: "ada", host: "ws1" };

export const runNote: Extract<Note, { type: "run" }> = {
  type: "run",
  run,
  folder: ".rollcall/runs/20261123T204700Z-k3m7q",
  plan: "assign-product",
  service: "simulator",
  endpoint: "http://127.0.0.1:4711/jsonapi",
  verb: "apply",
};

export const started: FactOf<"start"> = {
  type: "start",
  format: 1,
  run,
  estate: "e",
  tool: "rollcall 0.1.0",
  owner: { host: "ws1", machine: "m", boot: "b", pid: 1, started: "1", namespace: "" },
  by,
  service: { name: "simulator", kind: "simulator", endpoint: runNote.endpoint },
  login: { user_id: 301, partner_id: 4001, name: "simulator@example.com" },
  plan: { name: "assign-product", digest: none },
  change: { method: "ModifyAccount", repeat: "set", destructive: false, unverifiable: false },
  inputs: {},
  secrets: {},
  facts: { lateMs: 200, timeoutMs: 30_000, listLagMs: 200, byIdLagMs: 0, concurrency: 8, margin: 8 },
  now: 1_795_000_000,
  skewMs: 0,
  previous: null,
};

export function selection(counts: Partial<SelectionCounts>): SelectionCounts {
  return { rows: 0, "filtered-out": 0, already: 0, refused: 0, selected: 0, ...counts };
}

export function previewNote(
  counts: Partial<SelectionCounts>,
  more: Partial<Extract<Note, { type: "preview" }>> = {},
): Extract<Note, { type: "preview" }> {
  return {
    type: "preview",
    counts: selection(counts),
    guards: [],
    sample: [],
    method: "ModifyAccount",
    expect: "set",
    refusals: [],
    types: {},
    ...more,
  };
}

export function intent(index: number, attempt = 1): FactOf<"intent"> {
  return {
    type: "intent",
    index,
    id: itemId(`${1000 + index}`),
    title: `DESK-${index}`,
    attempt,
    wave: 1,
    method: "ModifyAccount",
    request: none,
    before: { product_id: 3 },
    after: { product_id: 4 },
  };
}

export function outcome(index: number, kind: Outcome["kind"], attempt = 1): Fact {
  const base = { type: "outcome", intent: index, index, id: itemId(`${1000 + index}`), attempt, ms: 50 } as const;
  switch (kind) {
    case "accepted":
      return { ...base, kind };
    case "already":
      return { ...base, kind, found: {} };
    case "drifted":
      return { ...base, kind, found: {}, why: "product_id is 9" };
    case "rejected":
      return { ...base, kind, failure: { class: "reject", code: "13501", message: "Access denied" } };
    case "lost":
      return { ...base, kind, failure: { class: "uncertain", code: "timeout", message: "no answer within 30 s" } };
    case "not-acted":
      return { ...base, kind, failure: { class: "throttle", code: "http-429", message: "too many requests" } };
  }
}

export function settling(index: number, seen: FactOf<"read">["seen"]): FactOf<"read"> {
  return {
    type: "read",
    index,
    id: itemId(`${1000 + index}`),
    why: "settle",
    began: 0,
    source: "by id",
    seen,
    found: null,
  };
}

export function ended(counts: Partial<Counts>, more: Partial<FactOf<"end">> = {}): FactOf<"end"> {
  const zero = Object.fromEntries(itemStates.map((state) => [state, 0])) as unknown as Counts;
  return {
    type: "end",
    counts: { ...zero, ...counts },
    notStarted: {},
    conserved: true,
    sealed: true,
    exit: 0,
    exits: [],
    ...more,
  };
}

/** A stream that keeps what is written to it. */
export class Paper implements OutputStream {
  text = "";
  readonly isTTY: boolean;
  columns: number;
  constructor({ isTTY = false, columns = 80 }: { isTTY?: boolean; columns?: number } = {}) {
    this.isTTY = isTTY;
    this.columns = columns;
  }
  write(text: string): boolean {
    this.text += text;
    return true;
  }
  on(): this {
    return this;
  }
}

export function papers(terminal: { isTTY?: boolean; columns?: number } = {}): {
  readonly stdout: Paper;
  readonly stderr: Paper;
  readonly screen: Screen;
} {
  const stdout = new Paper(terminal);
  const stderr = new Paper(terminal);
  return { stdout, stderr, screen: new Screen({ stdout, stderr, colour: { stdout: false, stderr: false } }) };
}

import type { ErrorCode } from "./errors.ts";
import type { PauseReason } from "./events.ts";
import type { RunId } from "./item.ts";
import type { Counts, NotStartedReason } from "./outcome.ts";

const mark = "rehearsal of ";

/** What stands in the record of a rehearsal in place of the service's kind and address: neither can be one. */
export function rehearsalOf(what: string): string {
  return `${mark}${what}`;
}

/** Whether the record of a run is that of a rehearsal, by the kind of its service. */
export function isRehearsal(kind: string): boolean {
  return kind.startsWith(mark);
}

/** What goes wrong in a rehearsal. Shares are from 0 to 1, of the calls that make changes where nothing else is said. */
export interface RehearsalFaults {
  /** The answer does not come in time, and the change is not made. */
  readonly timeout: number;
  /** The change is made, and its answer is lost. */
  readonly lostAfterApply: number;
  /** The call is accepted, and nothing is changed. */
  readonly ignored: number;
  /** Of the items: the service says no. */
  readonly reject: number;
  /** Of all seconds: the service turns every call away that comes in it. */
  readonly throttle: number;
  /** A change that was made shows so many ms later at most; each has its own delay. */
  readonly lateMs: number;
  /** An item that the list shows as busy is free again after so many ms at most; each has its own time. */
  readonly busyMs: number;
}

/** A named way in which a service behaves. */
export type FaultProfile = "none" | "usual" | "rough" | "late-visibility";

/** What the gate of a plan is taken to find: what it looks at, nobody can know beforehand. */
export type RehearsedGate = "pass" | "fail" | "inconclusive";

/** Where the list of a rehearsal comes from. `read`: when it was read, Unix seconds. */
export type RehearsedList = { readonly rows: number; readonly read: number } & (
  | { readonly from: "file"; readonly file: string }
  | { readonly from: "run"; readonly run: RunId }
  /** It was read once more, for this rehearsal. */
  | { readonly from: "service" }
);

/** How long calls were taken to last, in ms. `run`: the earlier run whose calls were so. */
export interface RehearsedLatency {
  readonly from: "option" | "run" | "default";
  readonly run?: RunId;
  /** Of a call that changes an item. */
  readonly medianMs: number;
  /** Of a page of the list. */
  readonly pageMs: number;
}

/** One wave. Times are ms since the rehearsed run began. */
export interface RehearsedWave {
  /** From 1 on, as people count. */
  readonly wave: number;
  readonly size: number;
  readonly beginsMs: number;
  /** Until it is judged. */
  readonly lastsMs: number;
  readonly confirmed: number;
  readonly rejected: number;
  readonly unknown: number;
  /** Items in any other state. */
  readonly others: number;
}

/** A limit of `stop` that is exceeded. Without `wave` and `group` it is counted over the whole run. */
export interface RehearsedLimit {
  readonly limit: string;
  readonly tolerated: number;
  readonly value: number;
  /** When, in ms since the rehearsed run began. */
  readonly atMs: number;
  /** The item with which it was exceeded. Left out: it became known of several at once. */
  readonly item?: { readonly id: string; readonly title: string };
  readonly wave?: number;
  /** Name of the group that is parked. */
  readonly group?: string;
}

export interface RehearsedGateResult {
  readonly wave: number;
  readonly result: RehearsedGate;
  readonly observed?: true;
}

/** What a plan would do, as far as anybody can say who has not asked its service. */
export interface Rehearsal {
  readonly plan: string;
  readonly service: string;
  readonly endpoint: string;
  readonly list: RehearsedList;
  readonly seed: number;
  readonly profile: FaultProfile;
  readonly faults: RehearsalFaults;
  readonly latency: RehearsedLatency;
  /** Wall ms: when the rehearsed run begins. */
  readonly begins: number;
  readonly durationMs: number;
  /** The duration in three: what is read before, the waves with all that is between them, and the proof behind them. */
  readonly listMs: number;
  readonly wavesMs: number;
  readonly proofMs: number;
  readonly waves: readonly RehearsedWave[];
  readonly limits: readonly RehearsedLimit[];
  /** Left out: the plan has no gate. */
  readonly gates?: { readonly taken: RehearsedGate; readonly results: readonly RehearsedGateResult[] };
  /** What ended it before all items were sent. */
  readonly stopped?: { readonly reason: NotStartedReason; readonly detail: string; readonly atMs: number };
  readonly notStarted: Readonly<Partial<Record<NotStartedReason, number>>>;
  /** Before anything is sent: what `apply` would have been refused for. */
  readonly refused?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string };
  /** What it waited for, and how long in all. */
  readonly pauses: readonly { readonly for: PauseReason; readonly ms: number }[];
  /** Items found busy, each time that they were. */
  readonly held: number;
  /** Left out: it did not come to an end. */
  readonly counts?: Counts;
  readonly calls: {
    readonly logins: number;
    readonly reads: number;
    readonly changes: number;
    /** Of them, those that the service turned away. */
    readonly turnedAway: number;
    /** Calls a minute that the plan and its service allow, and the part of them that was used. Left out: any number. */
    readonly perMinute?: number;
    readonly share?: number;
  };
  /** The exit code that `apply` would have had. */
  readonly exit: number;
  /** What was assumed, one sentence each. */
  readonly assumed: readonly string[];
  /** The folder that holds its record as a run. Left out: none was kept. */
  readonly kept?: string;
}

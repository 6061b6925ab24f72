import type { Approved } from "./approval.ts";
import type { Repeat } from "./change.ts";
import type { Also, AlsoCause, AlsoChanged, AlsoTotals, Collateral } from "./collateral.ts";
import type { Digest, Fields, ItemId, RunId } from "./item.ts";
import type { Origin } from "./origin.ts";
import type { Counts, NotStartedReason, Outcome, Seen } from "./outcome.ts";
import type { Login } from "./frozen.ts";
import type {
  Gone,
  GuardResult,
  LookupCount,
  PreviewRow,
  Refusal,
  SelectionCounts,
  StopsAt,
  Warned,
} from "./preview.ts";
import type { ShownAs } from "./values.ts";

/** Version of the ledger's records and of the `--json` events. */
export const formatVersion = 1;

export interface Person {
  readonly name: string;
  readonly host: string;
  /** The CI system, when there is one. */
  readonly ci?: string;
}

/** Which process on which boot wrote; enough to prove later that it is dead. */
export interface Owner {
  readonly host: string;
  readonly machine: string;
  readonly boot: string;
  readonly pid: number;
  /** Start time of the process in clock ticks since boot, and its pid namespace: `""` where the system does not say. */
  readonly started: string;
  readonly namespace: string;
}

/** What a person can ask of a run from elsewhere. */
export type ControlOp = "pause" | "continue" | "promote" | "abort" | "set";

/** `operator`: somebody paused it. `person`: a wave could not be judged, and somebody has to. */
export type PauseReason = "operator" | "person" | "window" | "between-waves";

/** Items with a budget of their own. */
export interface GroupSize {
  readonly name: string;
  readonly size: number;
}

/** Kept: what happened, and evidence of it. One ledger line each. Folding the facts gives the state of a run. */
export type Fact =
  | {
      readonly type: "start";
      readonly format: number;
      readonly run: RunId;
      readonly estate: string;
      readonly tool: string;
      readonly owner: Owner;
      readonly by: Person;
      readonly service: { readonly name: string; readonly kind: string; readonly endpoint: string };
      readonly login: Login;
      readonly plan: { readonly name: string; readonly digest: Digest };
      readonly change: ChangeFacts;
      readonly inputs: Fields;
      /** Keyed fingerprints of secret inputs. */
      readonly secrets: Readonly<Record<string, string>>;
      readonly facts: ServiceFacts;
      /** Unix seconds, frozen: when the list was read that the changes were decided on. */
      readonly now: number;
      /** Unix seconds: when this run began, where that is another moment. */
      readonly started?: number;
      readonly skewMs: number | null;
      /** `run:seq:hash`: the head that the run before this one had. Null: there was none. */
      readonly previous: string | null;
      /** Heads of more runs that no run's start names as they were then: those that began together, or went on since. */
      readonly otherHeads?: readonly string[];
      /** 32 random bytes as hex, kept in the record alone: what hashes prove of one item gives nothing away of another. */
      readonly salt?: string;
      /** Where the changes of this run come from, when not from a list that it read itself and took whole. */
      readonly from?: Origin;
    }
  | ({
      readonly type: "enumerated";
      readonly inventory: Digest;
      readonly pages: number;
      readonly began: number;
      readonly ended: number;
      /** The list that was decided on was narrowed by the service: it is not all of it. */
      readonly narrowed?: true;
      /** What lookups gave: the digest of the file that keeps it. */
      readonly lookups?: { readonly digest: Digest; readonly of: readonly LookupCount[] };
      /** Of an undo: what the run changed and is not in this list, so that it can not be put back. Left out: nothing. */
      readonly gone?: Gone;
    } & SelectionCounts)
  | {
      readonly type: "selected";
      readonly changeSet: Digest;
      readonly size: number;
      readonly waves: readonly number[];
      /** Where items have budgets by groups: how many items each has. An intent says its group by the place in here. */
      readonly groups?: readonly GroupSize[];
      readonly guards: readonly GuardResult[];
    }
  /** The changes were saved for a later `apply`. `digest` is that of the file, `changeSet` that of the changes in it. */
  | {
      readonly type: "saved";
      readonly file: string;
      readonly digest: Digest;
      readonly changeSet: Digest;
      /** Wall ms. */
      readonly expires: number;
    }
  /** `on-stop`: it was given for the run that this one takes back, whose plan says so. */
  | {
      readonly type: "consent";
      readonly how: "tty" | "yes" | "confirm" | "library" | "on-stop";
      readonly by: Person;
      /** Those that counted: of a change set that was applied, by keys of the config. */
      readonly approvals?: readonly Approved[];
    }
  | { readonly type: "lock"; readonly scope: string; readonly generation: number }
  /** `cut`: the run stopped in the middle of it, or before it was judged; a resume takes it up again. */
  | {
      readonly type: "wave";
      readonly wave: number;
      readonly phase: "begin" | "end";
      readonly size: number;
      readonly cut?: true;
    }
  | {
      readonly type: "intent";
      readonly index: number;
      readonly id: ItemId;
      readonly title: string;
      readonly attempt: number;
      readonly wave: number;
      readonly group?: number;
      readonly method: string;
      readonly request: Digest;
      readonly before: Fields;
      readonly after: Fields;
    }
  | { readonly type: "sent"; readonly intents: readonly number[] }
  | { readonly type: "withdrawn"; readonly intents: readonly number[]; readonly reason: string }
  | ({ readonly type: "outcome" } & Outcome)
  | {
      readonly type: "read";
      readonly index: number;
      readonly id: ItemId;
      readonly why: "settle" | "recheck";
      readonly began: number;
      readonly source: string;
      /** `before` only when the read began after the request could still act and after its own lag: it allows a resend. */
      readonly seen: Seen | "early-before" | "unreadable";
      readonly found: Fields | null;
    }
  | {
      readonly type: "limit";
      readonly limit: string;
      readonly tolerated: number;
      readonly value: number;
      readonly inFlight: number;
      /** What was counted over, where it is not the whole run. A group is parked, all else stops the run. */
      readonly wave?: number;
      readonly group?: number;
    }
  | {
      readonly type: "control";
      readonly op: "interrupt" | "unlock" | ControlOp;
      readonly by: Person;
      readonly why: string;
      /** Of the request that it was asked for with: it is carried out once. */
      readonly id?: string;
      readonly concurrency?: number;
      readonly perMinute?: number;
      /** The wave that is promoted. Left out: the one that is under way. */
      readonly wave?: number;
    }
  /** A fresh read said that the item is busy: its intent is void, and it waits. `gaveUp`: it has been busy for too long. */
  | {
      readonly type: "hold";
      readonly intent: number;
      readonly index: number;
      readonly id: ItemId;
      /** Wall ms: not before. */
      readonly until: number;
      readonly gaveUp?: true;
    }
  /** What a look at the wave came to. `observed`: it has no power over the run. */
  | {
      readonly type: "gate";
      readonly wave: number;
      readonly result: "pass" | "fail" | "inconclusive";
      readonly detail: string;
      readonly observed?: true;
    }
  /** Nothing is sent until `continued`; `until`: wall ms, where that is known. */
  | { readonly type: "paused"; readonly for: PauseReason; readonly detail: string; readonly until?: number }
  | { readonly type: "continued"; readonly after: PauseReason }
  /** The pace was changed by what the service says or does: calls a minute, or calls at a time. */
  | {
      readonly type: "throttle";
      readonly what: "rate" | "concurrency";
      readonly from: number | null;
      readonly to: number | null;
      readonly cause: string;
    }
  | { readonly type: "stopped"; readonly reason: NotStartedReason; readonly detail: string }
  | {
      readonly type: "pass";
      readonly pass: number;
      readonly phase: "begin" | "end";
      readonly rows: number;
      readonly complete: boolean;
      readonly digest?: Digest;
      /** It was about the items of this wave only. `by`: each was read by itself, and `rows` are those. */
      readonly wave?: number;
      readonly by?: "id";
    }
  /** What one pass saw of items whose outcome was written before the pass began. `found` only for `other`, in the order of `indexes`. */
  | {
      readonly type: "verdict";
      readonly pass: number;
      readonly seen: Seen;
      readonly indexes: readonly number[];
      readonly found?: readonly Fields[];
      readonly pendingNow?: boolean;
      readonly pastHorizon?: boolean;
    }
  /** Items that are otherwise than the first list had them, and not because the plan says so: those that are told one by one. */
  | {
      readonly type: "also";
      readonly what: Also;
      readonly cause: AlsoCause;
      readonly items: readonly AlsoChanged[];
    }
  /** What the last whole list came to against the first. Behind the items; the newest counts, until something more is sent. */
  | ({ readonly type: "collateral" } & Collateral)
  | { readonly type: "clock"; readonly jumpMs: number; readonly kind: "wall" | "suspend" }
  | {
      readonly type: "repair";
      readonly afterSeq: number;
      readonly bytes: number;
      readonly digest: Digest;
      readonly kept: string;
    }
  | {
      readonly type: "resume";
      readonly verb: "resume" | "verify";
      readonly tool: string;
      readonly owner: Owner;
      readonly by: Person;
      readonly generation: number;
      readonly recheck: boolean;
    }
  | { readonly type: "checkpoint"; readonly counts: Counts; readonly open: number }
  | {
      readonly type: "end";
      readonly counts: Counts;
      readonly notStarted: Readonly<Partial<Record<NotStartedReason, number>>>;
      readonly conserved: boolean;
      readonly sealed: boolean;
      readonly exit: number;
      readonly exits: readonly number[];
      /** How many items are otherwise than the first list had them; left out: that was not looked at. */
      readonly collateral?: AlsoTotals | { readonly checked: false; readonly why: string };
      /** What the gate found last, where that was not good and nobody has promoted the wave. */
      readonly gate?: "fail" | "inconclusive";
      /** Of an undo: how many items that the run had changed are in no list any more, so that they were not put back. */
      readonly gone?: number;
      /** The longest time from a read right before a change to the moment that the change could leave. */
      readonly gapMs?: number;
    };

/** What folding a ledger needs to know of the plan's change, so that a report needs neither plan nor catalogue. */
export interface ChangeFacts {
  readonly method: string;
  readonly repeat: Repeat;
  readonly destructive: boolean;
  /** `expect: accepted`: nothing can be shown by reading. */
  readonly unverifiable: boolean;
}

/** The service's times and the pace as this run took them; a resume uses the recorded ones. */
export interface ServiceFacts {
  readonly lateMs: number;
  readonly timeoutMs: number;
  readonly listLagMs: number;
  readonly byIdLagMs: number;
  readonly concurrency: number;
  readonly margin: number;
  /** Calls a minute; left out: no limit, or recorded before this was kept. */
  readonly perMinute?: number;
}

/** Only told, never kept. */
export type Note =
  | {
      readonly type: "run";
      readonly run: RunId;
      readonly folder: string;
      readonly plan: string;
      readonly service: string;
      readonly endpoint: string;
      readonly verb: string;
    }
  | { readonly type: "enumerating"; readonly rows: number; readonly purpose: "select" | "verify" }
  /** The first items of the change set, for the preview's table. */
  | {
      readonly type: "preview";
      readonly counts: SelectionCounts;
      readonly guards: readonly GuardResult[];
      readonly sample: readonly PreviewRow[];
      readonly method: string;
      /** How it will be known that a change is done. */
      readonly expect: "set" | "absent" | "accepted" | "expression";
      /** What the plan says of going back. */
      readonly undo?: string;
      readonly refusals: readonly Refusal[];
      /** What the plan warns of, and for how many of the items that are to change. Left out: of none. */
      readonly warnings?: readonly Warned[];
      /** Of the fields that are set: what their values are. The values themselves stay as they are. */
      readonly types: Readonly<Record<string, ShownAs>>;
      /** Items that were chosen beforehand, by a rerun or an undo, and are not in the list any more. */
      readonly missing?: number;
      /** Of an undo, the first of those. */
      readonly gone?: readonly Refusal[];
      /** It takes this run back. */
      readonly undoes?: RunId;
      readonly narrowed?: true;
      readonly lookups?: readonly LookupCount[];
      readonly stopsAt?: StopsAt;
      /** The sizes of the waves. Left out: there is one. */
      readonly waves?: readonly number[];
      /** How many groups have a budget of their own. Left out: none has. */
      readonly groups?: number;
    }
  /** The plan wants what this run did to be taken back, since it was stopped. `whyNot`: nothing is, or nothing more. */
  | { readonly type: "undoing"; readonly run: RunId; readonly whyNot?: string; readonly hint?: string }
  | { readonly type: "waiting"; readonly why: string; readonly items: number; readonly ms: number }
  /** `unreached`: there was no connection, so that it is not the service that says so. */
  | { readonly type: "slowed"; readonly why: string; readonly ms: number; readonly unreached?: true }
  | { readonly type: "sealed"; readonly anchor: string; readonly folder: string };

export type RunEvent = Fact | Note;

/** One line of the ledger: where it stands, the fact, and the chain hash. `t` wall ms, `up` ms since boot. */
export type LedgerRecord = Fact & {
  readonly seq: number;
  readonly t: number;
  readonly up: number;
  /** First record of a written batch: everything up to there is known to be on disk. */
  readonly synced?: number;
  readonly hash: string;
};

export type FactOf<T extends Fact["type"]> = Extract<Fact, { type: T }>;

// What the workspace tells of runs, change sets and calls.

import type { Approved } from "../core/model/approval.ts";
import type { Repeat } from "../core/model/change.ts";
import type { Person } from "../core/model/events.ts";
import type { SignatureReport } from "../core/model/evidence.ts";
import type { Collateral } from "../core/model/collateral.ts";
import type { Origin } from "../core/model/origin.ts";
import type { Digest, RunId } from "../core/model/item.ts";
import type { RunnerError } from "../core/model/errors.ts";
import type { Answer, Counts, NotStartedReason } from "../core/model/outcome.ts";
import type { ShownExchange } from "../core/model/ports.ts";
import type { ShownAs } from "../core/model/values.ts";

/** The process that has a run in hand, by the lock it holds. `gone`: it died; `unseen`: on another machine, say. */
export interface Worker {
  readonly is: "running" | "gone" | "unseen";
  readonly pid: number;
  readonly host: string;
  /** Wall clock, ms. */
  readonly since: number;
}

/** One run folder, as `runs` and `show` tell it: folded from its ledger, and for an open run from its lock. */
export interface RunSummary {
  readonly run: RunId;
  readonly folder: string;
  readonly plan: string;
  readonly service: string;
  readonly endpoint: string;
  readonly by: Person;
  /** Wall clock, ms. */
  readonly started: number;
  readonly ended: number | undefined;
  /** `previewed`: it never took its lock, so nothing was sent. `open`: intents without an answer, or no end record: `resume` goes on. `damaged`: all else here is of the records before `damage`. */
  readonly status: "previewed" | "open" | "sealed" | "damaged";
  /** Where the record is damaged. */
  readonly damage?: string;
  /** Of an open run, if anybody holds its lock. */
  readonly worker?: Worker;
  readonly counts: Counts | undefined;
  /** Items that have no state yet: sent without an answer, or not judged. In a damaged record: of which nothing is known. */
  readonly open: number;
  readonly notStarted: Readonly<Partial<Record<NotStartedReason, number>>>;
  readonly exit: number | undefined;
  readonly anchor: string;
  /** Whether its change may be sent again to an item that it may have been sent to. */
  readonly repeat?: Repeat;
  /** Where its changes come from, when not from a list that it read itself and took whole. */
  readonly from?: Origin;
  /** Who approved the change set that it applied. Left out: nobody had to, and nobody did. */
  readonly approvals?: readonly Approved[];
}

/**
 * How one item ended. `failure`: what the service said, or why it was not sent. `by`: who did what is confirmed: we, perhaps we,
 * or we although the service had said no. `found`: what a diverged item holds, where the record says so. `undone`: a lost answer, and a read
 * that any effect of it would show has shown the old values.
 */
export interface ItemReport {
  /** Its place in the change set; a refused item has none. */
  readonly index?: number;
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly by?: "ours" | "unsure" | "despite";
  readonly reason?: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
  readonly found?: Readonly<Record<string, unknown>>;
  readonly undone?: true;
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface RunReport {
  readonly summary: RunSummary;
  /** What else changed, by the last list that was held against the first; left out: none was since something was sent. */
  readonly collateral?: Collateral;
  /** The longest time, in ms, from a read right before a change to when it could be sent. Left out: none was read so. */
  readonly gapMs?: number;
  /** Items of the asked states (all but confirmed by default), at most `limit`. */
  readonly items: readonly ItemReport[];
  /** What the values of the fields are, as the run had it. */
  readonly types: Readonly<Record<string, ShownAs>>;
  readonly causes: readonly {
    readonly state: string;
    readonly code: string;
    readonly message: string;
    readonly found?: Readonly<Record<string, unknown>>;
    readonly undone?: true;
    readonly count: number;
    readonly examples: readonly string[];
  }[];
}

export interface AuditReport {
  readonly run: RunId;
  readonly ok: boolean;
  readonly records: number;
  readonly anchor: string;
  readonly sealed: boolean;
  /** Conservation recomputed; undefined: not checkable, and `findings` says which file is missing. */
  readonly conserved: boolean | undefined;
  readonly findings: readonly { readonly seq: number | undefined; readonly message: string }[];
  /** What is no fault and worth knowing. Left out: nothing is. */
  readonly notes?: readonly string[];
  /** The Merkle root over the run's items, which holds the head. Left out: none can be made, or the record does not hold. */
  readonly root?: Digest;
  /** Only where a public key was given. */
  readonly signature?: SignatureReport;
  /** The signature that was made: path of its file, and the fingerprint of its key. */
  readonly signed?: { readonly file: string; readonly key: Digest };
}

export interface ProbeReport {
  readonly service: string;
  readonly endpoint: string;
  /** In order: what the session sent, the call, and what was sent to leave. */
  readonly exchanges: readonly ShownExchange[];
  /** What the call came to; an error: it was not sent. */
  readonly answer: Answer | RunnerError;
}

/** An approval that was given. */
export interface ApprovalGiven {
  /** Absolute path. */
  readonly file: string;
  readonly digest: Digest;
  readonly key: { readonly name: string | undefined; readonly fingerprint: Digest };
}

/** One file beside a change set that is named as an approval of it. */
export interface ApprovalFound {
  /** Absolute path. */
  readonly file: string;
  readonly counts: boolean;
  /** Why it does not count. */
  readonly why?: string;
  readonly fingerprint?: Digest;
  /** The name of the key, and what was signed: only where the signature is by a key of the config. */
  readonly key?: string;
  readonly by?: Person;
  /** Wall ms. */
  readonly at?: number;
}

/** The approvals of a change set, and what the config demands. */
export interface ApprovalReport {
  readonly digest: Digest;
  /** Wall ms. */
  readonly expires: number;
  /** The run of this folder that has applied it already. */
  readonly applied?: RunId;
  readonly approvals: readonly ApprovalFound[];
  /** Rules of the config that concern these changes, in words; `have`: names of the keys that count for it. */
  readonly rules: readonly { readonly rule: string; readonly fulfilled: boolean; readonly have: readonly string[] }[];
  /** Every rule is fulfilled. */
  readonly enough: boolean;
}

/** What became of a request, in a sentence. `isRecorded`: false when nobody has heard it yet; it is not lost. */
export interface Answered {
  readonly isRecorded: boolean;
  readonly message: string;
}

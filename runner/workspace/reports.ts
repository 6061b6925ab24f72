// What the workspace tells of change sets, calls and records; of runs: core/model/told.ts.

import type { Person } from "../core/model/events.ts";
import type { SignatureReport } from "../core/model/evidence.ts";
import type { Digest, RunId } from "../core/model/item.ts";
import type { RunnerError } from "../core/model/errors.ts";
import type { Answer } from "../core/model/outcome.ts";
import type { ShownExchange } from "../core/model/ports.ts";

export interface AuditReport {
  readonly run: RunId;
  readonly ok: boolean;
  readonly records: number;
  /** Empty: there is no record that it could name. */
  readonly anchor: string;
  /** Its last record is an end that left no answer open. */
  readonly sealed: boolean;
  /** Its last record is an end. */
  readonly ended: boolean;
  /** It never took its lock, without which nothing is sent: a preview, which has no end. Left out: it did, or does not hold. */
  readonly previewed?: true;
  /** Bytes behind the last record that are none. Left out: there are none. */
  readonly torn?: number;
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

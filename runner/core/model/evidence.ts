// What is asked of the records of runs, and what is told of them.

import type { Digest, RunId, Value } from "./item.ts";
import type { ItemState } from "./outcome.ts";
import type { ShownAs } from "./values.ts";

/** A private key to sign with: Ed25519, PKCS#8 in PEM, readable by its owner only. */
export interface Signing {
  /** Path of its file. */
  readonly key: string;
  /** Asked if the key is encrypted. Left out, or undefined: it can not be used. */
  readonly passphrase?: () => Promise<string | undefined>;
}

export interface AuditOptions {
  /** `run:seq:hash` as the run printed it, kept elsewhere. */
  readonly anchor?: string;
  /** Path of a public key that came from elsewhere: the record has to carry a signature by it, and to be as that says. */
  readonly publicKey?: string;
  /** Sign the head with this, if the record holds. */
  readonly sign?: Signing;
}

/** What a public key says of a record. */
export interface SignatureReport {
  readonly holds: boolean;
  /** Fingerprint of the key. */
  readonly key: Digest;
  /** The newest record that it has signed, and when (wall ms, by the clock of who signed). Left out: none. */
  readonly seq?: number;
  readonly at?: number;
}

/** What was looked for, in the records of all runs. What is left out restricts nothing. */
export interface LogQuery {
  /** Id or title of an item. */
  readonly device?: string;
  /** Id or name, of the customer that the item was of when the list was read. */
  readonly customer?: string;
  /** Name of who had the run in hand. */
  readonly by?: string;
  /** Wall ms: not before. */
  readonly since?: number;
  /** Name of a field that was changed. */
  readonly field?: string;
  /** At most so many, the newest; 100 when left out. */
  readonly limit?: number;
}

/** One field of an item for which something was sent, or may have been. */
export interface LogEntry {
  /** Wall ms: when it was sent last. */
  readonly at: number;
  readonly run: RunId;
  readonly plan: string;
  readonly service: string;
  readonly by: string;
  readonly method: string;
  readonly id: string;
  readonly title: string;
  readonly customer: string;
  /** Left out: the change sets no field, as a removal or a command does. */
  readonly field?: string;
  readonly before?: Value;
  readonly after?: Value;
  /** What the values of the field are. */
  readonly type?: ShownAs;
  readonly state: ItemState | "open";
  /** A read that was begun after the answer has shown the new value. */
  readonly confirmed: boolean;
}

export interface LogReport {
  /** The newest first. */
  readonly entries: readonly LogEntry[];
  /** There are older ones. */
  readonly more: boolean;
  /** Runs of which not everything could be told, and why. */
  readonly damaged: readonly { readonly run: RunId; readonly message: string }[];
  /** What is not here and is no fault: runs that were cleared away, the oldest first. */
  readonly notes?: readonly string[];
}

export type ExportFormat = "csv" | "ndjson" | "ocsf";

/** A statement about a run, as it was signed. */
export interface AttestationReport {
  /** It is signed by the key, and nothing of the run that it was held against is otherwise. */
  readonly ok: boolean;
  readonly run: RunId;
  readonly anchor: string;
  readonly verdict: string;
  /** Wall ms, by the clock of who signed. */
  readonly at: number;
  readonly key: Digest;
  /** The run was at hand, and the statement was made again from it. */
  readonly compared: boolean;
  readonly findings: readonly string[];
}

export interface PackOptions {
  /** Id or name. */
  readonly customer: string;
  /** Path of the pack; nothing is overwritten. */
  readonly out: string;
  readonly sign?: Signing;
}

/** An evidence pack that was written, or read. */
export interface PackReport {
  readonly file: string;
  readonly run: RunId;
  readonly anchor: string;
  /** The Merkle root over all items of the run, to be held against what somebody else has of it. */
  readonly root: Digest;
  /** As its items in the list name it. */
  readonly customer: string;
  /** All that the list has of the customer. */
  readonly items: number;
  /** Of those: in which state, and how many. */
  readonly states: Readonly<Record<string, number>>;
  /** Fingerprints of the keys that the signatures in it name: which to ask for. They prove nothing until one is given. */
  readonly keys: readonly Digest[];
}

export interface PackCheckOptions {
  /** As `audit verify` or `audit pack` printed it, from somebody who is believed. */
  readonly root?: string;
  /** Path of a public key that came from elsewhere. */
  readonly publicKey?: string;
}

/** A pack that hangs together, and what it was held against. */
export interface PackCheckReport extends PackReport {
  readonly ok: boolean;
  /** Undefined: no root was given, or no key. */
  readonly rootFits: boolean | undefined;
  readonly signed: boolean | undefined;
  readonly findings: readonly string[];
}

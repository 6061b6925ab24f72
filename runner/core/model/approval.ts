import type { Digest } from "./item.ts";

/** A public key (Ed25519) whose holder may approve. Several names may be given to one key: it counts once. */
export interface ApprovalKey {
  readonly name: string;
  /** SHA-256 of its SPKI DER. */
  readonly fingerprint: Digest;
  /** SPKI as PEM. */
  readonly pem: string;
}

/** How many approvals changes need that it concerns. All its conditions have to hold; without any it concerns every change. */
export interface ApprovalRule {
  readonly destructive?: true;
  /** Changes of more than so many items. */
  readonly above?: number;
  readonly count: number;
  /** Names of the keys that count; every key of the config when left out. */
  readonly by?: readonly string[];
}

/** What the config says of approvals. */
export interface ApprovalConfig {
  readonly keys: readonly ApprovalKey[];
  readonly require: readonly ApprovalRule[];
  /** Whoever made a change set does not count among those who approve it. */
  readonly notAuthor: boolean;
}

/** An approval that counted. `at`: wall ms, as the person who gave it says. */
export interface Approved {
  readonly key: string;
  readonly fingerprint: Digest;
  readonly at: number;
}

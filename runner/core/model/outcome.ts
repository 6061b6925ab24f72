import type { Fields, ItemId, Value } from "./item.ts";

/**
 * What an error of the service means for the call it answers.
 * `auth`, `throttle` and `not_acted` prove that nothing was done; `uncertain` may have been done and is read back.
 */
export type FailureClass = "auth" | "throttle" | "not_acted" | "not_found" | "reject" | "uncertain" | "fatal";

/** Why a call did not succeed, as plain data: it is written to the ledger. `message` is cut, decoded and free of secrets. */
export interface Failure {
  readonly class: FailureClass;
  /** The service's own number or name where there is one (`"1701"`), else ours (`"timeout"`, `"http-503"`, `"reset"`). */
  readonly code: string;
  readonly message: string;
}

/** What the write call told us. Lost = anything but a clear answer; not-acted = proof that the service did nothing. */
export type Answer =
  /** `value`: what the method returned, if it returned anything. */
  | { readonly kind: "accepted"; readonly value?: Value }
  | { readonly kind: "rejected" | "lost"; readonly failure: Failure }
  | { readonly kind: "not-acted"; readonly failure: Failure; readonly retryAfterMs?: number }
  /** `ready` said no: the run stopped before the bytes left. */
  | { readonly kind: "withdrawn" };

/** What one attempt at one item came to, as the ledger keeps it. */
export type Outcome = {
  readonly intent: number;
  readonly index: number;
  readonly id: ItemId;
  readonly attempt: number;
  /** From the moment the bytes could leave to the answer; 0 where nothing was sent. */
  readonly ms: number;
  /** From the moment the fresh read was begun that said "as reviewed" to when the bytes could leave: an edit in between may not be seen. */
  readonly gapMs?: number;
} & (
  | { readonly kind: "accepted" }
  | { readonly kind: "rejected" | "lost"; readonly failure: Failure }
  | { readonly kind: "not-acted"; readonly failure: Failure; readonly retryAfterMs?: number }
  /** The fresh read before sending said so; nothing was sent. */
  | { readonly kind: "drifted"; readonly found: Fields | null; readonly why: string }
  | { readonly kind: "already"; readonly found: Fields }
);

/** How an item looks against its change: as wanted, as before, neither, not there. */
export type Seen = "after" | "before" | "other" | "absent";

/** Where an item ended. Twelve states in three classes; `open` exists only in an unsealed run. */
export const itemStates = [
  "filtered-out",
  "already",
  "refused",
  "not-started",
  "drifted",
  "confirmed",
  "pending",
  "rejected",
  "unknown",
  "diverged",
  "vanished",
  "unverifiable",
] as const;
export type ItemState = (typeof itemStates)[number];

/** How an item can have ended for it to be worth another try. */
export const takenUpAgain = [
  "rejected",
  "unknown",
  "not-started",
  "drifted",
  "diverged",
] as const satisfies readonly ItemState[];

/** How many items ended in each state; together they are the enumeration. */
export type Counts = Readonly<Record<ItemState, number>>;

/** Why a selected item was never sent. */
export type NotStartedReason =
  | "limit"
  | "parked"
  | "held"
  | "gate"
  | "person"
  | "aborted"
  | "interrupted"
  | "window"
  | "expired"
  | "login"
  | "record"
  | "lock"
  | "crash";

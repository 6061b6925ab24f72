import type { Change } from "./change.ts";
import type { ControlOp, Fact, FactOf, Person } from "./events.ts";
import type { Digest, Item, ItemId } from "./item.ts";
import type { Outcome } from "./outcome.ts";
import type { PaceChange } from "./pace-ports.ts";
import type { SelectionCounts } from "./preview.ts";

// What a run asks of its surroundings: where its calls run, its files, and what it hears. Types only.

/** A call handed to a backend, its intents durable. `recheck`: read it again and compare right before sending. */
export interface Call {
  /** One, or those of a chunk. The intent of the first names the request. */
  readonly members: readonly [CallMember, ...CallMember[]];
  readonly attempt: number;
  readonly recheck: boolean;
}

export interface CallMember {
  readonly change: Change;
  readonly intent: number;
}

/** Where calls run. Outcomes come to the inbox, already written, each call exactly once or withdrawn. */
export interface Backend {
  /** Calls it wants beyond its slots, their intents durable. */
  readonly margin: number;
  submit(calls: readonly Call[]): void;
  /** What has not been sent is not sent any more and comes back `withdrawn`. Final until the next `submit`. */
  withdraw(reason: string): void;
  /** So many slots from now on; never more than there were at first. */
  resize(concurrency: number): void;
  /** Resolves when nothing is queued or in flight. */
  idle(): Promise<void>;
}

/** What the turn loop hears. Facts in it are already in the ledger. */
export type Message =
  /** `sentUp`: the last moment its bytes can have left, ms since boot. */
  | { readonly kind: "outcome"; readonly outcome: Outcome; readonly sentUp: number }
  | {
      readonly kind: "withdrawn";
      readonly intents: readonly number[];
      readonly indexes: readonly number[];
      readonly reason: string;
    }
  /** Its settling read is in the ledger, or was given up (the run is stopping). */
  | { readonly kind: "settled"; readonly index: number; readonly read: FactOf<"read"> | undefined }
  /** A fresh read said that it is busy; the `hold` is in the ledger. */
  | { readonly kind: "busy"; readonly fact: FactOf<"hold"> }
  | { readonly kind: "stop"; readonly reason: "interrupted"; readonly why: string }
  /** The service takes fewer calls than it did, or as many again. */
  | { readonly kind: "paced"; readonly change: PaceChange }
  /** A person asks for something from elsewhere. Not in the ledger yet. */
  | { readonly kind: "asked"; readonly asked: ControlRequest }
  /** Nothing can be recorded any more, or our own code failed: the run ends with this error. */
  | { readonly kind: "broken"; readonly error: Error };

/** How long a run waits, in ms; Infinity: as long as it takes. */
export interface Waits {
  /** For somebody to judge a wave. */
  readonly personMs: number;
  /** For the change window to open. */
  readonly windowMs: number;
}

/** What a person asks of a run from elsewhere, with the name of the request: it is carried out once. */
export interface ControlRequest {
  readonly id: string;
  readonly op: ControlOp;
  readonly by: Person;
  readonly why: string;
  readonly concurrency?: number;
  readonly perMinute?: number;
  /** Which wave is promoted: the one that was under way when it was asked for. Left out: the one under way when it is heard. */
  readonly wave?: number;
}

/** Where such requests come in. */
export interface Controls {
  /** Those that wait to be heard, the oldest first. */
  take(): Promise<readonly ControlRequest[]>;
  /** Tell of each as it comes, those that wait included, until it is disposed of. */
  listen(heard: (asked: ControlRequest) => void): Disposable;
  /** It is in the ledger, on disk: it need not be kept any more. */
  done(id: string): Promise<void>;
}

export interface Inbox {
  post(message: Message): void;
  /** All that has arrived; waits for the first, at most `timeoutMs` (then empty). */
  take(timeoutMs: number): Promise<readonly Message[]>;
}

/** Where the road keeps what it enumerates and selects: streamed, so that memory does not follow the list. */
export interface SelectionWriter {
  add(
    item: Item,
    decision: {
      readonly as: "filtered-out" | "already" | "refused" | "selected";
      readonly clause?: number;
      readonly why?: string;
    },
  ): Promise<void>;
  select(change: Change): Promise<void>;
  /** Both files are on disk under their final names when this resolves. */
  seal(
    counts: SelectionCounts,
  ): Promise<{ readonly inventory: Digest; readonly changeSet: Digest; readonly changes: ChangeSet }>;
  /** Instead of `seal`: the list was not read to its end. */
  discard(): Promise<void>;
}

/** One writing run at a time. `check` is cheap and false once another owner has taken over. */
export interface RunLock {
  readonly scope: string;
  readonly generation: number;
  check(): boolean;
}

/** The frozen list of changes, on disk. */
export interface ChangeSet {
  readonly size: number;
  /** In the order asked for; neighbours are read together. */
  at(indexes: readonly number[]): Promise<readonly Change[]>;
  indexOf(id: ItemId): number | undefined;
}

/**
 * The ledger's only writer. `note` writes before it returns (it survives the death of the process) and gives the `seq` of
 * the first record; `sync` resolves when everything noted so far is on disk (it survives power loss).
 * @throws {RecordError} for good, once a write or a sync has failed.
 */
export interface Journal {
  note(facts: readonly Fact[]): number;
  sync(): Promise<void>;
}

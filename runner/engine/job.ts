import type { Digest, Item, ItemId, RunId } from "../core/model/item.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Frozen, LookedUp } from "../core/model/frozen.ts";
import type { SecretText } from "../core/model/change.ts";
import type { Clock, Connection } from "../core/model/ports.ts";
import type { Backend, ChangeSet, Controls, Inbox, RunLock, SelectionWriter, Waits } from "../core/model/run-ports.ts";
import type { FactOf, Person } from "../core/model/events.ts";
import type { Absences, GuardResult, SelectionCounts } from "../core/model/preview.ts";
import type { Outcome } from "../core/model/outcome.ts";
import type { Earlier } from "../core/select/guards.ts";
import type { Policy } from "../core/select/policy.ts";
import type { Book } from "./book.ts";

/** One use of the road. A new run is a resume with an empty ledger; a verb is a row of these values, never a branch. */
export interface Job {
  readonly run: RunId;
  readonly plan: Plan;
  readonly frozen: Frozen;
  /** Changes it brings along; undefined: enumerate and select. */
  readonly changes: ChangeSet | undefined;
  /** A rerun: only these items are looked at, and the plan's `guards.min`, which is about all of them, is no bound. */
  readonly only?: Choice;
  /** What the last run of the same plan found; undefined: there is none, or the plan does not ask. */
  readonly last?: Earlier | undefined;
  /** Rules that no plan can change. Undefined: there are none. */
  readonly policy?: Policy | undefined;
  readonly until: "previewed" | "verified";
  /** Whether it may send changes. */
  readonly write: boolean;
  /** Read each item again and compare right before sending. */
  readonly recheck: boolean;
  /** The ledger was written on this boot: a missing `sent` mark proves that nothing left. */
  readonly sameBoot: boolean;
  /** A person waits: after a stop, settle and verify what was sent. */
  readonly verifyAfterStop: boolean;
  /** How long to wait for what only time or a person brings; what takes longer ends the run, and a resume goes on. */
  readonly waits?: Waits;
}

/** Items that were chosen beforehand, and how many they are. */
export interface Choice {
  readonly size: number;
  has(id: ItemId): boolean;
  /** Where those that a list does not have are to be told one by one. */
  absences?(): Absences;
}

/** Everything the road needs from the outside. */
export interface Parts {
  readonly connection: Connection;
  readonly book: Book;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly by: Person;
  readonly random: () => number;
  /** @param frozen What the list is read with. */
  readonly selection: (frozen: Frozen, lookups: Digest | undefined) => Promise<SelectionWriter>;
  /** Keep what lookups gave; on disk when it resolves. */
  readonly keepLookups: (lookup: LookedUp) => Promise<Digest>;
  /**
   * The items of an earlier run as they were before it: all that it enumerated, or those that ended in certain states.
   * @throws {RunnerError} there is no such run.
   */
  readonly earlier: (run: string, states: readonly string[] | undefined) => AsyncIterable<Item>;
  /** The items of this run's own list that are not to change, in its order, without what they hold. */
  readonly bystanders: () => AsyncIterable<Item>;
  /** All that this run's own list had, in its order, as it was then; secret fields are left out. @throws {RunnerError} `audit` */
  readonly firstList: () => AsyncIterable<Item>;
  /** @throws {GuardError} `consent` when it is not given. */
  readonly consent: (counts: SelectionCounts, guards: readonly GuardResult[]) => Promise<FactOf<"consent">>;
  readonly takeLock: () => Promise<RunLock>;
  /**
   * Use up the saved change set that this run applies, if it does; on disk when it resolves. Asked by every process that
   * goes on with the run: only another run is turned away.
   * @throws {GuardError} `stale`
   */
  readonly claim: () => Promise<void>;
  /** Whether the lock is still ours, as of a moment ago: asked before the bytes of every call. */
  readonly holdsLock: () => boolean;
  /** Requests of people from elsewhere. */
  readonly controls: Controls;
  readonly backend: (carrier: Carrier) => Backend;
  readonly reveal: (secret: SecretText) => string;
  /** Where an outcome goes that the ledger could no longer take. */
  readonly spill: (outcome: Outcome) => void;
}

/** What a backend needs to carry out a call. */
export interface Carrier {
  readonly job: Job;
  readonly parts: Parts;
  readonly signal: AbortSignal;
  /** Why nothing may leave now, in a word; undefined: it may. */
  readonly whyNot?: () => string | undefined;
}

/** `stop`: take nothing new, drain. `abort`: leave at once. */
export interface Signals {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

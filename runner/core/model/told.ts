// What can be told of a run that was recorded.

import type { Approved } from "./approval.ts";
import type { Repeat } from "./change.ts";
import type { Collateral } from "./collateral.ts";
import type { Person } from "./events.ts";
import type { RunId } from "./item.ts";
import type { Origin } from "./origin.ts";
import type { Counts, NotStartedReason } from "./outcome.ts";
import type { Gone } from "./preview.ts";
import type { ShownAs } from "./values.ts";

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
  /** It was rehearsed: nothing was sent to a service, and `service` and `endpoint` say of what it is a rehearsal. */
  readonly rehearsed?: true;
  readonly by: Person;
  /** Wall clock, ms. */
  readonly started: number;
  readonly ended: number | undefined;
  /** `previewed`: it never took its lock, so nothing was sent. `open`: intents without an answer, or no end record: `resume` goes on. `damaged`: all else here is of the records before `damage`. `unreadable`, `missing`: of a list of runs, one whose file can not be read, or that later runs name and that is not there; nothing else here is known. */
  readonly status: "previewed" | "open" | "sealed" | "damaged" | "unreadable" | "missing";
  /** Where the record is damaged, what shows that it is gone, or why it can not be told. */
  readonly damage?: string;
  /** Of a damaged run: its ledger is whole, and says what it says; a file that it names is not as it was. */
  readonly isLedgerWhole?: true;
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

/** Items of one state with one cause. */
export interface Cause {
  readonly state: string;
  readonly code: string;
  readonly message: string;
  /** What the items hold. */
  readonly found?: Readonly<Record<string, unknown>>;
  /** Not done as far as reads show. */
  readonly undone?: true;
  readonly count: number;
  /** Titles of a few of them. */
  readonly examples: readonly string[];
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
  readonly causes: readonly Cause[];
  /** Of an undo: what the run that it takes back had changed, and its list does not have. Left out: nothing. */
  readonly gone?: Gone;
}

import type { Request } from "./change.ts";
import type { Shift } from "./collateral.ts";
import type { Note } from "./events.ts";
import type { Fields, ItemId, RunId, Value } from "./item.ts";
import type { GuardResult, SelectionCounts } from "./preview.ts";
import type { ItemReport, Worker } from "./told.ts";
import type { ShownAs } from "./values.ts";

// Why a run decided as it did, found out again from its folder: its list, its plan, and its record.

/** The run that is looked at. */
export interface ExplainedRun {
  readonly run: RunId;
  readonly plan: string;
  /** Absolute path of the plan as the run froze it. */
  readonly planFile: string;
  readonly service: string;
  readonly endpoint: string;
  /** The call that its list was read with. */
  readonly list: string;
  /** The list that was decided on was narrowed by the service: items that it left out are not known. */
  readonly narrowed?: true;
  /** Unix seconds: when the list was read. */
  readonly now: number;
  /** `previewed`: nothing was ever sent. */
  readonly status: "previewed" | "open" | "sealed";
  /** Of an open run, who holds its lock, if anybody does. */
  readonly worker?: Worker;
  /** Wall ms: when it ended. Left out: it did not, or not yet. */
  readonly ended?: number;
  /** What the values of the fields are. */
  readonly types: Readonly<Record<string, ShownAs>>;
}

/** One clause of a filter. `place`: from 0. `line`: in the frozen plan; left out: no file has the clause, as in an undo. */
export interface ClausePlace {
  readonly place: number;
  readonly text: string;
  readonly line?: number;
  /** Fields of the item that it names. */
  readonly names: readonly string[];
}

/** What a clause says of one item. `unread`: it is about what is read of an item by itself, and this one was not read. */
export type Judgement =
  | { readonly result: "true" | "false" | "unread" }
  | { readonly result: "error"; readonly why: string; readonly hint?: string };

/** `decided`: the first that said no, by the record. */
export type JudgedClause = ClausePlace & Judgement & { readonly decided?: true };

/** What comes of an item that the filter lets pass. */
export type Proposal =
  | { readonly as: "selected"; readonly before: Fields; readonly after: Fields; readonly request: Request }
  /** `desired`: empty where `change.unless` says that it is as wanted. */
  | { readonly as: "already"; readonly desired: Fields }
  | { readonly as: "refused"; readonly why: string; readonly hint?: string }
  /** It was not read by itself. */
  | { readonly as: "unknown" };

/** A request as it left. Secrets in it are references, as in the files of the run. */
export interface SentCall {
  /** Of the JSON-RPC request, so that it can be found in the logs of the service. */
  readonly id: string;
  /** Wall ms. */
  readonly at: number;
  readonly attempt: number;
  /** How many items it was about. */
  readonly items: number;
  readonly request: Request;
}

export interface NamedItem {
  readonly id: ItemId;
  readonly title: string;
}

/** Why one item of a run is where it is. */
export interface ItemExplanation {
  readonly of: ExplainedRun;
  /** As it was read. */
  readonly item: NamedItem & { readonly fields: Fields; readonly each?: Value };
  readonly as: "filtered-out" | "already" | "refused" | "selected";
  /** For `refused`. */
  readonly why?: string;
  /** The run was about items that had been chosen before, and this is none of them. */
  readonly unchosen?: true;
  readonly clauses: readonly JudgedClause[];
  /** This program decides otherwise than the record says, which stands: in words. */
  readonly otherwise?: string;
  /** For `filtered-out`: what would come of it if the filter let it pass. For `refused`: left out. */
  readonly proposal?: Proposal;
  /** Each time that it was sent. */
  readonly sent: readonly SentCall[];
  /** Of a selected one, as `show` tells it. */
  readonly ended?: ItemReport;
  /** The run is not over: `ended` is where the item stands by now. */
  readonly soFar?: true;
}

/** Items that fail one clause, and no other. */
export interface NearMissGroup {
  readonly clause: ClausePlace;
  readonly count: number;
  /** What would come of them without it. `unknown`: that hangs on what is read of an item by itself, and they were not read. */
  readonly would: Readonly<Record<Proposal["as"], number>>;
  /** Items beside those, that fail it and no other as far as the list tells: they were not read by themselves. */
  readonly unread: number;
  /** The first of them; `fields`: those that the clause names. */
  readonly examples: readonly (NamedItem & { readonly fields: Fields })[];
}

/** The most frequent first; a clause that no item fails alone is not there. */
export interface NearMissReport {
  readonly of: ExplainedRun;
  /** Items of the list. */
  readonly rows: number;
  readonly filteredOut: number;
  /** Of those, no clause was asked about: the run was about items that had been chosen before. */
  readonly unlooked: number;
  /** In an undo, the one clause that left those out: it is about what the run that is taken back has changed. */
  readonly chosenBy?: ClausePlace;
  readonly clauses: number;
  readonly groups: readonly NearMissGroup[];
}

/**
 * What made the difference. `appeared`, `vanished`: only one of the lists has the item. `clause`: the filter left it out.
 * `desired`: it was as wanted. `refused`: it could not be decided. `unchosen`: the run was about other items.
 */
export type DifferenceCause = "appeared" | "vanished" | "clause" | "desired" | "refused" | "unchosen";

/** Items that differ for the same cause. */
export interface DifferenceGroup {
  readonly cause: DifferenceCause;
  /** Of the plan of the run that left them out. */
  readonly clause?: ClausePlace;
  /** Fields that have other values in the two lists, of those that the clause names or the plan sets. Empty: none, so it is no value of theirs. */
  readonly fields: readonly string[];
  readonly count: number;
  readonly examples: readonly (NamedItem & {
    readonly shifts: Readonly<Record<string, Shift>>;
    readonly why?: string;
  })[];
}

/** Commonest first. */
export interface DifferenceSide {
  readonly count: number;
  readonly groups: readonly DifferenceGroup[];
}

/** Which items two runs have selected. */
export interface SelectionDifference {
  readonly now: ExplainedRun;
  readonly then: ExplainedRun;
  /** Both went by the same text of the plan, and had the same inputs. */
  readonly samePlan: boolean;
  readonly sameInputs: boolean;
  /** Selected in both. */
  readonly both: number;
  readonly selectedNow: DifferenceSide;
  readonly selectedThen: DifferenceSide;
}

/** What became of what an earlier run left, by a list that was read now. */
export interface BaselineReport {
  readonly of: ExplainedRun;
  /** Items that it confirmed, and those of them that are as it left them. */
  readonly confirmed: number;
  readonly holding: number;
  /** Items that are otherwise now. `found`: left out where the item was to be gone, and is there again. */
  readonly strayed: {
    readonly count: number;
    readonly examples: readonly (NamedItem & { readonly left: Fields; readonly found?: Fields })[];
  };
  /** Items that are not in the list any more. */
  readonly gone: { readonly count: number; readonly examples: readonly NamedItem[] };
  /** Items whose fields this list does not show. */
  readonly unjudged: number;
  /** Items that were accepted, and of which no read can show what became: nothing is known to hold or not to. */
  readonly unverifiable: number;
  /** Items that its list did not have and that match now. */
  readonly added: {
    readonly already: number;
    readonly selected: number;
    readonly examples: readonly NamedItem[];
  };
}

/** Whether a list is as its plan wants it. */
export interface CheckReport {
  readonly of: ExplainedRun;
  /** Of the run that keeps what was read. */
  readonly folder: string;
  /**
   * 0: nothing would change. 2: something would, or something has changed since the baseline. 5: nothing would, and the plan would
   * not accept the list. 7: it can not be judged.
   */
  readonly exit: 0 | 2 | 5 | 7;
  /** No read shows what the plan does (`expect: accepted`): an item that matches may be as wanted, or not. */
  readonly unjudgeable?: true;
  readonly counts: SelectionCounts;
  readonly guards: readonly GuardResult[];
  /** What a preview tells. */
  readonly preview: Extract<Note, { readonly type: "preview" }>;
  /** Held against the last run of the same plan; left out: there is none, or its list was read later. */
  readonly since?: SelectionDifference;
  /** That run, where its list was read after this one. */
  readonly later?: ExplainedRun;
  readonly baseline?: BaselineReport;
}

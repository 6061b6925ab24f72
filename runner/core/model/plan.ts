import type { Repeat, Route } from "./change.ts";
import type { Digest, Fields, Item, ItemId, RunId, Value } from "./item.ts";
import type { FieldFacts } from "./catalogue.ts";
import type { PathsMet, Unmet } from "./paths-met.ts";

/** Who the service says we are. */
export interface Login {
  readonly user_id: number | string | null;
  readonly partner_id: number | string | null;
  readonly name: string;
}

/** What is frozen when the list is read, and recorded: `now` in Unix seconds. A resume uses the recorded one. */
export interface Frozen {
  readonly now: number;
  readonly login: Login;
  readonly run: { readonly id: RunId; readonly started: number };
  /** What the plan's lookups gave, those that have been read. */
  readonly lookup?: LookedUp;
}

/** By the name of the lookup: its rows, or its one value. JSON, as the run folder keeps it. */
export type LookedUp = Readonly<Record<string, Value>>;

/** A plan, its inputs bound, every expression and template compiled. Built by `plan/`, used by `engine/`. */
export interface Plan {
  readonly name: string;
  readonly description: string;
  /** The file as written, and its SHA-256: kept in the run folder. */
  readonly source: string;
  readonly file: string;
  readonly digest: Digest;
  readonly service: string;
  /** Resolved inputs; a secret one is `{ $fingerprint }`-free here: it is absent, see `secrets`. */
  readonly inputs: Fields;
  /** Names of the inputs of type secret. */
  readonly secrets: readonly string[];
  /** In the order in which they are read. */
  readonly lookups: readonly Lookup[];
  readonly enumerate: Enumeration;
  readonly filter: readonly Clause[];
  /** Calls for single items, in order. Undefined: the list shows all there is to know. */
  readonly reads?: readonly ItemRead[];
  readonly change: ChangeRule;
  /** Undefined: as the change itself, with the old values. */
  readonly undo?: UndoRule;
  /** The run that it takes back: a plan that was made of that run's plan. */
  readonly undoes?: RunId;
  readonly guards: Guards;
  /** What is told of items that are to change, and stops nothing. */
  readonly warnings?: readonly Warning[];
  /** Codes of dangers that the plan accepts with a reason. */
  readonly accepts?: readonly string[];
  /** What at least one answer has to have, where nobody but the plan says what there is. */
  readonly paths?: readonly DeclaredPath[];
  readonly pace: Pace;
  readonly stop: Stops;
  readonly hold?: Hold;
  readonly gate?: Gate;
  readonly window?: Window;
  readonly verify: Verification;
}

/** The list, or the lists that together are the list. */
export interface Enumeration extends Listing {
  /** All that an item has, what is read of it by itself included. */
  readonly fields: readonly FieldFacts[];
  /** Those of the fields that the service is asked for. Undefined: all of them. */
  readonly asked?: readonly FieldFacts[];
  /** What the service knows fields by that the plan looks up first, by their names. @throws {ExpressionError} */
  sources?(frozen: Frozen): Readonly<Record<string, string>>;
  /** Names of fields. */
  readonly key: string;
  readonly title: string;
  /** The params of the first list, which leaves items out that the filter leaves out. @throws {ExpressionError} */
  narrowed?(frozen: Frozen, part: Part): Value;
  /** How many items there must be. @throws {ExpressionError} */
  total?(frozen: Frozen): Value;
  /** Where the plan says what the list is made of; undefined: the provider knows. */
  readonly described?: Described;
  /** Every field of an item, from those that the service gave. @throws {ExpressionError} */
  complete?(frozen: Frozen, item: Item): Fields;
}

/** How a list is asked for. */
export interface Listing {
  readonly method: string;
  /** @throws {ExpressionError} when a template can not be rendered. */
  params(frozen: Frozen, part?: Part): Value;
  /** Where the call goes. Left out: to the service as a whole. @throws {ExpressionError} */
  route?(frozen: Frozen, part?: Part): Route;
  /** What is asked for one after another. Undefined: it is one list. @throws {ExpressionError} */
  parts?(frozen: Frozen): readonly Part[];
  /** The part that holds all items of one element. @throws {ExpressionError} */
  partOf?(frozen: Frozen, each: Value | undefined): Part;
}

/** One list of several: that of an element of `for_each`, or of some of the ids that are asked for; or a page of it. */
export interface Part {
  readonly each?: Value;
  readonly ids?: readonly Value[];
  readonly page?: Page;
}

/** What a list that the plan describes is made of. */
interface Described {
  readonly paging: Paging;
  /** Items of an answer, with the fields that it shows. @throws {ExpressionError} @throws {IncompleteError} */
  items(frozen: Frozen, part: Part, answer: Value, met?: PathsMet): readonly Item[];
}

/** The path of a field of a list that the plan describes, or of a read of its items. */
export interface DeclaredPath {
  readonly field: string;
  /** What is decided, sent or checked hangs on it. */
  readonly isNeeded: boolean;
  /** What to say where no answer has it. */
  told(unmet: Unmet): { readonly message: string; readonly hint: string };
}

/** How a service gives out a long list. `size`: items asked for at once. */
export type Paging =
  | { readonly by: "none" }
  /** `start`: the number of the first item, or page. */
  | { readonly by: "offset" | "number"; readonly size: number; readonly start: number }
  /** `next`: what the page after this answer is asked for with; null: it was the last. */
  | { readonly by: "cursor"; readonly size: number; next(answer: Value): Value };

/** Which page is asked for; what does not belong to the kind of paging is not there. `cursor`: null for the first page. */
export interface Page {
  readonly size: number;
  readonly offset?: number;
  readonly number?: number;
  readonly cursor?: Value;
}

/** One call for each item, for what the list does not show. */
export interface ItemRead {
  readonly method: string;
  /**
   * `before`: of items that may be selected, and whenever one is looked at again; `settle`: only to settle a lost answer and
   * to confirm absence; `verify`: only to see what became of a change.
   */
  readonly when: "before" | "settle" | "verify";
  readonly fields: readonly FieldFacts[];
  /** @throws {ExpressionError} */
  params(frozen: Frozen, item: Item): Value;
  /** Where it is asked. Left out: the service as a whole. @throws {ExpressionError} */
  route?(frozen: Frozen, item: Item): Route;
  /** Whether the answer means that the item is gone. @throws {ExpressionError} */
  isAbsent?(frozen: Frozen, item: Item, answer: Value): boolean;
  /** The fields, from what the method returned. @throws {ExpressionError} */
  take(frozen: Frozen, item: Item, answer: Value, met?: PathsMet): Fields;
}

/** Something that is read once, before the list. */
export interface Lookup {
  readonly name: string;
  readonly source: LookupSource;
  /**
   * When it is read again: never; with every enumeration (`lists`), since it says which items there are; or whenever an
   * item is looked at (`items`), since what items look like depends on it.
   */
  readonly live: "never" | "lists" | "items";
  /** What it asks for and keeps: what was looked up for the same may be used again. @throws {ExpressionError} */
  asks(frozen: Frozen): Value;
  /** Rows, or a value, of what the source gave. @throws {ExpressionError} a key twice, a value of another type. */
  take(answers: readonly Value[], frozen: Frozen): Value;
  /** Rows that no item of the list was looked up in. */
  readonly unused: "error" | "warn" | "ignore";
  /** Two items that change may not be looked up in the same row. */
  readonly unique: boolean;
  /** Places of the rows that an item is looked up in. */
  meets(frozen: Frozen, item: Item): readonly number[];
  /** The key of a row, for people. */
  keyOf(row: Value): string;
}

export type LookupSource =
  /** A call; `optional`: it may answer that there is no such thing. */
  | { readonly kind: "call"; readonly listing: Listing; readonly optional: boolean }
  /** A list that the service gives whole; `take` gets its items' fields. */
  | {
      readonly kind: "list";
      readonly listing: Listing;
      readonly fields: readonly FieldFacts[];
      readonly key: string;
      readonly optional: boolean;
    }
  /** A file; undefined: it is not read again, its rows come from the run folder. */
  | { readonly kind: "file"; readonly value: Value | undefined }
  /** The items of an earlier run, as they were before it; `states`: only those that ended so. */
  | { readonly kind: "run"; readonly run: string; readonly states: readonly string[] | undefined };

/** An expression could not be evaluated, or gave a value of a wrong type. `message` names field and cause. */
export class ExpressionError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = "ExpressionError";
    this.hint = hint;
  }
}

/** One filter clause. @throws {ExpressionError} when it can not be evaluated on an item: that item is `refused`. */
export interface Clause {
  readonly text: string;
  readonly line: number;
  /** It uses what is read of the item by itself: evaluated after that. */
  readonly late?: boolean;
  holds(frozen: Frozen, item: Item): boolean;
}

/** A call that changes items. */
export interface CallRule {
  readonly method: string;
  readonly repeat: Repeat;
  readonly destructive: boolean;
  /** Neither the service's catalogue nor the config knows the method: whether it is destructive is what the plan says, and nobody else. */
  readonly undeclared?: true;
  /** The request's params; secret inputs appear as `SecretText`. @throws {ExpressionError} */
  params(frozen: Frozen, item: Item, set: Fields): Value;
  /** Where the request goes. Left out: to the service as a whole. @throws {ExpressionError} */
  route?(frozen: Frozen, item: Item): Route;
  /** One call may change several items. Undefined: it changes one. */
  readonly chunk?: Chunk;
}

export interface Chunk {
  /** Items in one call at most; all have the same `set`. */
  readonly size: number;
  /** @throws {ExpressionError} */
  params(frozen: Frozen, items: readonly Item[], set: Fields): Value;
  /** What an answer says of an item. Undefined: it does not name it, or contradicts itself. */
  results(answer: Value): (id: ItemId) => ChunkResult | undefined;
}

/** `message`: why it was not done, where the answer says so. */
export type ChunkResult = { readonly done: true } | { readonly done: false; readonly message: string };

/** How what was done is taken back. */
export interface UndoRule {
  readonly possible: boolean;
  readonly reason: string | undefined;
  /** Items that can not be restored. @throws {ExpressionError} */
  unless?(frozen: Frozen, before: Fields): boolean;
  /** Undefined: the change itself, with the old values. */
  readonly call?: CallRule;
  /** Fields of the item that the call is made of. */
  readonly uses?: readonly string[];
}

export interface ChangeRule extends CallRule {
  /** Names of the fields in `set`; empty when the change says `expect` instead. */
  readonly sets: readonly string[];
  /** Fields of the item that the request or the new values are made of: if one changes, what was reviewed is not what is wanted. */
  readonly uses: readonly string[];
  /** What the set fields become on this item; a field that rendered `omit` is left out. Values are converted and checked. */
  desired(frozen: Frozen, item: Item): Fields;
  /** Read each item again and compare right before it is sent. */
  readonly onlyIfUnchanged?: boolean;
  /** Fields that show whether an item is as wanted. Undefined: those that are set, or all where an expression says it. */
  readonly looks?: readonly string[];
  /** True: the item is `already` as wanted although `set` can not say so. */
  unless?(frozen: Frozen, item: Item): boolean;
  readonly expect: Expectation;
  /** True: still on the way, so `pending` where it would be `diverged`. */
  pending?(frozen: Frozen, seen: Transition): boolean;
}

/** `set`: the set fields equal. `absent`: a removal. `accepted`: nothing more can be shown. */
export type Expectation =
  | { readonly kind: "set" | "absent" | "accepted" }
  | { readonly kind: "expression"; holds(frozen: Frozen, seen: Transition): boolean };

/** All declared fields before and after, and what was asked for. */
export interface Transition {
  readonly before: Fields;
  readonly after: Fields;
  readonly set: Fields;
}

/** Ceilings that stop the run before the first write. Percent of the enumeration. Undefined: not given; 0 is a real bound. */
export interface Guards {
  readonly require: readonly {
    holds(frozen: Frozen): boolean;
    message(frozen: Frozen): string;
    readonly text: string;
  }[];
  readonly min: number;
  readonly max?: number;
  readonly maxPercent?: number;
  readonly allowEmpty: boolean;
  readonly allowRefused: number;
  /** Rows of lookups with `unused: error` that may have met no item. */
  readonly allowAbsent?: number;
  /** Percent by which the matched items may differ from those of the last run of the same plan and inputs. */
  readonly changeFromLast?: number;
}

/** Something to know of some items before they change. */
export interface Warning {
  /** @throws {ExpressionError} */
  concerns(frozen: Frozen, item: Item, set: Fields): boolean;
  /** @throws {ExpressionError} */
  message(frozen: Frozen): string;
}

export interface Pace {
  readonly concurrency: number;
  /** Calls a minute, evenly spaced; undefined: no limit of the plan's own. */
  readonly perMinute?: number;
  /** Not empty. Undefined: the plan says nothing of waves. */
  readonly waves?: readonly WaveSize[];
  /** Between two waves. Undefined: none. */
  readonly pauseMs?: number;
  /** A wave begins with one item, then two, four and so on, each time all of them are answered. */
  readonly ramp?: "double";
  /** Names of fields: the first wave has each distinct set of their values that fits. */
  readonly cover?: readonly string[];
  /** What groups items that have a budget and a concurrency of their own. */
  readonly per?: Grouping;
}

/** A wave as the plan writes it: so many items, or so many percent of the whole selection. */
export type WaveSize = { readonly count: number } | { readonly percent: number };

export interface Grouping {
  /** As written, for people. */
  readonly text: string;
  /** Calls of one group under way at a time. Undefined: as many as the plan allows at all. */
  readonly concurrency?: number;
  /** The name of an item's group. @throws {ExpressionError} */
  of(frozen: Frozen, item: Item): string;
}

/** Tolerated counts: the run stops when one is exceeded. `percent` and `driftedPercent` are of what `of` says. */
export interface Stops {
  readonly errors: number;
  readonly percent?: number;
  readonly consecutive: number;
  readonly unknown: number;
  readonly driftedPercent: number;
  readonly drifted?: number;
  /** What is counted over, each with counts of its own. Undefined: the run. A group that exceeds one is parked, all else stops the run. */
  readonly of?: "run" | "wave" | "group";
  /** Groups that may be parked before the run stops. Undefined: 3. */
  readonly groups?: number;
  /** What follows a stop. Undefined: what was sent is verified. */
  readonly onStop?: "drain" | "verify" | "undo";
}

/** Items that are busy wait, and burn no budget. */
export interface Hold {
  readonly everyMs: number;
  /** How long an item may be busy until it is left alone. */
  readonly giveUpMs: number;
  /** On a fresh read of the item. @throws {ExpressionError} */
  when(frozen: Frozen, item: Item): boolean;
}

/** A look after each wave at whether it did harm. */
export interface Gate {
  readonly method: string;
  /** How the rows are got: a call or a list, as of a lookup. */
  readonly source: Extract<LookupSource, { readonly kind: "call" | "list" }>;
  /** The rows, of what the source gave. @throws {ExpressionError} */
  take(answers: readonly Value[], frozen: Frozen): Value;
  /** Before the first measurement, and between two. */
  readonly waitMs: number;
  readonly everyMs: number;
  /** How many there are. */
  readonly count: number;
  /** Measured and recorded, without power over the run. */
  readonly observeOnly: boolean;
  /** @throws {ExpressionError} */
  pass?(frozen: Frozen, seen: Measured): boolean;
  /** @throws {ExpressionError} */
  fail?(frozen: Frozen, seen: Measured): boolean;
}

/** `changed`: the items of the wave as they are after it. */
export interface Measured {
  readonly rows: Value;
  readonly changed: readonly Item[];
}

/** When changes may be sent: on these days from one time of day to another, `to` on the next day where it is not later than `from`. */
export interface Window {
  /** 1: Monday, to 7: Sunday. The day on which it opens. */
  readonly days: readonly number[];
  /** Minutes since midnight. */
  readonly from: number;
  readonly to: number;
  /** An IANA name. */
  readonly zone: string;
}

interface Verification {
  readonly withinMs: number;
  readonly everyMs: number;
  /** Undefined: each wave is verified before the next starts; `end`: only the whole run is. */
  readonly mode?: "end";
  /** What else changed is ignored, told (undefined), or makes the run end with exit code 7. */
  readonly collateral?: "ignore" | "fail";
  /** Past it an accepted change that is still not visible is `diverged`; undefined: the lag of the read, else 7 days. */
  readonly horizonMs?: number;
  /** The list in which changed items are looked for. Undefined: the one that they come from. */
  readonly list?: Enumeration;
}

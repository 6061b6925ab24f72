import type { Frozen } from "./frozen.ts";
import type { Fields, Item, Value } from "./item.ts";
import type { LookupSource } from "./listing.ts";

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
  /** Left out: what does not fail passes. @throws {ExpressionError} */
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

import type { ItemId, Value } from "./item.ts";

/**
 * `touched`: something was sent for it, or may have been, and a field is other that the plan neither sets nor looks at.
 * `untouched`: nothing was. `appeared`, `vanished`: only one of the two lists has it.
 */
export type Also = "touched" | "untouched" | "appeared" | "vanished";
/** `ours`: by all appearances a side effect. `elsewhere`: nothing was sent for the item. `unknown`: it can not be told. */
export type AlsoCause = "ours" | "elsewhere" | "unknown";

/** The fields that differ; none of an item that only one of the lists has. */
export interface AlsoChanged {
  readonly id: ItemId;
  readonly title: string;
  readonly fields: Readonly<Record<string, Shift>>;
}

export interface Shift {
  readonly before: Value;
  readonly after: Value;
}

export interface AlsoTotals extends Readonly<Record<Also, number>> {
  readonly checked: true;
  /** In the later list. */
  readonly rows: number;
  /** Items, each once: the sum of the others. */
  readonly found: number;
  /** The plan says that a run must not end well with any. */
  readonly fails?: true;
}

/** Items that are alike in what happened to them. `field`: left out where an item appeared or vanished. */
export interface AlsoGroup {
  readonly what: Also;
  readonly cause: AlsoCause;
  readonly field?: string;
  readonly count: number;
  /** A few of them. */
  readonly examples: readonly ({ readonly id: ItemId; readonly title: string } & Partial<Shift>)[];
}

export type Collateral =
  | (AlsoTotals & {
      readonly pass: number;
      readonly groups: readonly AlsoGroup[];
      /** Items that are counted in the totals alone. */
      readonly more: number;
      /** The first list was narrowed: what the later one has besides its items says nothing. */
      readonly narrowed?: true;
    })
  | { readonly checked: false; readonly why: string };

import type { Fields, ItemId } from "./item.ts";

export interface SelectionCounts {
  readonly rows: number;
  readonly "filtered-out": number;
  readonly already: number;
  readonly refused: number;
  readonly selected: number;
}

/** A guard and whether it holds. Shown by the preview whether it holds or not. */
export interface GuardResult {
  readonly guard: string;
  readonly allowed: string;
  readonly found: number | string;
  readonly ok: boolean;
  readonly message: string;
}

/** How many rows a lookup gave. `unused`: how many of them met no item of the list, where that is counted, and the first of their keys. */
export interface LookupCount {
  readonly name: string;
  readonly rows: number;
  readonly unused?: number;
  readonly keys?: readonly string[];
}

/** The number at which a run stops, or with groups the one of them is parked. `groups`: parked ones at which the run stops. */
export interface StopsAt {
  readonly of: "run" | "wave" | "group";
  readonly errors: number;
  readonly consecutive: number;
  readonly unknown: number;
  readonly drifted?: number;
  readonly groups?: number;
}

export interface PreviewRow {
  readonly id: ItemId;
  readonly title: string;
  readonly before: Fields;
  readonly after: Fields;
}

/** A warning of the plan that concerns some of the items that are to change. */
export interface Warned {
  readonly message: string;
  /** How many of those that are to change. Left out: it is about the list as a whole. */
  readonly items?: number;
}

/** Items that a run changed, that are to be put back, and that the list does not have any more. `items`: the first of them. */
export interface Gone {
  readonly count: number;
  readonly items: readonly { readonly id: ItemId; readonly title: string }[];
}

/** Finds out, of a list that is read, which items that are to be put back it does not have. */
export interface Absences {
  see(id: ItemId): void;
  /** Once the whole list was seen. Undefined: it had all of them. @throws {RecordError} */
  gone(): Promise<Gone | undefined>;
}

/** Why an item could not be decided. */
export interface Refusal {
  readonly id: ItemId;
  readonly title: string;
  readonly why: string;
  readonly hint?: string;
}

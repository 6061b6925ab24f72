import type { FieldFacts } from "./catalogue.ts";
import type { Route } from "./change.ts";
import type { Frozen } from "./frozen.ts";
import type { Fields, Item, Value } from "./item.ts";
import type { PathsMet, Unmet } from "./paths-met.ts";

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
  readonly total?: (frozen: Frozen) => Value;
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

import type { Repeat, Route } from "./change.ts";
import type { Frozen } from "./frozen.ts";
import type { Digest, Fields, Item, ItemId, RunId, Value } from "./item.ts";
import type { DeclaredPath, Enumeration, ItemRead, Lookup } from "./listing.ts";
import type { Absences } from "./preview.ts";
import type { Gate, Guards, Hold, Pace, Stops, Warning, Window } from "./precautions.ts";

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
  /** Names of the inputs of type file: their values are paths of this machine. */
  readonly files: readonly string[];
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
  /** And which of the items that it is to put back a list does not have. */
  readonly absences?: () => Absences;
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

import type { Fields, ItemId, Value } from "./item.ts";

/** What a second application of a method would do. Unknown means `once`: it is never sent again. */
export type Repeat = "read" | "set" | "once";

/** A call as the plan renders it. Secrets are references (`SecretText`) until the moment of sending. */
export interface Request {
  readonly method: string;
  readonly params: Value;
  /** Where it goes, when not to the service as a whole. */
  readonly route?: Route;
}

/** A call that is served where one device lives. `device`: its id, in digits. */
export interface Route {
  readonly device: string;
}

/**
 * A scalar that used a secret input, as files keep it: literal parts and names of inputs, in order.
 * Only the sender turns it into text.
 */
export interface SecretText {
  readonly $secret: readonly (string | { readonly input: string })[];
}

/** One item's change, plain JSON. `index` is its place in the change set; every in-memory structure is an array over it. */
export interface Change {
  readonly index: number;
  readonly id: ItemId;
  readonly title: string;
  /** All declared fields when the list was read. */
  readonly item: Fields;
  /** The element of `for_each` whose list it was in. */
  readonly each?: Value;
  /** The fields the plan sets: what they were, and what they become. Empty for a removal. */
  readonly before: Fields;
  readonly after: Fields;
  readonly request: Request;
  /** The name of the group whose budget it is on, where there are groups. */
  readonly group?: string;
}

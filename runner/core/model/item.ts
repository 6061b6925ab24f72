declare const brand: unique symbol;
type Brand<T, Name> = T & { readonly [brand]: Name };

/** The key of an enumerated thing, as text: what the list's key field renders to. */
export type ItemId = Brand<string, "ItemId">;
/** `<UTC stamp>-<5 base32 characters>`, for example `20261123T204700Z-k3m7q`. */
export type RunId = Brand<string, "RunId">;
/** Lower-case hex SHA-256. */
export type Digest = Brand<string, "Digest">;

export const itemId = (text: string): ItemId => text as ItemId;
export const runId = (text: string): RunId => text as RunId;
export const digest = (hex: string): Digest => hex as Digest;

/** Whether a text has the shape of one. */
export const isDigest = (text: string): text is Digest => /^[0-9a-f]{64}$/.test(text);

/**
 * JSON and nothing else, so that it crosses processes and files unchanged.
 * An integer beyond 2^53 is the text of its digits; the field's declared type compares it exactly.
 */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };
export type Fields = Readonly<Record<string, Value>>;

/** One enumerated thing. `fields` holds every declared field; unset is `null`, never missing. */
export interface Item {
  readonly id: ItemId;
  readonly fields: Fields;
  /** The element of `for_each` whose list it is in. */
  readonly each?: Value;
}

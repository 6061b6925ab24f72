import { ConnectError, IncompleteError } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import type { Failure } from "../core/model/outcome.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { type Listing, type Lookup } from "../core/model/listing.ts";
import { unreadable } from "../core/model/unreadable.ts";
import type { Job, Parts } from "./job.ts";

interface Around {
  readonly parts: Pick<Parts, "connection" | "earlier">;
  readonly signal: AbortSignal;
}

/**
 * What the plan looks up before its first list, in order; what is known already is not read again.
 * @returns Undefined: the signal ended it. @throws {IncompleteError} one of them could not be read.
 */
export async function lookUp({ plan, frozen }: Job, around: Around): Promise<Frozen | undefined> {
  const known = frozen.lookup ?? {};
  return readInto(
    frozen,
    plan.lookups.filter(({ name }) => !Object.hasOwn(known, name)),
    around,
  );
}

/**
 * As things are now: lookups that the list, or the look of its items, depends on are read again, all others stay.
 * @param of `items`: only what the look of items depends on.
 * @returns Undefined: the signal ended it. @throws {IncompleteError} one of them could not be read.
 */
export async function lookAgain(
  { plan, frozen }: Job,
  of: "lists" | "items",
  around: Around,
): Promise<Frozen | undefined> {
  return readInto(
    frozen,
    plan.lookups.filter(({ live }) => live === "items" || live === of),
    around,
  );
}

async function readInto(frozen: Frozen, lookups: readonly Lookup[], around: Around): Promise<Frozen | undefined> {
  let now = frozen;
  for (const lookup of lookups) {
    const value = await inLookup(lookup, () => read(lookup, now, around));
    if (value === undefined) return undefined;
    now = { ...now, lookup: { ...now.lookup, [lookup.name]: value } };
  }
  return now;
}

/** Whatever is wrong with what a lookup gave is wrong with every item: nothing is decided. */
async function inLookup<T>({ name }: Lookup, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ConnectError && error.code === "connect") {
      const { hint } = error;
      throw new ConnectError("connect", `Lookup ${name}: ${error.message}`, {
        cause: error,
        ...(hint === undefined ? {} : { hint }),
      });
    }
    const isOurs = error instanceof ExpressionError || error instanceof IncompleteError;
    if (!isOurs) throw error;
    const { hint } = error;
    throw new IncompleteError(`Lookup ${name}: ${error.message}`, {
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** Rows, or a value, from wherever they come. @returns Undefined: the signal ended it. */
export async function read(
  lookup: Pick<Lookup, "source" | "take">,
  frozen: Frozen,
  around: Around,
): Promise<Value | undefined> {
  const { source } = lookup;
  switch (source.kind) {
    case "file":
      if (source.value === undefined) throw new Error("the rows of a lookup were not brought along");
      return source.value;
    case "run": {
      const rows: Value[] = [];
      for await (const { fields } of around.parts.earlier(source.run, source.states)) rows.push(fields);
      return lookup.take([rows], frozen);
    }
    case "call": {
      const answers = await answersOf(source, frozen, around);
      return answers && lookup.take(answers, frozen);
    }
    case "list": {
      const rows = await rowsOf(source, frozen, around);
      return rows && lookup.take([rows], frozen);
    }
  }
}

async function answersOf(
  { listing, optional }: { readonly listing: Listing; readonly optional: boolean },
  frozen: Frozen,
  { parts, signal }: Around,
): Promise<readonly Value[] | undefined> {
  const answers: Value[] = [];
  for (const part of listing.parts?.(frozen) ?? [{}]) {
    const route = listing.route?.(frozen, part);
    const request = { method: listing.method, params: listing.params(frozen, part), ...(route && { route }) };
    const answer = await parts.connection.ask(request, signal);
    // An abort makes a read fail: that says nothing.
    if (signal.aborted) return undefined;
    if (answer.kind === "result") answers.push(answer.value);
    else if (!optional || answer.failure.class !== "not_found") throw notRead(listing, answer.failure);
  }
  return answers;
}

async function rowsOf(
  { listing, fields, key }: Extract<Lookup["source"], { readonly kind: "list" }>,
  frozen: Frozen,
  { parts, signal }: Around,
): Promise<readonly Value[] | undefined> {
  const rows: Value[] = [];
  for (const part of listing.parts?.(frozen) ?? [{}]) {
    const route = listing.route?.(frozen, part);
    const list = { method: listing.method, params: listing.params(frozen, part), fields, key, ...(route && { route }) };
    for await (const page of parts.connection.pages(list, signal)) for (const item of page) rows.push(item.fields);
    if (signal.aborted) return undefined;
  }
  return rows;
}

/** Of what may not be there, the plan can say so. */
function notRead({ method }: Listing, failure: Failure): Error {
  const next = `See what the service answers: rollcall probe SERVICE ${method}.`;
  const error = unreadable(failure, { what: method, next });
  if (failure.class !== "not_found") return error;
  return new IncompleteError(error.message, { hint: "If there may be none, write optional: true." });
}

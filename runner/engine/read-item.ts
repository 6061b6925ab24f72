import type { Change } from "../core/model/change.ts";
import { ConnectError, IncompleteError } from "../core/model/errors.ts";
import type { Item } from "../core/model/item.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { type Enumeration } from "../core/model/listing.ts";
import type { Reading } from "../core/model/ports.ts";
import { Bystanders } from "./bystanders.ts";
import { bareId, enumerate, request } from "./enumerate.ts";
import type { Job, Parts } from "./job.ts";
import { lookAgain } from "./lookups.ts";
import { absenceReads, readMore, readsFor } from "./read-more.ts";

/** A single item, as the list would show it now, and the moment that expressions have to be evaluated for. */
export interface ItemReading {
  readonly reading: Reading;
  readonly frozen: Frozen;
}

interface Around {
  readonly job: Job;
  readonly parts: Parts;
  readonly signal: AbortSignal;
}

/**
 * One item by itself, with everything that the plan makes of it. Never throws for one item's trouble.
 * @param wanted `names`: the fields that have to be there.
 */
export async function readItem(
  change: Change,
  wanted: { readonly names: readonly string[]; readonly purpose: "recheck" | "settle" },
  around: Around,
): Promise<ItemReading> {
  const { job, parts, signal } = around;
  const { lookups } = job.plan;
  const began = parts.clock.up();
  let { frozen } = job;
  try {
    frozen = (await lookAgain(job, "items", { parts, signal })) ?? frozen;
    const reading = await readWhole(change, wanted, { ...around, job: { ...job, frozen } });
    if (!lookups.some(({ live }) => live === "items")) return { reading, frozen };
    // What was looked up is as old as a list may be, and was asked for before the item.
    const lagMs = Math.max(reading.lagMs, parts.book.state.facts.listLagMs);
    return { reading: { ...reading, began, lagMs }, frozen };
  } catch (error) {
    const isOurs =
      error instanceof ExpressionError || error instanceof IncompleteError || error instanceof ConnectError;
    if (!isOurs) throw error;
    const failure = { class: "fatal", code: "lookup", message: error.message } as const;
    return { reading: { kind: "unreadable", failure, source: "lookup", began, lagMs: 0 }, frozen };
  }
}

/** From the list what it shows of the wanted fields, then all else call by call. */
async function readWhole(
  change: Change,
  { names, purpose }: Parameters<typeof readItem>[1],
  around: Around,
): Promise<Reading> {
  const { job, parts, signal } = around;
  const { plan, frozen } = job;
  const own = new Set((plan.reads ?? []).flatMap(({ fields }) => fields.map(({ name }) => name)));
  const listed = names.filter((name) => !own.has(name));
  const isPresence = names.every((name) => name === plan.enumerate.key);
  const byItself = isPresence && purpose === "settle" ? absenceReads(plan) : [];
  const reads = byItself.length > 0 ? byItself : readsFor(plan, purpose, names);
  const item: Item = {
    id: change.id,
    fields: change.item,
    ...(change.each === undefined ? {} : { each: change.each }),
  };
  if (reads.length > 0 && (byItself.length > 0 || listed.length === 0))
    return readMore(item, reads, { frozen, parts, signal });
  const first = await readListed(change, listed, { ...around, purpose });
  if (first.kind !== "found" || reads.length === 0) return first;
  const more = await readMore({ ...item, fields: { ...item.fields, ...first.fields } }, reads, {
    frozen,
    parts,
    signal,
  });
  const age = {
    began: first.began,
    lagMs: Math.max(first.lagMs, more.lagMs),
    source: `${first.source}, ${more.source}`,
  };
  return { ...more, ...age };
}

/**
 * In the list where it is to be found now; a change that is being settled may not have got it there. Where only a whole list
 * can tell, one look at it does not prove a removal.
 */
async function readListed(
  change: Change,
  names: readonly string[],
  around: Around & { readonly purpose: "recheck" | "settle" },
): Promise<Reading> {
  const reading = await lookedUp(change, names, around);
  const isToBeGone = around.purpose === "settle" && around.job.plan.change.expect.kind === "absent";
  if (!isToBeGone || reading.kind !== "absent" || reading.isOfList !== true) return reading;
  const bystanders = await Bystanders.of(around.job, around.parts);
  return bystanders === undefined ? lookedUp(change, names, around) : soughtAgain(change, bystanders, around);
}

async function lookedUp(
  change: Change,
  names: readonly string[],
  { job, parts, signal, purpose }: Around & { readonly purpose: "recheck" | "settle" },
): Promise<Reading> {
  const { enumerate: origin, verify } = job.plan;
  const read = async (list: Enumeration): Promise<Reading> => {
    const { frozen } = job;
    const part = list.partOf?.(frozen, change.each) ?? {};
    const asked = request(list, { frozen, part, first: false });
    const all = list.complete === undefined ? names : asked.fields.map(({ name }) => name);
    const wanted = purpose === "recheck" ? "listed" : all;
    const reading = await parts.connection.read(asked, bareId(change.id, asked), wanted, signal);
    return whole(reading, change, { list, frozen });
  };
  if (purpose === "recheck" || verify.list === undefined) return read(origin);
  const there = await read(verify.list);
  return there.kind === "absent" ? read(origin) : there;
}

/** The same list once more, which has to show those too that were to stay. @throws {IncompleteError} it is not whole. */
async function soughtAgain({ id }: Change, bystanders: Bystanders, { job, parts, signal }: Around): Promise<Reading> {
  const { connection, clock, book } = parts;
  const age = { source: job.plan.enumerate.method, began: clock.up(), lagMs: book.state.facts.listLagMs };
  let item: Item | undefined;
  bystanders.begin();
  for await (const page of enumerate(job, { connection, signal, first: false })) {
    bystanders.see(page);
    item ??= page.find((one) => one.id === id);
  }
  if (item !== undefined) return { ...age, kind: "found", fields: item.fields };
  const trouble = await bystanders.whyNotWhole(signal);
  if (trouble !== undefined) throw trouble;
  return { ...age, kind: "absent", isOfList: true };
}

function whole(
  reading: Reading,
  { id, each }: Change,
  { list, frozen }: { readonly list: Enumeration; readonly frozen: Frozen },
): Reading {
  if (reading.kind !== "found") return reading;
  const { fields } = reading;
  const item = { id, fields, ...(each === undefined ? {} : { each }) };
  return { ...reading, fields: list.complete?.(frozen, item) ?? fields };
}

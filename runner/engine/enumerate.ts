import type { Change } from "../core/model/change.ts";
import { digestOf } from "../core/model/digest.ts";
import { ConnectError, IncompleteError } from "../core/model/errors.ts";
import { jsonText } from "../core/model/exact.ts";
import { itemId, type Fields, type Item, type ItemId, type Value } from "../core/model/item.ts";
import { ExpressionError, type Enumeration, type Frozen, type Part } from "../core/model/plan.ts";
import type { ListRequest, Reading } from "../core/model/ports.ts";
import { askedFields } from "../core/select/asked-fields.ts";
import { KeyIndex } from "../core/tally/key-index.ts";
import type { Job, Parts } from "./job.ts";
import { lookAgain } from "./lookups.ts";
import { absenceReads, readMore, readsFor } from "./read-more.ts";

/**
 * One pass over everything that the plan enumerates: one list after another, each proved whole, each item once. When the
 * signal aborts it ends early, without an error: only then is the end no proof.
 * @param first The list that the changes are decided on: it may be narrowed.
 * @throws {IncompleteError} a list, or one of its items, is not as it has to be.
 */
export async function* enumerate(
  { plan: { enumerate: list }, frozen }: Pick<Job, "plan" | "frozen">,
  { connection, signal, first }: Pick<Parts, "connection"> & { readonly signal: AbortSignal; readonly first: boolean },
): AsyncGenerator<readonly Item[]> {
  const parts = told(() => list.parts?.(frozen)) ?? [{}];
  const met = parts.length > 1 ? new Met(list, parts) : undefined;
  let count = 0;
  for (const [place, part] of parts.entries()) {
    const asked = told(() => request(list, { frozen, part, first }));
    for await (const page of named(part, connection.pages(asked, signal))) {
      const items = page.map((item) => completed(placedAt(item, asked), { list, frozen, part }));
      const fresh = met === undefined ? items : items.filter((item) => met.isNew(item, place));
      count += fresh.length;
      if (fresh.length > 0) yield fresh;
    }
    if (signal.aborted) return;
  }
  const total = told(() => list.total?.(frozen));
  if (total !== undefined && total !== count) {
    throw new IncompleteError(`The list has ${count} items; enumerate.total says ${jsonText(total)}.`, {
      hint: "One of the two was read while items came or went, or the list is not whole. Run again.",
    });
  }
}

/** A single item, as the list would show it now, and the moment that expressions have to be evaluated for. */
export interface ItemReading {
  readonly reading: Reading;
  readonly frozen: Frozen;
}

/** Whether an item is there, by the quickest read of it alone. Never throws for its trouble. */
export async function readByItself(item: Item, { job, parts, signal }: Around): Promise<Reading> {
  const { frozen, plan } = job;
  const { enumerate: list } = plan;
  const part = list.partOf?.(frozen, item.each) ?? {};
  const asked = request(list, { frozen, part, first: false });
  return parts.connection.read(asked, bareId(item.id, asked), [list.key], signal);
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

/** In the list where it is to be found now; a change that is being settled may not have got it there. */
async function readListed(
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

interface Asking {
  readonly frozen: Frozen;
  readonly part: Part;
  /** It may be narrowed. */
  readonly first: boolean;
}

function request(list: Enumeration, asking: Asking): ListRequest {
  const { method, key, described } = list;
  const { frozen, part } = asking;
  const { each } = part;
  const route = list.route?.(frozen, part);
  const fields = askedFields(list, frozen);
  const params = paramsOf(list, asking);
  return {
    ...{ method, params, fields, key },
    ...(route && { route }),
    ...(each === undefined ? {} : { each }),
    ...(described && {
      described: {
        paging: described.paging,
        params: (page) => told(() => paramsOf(list, { ...asking, part: { ...part, page } })),
        items: (answer) => told(() => described.items(frozen, part, answer)),
      },
    }),
  };
}

/** Of a page, where the part names one; else of the first. */
function paramsOf(list: Enumeration, { frozen, part, first }: Asking): Value {
  return (first ? list.narrowed?.(frozen, part) : undefined) ?? list.params(frozen, part);
}

/** Between a device and an id of its own. */
const separator = "/";

/** The ids of a list that each device answers for itself are unique on that device alone. */
function placedAt(item: Item, { route, each }: ListRequest): Item {
  if (route === undefined || each === undefined || item.id.includes(separator)) return item;
  return { ...item, id: itemId(`${route.device}${separator}${item.id}`) };
}

/** As the service knows it: ids of other lists may have such a mark of their own. */
function bareId(id: ItemId, { route, each }: ListRequest): ItemId {
  return route === undefined || each === undefined ? id : itemId(id.slice(id.indexOf(separator) + 1));
}

function completed(
  item: Item,
  { list, frozen, part: { each } }: { readonly list: Enumeration; readonly frozen: Frozen; readonly part: Part },
): Item {
  const placed = each === undefined ? item : { ...item, each };
  if (list.complete === undefined) return placed;
  try {
    return { ...placed, fields: list.complete(frozen, placed) };
  } catch (error) {
    throw error instanceof ExpressionError ? incomplete(`Item ${item.id}: ${error.message}`, error) : error;
  }
}

/** Nothing can be enumerated by an expression that can not be evaluated. */
function told<T>(evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    throw error instanceof ExpressionError ? incomplete(error.message, error) : error;
  }
}

function incomplete(message: string, cause: ExpressionError): IncompleteError {
  const { hint } = cause;
  return new IncompleteError(message, { cause, ...(hint === undefined ? {} : { hint }) });
}

/** What goes wrong with the list of an element is told with its name. */
async function* named<Page>({ each }: Part, pages: AsyncIterable<Page>): AsyncGenerator<Page> {
  try {
    yield* pages;
  } catch (error) {
    if (each === undefined || !(error instanceof IncompleteError)) throw error;
    const { hint } = error;
    throw new IncompleteError(`The list of ${shown(each)}: ${error.message}`, {
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** Items of several lists. The first list that has an item is its list; another may have it too, if it shows it alike. */
class Met {
  readonly #parts: readonly Part[];
  readonly #compared: readonly string[];
  readonly #index = new KeyIndex();
  readonly #places: number[] = [];
  /** 48 bits of the digest of an item's fields. */
  readonly #looks: number[] = [];

  constructor({ fields }: Enumeration, parts: readonly Part[]) {
    this.#parts = parts;
    // What changes by itself may have changed from one list to the next.
    this.#compared = fields.filter(({ volatile }) => !volatile).map(({ name }) => name);
  }

  /** @throws {IncompleteError} another list shows it with other fields. */
  isNew({ id, fields }: Item, place: number): boolean {
    const look = this.#lookOf(fields);
    if (this.#index.set(id, this.#places.length)) {
      this.#places.push(place);
      this.#looks.push(look);
      return true;
    }
    const known = this.#index.get(id) ?? 0;
    if (this.#looks[known] === look) return false;
    const lists = [this.#places[known] ?? 0, place].map((one) => nameOf(this.#parts[one], one));
    throw new IncompleteError(`${id} is in two lists and not the same in both: ${lists.join(" and ")}.`, {
      hint: "Run again if it was being changed meanwhile; else for_each gives lists that are about different things.",
    });
  }

  #lookOf(fields: Fields): number {
    const compared = Object.fromEntries(this.#compared.map((name) => [name, fields[name] ?? null]));
    return Number.parseInt(digestOf(compared).slice(0, 12), 16);
  }
}

function nameOf(part: Part | undefined, place: number): string {
  return part?.each === undefined ? `the ${place + 1}. of the ids` : `that of ${shown(part.each)}`;
}

function shown(value: Value): string {
  const text = typeof value === "string" ? value : jsonText(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

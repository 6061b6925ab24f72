import { digestOf } from "../core/model/digest.ts";
import { IncompleteError } from "../core/model/errors.ts";
import { jsonText } from "../core/model/exact.ts";
import { itemId, type Fields, type Item, type ItemId, type Value } from "../core/model/item.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { type Enumeration, type Part } from "../core/model/listing.ts";
import type { PathsMet } from "../core/model/paths-met.ts";
import type { ListRequest } from "../core/model/ports.ts";
import { askedFields } from "../core/select/asked-fields.ts";
import { KeyIndex } from "../core/tally/key-index.ts";
import type { Job, Parts } from "./job.ts";

/**
 * One pass over everything that the plan enumerates: one list after another, each proved whole, each item once. When the
 * signal aborts it ends early, without an error: only then is the end no proof.
 * @param first The list that the changes are decided on: it may be narrowed.
 * @throws {IncompleteError} a list, or one of its items, is not as it has to be.
 */
export async function* enumerate(
  { plan: { enumerate: list }, frozen }: Pick<Job, "plan" | "frozen">,
  {
    connection,
    signal,
    first,
    met: paths,
  }: Pick<Parts, "connection"> & Omit<Asking, "frozen" | "part"> & { readonly signal: AbortSignal },
): AsyncGenerator<readonly Item[]> {
  const parts = told(() => list.parts?.(frozen)) ?? [{}];
  const met = parts.length > 1 ? new Met(list, parts) : undefined;
  let count = 0;
  for (const [place, part] of parts.entries()) {
    const asked = told(() => request(list, { frozen, part, first, ...(paths && { met: paths }) }));
    for await (const page of named(part, connection.pages(asked, signal))) {
      const items = page.map((item) => completed(placedAt(item, asked), { list, frozen, part }));
      const fresh = met === undefined ? items : items.filter((item) => met.isNew(item, place));
      count += fresh.length;
      if (fresh.length > 0) yield fresh;
    }
    if (signal.aborted) return;
  }
  const total = told(() => list.total?.(frozen));
  if (total === null)
    throw new IncompleteError("enumerate.total gives null, and no number of items.", {
      hint: "Look at what it is made of: the path of the lookup may lead to nothing.",
    });
  if (total !== undefined && total !== count) {
    throw new IncompleteError(
      `The list has ${count} ${count === 1 ? "item" : "items"}; enumerate.total says ${jsonText(total)}.`,
      {
        hint: "One of the two was read while items came or went, or the list is not whole. Run again.",
      },
    );
  }
}

export interface Asking {
  readonly frozen: Frozen;
  readonly part: Part;
  /** It may be narrowed. */
  readonly first: boolean;
  /** Told which paths of the plan lead to something. */
  readonly met?: PathsMet;
}

/** @returns What a connection is asked for. @throws {IncompleteError} */
export function request(list: Enumeration, asking: Asking): ListRequest {
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
        items: (answer) => told(() => described.items(frozen, part, answer, asking.met)),
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
export function bareId(id: ItemId, { route, each }: ListRequest): ItemId {
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

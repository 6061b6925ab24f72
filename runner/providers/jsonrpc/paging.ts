import { IncompleteError } from "../../core/model/errors.ts";
import { canonical } from "../../core/model/values.ts";
import type { Item, ItemId, Value } from "../../core/model/item.ts";
import type { Page, Paging } from "../../core/model/listing.ts";
import type { DescribedList, ListRequest } from "../../core/model/ports.ts";
import { unreadable } from "../../core/model/unreadable.ts";
import { AgreedPasses } from "../../core/select/agreement.ts";
import { WholeList, type PageRequest } from "../../core/select/completeness.ts";
import { firstPage } from "../../core/select/first-page.ts";
import { KeyIndex } from "../../core/tally/key-index.ts";
import type { Client, ReadAnswer } from "../../rpc/client.ts";
import { endless, mostPages, offsetPages } from "../../rpc/offset-pages.ts";

/** A list with what the plan says of it. */
export interface Listed extends ListRequest {
  readonly described: DescribedList;
}

/** An item, and the answer that it stood in. */
export interface Row {
  readonly item: Item;
  readonly answer: Value;
}

/** Rows handed on at once where all come in one answer, so that progress is seen. */
const pieceSize = 500;
/** Pages without a row, one after another: some services skip what is filtered out, none so much. */
const mostEmptyPages = 100;
const isIgnored =
  "The service seems not to heed the page it is asked for. If it gives everything at once, write `page: { by: none }`; else check where `page.offset`, `page.number` and `page.size` stand in the params.";

/**
 * The whole list, each item once, in the way that the plan says it is paged. When the signal aborts it ends early: only then
 * is the end no proof. It always ends, whatever the service does.
 * @throws {IncompleteError} it could not be proved whole. @throws {ConnectError} `login`.
 */
export function listed(
  list: Listed,
  client: Pick<Client, "read">,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const pages = new Pages(list, client, signal);
  const { paging } = list.described;
  switch (paging.by) {
    case "none":
      return unpaged(pages);
    case "offset":
      return byOffset(pages, paging);
    case "number":
      return byNumber(pages, paging);
    case "cursor":
      return byCursor(pages, paging);
  }
}

/** Of a list that has but one. */
export const onlyPage: Page = { size: 0 };

const idOf = ({ item }: Row): ItemId => item.id;

/** Fetches pages of one list. */
class Pages {
  readonly signal: AbortSignal;
  readonly #list: Listed;
  readonly #client: Pick<Client, "read">;

  constructor(list: Listed, client: Pick<Client, "read">, signal: AbortSignal) {
    this.#list = list;
    this.#client = client;
    this.signal = signal;
  }

  get method(): string {
    return this.#list.method;
  }

  /** Asked for now, to be awaited later; if nobody ever does, its failure is nobody's. */
  ask(page: Page): Promise<ReadAnswer> {
    const { method, described } = this.#list;
    const answer = this.#client.read({ method, params: described.params(page) }, this.signal);
    answer.catch(() => undefined);
    return answer;
  }

  /** @param mayEnd A refusal says that there is no such page. @throws {IncompleteError} */
  rows(answer: ReadAnswer, mayEnd = false): readonly Row[] {
    if (answer.kind === "failed") {
      if (mayEnd && (answer.failure.class === "reject" || answer.failure.class === "not_found")) return [];
      const next = `See what the service answers: rollcall probe SERVICE ${this.method}.`;
      throw unreadable(answer.failure, { what: this.method, next });
    }
    const { result } = answer;
    return this.#list.described.items(result).map((item) => ({ item, answer: result }));
  }
}

async function* unpaged(pages: Pages): AsyncGenerator<readonly Row[]> {
  const answer = await pages.ask(onlyPage);
  if (pages.signal.aborted) return;
  const rows = pages.rows(answer);
  const met = new Met(pages.method);
  met.all(rows);
  const isStopped = (): boolean => pages.signal.aborted;
  for (let start = 0; start < rows.length && !isStopped(); start += pieceSize)
    yield rows.slice(start, start + pieceSize);
}

function byOffset(
  pages: Pages,
  { size, start: first }: { readonly size: number; readonly start: number },
): AsyncGenerator<readonly Row[]> {
  const whole = new WholeList<Row>(size, idOf, isIgnored);
  const source = {
    fetch: ({ start, count }: PageRequest) => pages.ask({ size: count, offset: first + start }),
    // The same list was just served in front of it.
    rowsOf: (answer: ReadAnswer, { isBeyond }: PageRequest) => pages.rows(answer, isBeyond),
  };
  return offsetPages(whole, source, pages.signal);
}

async function* byNumber(
  pages: Pages,
  { size, start }: { readonly size: number; readonly start: number },
): AsyncGenerator<readonly Row[]> {
  const passes = new AgreedPasses<Row>(start, idOf, isIgnored);
  const ask = (number: number): Promise<ReadAnswer> => pages.ask({ size, number });
  let next = passes.next();
  let answer = next === undefined ? undefined : ask(next);
  let isAfterShort = false;
  for (let count = 1; next !== undefined && answer !== undefined; count++) {
    const found = await answer;
    if (pages.signal.aborted) return;
    if (count > mostPages) throw endless();
    const rows = pages.rows(found, isAfterShort && next !== start);
    const proven = passes.take(rows);
    isAfterShort = rows.length < size;
    next = passes.next();
    answer = next === undefined ? undefined : ask(next);
    if (proven.length > 0) yield proven;
  }
}

async function* byCursor(
  pages: Pages,
  paging: Extract<Paging, { readonly by: "cursor" }>,
): AsyncGenerator<readonly Row[]> {
  const met = new Met(pages.method);
  const cursors = new Set<string>();
  let empty = 0;
  let asked: Promise<ReadAnswer> | undefined = pages.ask(firstPage(paging) ?? onlyPage);
  for (let count = 1; asked !== undefined; count++) {
    const answer: ReadAnswer = await asked;
    if (pages.signal.aborted) return;
    if (count > mostPages) throw endless();
    const rows = pages.rows(answer);
    met.all(rows);
    empty = rows.length === 0 ? empty + 1 : 0;
    if (empty > mostEmptyPages)
      throw broken(pages.method, `${empty} pages in a row are empty, and there is always another cursor`);
    const cursor: Value = answer.kind === "result" ? paging.next(answer.result) : null;
    if (!isEnd(cursor)) {
      const text = canonical(cursor);
      if (cursors.has(text)) throw broken(pages.method, `the cursor ${shortened(text)} came twice`);
      cursors.add(text);
    }
    asked = isEnd(cursor) ? undefined : pages.ask({ size: paging.size, cursor });
    if (rows.length > 0) yield rows;
  }
}

function isEnd(cursor: Value): boolean {
  return cursor === null || cursor === "" || cursor === false;
}

/** Items of one list, each of which may come once. */
class Met {
  readonly #method: string;
  readonly #known = new KeyIndex();

  constructor(method: string) {
    this.#method = method;
  }

  /** @throws {IncompleteError} one came before. */
  all(rows: readonly Row[]): void {
    for (const { item } of rows)
      if (!this.#known.set(item.id, this.#known.size)) throw broken(this.#method, `the item ${item.id} came twice`);
  }
}

function broken(method: string, why: string): IncompleteError {
  return new IncompleteError(`${method} could not be read whole: ${why}.`, {
    hint: "Run again if items came and went meanwhile; else check `key` and `page` of the plan against what the service answers.",
  });
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

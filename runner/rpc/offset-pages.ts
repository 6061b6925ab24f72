import { IncompleteError } from "../core/model/errors.ts";
import type { PageRequest, WholeList } from "../core/select/completeness.ts";

/** Full pages in a row that make a list a long one: of such a list the page after the next is asked for as well. */
const longAfter = 4;
/** More are no list, but a service that always has another page. */
export const mostPages = 100_000;

/** How the pages of one list are fetched, and read as rows. */
export interface PageSource<Row, Answer> {
  fetch(page: PageRequest): Promise<Answer>;
  /** @throws {IncompleteError} it is no page of that list. */
  rowsOf(answer: Answer, page: PageRequest): readonly Row[];
}

/**
 * A list by offset, page by page, each row once. While a page is being used the next one is on its way; in a long list also
 * while one is being parsed, at the price of one call behind its end. When the signal aborts it ends early: only then is the
 * end no proof.
 * @throws {IncompleteError} the list could not be proved whole.
 */
export async function* offsetPages<Row, Answer>(
  whole: WholeList<Row>,
  source: PageSource<Row, Answer>,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const fetch = (page: PageRequest): Promise<Answer> => source.fetch(page);
  let next = ahead(whole.next(), fetch);
  let guess: Ahead<Answer> | undefined;
  let full = 0;
  for (let pages = 1; next !== undefined; pages++) {
    const answer = await next.answer;
    if (signal.aborted) return;
    if (pages > mostPages) throw endless();
    const rows = source.rowsOf(answer, next.page);
    full = rows.length === next.page.count ? full + 1 : 0;
    const proven = whole.take(rows);
    const page = whole.next();
    next = guess !== undefined && isSame(guess.page, page) ? guess : ahead(page, fetch);
    guess = full < longAfter || next === undefined ? undefined : ahead(following(next.page), fetch);
    if (proven.length > 0) yield proven;
  }
}

/** A list that does not end. */
export function endless(): IncompleteError {
  return new IncompleteError(`The list has no end: there is still more after ${mostPages} pages.`, {
    hint: "Check how the service pages, and that `page.size` is what it takes; nothing was decided.",
  });
}

interface Ahead<Answer> {
  readonly page: PageRequest;
  readonly answer: Promise<Answer>;
}

/** Ask for a page now, to be awaited later; if nobody ever does, its failure is nobody's. */
function ahead<Answer>(
  page: PageRequest | undefined,
  fetch: (page: PageRequest) => Promise<Answer>,
): Ahead<Answer> | undefined {
  if (page === undefined) return undefined;
  const answer = fetch(page);
  answer.catch(() => undefined);
  return { page, answer };
}

/** The page that comes next if this one is full. */
function following({ start, count }: PageRequest): PageRequest {
  return { start: start + count - 1, count, isBeyond: false };
}

function isSame(guess: PageRequest, page: PageRequest | undefined): boolean {
  return page !== undefined && page.start === guess.start && page.isBeyond === guess.isBeyond;
}

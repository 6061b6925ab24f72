import type { Item, Value } from "../../core/model/item.ts";
import type { ListRequest, Log } from "../../core/model/ports.ts";
import { unreadable } from "../../core/model/unreadable.ts";
import { WholeList, type PageRequest } from "../../core/select/completeness.ts";
import type { Client, ReadAnswer } from "../../rpc/client.ts";
import { offsetPages } from "../../rpc/offset-pages.ts";
import { membersOf, tryLater } from "./answers.ts";
import { RowReader, rowsOf, type Row } from "./rows.ts";

const pageSize = 500;

/**
 * The whole device list, page by page, in the order of its key, each device once. When the signal aborts it ends early:
 * only then is the end no proof.
 * @throws {IncompleteError} the list could not be proved whole. @throws {ConnectError} the login was refused.
 */
export async function* devicePages(
  list: ListRequest,
  { client, log, signal }: { readonly client: Pick<Client, "read">; readonly log: Log; readonly signal: AbortSignal },
): AsyncGenerator<readonly Item[]> {
  const reader = new RowReader(list.fields, log);
  const whole = new WholeList<Row>(pageSize, ({ id }) => id);
  const fetch = (page: PageRequest): Promise<ReadAnswer> => {
    const paging = { OrderBy: "AU ASC", StartRecordNumber: page.start, RecordsCount: page.count };
    return client.read(deviceRequest(list, { Columns: reader.codes, ...paging }), signal);
  };
  for await (const rows of offsetPages(whole, { fetch, rowsOf: rowsFrom }, signal))
    yield rows.map((row) => reader.item(row));
}

/** A start behind the last row may be refused instead of answered with nothing: the same query was just served in front of it. */
function rowsFrom(answer: ReadAnswer, page: PageRequest): readonly Row[] {
  if (answer.kind === "result") return rowsOf(answer.result);
  if (page.isBeyond && answer.failure.class === "reject") return [];
  throw unreadable(answer.failure, { what: "The device list", from: ` from row ${page.start} on`, next: tryLater });
}

/** The plan's query with our own members in place of its. */
export function deviceRequest(
  list: ListRequest,
  members: Readonly<Record<string, Value>>,
): { readonly method: string; readonly params: Value } {
  return { method: list.method, params: { ...membersOf(list.params), query: { ...queryOf(list), ...members } } };
}

/** The `query` a plan wrote. */
export function queryOf(list: ListRequest): Readonly<Record<string, Value>> {
  return membersOf(membersOf(list.params).query ?? null);
}

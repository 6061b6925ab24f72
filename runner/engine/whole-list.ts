import { ListShiftedError } from "../core/model/errors.ts";
import type { Item } from "../core/model/item.ts";
import type { Connection, ListRequest } from "../core/model/ports.ts";

/** How often a list that shifts while it is read is begun anew before the run refuses. */
const mostPasses = 3;

/**
 * The whole list, page by page. `"again"` means that it shifted under the reader: forget the pages so far, they come anew.
 * Finishing without an error means complete, unless the signal aborted.
 * @throws {IncompleteError} when the list can not be proved complete.
 */
export async function* wholeList(
  connection: Connection,
  list: ListRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly Item[] | "again"> {
  for (let pass = 1; ; pass++) {
    try {
      for await (const page of connection.pages(list, signal)) {
        if (signal.aborted) return;
        yield page;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ListShiftedError) || pass === mostPasses) throw error;
      yield "again";
    }
  }
}

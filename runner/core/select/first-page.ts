import type { Page, Paging } from "../model/listing.ts";

/** The page of a list that is asked for first. Undefined: there is but one. */
export function firstPage(paging: Paging): Page | undefined {
  switch (paging.by) {
    case "none":
      return undefined;
    case "offset":
      return { size: paging.size, offset: paging.start };
    case "number":
      return { size: paging.size, number: paging.start };
    case "cursor":
      return { size: paging.size, cursor: null };
  }
}

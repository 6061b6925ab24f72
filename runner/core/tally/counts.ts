import type { SelectionCounts } from "../model/preview.ts";
import type { Counts } from "../model/outcome.ts";

/** Conservation: the states, and what is still open, add up to the rows that were enumerated. */
export function isConserved(counts: Counts, open: number, selection: SelectionCounts): boolean {
  const total = Object.values(counts).reduce((sum, count) => sum + count, open);
  return total === selection.rows;
}

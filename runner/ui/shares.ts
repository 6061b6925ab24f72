import type { Counts } from "../core/model/outcome.ts";

/** Changes that are in one state; `open`: sent, and not settled. */
export interface Share {
  readonly state: string;
  readonly count: number;
}

/** The best first, then what went wrong, then what is still to come. */
const order = [
  ...(["confirmed", "unverifiable", "already", "pending"] as const),
  ...(["rejected", "unknown", "diverged", "vanished", "drifted"] as const),
  ...(["open", "not-started"] as const),
];

/** What the changes of a run came to, those that there are. @param already Changes that were found to be done right before they were sent. */
export function sharesOf(counts: Counts, { already, open }: { already: number; open: number }): readonly Share[] {
  const all = { ...counts, already, open };
  return order.map((state) => ({ state, count: all[state] })).filter((share) => share.count > 0);
}

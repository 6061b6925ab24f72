import { upNow } from "./clock.ts";
import type { Bend, Done, World } from "./world.ts";

/** The instant (ms since boot) of the data that a list serves. */
export function listInstant(world: World, bend: Bend): number {
  return upNow() - world.lagMs - (bend.staleMs ?? 0);
}

/** The instant (ms since boot) of the data that an answer by id serves. */
export function singleInstant(world: World, bend: Bend): number {
  return upNow() - world.byIdLagMs - (bend.staleMs ?? 0);
}

/** The answer to a list that comes in one piece, bent as the faults want it. An empty one is spelled null. */
export function wholeList(rows: readonly { readonly Id: number }[], asOf: number, bend: Bend): Done {
  const { drop, cap = Infinity, emptyPage = false } = bend;
  const kept = rows.filter((row, place) => {
    if (drop === undefined) return true;
    return drop.device === undefined ? place !== drop.row : row.Id !== drop.device;
  });
  const shown = emptyPage ? [] : kept.slice(0, cap);
  return { result: { result: shown.length === 0 ? null : shown }, asOf };
}

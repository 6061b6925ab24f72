/** A service that does nothing but turn calls away is given this long before the run stops. */
export const patienceMs = 15 * 60_000;

const firstMs = 500;
const longestMs = 60_000;

/**
 * How long to wait after an answer that proved nothing was done: as long again as that has been going on, with full jitter.
 * Told by time, not by the number of answers, since all slots are turned away at once.
 * @param lastedMs Since the first such answer in a row.
 * @param random 0 <= x < 1.
 */
export function backoffMs(lastedMs: number, random: number): number {
  return random * Math.min(longestMs, Math.max(firstMs, 2 * lastedMs));
}

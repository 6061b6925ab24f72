/** A service that does nothing but turn calls away is given this long before the run stops. */
export const patienceMs = 15 * 60_000;

const firstMs = 500;
const longestMs = 60_000;

/**
 * How long to wait after the n-th answer in a row that proved nothing was done: exponential with full jitter.
 * @param random 0 <= x < 1.
 */
export function backoffMs(count: number, random: number): number {
  return random * Math.min(longestMs, firstMs * 2 ** Math.min(count - 1, 20));
}

/** Milliseconds since boot (CLOCK_MONOTONIC), so that the times of two processes on one machine compare. */
export function upNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

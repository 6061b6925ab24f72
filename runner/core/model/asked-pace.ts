/** A call an hour: whoever wants less wants a pause. */
const leastPerMinute = 1 / 60;

/** Whether a pace is one that can be asked for: at least a call at a time, at least a call an hour. Left out is as it was. */
export function isPace({ concurrency, perMinute }: { readonly concurrency?: unknown; readonly perMinute?: unknown }) {
  const isConcurrency = concurrency === undefined || (Number.isSafeInteger(concurrency) && Number(concurrency) > 0);
  return (
    isConcurrency && (perMinute === undefined || (Number.isFinite(perMinute) && Number(perMinute) >= leastPerMinute))
  );
}

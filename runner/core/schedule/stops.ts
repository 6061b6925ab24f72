import type { Stops } from "../model/plan.ts";

/** The counters of a run that a limit looks at; folded from the ledger, so live and resumed runs agree. */
export interface StopCounters {
  readonly errors: number;
  readonly consecutive: number;
  readonly unknown: number;
  readonly drifted: number;
}

export interface Exceeded {
  readonly limit: "errors" | "percent" | "consecutive" | "unknown" | "drifted";
  readonly tolerated: number;
  readonly value: number;
}

/**
 * The first tolerated count that is exceeded, if any. Percents are of the selection, floored; `drifted` as a percent
 * tolerates at least 1.
 */
export function exceeded(stops: Stops, counters: StopCounters, selected: number): Exceeded | undefined {
  const checks: readonly Exceeded[] = [
    { limit: "errors", tolerated: stops.errors, value: counters.errors },
    ...(stops.percent === undefined
      ? []
      : [{ limit: "percent" as const, tolerated: share(stops.percent, selected), value: counters.errors }]),
    { limit: "consecutive", tolerated: stops.consecutive, value: counters.consecutive },
    { limit: "unknown", tolerated: stops.unknown, value: counters.unknown },
    {
      limit: "drifted",
      tolerated: stops.drifted ?? Math.max(1, share(stops.driftedPercent, selected)),
      value: counters.drifted,
    },
  ];
  return checks.find(({ tolerated, value }) => value > tolerated);
}

function share(percent: number, selected: number): number {
  return Math.floor((selected * percent) / 100);
}

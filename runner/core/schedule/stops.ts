import type { StopsAt } from "../model/preview.ts";
import type { Stops } from "../model/precautions.ts";

/** The counters that a limit looks at, of a run or a part of it; folded from the ledger, so live and resumed runs agree. */
export interface StopCounters {
  readonly errors: number;
  readonly consecutive: number;
  readonly unknown: number;
  readonly drifted: number;
}

/** What counts are kept over: the run, the wave that is under way, or one group. `size`: how many items it has. */
export interface Counted {
  readonly counters: StopCounters;
  readonly size: number;
  readonly wave?: number;
  readonly group?: number;
}

export interface Exceeded {
  readonly limit: "errors" | "percent" | "consecutive" | "unknown" | "drifted" | "groups";
  readonly tolerated: number;
  readonly value: number;
  readonly wave?: number;
  readonly group?: number;
}

/** Groups that may be parked, where the plan does not say: a change that is bad for every customer stops. */
const toleratedGroups = 3;

/** What the counts of a run, or of a part of it, are over. */
export interface Budgets {
  readonly parked: ReadonlySet<number>;
  ofRun(): Counted;
  ofWave(): Counted;
  /** @param index An item of the group; undefined: it is in none. */
  ofGroup(index: number): Counted | undefined;
  ofGroups(): Iterable<Counted>;
}

/**
 * The first tolerated count that is exceeded, if any, after something became known of an item.
 * @param index Undefined: of no one in particular; all groups are looked at then, but those that are parked.
 */
export function tripped(stops: Stops, budgets: Budgets, index?: number): Exceeded | undefined {
  switch (stops.of ?? "run") {
    case "run":
      return exceeded(stops, budgets.ofRun());
    case "wave":
      return exceeded(stops, budgets.ofWave());
    case "group": {
      const tolerated = stops.groups ?? toleratedGroups;
      const value = budgets.parked.size;
      if (value > tolerated) return { limit: "groups", tolerated, value };
      const counted = index === undefined ? undefined : budgets.ofGroup(index);
      return index === undefined ? firstGroup(stops, budgets) : counted && exceeded(stops, counted);
    }
  }
}

function firstGroup(stops: Stops, budgets: Budgets): Exceeded | undefined {
  const { parked } = budgets;
  for (const counted of budgets.ofGroups()) {
    const found = counted.group !== undefined && parked.has(counted.group) ? undefined : exceeded(stops, counted);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The first count that is over what is tolerated. Percents are of the items counted over, floored; `drifted` as a percent
 * tolerates at least 1.
 */
export function exceeded(stops: Stops, { counters, size, ...over }: Counted): Exceeded | undefined {
  const checks: readonly Exceeded[] = [
    { limit: "errors", tolerated: stops.errors, value: counters.errors },
    ...(stops.percent === undefined
      ? []
      : [{ limit: "percent" as const, tolerated: share(stops.percent, size), value: counters.errors }]),
    { limit: "consecutive", tolerated: stops.consecutive, value: counters.consecutive },
    { limit: "unknown", tolerated: stops.unknown, value: counters.unknown },
    {
      limit: "drifted",
      tolerated: stops.drifted ?? Math.max(1, share(stops.driftedPercent, size)),
      value: counters.drifted,
    },
  ];
  const found = checks.find(({ tolerated, value }) => value > tolerated);
  return found && { ...found, ...over };
}

/**
 * How many of each it takes to stop: one more than is tolerated. Shares of waves and groups are left out, since each has
 * another number.
 * @param selected Items that are to change.
 */
export function stopsAt(stops: Stops, selected: number): StopsAt {
  const { of = "run", percent, drifted, driftedPercent } = stops;
  const shared = (part: number): number | undefined => (of === "run" ? share(part, selected) : undefined);
  const byShare = percent === undefined ? undefined : shared(percent);
  const errors = Math.min(stops.errors, byShare ?? Infinity);
  const mostDrifted = drifted ?? (of === "run" ? Math.max(1, share(driftedPercent, selected)) : undefined);
  return {
    of,
    errors: errors + 1,
    consecutive: stops.consecutive + 1,
    unknown: stops.unknown + 1,
    ...(mostDrifted !== undefined && { drifted: mostDrifted + 1 }),
    ...(of === "group" && { groups: (stops.groups ?? toleratedGroups) + 1 }),
  };
}

function share(percent: number, size: number): number {
  return Math.floor((size * percent) / 100);
}

import type { Plan } from "../core/model/plan.ts";
import type { Pace, Stops, WaveSize, Window } from "../core/model/precautions.ts";
import type { Expression } from "../language/expression.ts";
import { parseDuration, parsePercent, parseRate, parseTimeOfDay } from "../language/units.ts";
import type { Binding } from "./binding.ts";
import type { PlanDocument } from "./document.ts";
import { groupingOf } from "./grouping.ts";

/** How fast, and in which portions. Only for a plan without problems, as is all here. */
export function paceOf(document: PlanDocument, per: Expression | undefined, binding: Binding): Pace {
  const { concurrency = 4, rate, waves, pause, ramp, cover } = document.pace ?? {};
  return {
    concurrency,
    ...optional("perMinute", rate, parseRate),
    ...(waves && { waves: waves.map(waveSize) }),
    ...optional("pauseMs", pause, parseDuration),
    ...(ramp === "double" && { ramp }),
    ...(cover && { cover }),
    ...(per && { per: groupingOf(document, per, binding) }),
  };
}

function waveSize(written: number | string): WaveSize {
  return typeof written === "number" ? { count: written } : { percent: percentOf(written) ?? 100 };
}

/** What is tolerated, and what follows when it is exceeded. */
export function stopsOf({ stop = {}, pace = {} }: PlanDocument): Stops {
  const { drifted, of = pace.per === undefined ? "run" : "group", groups, on_stop: onStop = "verify" } = stop;
  const percent = percentOf(stop.percent);
  return {
    errors: stop.errors ?? 3,
    ...(percent !== undefined && { percent }),
    consecutive: stop.consecutive ?? 3,
    unknown: stop.unknown ?? 0,
    // A count stands alone: the share is then no bound.
    driftedPercent: typeof drifted === "number" ? 100 : (parsePercent(drifted ?? "10%") ?? 10),
    ...(typeof drifted === "number" && { drifted }),
    ...(of !== "run" && { of }),
    ...(groups !== undefined && { groups }),
    ...(onStop !== "verify" && { onStop }),
  };
}

/** A share, as text or as its number. */
export function percentOf(written: string | number | undefined): number | undefined {
  return typeof written === "string" ? parsePercent(written) : written;
}

/** How long and how often changes are looked for, and what is made of what else is found. */
export function lookingOf({ verify = {} }: PlanDocument): Omit<Plan["verify"], "list"> {
  const { within = "2m", every = "10s", horizon, mode, collateral = "report" } = verify;
  return {
    withinMs: parseDuration(within) ?? 0,
    everyMs: parseDuration(every) ?? 0,
    ...optional("horizonMs", horizon, parseDuration),
    ...(mode === "end" && { mode }),
    ...(collateral !== "report" && { collateral }),
  };
}

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** When changes may be sent. */
export function windowOf({ days = weekdays, from, to, zone = "UTC" }: NonNullable<PlanDocument["window"]>): Window {
  return {
    days: weekdays.flatMap((day, place) => (days.includes(day) ? [place + 1] : [])),
    from: parseTimeOfDay(from ?? "00:00") ?? 0,
    to: parseTimeOfDay(to ?? "00:00") ?? 0,
    zone,
  };
}

function optional<Name extends string, Raw, Result>(
  name: Name,
  raw: Raw | undefined,
  parse: (raw: Raw) => Result | undefined,
): { readonly [key in Name]?: Result } {
  const value = raw === undefined ? undefined : parse(raw);
  return (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: Result };
}

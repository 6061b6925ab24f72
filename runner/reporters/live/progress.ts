import type { PauseReason } from "../../core/model/events.ts";
import { count, countOf, duration, rate } from "../amount.ts";
import { cleanText } from "../clean.ts";
import type { Pace } from "./pace.ts";
import type { Tally } from "./tally.ts";

/**
 * What the run is doing now, most important part first; a narrow line leaves the last ones out.
 * Empty: nothing worth a line (before the first event, while a person is asked, at the end).
 */
export function progressParts(tally: Tally, pace: Pace, at: number): readonly string[] {
  switch (tally.phase) {
    case "connecting":
      return tally.run === undefined ? [] : [`connecting to ${cleanText(tally.run.service)}`];
    case "reading":
      return [`reading the list: ${countOf(tally.rows, "row")}`];
    case "changing":
      return changing(tally, pace, at);
    case "paused":
      return [...soFar(tally), ...portion(tally), ...trouble(tally)];
    case "waiting":
      return waiting(tally);
    case "verifying":
      return [
        `verifying, pass ${tally.pass}: ${countOf(tally.rows, "row")} read`,
        `${count(tally.confirmed)} confirmed`,
        ...trouble(tally),
      ];
    case "previewed":
    case "ended":
      return [];
  }
}

function changing(tally: Tally, pace: Pace, at: number): readonly string[] {
  const { done, total } = tally;
  const perSecond = pace.perSecond(at, done);
  const remaining = total === undefined ? undefined : pace.remainingMs(at, done, total - done);
  return [
    ...soFar(tally),
    ...portion(tally),
    ...trouble(tally),
    ...(perSecond === undefined ? [] : [rate(perSecond)]),
    ...budget(tally, pace, at),
    ...(remaining === undefined || done === total ? [] : [`${duration(remaining)} left`]),
  ];
}

function soFar({ done, total }: Tally): readonly string[] {
  return [total === undefined ? `${count(done)} changed` : `${count(done)}/${count(total)} ${percent(done, total)}`];
}

const pauses: Readonly<Record<PauseReason, string>> = {
  operator: "paused",
  window: "waiting for the change window",
  "between-waves": "a pause before the next wave",
  person: "waiting for you: promote or abort",
};

/** Where the run is, and what it waits for. */
function portion({ waves = 1, wave, pauses: reasons, busy }: Tally): readonly string[] {
  return [
    ...(waves > 1 ? [wave < waves ? `wave ${wave + 1} of ${waves}` : "a last wave"] : []),
    ...reasons.map((paused) => pauses[paused.for]),
    ...(busy > 0 ? [`${count(busy)} busy`] : []),
  ];
}

/** How much of the rate is used by calls for changes: `61% of 300/min`. */
function budget({ perMinute, calls }: Tally, pace: Pace, at: number): readonly string[] {
  const made = perMinute === undefined ? undefined : pace.callsPerMinute(at, calls);
  if (perMinute === undefined || made === undefined) return [];
  return [`${percent(Math.min(made, perMinute), perMinute)} of ${count(perMinute)}/min`];
}

/** What an operator must see however narrow the line is, so it stands before rate and ETA. */
function trouble({ rejected, unknown, settling, slowed }: Tally): readonly string[] {
  return [
    ...(rejected > 0 ? [`${count(rejected)} rejected`] : []),
    ...(unknown > 0 ? [`${count(unknown)} unknown`] : []),
    ...(settling > 0 ? [`${count(settling)} settling`] : []),
    ...(slowed === undefined ? [] : [slowedText(slowed)]),
  ];
}

function slowedText({ why, unreached }: NonNullable<Tally["slowed"]>): string {
  const what = unreached === true ? "the service is not reached" : "slowed down by the service";
  return `${what} (${cleanText(why)})`;
}

function waiting({ waiting: note }: Tally): readonly string[] {
  if (note === undefined) return [];
  return [`${countOf(note.items, "item")} ${cleanText(note.why)}`, `looking again in ${duration(note.ms)}`];
}

function percent(done: number, total: number): string {
  return total === 0 ? "100%" : `${Math.floor((done * 100) / total)}%`;
}

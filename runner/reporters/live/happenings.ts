import type { FactOf, RunEvent } from "../../core/model/events.ts";
import { timeText } from "../../core/model/values.ts";
import { count, countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import type { Tally } from "./tally.ts";

/** Where the reader is: how a command line looks there, and the zone of times. */
export interface Whereabouts {
  readonly command: (...words: readonly string[]) => string;
  readonly zone: string;
}

/** What happens to a run between its changes: waves, groups, gates, pauses, and what people ask of it. Undefined: nothing of that. */
export function happening(
  event: RunEvent,
  { run, groups, waves, paused, pauses, parked }: Tally,
  whereabouts: Whereabouts,
): string | undefined {
  const why = (one: FactOf<"paused">): string => pausedText(one, run?.run ?? "latest", whereabouts);
  switch (event.type) {
    case "wave":
      return waveText(event, waves);
    case "limit":
      return event.group === undefined
        ? undefined
        : parkedText(event, groups[event.group]?.name, groups.length - parked.size);
    case "gate":
      return `Gate after wave ${event.wave + 1}: ${event.result}${event.observed ? ", only observed" : ""} (${cleanText(event.detail)}).`;
    case "paused":
      return [event, ...pauses.filter((other) => other.for !== event.for)].map(why).join(" · ");
    case "continued":
      if (paused !== undefined) return `Still waiting: ${why(paused)}`;
      return event.after === "between-waves" ? undefined : "Going on.";
    case "control":
      return controlText(event);
    case "throttle":
      return throttleText(event);
    default:
      return undefined;
  }
}

/** One wave is no news. */
function waveText({ wave, phase, size }: FactOf<"wave">, waves: number | undefined): string | undefined {
  if (phase === "end" || (wave === 0 && (waves ?? 1) <= 1)) return undefined;
  const isExtra = waves !== undefined && wave >= waves;
  const which = waves === undefined || isExtra ? `Wave ${wave + 1}` : `Wave ${wave + 1} of ${waves}`;
  return `${which}: ${countOf(size, "item")}${isExtra ? " that had to wait" : ""}.`;
}

/** @param others How many groups are not parked. */
function parkedText(
  { limit, value, tolerated, group = 0 }: FactOf<"limit">,
  name = `number ${group + 1}`,
  others: number,
): string {
  const rest = others > 0 ? (others === 1 ? "the other one goes on" : "the others go on") : "no group goes on";
  return `Group ${cleanText(name)} is parked: stop.${limit} is ${count(value)}, tolerated ${count(tolerated)}; ${rest}.`;
}

/** Why nothing is sent for now, and what ends that. @param run What commands name it by. */
export function pausedText(
  { for: reason, detail, until }: FactOf<"paused">,
  run: string,
  { command, zone }: Whereabouts,
): string {
  switch (reason) {
    case "operator":
      return `Paused. To go on: ${command("continue", run)}`;
    case "window":
      return `Outside the change window: nothing is sent until ${momentText(until, zone)}.`;
    case "between-waves":
      return `The next wave begins at ${momentText(until, zone)}.`;
    case "person":
      return `Waiting for you: ${cleanText(detail)}. Look at it (${command("show", run)}), then from another terminal: ${command("promote", run)}, or ${command("abort", run)}`;
  }
}

function momentText(ms: number | undefined, zone: string): string {
  return ms === undefined ? "somebody says so" : (timeText(Math.floor(ms / 1000), zone) ?? "");
}

function controlText({ op, by, why, concurrency, perMinute }: FactOf<"control">): string | undefined {
  if (op === "interrupt" || op === "unlock") return undefined;
  const pace = [
    ...(concurrency === undefined ? [] : [`concurrency ${concurrency}`]),
    ...(perMinute === undefined ? [] : [`${count(perMinute)} calls a minute`]),
  ];
  const what = op === "set" ? `set ${pace.join(", ")}` : op;
  return `${cleanText(by.name)} on ${cleanText(by.host)} says ${what}: ${cleanText(why)}`;
}

function throttleText({ what, from, to, cause }: FactOf<"throttle">): string {
  const unit = what === "rate" ? "calls a minute" : "calls at a time";
  const number = (value: number | null): string => (value === null ? "as many as there are" : count(Math.round(value)));
  return `Now ${number(to)} ${unit}, before ${number(from)}: ${cleanText(cause)}.`;
}

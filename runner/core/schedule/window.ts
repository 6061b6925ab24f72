import type { Window } from "../model/precautions.ts";
import { instantsOf, wallOf } from "./wall-clock.ts";

/** When changes may be sent next, in wall ms: `nowMs` itself while the window is open. */
export function opensAt(window: Window, nowMs: number): number {
  const around = openings(window, nowMs);
  if (around.some((one) => isIn(one, nowMs))) return nowMs;
  const next = around.map(({ from }) => from).filter((from) => from > nowMs);
  if (next.length === 0) throw new Error("a window opens on no day");
  return Math.min(...next);
}

/** From when on changes may not be sent, in wall ms: `nowMs` itself while the window is closed. Undefined: it never closes. */
export function closesAt(window: Window, nowMs: number): number | undefined {
  if (window.from === window.to && new Set(window.days).size === 7) return undefined;
  const around = openings(window, nowMs);
  let until = nowMs;
  // One may begin where, or before, another one ends: it stays open then.
  for (let next = ending(around, until); next !== undefined; next = ending(around, until)) until = next;
  return until;
}

/** Half-open, in wall ms. */
interface Opening {
  readonly from: number;
  readonly to: number;
}

function isIn({ from, to }: Opening, ms: number): boolean {
  return from <= ms && ms < to;
}

function ending(openings: readonly Opening[], ms: number): number | undefined {
  return openings.find((one) => isIn(one, ms))?.to;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Days back from which a window may still be open, a date that a zone has skipped between them. */
const daysBack = 3;
/** Every day of the week, and the one on which the last of them closes. */
const daysAhead = 9;

/** The last day that was asked about, of each window: a run that waits asks every second, and a day's clocks are slow to work out. */
const known = new WeakMap<Window, { readonly today: number; readonly openings: readonly Opening[] }>();

function openings(window: Window, nowMs: number): readonly Opening[] {
  const today = Math.floor(wallOf(nowMs, window.zone) / dayMs);
  const last = known.get(window);
  if (last?.today === today) return last.openings;
  const found = openingsAround(window, today);
  known.set(window, { today, openings: found });
  return found;
}

/** @param today Days since 1970-01-01. */
function openingsAround({ days, from, to, zone }: Window, today: number): readonly Opening[] {
  const all: Opening[] = [];
  for (let day = today - daysBack; day <= today + daysAhead; day++) {
    if (!days.includes(weekdayOf(day))) continue;
    const lengthMs = (to > from ? to - from : to - from + 24 * 60) * minuteMs;
    all.push(opening(day * dayMs + from * minuteMs, lengthMs, zone));
  }
  return all;
}

/**
 * Of a time that comes twice the first counts, so that no night is opened again. A time that is skipped opens at the change of
 * clocks, and closes as long after it as is between them on the clock; a window that is skipped whole keeps its length.
 */
function opening(opensOn: number, lengthMs: number, zone: string): Opening {
  const { first: from } = instantsOf(opensOn, zone);
  const { carriedOn: to } = instantsOf(opensOn + lengthMs, zone);
  return { from, to: to > from ? to : from + lengthMs };
}

/** 1: Monday, to 7: Sunday. @param day Days since 1970-01-01, a Thursday. */
function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

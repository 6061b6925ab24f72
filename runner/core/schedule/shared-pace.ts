import { isObject } from "../model/object.ts";
import type { PaceAsk, PaceGrant, ThrottleSign } from "../model/pace-ports.ts";
import { spacingMs } from "./rate.ts";

// When the next call may leave for one service, whoever sends it: what all processes of a machine share. Pure: `now` comes
// in, in ms since boot of a clock that all of them read alike.

/** Slots are given in blocks of this much time at most, to those who wait already. */
const longestBlockMs = 100;
/** Longest pause the service can impose by Retry-After. */
export const longestHoldMs = 60 * 60_000;
/** A rate is never slowed below one call a minute; one that was set lower stays as it is. */
const slowest = 1;
/** A clean window is as long as so many calls take, within these bounds: a step is judged before the next one. */
const window = { calls: 20, leastMs: 1000, mostMs: 60_000 };
const step = 0.05;

/** Times are ms since boot. */
export interface SharedPace {
  /** No slot before this moment. */
  readonly freeAt: number;
  /** Nor before this one: the service asked for a pause. */
  readonly heldUntil: number;
  /** Who took the last slot. */
  readonly by?: string;
  /** Left out: the service has not turned calls away, or not for a while. */
  readonly slowed?: Slowed;
}

/** Calls a minute, fewer than `ceiling` since the service turned some away. */
interface Slowed {
  readonly perMinute: number;
  /** Back at this rate, it is over. */
  readonly ceiling: number;
  /** When it was halved last: answers to what was sent before say nothing new. */
  readonly since: number;
  /** Since when nothing was turned away, or when the last step up was made. */
  readonly cleanSince: number;
}

/** Nothing is known of an earlier call. Those before the machine was started are this long ago at least. */
export function freshPace(perMinute: number | undefined): SharedPace {
  return { freeAt: spacingMs(perMinute), heldUntil: 0 };
}

/** After a new boot the moments mean nothing any more; a rate that was slowed begins slowed. */
export function afterBoot({ slowed }: SharedPace, perMinute: number | undefined): SharedPace {
  return { ...freshPace(perMinute), ...(slowed && { slowed: { ...slowed, since: 0, cleanSince: 0 } }) };
}

/** A slot, or a block of them, if its moment has come; else how long it is until then. */
export function askedPace(pace: SharedPace, ask: PaceAsk, now: number): Changed<PaceGrant> {
  const recovered = afterCleanWindows(pace, now);
  const { slowed, heldUntil, freeAt } = recovered;
  const slowedTo = slowed && { slowedTo: slowed.perMinute };
  const heldMs = Math.max(0, heldUntil - now);
  const waitMs = Math.max(heldMs, freeAt - now);
  if (waitMs > 0) return { pace: recovered, result: { slots: 0, waitMs, heldMs, spacingMs: 0, ...slowedTo } };
  const spacing = spacingMs(least(ask.perMinute, slowed?.perMinute));
  const most = spacing === 0 ? 1 : Math.floor(longestBlockMs / spacing);
  const slots = Math.max(1, Math.min(ask.slots, most));
  const grant = { slots, waitMs: 0, heldMs: 0, spacingMs: spacing, ...slowedTo };
  return { pace: { ...recovered, freeAt: now + slots * spacing }, result: grant };
}

/** The service turned a call away. Halved once for all that was under way, from what the caller sends at, set or measured. */
export function throttledPace(pace: SharedPace, sign: ThrottleSign, now: number): Changed<number | undefined> {
  const recovered = afterCleanWindows(pace, now);
  const { slowed, heldUntil } = recovered;
  const cleanSince = Math.max(now, heldUntil);
  if (slowed !== undefined && now - sign.sentAgoMs < slowed.since)
    return { pace: { ...recovered, slowed: { ...slowed, cleanSince } }, result: slowed.perMinute };
  const from = least(sign.perMinute ?? sign.measured, slowed?.perMinute);
  if (from === undefined) return { pace: recovered, result: undefined };
  const perMinute = Math.max(from / 2, Math.min(slowest, from));
  const ceiling = Math.max(sign.ceiling ?? sign.perMinute ?? sign.measured ?? from, slowed?.ceiling ?? 0);
  return { pace: { ...recovered, slowed: { perMinute, ceiling, since: now, cleanSince } }, result: perMinute };
}

/** The service asked for a pause. A longer one is kept. */
export function heldPace(pace: SharedPace, ms: number, now: number): SharedPace {
  const heldUntil = Math.max(pace.heldUntil, now + Math.min(ms, longestHoldMs));
  const { slowed } = pace;
  const later = slowed && { slowed: { ...slowed, cleanSince: Math.max(slowed.cleanSince, heldUntil) } };
  return { ...pace, heldUntil, ...later };
}

export interface Changed<T> {
  readonly pace: SharedPace;
  readonly result: T;
}

/** What was kept, if it can be a pace of this boot or of one before. `boot`: empty where the system does not say. */
export function readPace(text: string, boot: string, perMinute: number | undefined, now: number): SharedPace {
  const kept = parsed(text);
  if (kept === undefined) return freshPace(perMinute);
  const { pace } = kept;
  return kept.boot === boot && isPossible(pace, now) ? pace : afterBoot(pace, perMinute);
}

export function paceText(pace: SharedPace, boot: string): string {
  return `${JSON.stringify({ boot, ...pace })}\n`;
}

/** Without the name of the boot it shows in the moments that they are of another one. */
function isPossible({ freeAt, heldUntil, slowed }: SharedPace, now: number): boolean {
  const latest = now + longestHoldMs * 1.02;
  return freeAt <= latest && heldUntil <= latest && (slowed?.since ?? 0) <= now;
}

function parsed(text: string): { readonly boot: string; readonly pace: SharedPace } | undefined {
  const value = jsonOf(text);
  if (!isObject(value)) return undefined;
  const { boot, freeAt, heldUntil, by, slowed } = value;
  if (typeof boot !== "string" || !isMoment(freeAt) || !isMoment(heldUntil)) return undefined;
  if (slowed !== undefined && !isSlowed(slowed)) return undefined;
  return { boot, pace: { freeAt, heldUntil, ...(typeof by === "string" && { by }), ...(slowed && { slowed }) } };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not written by us, or by another version: as if there were nothing.
  }
}

function isSlowed(value: unknown): value is Slowed {
  if (!isObject(value)) return false;
  const { perMinute, ceiling, since, cleanSince } = value;
  return isMoment(perMinute) && perMinute > 0 && isMoment(ceiling) && isMoment(since) && isMoment(cleanSince);
}

function isMoment(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** Five per cent of the ceiling for each window without a call turned away, whether it was used or not. */
function afterCleanWindows(pace: SharedPace, now: number): SharedPace {
  let { slowed } = pace;
  while (slowed !== undefined && now - slowed.cleanSince >= windowMs(slowed)) slowed = stepUp(slowed);
  if (slowed === pace.slowed) return pace;
  const { freeAt, heldUntil, by } = pace;
  return { freeAt, heldUntil, ...(by !== undefined && { by }), ...(slowed && { slowed }) };
}

function stepUp(slowed: Slowed): Slowed | undefined {
  const perMinute = slowed.perMinute + step * slowed.ceiling;
  if (perMinute >= slowed.ceiling) return undefined;
  return { ...slowed, perMinute, cleanSince: slowed.cleanSince + windowMs(slowed) };
}

function windowMs({ perMinute }: Slowed): number {
  return Math.min(window.mostMs, Math.max(window.leastMs, (window.calls * 60_000) / perMinute));
}

function least(...rates: readonly (number | undefined)[]): number | undefined {
  const given = rates.filter((rate) => rate !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

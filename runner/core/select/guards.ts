import { GuardError } from "../model/errors.ts";
import type { GuardResult, SelectionCounts } from "../model/preview.ts";
import type { RunId } from "../model/item.ts";
import { ExpressionError, type Frozen } from "../model/frozen.ts";
import { type Guards } from "../model/precautions.ts";
import { isOfPolicy } from "./policy.ts";

/**
 * Every guard of a plan and whether it holds. `min` counts matched items (already +
 * selected), so that a finished job runs green again; `max` and `max_percent` count selected ones, percent of the enumeration.
 * @param narrowed The enumeration is a part of the list only; what is said of it says so.
 */
export function evaluateGuards(
  guards: Guards,
  counts: SelectionCounts,
  frozen: Frozen,
  narrowed = false,
): readonly GuardResult[] {
  const matched = counts.already + counts.selected;
  const results: GuardResult[] = guards.require.map((rule) => required(rule, frozen));
  if (counts.rows === 0) results.push(emptyList(guards));
  const minimum = counts.rows === 0 && guards.allowEmpty ? 0 : guards.min;
  results.push(
    bound({
      guard: "min",
      ok: matched >= minimum,
      allowed: `at least ${minimum}`,
      found: matched,
      what: "items match the filter",
    }),
  );
  if (guards.max !== undefined) {
    results.push(
      bound({
        guard: "max",
        ok: counts.selected <= guards.max,
        allowed: `at most ${guards.max}`,
        found: counts.selected,
        what: "items would change",
      }),
    );
  }
  if (guards.maxPercent !== undefined) results.push(share(guards.maxPercent, counts, narrowed));
  if (counts.refused > 0 || guards.allowRefused > 0) {
    const ok = counts.refused <= guards.allowRefused;
    results.push(
      bound({
        guard: "allow_refused",
        ok: ok,
        allowed: `at most ${guards.allowRefused}`,
        found: counts.refused,
        what: "items could not be decided",
      }),
    );
  }
  return results;
}

/** What an earlier run of the same plan found. */
export interface Earlier {
  readonly run: RunId;
  /** Items that matched: already as wanted, or to change. */
  readonly matched: number;
}

/**
 * Whether as many items match as did in the last run, give or take so many percent of those. Where nothing matched then, nothing
 * may now, since no percentage leads from there to anything.
 * @param last Undefined: there is none to compare with.
 */
export function changeFromLast(
  { changeFromLast: percent }: Guards,
  { already, selected }: Pick<SelectionCounts, "already" | "selected">,
  last: Earlier | undefined,
): readonly GuardResult[] {
  if (percent === undefined) return [];
  const guard = "change_from_last";
  const matched = already + selected;
  if (last === undefined) {
    const message = "no earlier run to compare with";
    return [{ guard, allowed: `at most ${percent}% from the last run`, found: message, ok: true, message }];
  }
  const difference = matched - last.matched;
  // 0.57% of 10000 is 57, whatever binary fractions make of it.
  const ok = Math.abs(difference) * 100 <= percent * last.matched * (1 + 1e-12);
  const change = last.matched === 0 ? "" : ` (${signed((difference * 100) / last.matched)}%)`;
  const found = `${matched} after ${last.matched}${difference === 0 ? "" : change}`;
  const message = `${matched} items match the filter and ${last.matched} did in run ${last.run}${difference === 0 ? "" : change}, allowed are ${percent}%`;
  return [{ guard, allowed: `at most ${percent}% from the last run`, found, ok, message }];
}

function signed(percent: number): string {
  const rounded = Number(percent.toFixed(2));
  return rounded > 0 ? `+${rounded}` : String(rounded);
}

/** Those that ask nothing of the list, and do not hold. */
export function brokenRequirements({ require }: Guards, frozen: Frozen): readonly GuardResult[] {
  return require.map((rule) => required(rule, frozen)).filter(({ ok }) => !ok);
}

/** The refusal of a run whose guards do not hold. */
export function breach(broken: readonly GuardResult[]): GuardError {
  const told = broken.map(({ guard, message }) => `${isOfPolicy(guard) ? guard : `guards.${guard}`}: ${message}`);
  return new GuardError("guard", told, { hint: `Nothing was sent. ${wayOut(broken)}` });
}

function wayOut(broken: readonly GuardResult[]): string {
  if (broken.some(({ guard }) => guard === "allow_refused"))
    return "The preview says why each could not be decided: where it could not be read, run again; else change the plan or the guard.";
  if (broken.every(({ guard }) => isOfPolicy(guard)))
    return "The config names the policy, and no plan can change it: do what it asks, or ask those who keep it.";
  return "Look at the preview; change the filter, the inputs or the guard.";
}

/** A rule that can not be evaluated does not hold. */
function required(rule: Guards["require"][number], frozen: Frozen): GuardResult {
  const result = { guard: "require", allowed: rule.text };
  try {
    const ok = rule.holds(frozen);
    return { ...result, found: String(ok), ok, message: ok ? rule.text : rule.message(frozen) };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { ...result, found: "not evaluated", ok: false, message: `${rule.text}: ${error.message}` };
  }
}

function emptyList(guards: Guards): GuardResult {
  return {
    guard: "allow_empty",
    allowed: guards.allowEmpty ? "an empty list" : "at least 1 row",
    found: 0,
    ok: guards.allowEmpty,
    message: "the list is empty: check the scope, or say guards.allow_empty: true",
  };
}

function share(maxPercent: number, counts: SelectionCounts, narrowed: boolean): GuardResult {
  const of = narrowed ? "of the narrowed list" : "of the list";
  const percent = counts.rows === 0 ? 0 : (counts.selected * 100) / counts.rows;
  const ok = counts.selected * 100 <= maxPercent * counts.rows;
  const found = `${Number(percent.toFixed(2))}%`;
  return {
    guard: "max_percent",
    allowed: `at most ${maxPercent}%${narrowed ? ` ${of}` : ""}`,
    found,
    ok,
    message: `${found} ${of} would change, allowed are ${maxPercent}%`,
  };
}

function bound({
  guard,
  ok,
  allowed,
  found,
  what,
}: {
  guard: string;
  ok: boolean;
  allowed: string;
  found: number;
  what: string;
}): GuardResult {
  return { guard, allowed, found, ok, message: `${found} ${what}, allowed are ${allowed}` };
}

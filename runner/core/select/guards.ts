import { GuardError } from "../model/errors.ts";
import type { GuardResult, SelectionCounts } from "../model/events.ts";
import { ExpressionError, type Frozen, type Guards } from "../model/plan.ts";

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

/** Those that ask nothing of the list, and do not hold. */
export function brokenRequirements({ require }: Guards, frozen: Frozen): readonly GuardResult[] {
  return require.map((rule) => required(rule, frozen)).filter(({ ok }) => !ok);
}

/** The refusal of a run whose guards do not hold. */
export function breach(broken: readonly GuardResult[]): GuardError {
  const isUndecided = broken.some(({ guard }) => guard === "allow_refused");
  return new GuardError("guard", broken.map(({ guard, message }) => `guards.${guard}: ${message}`).join("\n"), {
    hint: isUndecided
      ? "Nothing was sent. The preview says why each could not be decided: where it could not be read, run again; else change the plan or the guard."
      : "Nothing was sent. Look at the preview; change the filter, the inputs or the guard.",
  });
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

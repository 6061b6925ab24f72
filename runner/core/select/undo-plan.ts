import type { Fields, Item, Value } from "../model/item.ts";
import { type CallRule, type ChangeRule, type Plan } from "../model/plan.ts";
import { ExpressionError } from "../model/frozen.ts";
import { type Enumeration, type Lookup } from "../model/listing.ts";
import { jsonText } from "../model/exact.ts";
import { without } from "../model/pick.ts";
import { canonical } from "../model/values.ts";
import type { Past, Trace } from "../settle/undo.ts";
import { differing } from "./decide.ts";

/**
 * The plan that takes a run of a plan back: it gives the items that the run changed their old values, where they still hold
 * what it wrote. From there on it is a plan as any other: it decides on a list read afresh, is reviewed, compared with the
 * service right before each send, verified, and can itself be taken back. Items that have to stay as they are, are refused.
 *
 * Items are looked for where the run's own verification found them, and proved to be where they came from.
 */
export function undoPlan(plan: Plan, past: Past): Plan {
  const { undo, guards, stop } = plan;
  const { list } = plan.verify;
  const looking = without(plan.verify, "list");
  const origin = wholeOf(plan.enumerate);
  return {
    ...without(plan, "warnings", "gate"),
    undoes: past.run,
    absences: () => past.absences(),
    lookups: plan.lookups.map(asked),
    enumerate: list === undefined ? origin : wholeOf(list),
    filter: [{ text: `changed by run ${past.run}`, line: 1, holds: (_frozen, { id }) => past.of(id) !== undefined }],
    change: backwards(plan, past),
    undo: { possible: true, reason: undo?.reason, call: callOf(plan.change), uses: plan.change.uses },
    // Ceilings and conditions of the plan are about the way there; nothing that stays as it is keeps the rest from going back.
    guards: { require: [], min: 0, allowEmpty: guards.allowEmpty, allowRefused: past.size },
    stop: { ...stop, ...(stop.onStop === "undo" && { onStop: "verify" as const }) },
    verify: list === undefined ? looking : { ...looking, list: origin },
  };
}

function backwards(plan: Plan, past: Past): ChangeRule {
  const { change, undo } = plan;
  const call = undo?.call ?? derivedCall(change, past);
  const uses = undo?.call === undefined ? change.uses : (undo.uses ?? []);
  return {
    ...call,
    sets: change.sets,
    uses,
    desired: (_frozen, item) => oldValues(plan, item, past.of(item.id)),
    onlyIfUnchanged: true,
    expect: { kind: "set" },
  };
}

/** @throws {ExpressionError} with the reason why the item stays as it is. */
function oldValues(plan: Plan, { fields }: Item, trace: Trace | undefined): Fields {
  if (trace === undefined) throw new ExpressionError("the run did nothing to it");
  if ("why" in trace) throw new ExpressionError(trace.why, trace.hint);
  const { before, after } = trace;
  if (differing(plan, fields, before).length === 0) return before;
  const others = differing(plan, fields, after);
  if (others.length === 0) return before;
  const now = others.map((name) => `${name} is ${heldNow(fields[name] ?? null)} now`);
  throw new ExpressionError(`changed since: ${now.join(", ")}`);
}

const heldNow = (value: Value): string => (value === null ? "unset" : jsonText(value));

/** The change itself, with the old values: a request that they make no difference to would bring none of them back. */
function derivedCall(change: ChangeRule, past: Past): CallRule {
  return {
    ...callOf(change),
    params: (frozen, item, set) => {
      const params = change.params(frozen, item, set);
      const trace = past.of(item.id);
      if (trace !== undefined && "after" in trace && isSame(params, change.params(frozen, item, trace.after)))
        throw new ExpressionError(
          `${change.method} would be asked for the same as before: the plan's params do not use the value`,
          "Say under `undo` how the plan is taken back.",
        );
      return params;
    },
  };
}

function isSame(one: ReturnType<CallRule["params"]>, other: ReturnType<CallRule["params"]>): boolean {
  return canonical(one) === canonical(other);
}

/** The call of a change, without what the change is for. */
function callOf(change: ChangeRule): CallRule {
  return without(change, "sets", "uses", "desired", "onlyIfUnchanged", "looks", "unless", "expect", "pending");
}

/** What was changed may be what the service left out of a narrowed list. */
function wholeOf(list: Enumeration): Enumeration {
  return without(list, "narrowed");
}

/** Which rows the change was wanted for has been decided long ago. */
function asked(lookup: Lookup): Lookup {
  return { ...lookup, unused: "ignore", unique: false };
}

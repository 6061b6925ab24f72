import type { Frozen } from "../core/model/frozen.ts";
import type { Gate, Hold, Measured } from "../core/model/precautions.ts";
import type { Expression } from "../language/expression.ts";
import { parseDuration } from "../language/units.ts";
import { maxSteps } from "../language/work.ts";
import type { Binding } from "./binding.ts";
import type { GateDocument, PlanDocument } from "./document.ts";
import type { KnownLookup } from "./lookups.ts";
import { truth } from "./parts.ts";
import { readingOf } from "./resolve-lookups.ts";

interface CompiledGate {
  readonly pass: Expression | undefined;
  readonly fail: Expression | undefined;
  /** What it measures. */
  readonly rows: KnownLookup;
}

/** A gate goes through all devices, and through those of the wave for each that is suspicious: for 50 000 that is a second or two. */
const stepsAnElement = 500;

/** A gate as the engine asks it. Only for a plan without problems. */
export function gateOf(
  { call, wait = "0s", every = "10s", count = 1, observe_only: observeOnly = false }: GateDocument,
  { pass, fail, rows }: CompiledGate,
  around: { readonly binding: Binding; readonly isSecret: (member: string) => boolean },
): Gate {
  const { source, take } = readingOf(rows, around);
  if (source.kind !== "call" && source.kind !== "list") throw new Error("a gate was resolved that makes no call");
  const judge = (expression: Expression) => (frozen: Frozen, seen: Measured) => {
    const elements = seen.changed.length + (Array.isArray(seen.rows) ? seen.rows.length : 1);
    const names = around.binding.measured(frozen, seen, rows.view.type);
    return truth(expression, names, maxSteps + elements * stepsAnElement);
  };
  return {
    ...{ method: call, source, take, count, observeOnly },
    ...{ waitMs: parseDuration(wait) ?? 0, everyMs: parseDuration(every) ?? 0 },
    ...(pass && { pass: judge(pass) }),
    ...(fail && { fail: judge(fail) }),
  };
}

/** How often busy items are looked at, and for how long. Durations as the schema has them. */
export const usualHold = { every: "5m", give_up: "6h" } as const;

/** Only for a plan without problems. */
export function holdOf(written: NonNullable<PlanDocument["hold"]>, when: Expression, binding: Binding): Hold {
  const { every, give_up: giveUp } = { ...usualHold, ...written };
  return {
    everyMs: parseDuration(every) ?? 0,
    giveUpMs: parseDuration(giveUp) ?? 0,
    when: (frozen, item) => truth(when, binding.item(frozen, item)),
  };
}

import { ConnectError, IncompleteError } from "../core/model/errors.ts";
import type { FactOf, RunEvent } from "../core/model/events.ts";
import type { Item } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import { type Gate } from "../core/model/precautions.ts";
import type { ChangeSet } from "../core/model/run-ports.ts";
import { atLook } from "./at-look.ts";
import type { Job, Parts } from "./job.ts";
import { read } from "./lookups.ts";
import type { Loop } from "./loop.ts";

const readAtOnce = 256;

type Measurement = Pick<FactOf<"gate">, "result" | "detail">;

interface Around {
  readonly loop: Loop;
  readonly changes: ChangeSet;
  readonly job: Job;
  readonly parts: Parts;
}

/**
 * Look at what a wave did, as often as the plan says: one measurement that fails is enough, and it passes when all of them do.
 * What can not be measured, or is neither, is inconclusive, and so is a wave in which nothing was sent.
 * @returns Undefined: somebody has said meanwhile that the wave is good.
 */
export async function* measure(
  gate: Gate,
  { wave, sent }: { readonly wave: number; readonly sent: readonly number[] },
  around: Around,
): AsyncGenerator<readonly RunEvent[], FactOf<"gate"> | undefined> {
  const { loop, parts } = around;
  const isPromoted = (): boolean => parts.book.state.asked.isPromoted(wave);
  let found: Measurement = { result: "inconclusive", detail: "nothing of the wave was sent" };
  if (sent.length > 0) {
    const changed = await changedIn(sent, around);
    for (let nth = 0; nth < gate.count && !loop.hasStopped(); nth++) {
      const waitMs = nth === 0 ? gate.waitMs : gate.everyMs;
      if (waitMs > 0) yield [{ type: "waiting", why: "to be judged by the gate", items: sent.length, ms: waitMs }];
      yield* loop.hearUntil(parts.clock.up() + waitMs, isPromoted);
      if (isPromoted()) return undefined;
      found = await measured(gate, changed, around);
      if (found.result !== "pass") break;
    }
  }
  const fact: FactOf<"gate"> = { type: "gate", wave, ...found, ...(gate.observeOnly && { observed: true }) };
  yield loop.note([fact]);
  await parts.book.sync();
  return fact;
}

async function measured(gate: Gate, changed: readonly Item[], { loop, job, parts }: Around): Promise<Measurement> {
  const frozen = atLook(job.frozen, parts);
  try {
    const rows = await read(gate, frozen, { parts, signal: loop.signals.stop });
    if (rows === undefined) return { result: "inconclusive", detail: "the run was stopped while it looked" };
    const seen = { rows, changed };
    // A wave that is found to fail does, whatever passes beside it.
    if (gate.fail?.(frozen, seen) === true) return { result: "fail", detail: `${gate.method}: gate.fail holds` };
    if (gate.pass === undefined) return { result: "pass", detail: `${gate.method}: gate.fail does not hold` };
    if (gate.pass(frozen, seen)) return { result: "pass", detail: `${gate.method}: gate.pass holds` };
    return { result: "inconclusive", detail: `${gate.method}: neither gate.pass nor gate.fail holds` };
  } catch (error) {
    const isOurs =
      error instanceof ExpressionError || error instanceof IncompleteError || error instanceof ConnectError;
    if (!isOurs) throw error;
    return { result: "inconclusive", detail: `${gate.method}: ${error.message}` };
  }
}

/** The items that were sent, with what was asked for in place. */
async function changedIn(sent: readonly number[], { changes }: Around): Promise<readonly Item[]> {
  const changed: Item[] = [];
  for (let first = 0; first < sent.length; first += readAtOnce) {
    for (const { id, item, each, after } of await changes.at(sent.slice(first, first + readAtOnce)))
      changed.push({ id, fields: { ...item, ...after }, ...(each === undefined ? {} : { each }) });
  }
  return changed;
}

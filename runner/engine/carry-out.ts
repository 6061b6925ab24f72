import { differing, stillMatches } from "../core/select/decide.ts";
import type { Answer, Outcome } from "../core/model/outcome.ts";
import type { Call, Message } from "../core/model/ports.ts";
import { ExpressionError } from "../core/model/plan.ts";
import { listOf, type Carrier } from "./job.ts";

/**
 * One call: read again if asked to, mark it as sent, send it once, write down what came back. Runs here or in a worker.
 * @param isWithdrawn Asked right before the bytes leave.
 */
export async function carryOut(call: Call, carrier: Carrier, isWithdrawn: () => boolean): Promise<Message> {
  const { parts } = carrier;
  if (call.recheck) {
    const stale = await recheck(call, carrier);
    if (stale !== undefined) return record(stale, carrier, parts.clock.up());
  }
  let sentUp = parts.clock.up();
  const answer = await parts.connection.write(call.change.request, {
    id: `${carrier.job.run}-${call.intent}-${call.attempt}`,
    signal: carrier.signal,
    reveal: parts.reveal,
    ready: async () => {
      if (isWithdrawn()) return false;
      await parts.book.noteThisTurn({ type: "sent", intents: [call.intent] });
      sentUp = parts.clock.up();
      return !isWithdrawn();
    },
  });
  if (answer.kind === "withdrawn") return withdrawn([call], carrier, "stopped");
  return record(outcomeOf(call, answer, parts.clock.up() - sentUp), carrier, sentUp);
}

/** Note that these calls were never sent; their intents are void. */
export function withdrawn(calls: readonly Call[], { parts }: Carrier, reason: string): Message {
  const intents = calls.map((call) => call.intent);
  parts.book.note([{ type: "withdrawn", intents, reason }]);
  return { kind: "withdrawn", intents, indexes: calls.map((call) => call.change.index) };
}

/** The outcome is in the ledger before anybody counts it; a ledger that can take no more sends it to stderr. */
async function record(outcome: Outcome, { parts }: Carrier, sentUp: number): Promise<Message> {
  try {
    await parts.book.noteThisTurn({ type: "outcome", ...outcome });
  } catch (error) {
    parts.spill(outcome);
    throw error;
  }
  return { kind: "outcome", outcome, sentUp };
}

function outcomeOf(call: Call, answer: Exclude<Answer, { kind: "withdrawn" }>, ms: number): Outcome {
  return { ...about(call), ms: Math.round(ms * 10) / 10, ...answer };
}

function about({ intent, attempt, change }: Call): Pick<Outcome, "intent" | "index" | "id" | "attempt"> {
  return { intent, index: change.index, id: change.id, attempt };
}

/** Compare-and-set: the filter still holds on a fresh read, and the old values are the reviewed ones. */
async function recheck(call: Call, { job, parts, signal }: Carrier): Promise<Outcome | undefined> {
  const { change } = call;
  const list = listOf(job);
  const names = list.fields.map((field) => field.name);
  const reading = await parts.connection.read(list, change.id, names, signal);
  const found = reading.kind === "found" ? reading.fields : null;
  const seen =
    reading.kind === "unreadable" ? ("unreadable" as const) : found === null ? ("absent" as const) : ("other" as const);
  parts.book.note([
    {
      type: "read",
      index: change.index,
      id: change.id,
      why: "recheck",
      began: reading.began,
      source: reading.source,
      seen,
      found,
    },
  ]);
  const drifted = (why: string): Outcome => ({ ...about(call), ms: 0, kind: "drifted", found, why });
  if (reading.kind === "unreadable")
    return drifted(`could not be read again before sending: ${reading.failure.message}`);
  if (found === null) {
    const gone = job.plan.change.expect.kind === "absent";
    return gone ? { ...about(call), ms: 0, kind: "already", found: {} } : drifted("is no longer in the list");
  }
  const item = { id: change.id, fields: found };
  if (job.plan.change.sets.length > 0 && differing(job.plan, found, change.after).length === 0) {
    return { ...about(call), ms: 0, kind: "already", found };
  }
  const changed = differing(job.plan, found, change.before);
  if (changed.length > 0) return drifted(`${changed.join(", ")} changed since the review`);
  try {
    return stillMatches(job.plan, job.frozen, item) ? undefined : drifted("the filter no longer matches");
  } catch (error) {
    if (error instanceof ExpressionError) return drifted(error.message);
    throw error;
  }
}

import { exceeded } from "../core/schedule/stops.ts";
import { differing, stillMatches } from "../core/select/decide.ts";
import { compare } from "../core/settle/compare.ts";
import type { Change } from "../core/model/change.ts";
import type { Fields } from "../core/model/item.ts";
import type { Answer, Outcome } from "../core/model/outcome.ts";
import type { Call, ListRequest, Message, Reading } from "../core/model/ports.ts";
import { ExpressionError } from "../core/model/plan.ts";
import { listOf, type Carrier, type Job } from "./job.ts";

/**
 * One call: read again if asked to, mark it as sent, send it once, write down what came back. Runs here or in a worker.
 * @param withdrawal Aborted, with the reason, once it must not leave any more: looked at right before the bytes do.
 */
export async function carryOut(call: Call, carrier: Carrier, withdrawal: AbortSignal): Promise<Message> {
  const { parts } = carrier;
  const whyNot = (): string | undefined => (withdrawal.aborted ? String(withdrawal.reason) : whyNothingLeaves(carrier));
  if (call.recheck) {
    const reason = whyNot();
    if (reason !== undefined) return withdrawn([call], carrier, reason);
    const stale = await recheck(call, carrier);
    if (stale !== undefined) return record(stale, carrier, parts.clock.up());
  }
  const readyUp = parts.clock.up();
  let sentUp = readyUp;
  const answer = await parts.connection.write(call.change.request, {
    id: `${carrier.job.run}-${call.intent}-${call.attempt}`,
    signal: carrier.signal,
    withdrawal,
    reveal: parts.reveal,
    ready: async () => {
      if (whyNot() !== undefined) return false;
      await parts.book.noteThisTurn({ type: "sent", intents: [call.intent] });
      sentUp = parts.clock.up();
      return whyNot() === undefined;
    },
  });
  if (answer.kind === "withdrawn") return withdrawn([call], carrier, whyNot() ?? "interrupted");
  const outcome = outcomeOf(call, answer, parts.clock.up() - sentUp);
  return record(call.recheck ? { ...outcome, gapMs: tenths(sentUp - readyUp) } : outcome, carrier, sentUp);
}

/**
 * What the ledger says against another call, before the turn loop has heard of it: a limit is exceeded, or as many answers
 * are in doubt as there are slots. So no more than those under way can follow the answer that was one too many.
 */
function whyNothingLeaves({ job, parts }: Carrier): string | undefined {
  const { state } = parts.book;
  if (!parts.holdsLock()) return "lock";
  if (exceeded(job.plan.stop, state, state.items.size) !== undefined) return "limit";
  return state.inDoubt >= (state.facts?.concurrency ?? Infinity) ? "settling" : undefined;
}

/** Note that these calls were never sent; their intents are void. */
export function withdrawn(calls: readonly Call[], { parts }: Carrier, reason: string): Message {
  const intents = calls.map((call) => call.intent);
  parts.book.note([{ type: "withdrawn", intents, reason }]);
  return { kind: "withdrawn", intents, indexes: calls.map((call) => call.change.index), reason };
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
  return { ...about(call), ms: tenths(ms), ...answer };
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

function about({ intent, attempt, change }: Call): Pick<Outcome, "intent" | "index" | "id" | "attempt"> {
  return { intent, index: change.index, id: change.id, attempt };
}

/** Compare-and-set: on a fresh read all that the change is made of is as reviewed and the filter still holds. @returns Why not to send. */
async function recheck(call: Call, carrier: Carrier): Promise<Outcome | undefined> {
  const { job, parts, signal } = carrier;
  const { change } = call;
  const list = listOf(job);
  const reading = await parts.connection.read(list, change.id, "listed", signal);
  // An abort makes a read fail: that says nothing about the item, and nothing will be sent anyway.
  if (signal.aborted) return undefined;
  const { began, source } = reading;
  const fields = reading.kind === "found" ? reading.fields : undefined;
  const shown = fields === undefined ? null : withoutSecrets(list, fields);
  const seen = reading.kind === "unreadable" ? undefined : compare(job.plan, job.frozen, change, fields);
  const { index, id } = change;
  parts.book.note([
    { type: "read", index, id, why: "recheck", began, source, seen: seen ?? "unreadable", found: shown },
  ]);
  const verdict = judge(change, reading, job) ?? (await goneOrMoved(reading, { call, carrier }));
  if (verdict === undefined || signal.aborted) return undefined;
  const nothingSent = { ...about(call), ms: 0 };
  return verdict.kind === "already"
    ? { ...nothingSent, kind: "already", found: shown ?? {} }
    : { ...nothingSent, ...verdict, found: shown };
}

type Verdict = { readonly kind: "already" } | { readonly kind: "drifted"; readonly why: string };

/** Not in the list any more: as wanted for a removal only when the item itself is gone, not when it has merely left the list. */
async function goneOrMoved(
  reading: Reading,
  { call: { change }, carrier: { job, parts, signal } }: { readonly call: Call; readonly carrier: Carrier },
): Promise<Verdict | undefined> {
  if (reading.kind !== "absent") return undefined;
  if (job.plan.change.expect.kind === "absent") {
    const alone = await parts.connection.read(listOf(job), change.id, [job.plan.enumerate.key], signal);
    if (alone.kind === "absent") return { kind: "already" };
  }
  return drifted("is no longer in the list");
}

/** Undefined: everything that matters is as it was reviewed, or the item is not in the list. */
function judge(change: Change, reading: Reading, { plan, frozen }: Job): Verdict | undefined {
  if (reading.kind === "unreadable") return drifted(`could not be read before sending: ${reading.failure.message}`);
  if (reading.kind === "absent") return undefined;
  const { fields } = reading;
  const item = { id: change.id, fields };
  const isAsWanted = plan.change.sets.length > 0 && differing(plan, fields, change.after).length === 0;
  try {
    if (isAsWanted || plan.change.unless?.(frozen, item)) return { kind: "already" };
    const changed = differing(plan, fields, { ...pick(change.item, plan.change.uses), ...change.before });
    if (changed.length > 0) return drifted(`${changed.join(", ")} changed since the review`);
    return stillMatches(plan, frozen, item) ? undefined : drifted("the filter no longer matches");
  } catch (error) {
    if (error instanceof ExpressionError) return drifted(error.message);
    throw error;
  }
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, fields[name] ?? null]));
}

const drifted = (why: string): Verdict => ({ kind: "drifted", why });

function withoutSecrets({ fields }: ListRequest, found: Fields): Fields {
  const secret = new Set(fields.filter((field) => field.secret || field.type === "secret").map(({ name }) => name));
  return Object.fromEntries(Object.entries(found).filter(([name]) => !secret.has(name)));
}

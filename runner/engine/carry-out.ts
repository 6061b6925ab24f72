import { tripped } from "../core/schedule/stops.ts";
import { differing, stillMatches } from "../core/select/decide.ts";
import { compare } from "../core/settle/compare.ts";
import type { FieldFacts } from "../core/model/catalogue.ts";
import type { Change, Request } from "../core/model/change.ts";
import type { FactOf } from "../core/model/events.ts";
import type { Fields, Item } from "../core/model/item.ts";
import type { Outcome } from "../core/model/outcome.ts";
import type { Reading } from "../core/model/ports.ts";
import type { Call, CallMember, Message } from "../core/model/run-ports.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import { pick } from "../core/model/pick.ts";
import { atLook } from "./at-look.ts";
import { readItem } from "./read-item.ts";
import { answersOf } from "./answers-of.ts";
import type { Carrier, Job } from "./job.ts";

/**
 * One call: read again if asked to, mark it as sent, send it once, write down what came back. Runs here or in a worker.
 * @param withdrawal Aborted, with the reason, once it must not leave any more: looked at right before the bytes do.
 */
export async function carryOut(call: Call, carrier: Carrier, withdrawal: AbortSignal): Promise<readonly Message[]> {
  const { parts } = carrier;
  const whyNot = (): string | undefined =>
    withdrawal.aborted ? String(withdrawal.reason) : whyNothingLeaves(call, carrier);
  let left: readonly CallMember[] = call.members;
  let told: readonly Message[] = [];
  let askedUp: number | undefined;
  if (call.recheck || carrier.job.plan.hold !== undefined) {
    const reason = whyNot();
    if (reason !== undefined) return [withdrawn([call], carrier, reason)];
    askedUp = parts.clock.up();
    ({ left, told } = await lookedAt(call, carrier));
  }
  const [first, ...others] = left;
  if (first === undefined) return told;
  const sent: Call = { ...call, members: [first, ...others] };
  const request = tryRequest(sent, carrier.job);
  if ("kind" in request) {
    const unsent = sent.members.map((member) => outcomeOf(request, about(member, call.attempt), null));
    return [...told, ...(await record(unsent, carrier, parts.clock.up()))];
  }
  let sentUp = parts.clock.up();
  const answer = await parts.connection.write(request, {
    id: `${carrier.job.run}-${first.intent}-${call.attempt}`,
    signal: carrier.signal,
    withdrawal,
    reveal: parts.reveal,
    ready: async () => {
      if (whyNot() !== undefined) return false;
      await parts.book.noteThisTurn({ type: "sent", intents: sent.members.map(({ intent }) => intent) });
      sentUp = parts.clock.up();
      return whyNot() === undefined;
    },
  });
  if (answer.kind === "withdrawn") return [...told, withdrawn([sent], carrier, whyNot() ?? "interrupted")];
  const ms = tenths(parts.clock.up() - sentUp);
  const gap = askedUp === undefined || !call.recheck ? {} : { gapMs: tenths(sentUp - askedUp) };
  const came = answersOf(sent, answer, carrier.job.plan).map((one) => ({ ...one, ms, ...gap }));
  return [...told, ...(await record(came, carrier, sentUp))];
}

/**
 * What is made of several items is made right before it is sent, of those that are left. It may turn out that it can not be:
 * then they are not what was reviewed any more.
 */
function tryRequest(call: Call, job: Job): Request | Verdict {
  try {
    return requestOf(call, job);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return drifted(`no request can be made of these items together: ${error.message}`);
  }
}

/** The reviewed request of one item; several items share one that is made of all of them. */
export function requestOf({ members }: Pick<Call, "members">, { plan, frozen }: Pick<Job, "plan" | "frozen">): Request {
  const { chunk, method } = plan.change;
  const [{ change }] = members;
  if (chunk === undefined || members.length === 1) return change.request;
  const items = members.map((member) => itemOf(member.change, member.change.item));
  return { method, params: chunk.params(frozen, items, change.after) };
}

function itemOf({ id, each }: Change, fields: Fields): Item {
  return { id, fields, ...(each === undefined ? {} : { each }) };
}

/**
 * What the ledger says against another call, before the turn loop has heard of it: a limit is exceeded, or as many items
 * are in doubt as all calls under way can change. So no more than those under way can follow the answer that was one too many.
 */
function whyNothingLeaves({ members: [{ change }] }: Call, { job, parts, whyNot }: Carrier): string | undefined {
  const { state } = parts.book;
  const { stop } = job.plan;
  if (!parts.holdsLock()) return "lock";
  const over = tripped(stop, state, change.index);
  if (over !== undefined) return over.group === undefined ? "limit" : "parked";
  const slots = state.facts.concurrency * (job.plan.change.chunk?.size ?? 1);
  return state.inDoubt >= slots ? "settling" : whyNot?.();
}

/** Each member read again: those that may be sent, and what was recorded of the others. */
async function lookedAt(
  call: Call,
  carrier: Carrier,
): Promise<{ readonly left: readonly CallMember[]; readonly told: readonly Message[] }> {
  const looks = await Promise.all(call.members.map((member) => look(member, call, carrier)));
  const stale = looks.filter((found) => found !== undefined && found.kind !== "busy");
  const busy = call.members.filter((_, place) => looks[place]?.kind === "busy");
  const told = await record(stale, carrier, carrier.parts.clock.up());
  return {
    left: call.members.filter((_, place) => looks[place] === undefined),
    told: [...told, ...busy.map((member) => hold(member, carrier))],
  };
}

/** Note that it is busy: its intent is void, and it is looked at again later, or not any more. */
function hold({ intent, change: { index, id } }: CallMember, { job, parts }: Carrier): Message {
  const { book, clock } = parts;
  const { everyMs, giveUpMs } = job.plan.hold ?? { everyMs: 0, giveUpMs: 0 };
  const busyMs = clock.up() - (book.state.busySince.get(index) ?? clock.up());
  const gaveUp = busyMs + everyMs > giveUpMs;
  const until = Math.floor(clock.now() + everyMs);
  const fact: FactOf<"hold"> = { type: "hold", intent, index, id, until, ...(gaveUp && { gaveUp }) };
  book.note([fact]);
  return { kind: "busy", fact };
}

/** Note that these calls were never sent; their intents are void. */
export function withdrawn(calls: readonly Call[], { parts }: Carrier, reason: string): Message {
  const members = calls.flatMap((call) => call.members);
  const intents = members.map(({ intent }) => intent);
  parts.book.note([{ type: "withdrawn", intents, reason }]);
  return { kind: "withdrawn", intents, indexes: members.map(({ change }) => change.index), reason };
}

/** The outcomes are in the ledger before anybody counts them; a ledger that can take no more sends them to stderr. */
async function record(outcomes: readonly Outcome[], { parts }: Carrier, sentUp: number): Promise<readonly Message[]> {
  const noted = await Promise.allSettled(
    outcomes.map((outcome) => parts.book.noteThisTurn({ type: "outcome", ...outcome })),
  );
  for (const [place, one] of noted.entries()) {
    const outcome = outcomes[place];
    if (one.status === "rejected" && outcome !== undefined) parts.spill(outcome);
  }
  const failed = noted.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return outcomes.map((outcome) => ({ kind: "outcome", outcome, sentUp }));
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

function about({ intent, change }: CallMember, attempt: number): Pick<Outcome, "intent" | "index" | "id" | "attempt"> {
  return { intent, index: change.index, id: change.id, attempt };
}

/**
 * On a fresh read: compare-and-set, all that the change is made of is as reviewed and the filter still holds; and whether the
 * item is busy. @returns Why not to send.
 */
async function look(
  member: CallMember,
  { attempt, recheck }: Call,
  carrier: Carrier,
): Promise<Outcome | { readonly kind: "busy" } | undefined> {
  const { job, parts, signal } = carrier;
  const { change } = member;
  const { fields: declared } = job.plan.enumerate;
  const names = declared.map((field) => field.name);
  const { reading, frozen } = await readItem(change, { names, purpose: "recheck" }, { job, parts, signal });
  // An abort makes a read fail: that says nothing about the item, and nothing will be sent anyway.
  if (signal.aborted) return undefined;
  const { began, source } = reading;
  const fields = reading.kind === "found" ? reading.fields : undefined;
  const shown = fields === undefined ? null : withoutSecrets(declared, fields);
  const seen = reading.kind === "unreadable" ? undefined : compare(job.plan, frozen, change, fields);
  const { index, id } = change;
  parts.book.note([
    { type: "read", index, id, why: "recheck", began, source, seen: seen ?? "unreadable", found: shown },
  ]);
  const against = { change, job: { ...job, frozen } };
  const verdict =
    (recheck ? judge(change, reading, against.job) : unusable(reading)) ??
    (await goneOrMoved(reading, { change, carrier })) ??
    whetherBusy(reading, { change, job: { ...job, frozen: atLook(frozen, parts) } });
  if (verdict === undefined || carrier.signal.aborted) return undefined;
  return verdict.kind === "busy" ? verdict : outcomeOf(verdict, about(member, attempt), shown);
}

/** Whether the plan would have it wait now. One that can not be judged is not what was reviewed. */
function whetherBusy(
  reading: Reading,
  { change, job: { plan, frozen } }: { readonly change: Change; readonly job: Job },
): { readonly kind: "busy" } | Verdict | undefined {
  if (plan.hold === undefined || reading.kind !== "found") return undefined;
  try {
    return plan.hold.when(frozen, itemOf(change, reading.fields)) ? { kind: "busy" } : undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return drifted(`whether it is busy can not be said: ${error.message}`);
  }
}

/** Nothing was sent. */
function outcomeOf(verdict: Verdict, member: ReturnType<typeof about>, found: Fields | null): Outcome {
  const nothingSent = { ...member, ms: 0 };
  return verdict.kind === "already"
    ? { ...nothingSent, kind: "already", found: found ?? {} }
    : { ...nothingSent, ...verdict, found };
}

type Verdict = { readonly kind: "already" } | { readonly kind: "drifted"; readonly why: string };

/** Not in the list any more: as wanted for a removal only when the item itself is gone, not when it has merely left the list. */
async function goneOrMoved(
  reading: Reading,
  { change, carrier: { job, parts, signal } }: { readonly change: Change; readonly carrier: Carrier },
): Promise<Verdict | undefined> {
  if (reading.kind !== "absent") return undefined;
  if (job.plan.change.expect.kind === "absent") {
    const names = [job.plan.enumerate.key];
    const { reading: alone } = await readItem(change, { names, purpose: "settle" }, { job, parts, signal });
    if (alone.kind === "absent") return { kind: "already" };
  }
  return drifted("is no longer in the list");
}

/** Undefined: everything that matters is as it was reviewed, or the item is not in the list. */
function judge(change: Change, reading: Reading, { plan, frozen }: Job): Verdict | undefined {
  if (reading.kind !== "found") return unusable(reading);
  const { fields } = reading;
  const item = itemOf(change, fields);
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

/** What can not be read is not sent; what is absent is another question. */
function unusable(reading: Reading): Verdict | undefined {
  return reading.kind === "unreadable"
    ? drifted(`could not be read before sending: ${reading.failure.message}`)
    : undefined;
}

const drifted = (why: string): Verdict => ({ kind: "drifted", why });

function withoutSecrets(fields: readonly FieldFacts[], found: Fields): Fields {
  const secret = new Set(fields.filter((field) => field.secret || field.type === "secret").map(({ name }) => name));
  return Object.fromEntries(Object.entries(found).filter(([name]) => !secret.has(name)));
}

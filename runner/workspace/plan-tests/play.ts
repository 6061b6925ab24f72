import type { Change, Request } from "../../core/model/change.ts";
import { digestOf } from "../../core/model/digest.ts";
import { IncompleteError } from "../../core/model/errors.ts";
import type { GuardResult } from "../../core/model/preview.ts";
import { runId, type Value } from "../../core/model/item.ts";
import type { Answer } from "../../core/model/outcome.ts";
import { type Plan } from "../../core/model/plan.ts";
import { ExpressionError, type Frozen } from "../../core/model/frozen.ts";
import { type ItemRead, type Lookup } from "../../core/model/listing.ts";
import type { Call, CallMember } from "../../core/model/run-ports.ts";
import type { Service } from "../../core/model/service.ts";
import { canonical } from "../../core/model/values.ts";
import type { Decision } from "../../core/select/decide.ts";
import { warningsOf, warningText } from "../../core/select/warnings.ts";
import { answersOf } from "../../engine/answers-of.ts";
import { requestOf } from "../../engine/carry-out.ts";
import { chunked, type Chunk } from "../../engine/chunked.ts";
import type { Job, Parts } from "../../engine/job.ts";
import { select } from "../../engine/select.ts";
import { settle } from "../../engine/settle.ts";
import { verify } from "../../engine/verify.ts";
import type { AfterDocument } from "../../plan/cases.ts";
import type { Given } from "./given.ts";
import { PaperSelection } from "../paper-selection.ts";
import { neverStopped, partsFor, startFact } from "./paper-run.ts";
import { Stage, StillClock, type Scene } from "./stage.ts";
import { itemOf, undoRequests } from "./undo.ts";

/** What a plan does with what a test gives. */
export interface Played {
  readonly decisions: ReadonlyMap<string, Decision>;
  readonly requests: readonly Request[];
  readonly asks: readonly Request[];
  readonly guards: readonly GuardResult[];
  /** By id, what the plan warns of. */
  readonly warnings: ReadonlyMap<string, readonly string[]>;
  /** What would take the changes back. @throws {ExpressionError} it can not be made. */
  readonly undoing: () => readonly Request[];
  /** By id, where the test says what came after. */
  readonly states: ReadonlyMap<string, string>;
  /** Every different call that reads what came after. */
  readonly asksAfter: readonly Request[];
  /** Answers for single items that the plan asked for, before the changes and after; see `answerKey`. */
  readonly answered: ReadonlySet<string>;
  readonly answeredAfter: ReadonlySet<string>;
  /** What the plan wanted and the test does not give. */
  readonly lacks: readonly string[];
}

export interface Play {
  readonly plan: Plan;
  readonly service: Service;
  readonly given: Given;
  readonly before: Scene;
  readonly after: Sequel | undefined;
}

/** What came of the changes. */
export interface Sequel {
  readonly answers: NonNullable<AfterDocument["answers"]>;
  readonly returns: readonly Value[] | undefined;
  readonly scene: Scene;
  readonly lookups: Given["lookups"];
  readonly waitMs: number;
}

/**
 * Let a plan decide on given lists with the code of a run, then judge what a test says came of it. Time passes only in the
 * record: a run's waiting costs nothing here.
 * @throws {RunnerError} the plan can not decide on them. @throws {ExpressionError} a request can not be made.
 */
export async function play({ plan, service, given, before, after }: Play): Promise<Played> {
  const lacks = missingLookups(plan, given);
  if (lacks.length > 0) return { ...nothing, lacks };
  const clock = new StillClock(given.now * 1000);
  const isParted = plan.enumerate.parts !== undefined;
  const stage = new Stage(before, { login: given.login, clock, isParted });
  const decisions = new Map<string, Decision>();
  const selection = new PaperSelection(({ id }, decision) => void decisions.set(id, decision));
  const parts = partsFor({ stage, clock, selection });
  const run = runId("plan-test");
  const frozen: Frozen = { now: given.now, login: given.login, run: { id: run, started: given.now } };
  const job: Job = {
    ...{ run, plan: staged(plan, given.lookups, { stage, frozen }), frozen, changes: undefined },
    ...{ until: "verified", write: true, recheck: false, sameBoot: true, verifyAfterStop: false },
  };
  parts.book.note([startFact(job, { service, given })]);
  const decided = { ...job, frozen: await decisionsOn(job, parts) };
  const asks = [...lookupAsks(plan, decided.frozen), ...stage.asks];
  const size = plan.change.chunk?.size ?? 1;
  const calls = chunked(selection.changes, size, () => 1).map((chunk) => callOf(chunk, decided, parts));
  const requests = calls.map(({ members }) => requestOf({ members }, decided));
  const unasked = stage.unasked().map((each) => `the plan asks for no list with each: ${each}`);
  const { guards = [] } = parts.book.state.selected ?? {};
  const found = {
    ...{ decisions, requests, asks, guards },
    answered: new Set(stage.answered),
    warnings: warningsIn(selection.changes, decided),
    undoing: () => undoRequests(selection.changes, decided),
  };
  if (after === undefined) return { ...found, ...noSequel, lacks: [...stage.lacks, ...unasked] };
  stage.change(after.scene);
  const later = { ...decided, plan: staged(plan, { ...given.lookups, ...after.lookups }, { stage, frozen }) };
  await carriedOn(calls, after, { job: later, parts, selection });
  const { items } = parts.book.state;
  const states = new Map(selection.changes.map(({ id, index }) => [id, items.stateOf(index)] as const));
  return {
    ...found,
    states,
    asksAfter: eachOnce(stage.asks),
    answeredAfter: stage.answered,
    lacks: [...stage.lacks, ...unasked],
  };
}

const noSequel = { states: new Map<string, string>(), asksAfter: [], answeredAfter: new Set<string>() };

const nothing: Omit<Played, "lacks"> = {
  ...{ decisions: new Map(), requests: [], asks: [], guards: [], answered: new Set() },
  ...{ warnings: new Map(), undoing: () => [], ...noSequel },
};

/** What the plan warns of, by the items that are to change. */
function warningsIn(changes: readonly Change[], { plan, frozen }: Job): ReadonlyMap<string, readonly string[]> {
  const of = changes.map((change) => {
    const places = warningsOf(plan, frozen, { item: itemOf(change), set: change.after });
    return [change.id, places.map((place) => warningText(plan, frozen, place))] as const;
  });
  return new Map(of.filter(([, messages]) => messages.length > 0));
}

/** A run looks again and again until it is sure: how often is no part of what a test says. */
function eachOnce(asks: readonly Request[]): readonly Request[] {
  return [...new Map(asks.map((ask) => [canonical({ ...ask, route: ask.route?.device ?? null }), ask])).values()];
}

function missingLookups({ lookups }: Plan, given: Given): readonly string[] {
  return lookups
    .filter(({ name, source }) => source.kind !== "file" && !Object.hasOwn(given.lookups, name))
    .map(({ name }) => `the plan looks up ${name}: write under lookups, ${name}, what is found`);
}

interface Staging {
  readonly stage: Stage;
  readonly frozen: Frozen;
}

/**
 * The plan with what its lookups are given in place of what they would read; files were read, or replaced, with the plan.
 * Whose turn it is, the stage hears when the params of a read are made.
 */
function staged(plan: Plan, given: Given["lookups"], { stage, frozen }: Staging): Plan {
  let known: Frozen = { ...frozen, lookup: {} };
  const lookups = plan.lookups.map((lookup): Lookup => {
    const { name, source } = lookup;
    const value = source.kind === "file" ? (source.value ?? null) : taken(lookup, given[name] ?? null, known);
    known = { ...known, lookup: { ...known.lookup, [name]: value } };
    return { ...lookup, source: { kind: "file", value } };
  });
  const reads = plan.reads?.map((read): ItemRead => ({
    ...read,
    params: (frozen, item) => {
      const params = read.params(frozen, item);
      stage.current = item.id;
      return params;
    },
  }));
  return { ...plan, lookups, ...(reads && { reads }) };
}

/** Null stands for the service saying that there is no such thing. */
function taken(lookup: Lookup, answer: Value, frozen: Frozen): Value {
  const { name, source } = lookup;
  const isOptional = (source.kind === "call" || source.kind === "list") && source.optional;
  if (answer === null && !isOptional)
    throw new IncompleteError(`Lookup ${name}: there is no such thing`, {
      hint: "If there may be none, write optional: true.",
    });
  try {
    return lookup.take(answer === null ? [] : [answer], frozen);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new IncompleteError(`Lookup ${name}: ${error.message}`, { cause: error });
  }
}

/** What the lookups of a plan would have asked, in order. */
function lookupAsks({ lookups }: Plan, frozen: Frozen): readonly Request[] {
  return lookups.flatMap(({ source }) => {
    if (source.kind !== "call" && source.kind !== "list") return [];
    const { listing } = source;
    const parts = listing.parts?.(frozen) ?? [{}];
    return parts.map((part) => ({ method: listing.method, params: listing.params(frozen, part) }));
  });
}

/** Everything up to the preview. @returns What the items were decided with. */
async function decisionsOn(job: Job, parts: Parts): Promise<Frozen> {
  const deciding = select(job, parts, neverStopped());
  for (;;) {
    const step = await deciding.next();
    if (step.done === true) return step.value.frozen;
  }
}

type Called = Pick<Call, "members">;

/** The intents of a call, as a run notes them. */
function callOf(chunk: Chunk, { plan }: Job, { book }: Parts): Called {
  const [first, ...others] = chunk.map((change): CallMember => {
    const { index, id, title, before, after } = change;
    const intent = { type: "intent", index, id, title, attempt: 1, wave: 1, method: plan.change.method } as const;
    return { change, intent: book.note([{ ...intent, request: digestOf(id), before, after }]) };
  });
  if (first === undefined) throw new Error("a chunk has at least one change");
  return { members: [first, ...others] };
}

interface Around {
  readonly job: Job;
  readonly parts: Parts;
  readonly selection: PaperSelection;
}

/** The answers, the settling of those that were lost, and the list read again until a run would be done with it. */
async function carriedOn(calls: readonly Called[], after: Sequel, { job, parts, selection }: Around) {
  const sentUp = parts.clock.up();
  for (const [place, call] of calls.entries()) {
    const came = cameOf(call, after, { place, plan: job.plan });
    parts.book.note(came.map((one) => ({ type: "outcome", ...one, ms: 0 })));
  }
  const { stop } = neverStopped();
  for (const index of parts.book.state.unsettled()) {
    const [change] = await selection.at([index]);
    if (change === undefined) throw new Error(`there is no change ${index}`);
    await settle(change, sentUp, { job, parts, signal: stop });
  }
  await parts.clock.sleep(after.waitMs);
  const judging = verify(selection, { job: unaware(job), parts, signals: neverStopped() });
  while ((await judging.next()).done !== true);
}

/** A test tells of the items that it is about, and of no others. */
function unaware(job: Job): Job {
  return { ...job, plan: { ...job.plan, verify: { ...job.plan.verify, collateral: "ignore" } } };
}

function cameOf({ members }: Called, after: Sequel, { place, plan }: { readonly place: number; readonly plan: Plan }) {
  const call: Call = { members, attempt: 1, recheck: false };
  const { returns } = after;
  if (returns !== undefined) return answersOf(call, { kind: "accepted", value: returns[place] ?? null }, plan);
  return members.flatMap((member) => {
    const alone = { ...plan, change: withoutChunk(plan) };
    return answersOf({ ...call, members: [member] }, answers[after.answers[member.change.id] ?? "accepted"], alone);
  });
}

/** A test that says of each item how it was answered says nothing of how an answer names them. */
function withoutChunk({ change: { chunk: _, ...change } }: Plan): Plan["change"] {
  return change;
}

const answers: Readonly<Record<"accepted" | "rejected" | "lost", Exclude<Answer, { readonly kind: "withdrawn" }>>> = {
  accepted: { kind: "accepted" },
  rejected: { kind: "rejected", failure: { class: "reject", code: "test", message: "the test says so" } },
  lost: { kind: "lost", failure: { class: "uncertain", code: "timeout", message: "the test says so" } },
};

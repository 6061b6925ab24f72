import type { Fact, RunEvent } from "../core/model/events.ts";
import { ConnectError, IncompleteError } from "../core/model/errors.ts";
import type { ChangeSet } from "../core/model/run-ports.ts";
import { Bystanders } from "./bystanders.ts";
import { Collateral } from "./collateral.ts";
import { enumerate } from "./enumerate.ts";
import { Inspector } from "./inspector.ts";
import type { Job, Parts, Signals } from "./job.ts";
import { lookAgain } from "./lookups.ts";
import { absenceReads } from "./read-more.ts";
import { isQuickByItself, passByItself, type Around } from "./pass-by-itself.ts";

const leastPauseMs = 100;

interface Verifying {
  readonly job: Job;
  readonly parts: Parts;
  readonly signals: Signals;
  /** Undefined: it is about all items, else only those of this wave. */
  readonly wave?: number;
}

/**
 * Enumerate again and judge everything that was sent, until it is settled or `within` has passed since the last answer. One
 * whole pass always happens, and a second when the first one missed something, since only two misses in a row count. A pass
 * judges only items whose outcome was written before it began, and only once it is complete; a list that can not be read
 * leaves everything as it is.
 */
export async function* verify(
  changes: ChangeSet,
  { job, parts, signals, wave }: Verifying,
): AsyncGenerator<readonly RunEvent[]> {
  const { state } = parts.book;
  // What will be sent again, once it is not busy any more, is not judged before that.
  const inWave = (index: number): boolean => state.parts.waveOf(index) === wave && !state.items.mayResend(index);
  const inspector = new Inspector(changes, job, parts, wave === undefined ? undefined : inWave);
  const bystanders = inspector.unsettled() === 0 ? undefined : await Bystanders.of(job, parts);
  // What else changed is told once, of the whole run.
  const collateral = wave === undefined ? Collateral.of(changes, job, parts) : undefined;
  const lookers = { inspector, bystanders, collateral };
  yield* untilSettled(lookers, changes, { job, parts, signals, ...(wave !== undefined && { wave }) });
  yield* collateral?.facts() ?? [];
}

/** What looks at a pass: items that were sent, and the two kinds of witnesses of all others. */
interface Lookers {
  readonly inspector: Inspector;
  readonly bystanders: Bystanders | undefined;
  readonly collateral: Collateral | undefined;
}

async function* untilSettled(
  lookers: Lookers,
  changes: ChangeSet,
  { job, parts, signals, wave }: Verifying,
): AsyncGenerator<readonly RunEvent[]> {
  const { withinMs } = job.plan.verify;
  const { inspector, collateral } = lookers;
  const began = parts.clock.up();
  const isStopped = (): boolean => signals.stop.aborted;
  let isLast = false;
  for (let pass = parts.book.state.passes + 1, looks = 0; ; pass++, looks++) {
    if (isStopped() || (inspector.unsettled() === 0 && collateral?.isOwed() !== true)) return;
    const everyMs = pauseMs(looks, { job, parts });
    const trouble =
      wave !== undefined && isQuickByItself(inspector.unsettled(), { job, parts })
        ? yield* passByItself({ pass, wave }, { inspector, changes }, { job, parts, signal: signals.stop })
        : yield* onePass(pass, lookers, { job, parts, signals, ...(wave !== undefined && { wave }) });
    const left = inspector.unsettled();
    if (left === 0 || isStopped() || isLast || trouble?.code === "login") return;
    if (parts.clock.up() - began + everyMs > withinMs) {
      if (trouble !== undefined || !(inspector.hasMissed() || inspector.hasStrays())) return;
      isLast = true;
    }
    const why = trouble === undefined ? "not settled by the list yet" : `not judged yet: ${trouble.message}`;
    yield [{ type: "waiting", why, items: left, ms: everyMs }];
    await parts.clock.sleep(everyMs, signals.stop);
  }
}

/** The first look may come before a list shows what was done; one that is not as old as that comes soon. */
function pauseMs(looks: number, { job, parts }: Pick<Around, "job" | "parts">): number {
  const { everyMs } = job.plan.verify;
  const { listLagMs } = parts.book.state.facts;
  return looks === 0 ? Math.min(everyMs, Math.max(leastPauseMs, listLagMs)) : everyMs;
}

/** What can go wrong with a list without anything being wrong with the run: what was sent stays as it was known. */
type Trouble = ConnectError | IncompleteError;

/** @returns Why the list could not be read; undefined: it could, or the run is stopping. */
async function* onePass(
  pass: number,
  { inspector, bystanders, collateral }: Lookers,
  { job, parts, signals, wave }: Verifying,
): AsyncGenerator<readonly RunEvent[], Trouble | undefined> {
  const note = (facts: readonly Fact[]): readonly Fact[] => {
    parts.book.note(facts);
    return facts;
  };
  const which = { type: "pass" as const, pass, ...(wave !== undefined && { wave }) };
  yield note([{ ...which, phase: "begin", rows: 0, complete: false }]);
  inspector.begin(pass);
  bystanders?.begin();
  await collateral?.begin();
  let rows = 0;
  let trouble: Trouble | undefined;
  try {
    const { connection } = parts;
    const frozen = await lookAgain(job, "lists", { parts, signal: signals.stop });
    const { plan } = job;
    const there = { plan: { ...plan, enumerate: plan.verify.list ?? plan.enumerate } };
    const list = frozen && enumerate({ ...there, frozen }, { connection, signal: signals.stop, first: false });
    for await (const page of list ?? []) {
      bystanders?.see(page);
      collateral?.see(page);
      for (const some of inspector.parted(page)) {
        rows += some.length;
        await inspector.look(some, frozen ?? job.frozen, signals.stop);
        yield [{ type: "enumerating", rows, purpose: "verify" }];
      }
    }
    // Another list has not all the items that were to stay as they are.
    if (plan.verify.list === undefined) trouble = suspiciouslyEmpty(rows, parts);
    if (!signals.stop.aborted) trouble ??= await bystanders?.whyNotWhole(signals.stop);
    if (frozen !== undefined && trouble === undefined)
      yield* lookForMissing(inspector, { job: { ...job, frozen }, parts, signals });
  } catch (error) {
    if (!(error instanceof ConnectError || error instanceof IncompleteError)) throw error;
    trouble = error;
  }
  const complete = trouble === undefined && !signals.stop.aborted;
  if (complete) collateral?.complete(pass);
  const end: Fact = { ...which, phase: "end", rows, complete };
  // The end stands before what follows from it: a process that dies in between leaves no verdict without its whole pass.
  for (const facts of complete ? inspector.verdicts(end) : [[end]]) yield note(facts);
  return trouble;
}

/**
 * What the list does not have: it may be where it came from, if that is another list; a call may say that it is gone, which
 * then needs no second look.
 */
async function* lookForMissing(
  inspector: Inspector,
  { job, parts, signals }: { job: Job; parts: Parts; signals: Signals },
): AsyncGenerator<readonly RunEvent[]> {
  const { plan, frozen } = job;
  const signal = signals.stop;
  if (signal.aborted || inspector.missing().length === 0) return;
  if (plan.verify.list !== undefined) {
    let rows = 0;
    for await (const page of enumerate(job, { connection: parts.connection, signal, first: false })) {
      rows += page.length;
      await inspector.lookAtOrigin(page, frozen);
      yield [{ type: "enumerating", rows, purpose: "verify" }];
    }
  }
  if (plan.change.expect.kind === "absent" && absenceReads(plan).length > 0)
    await inspector.confirmAbsence(frozen, signal);
}

/** A list that has lost also the items that nobody wanted to change proves nothing, a removal least of all. */
function suspiciouslyEmpty(rows: number, { book }: Parts): IncompleteError | undefined {
  const { selection } = book.state;
  const untouched = (selection?.rows ?? 0) - (selection?.selected ?? 0);
  if (rows > 0 || untouched === 0) return undefined;
  return new IncompleteError(
    `the list came back empty, also without the ${untouched} items that were to stay as they are`,
  );
}

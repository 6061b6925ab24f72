import type { Change } from "../core/model/change.ts";
import type { Fact, FactOf, RunEvent } from "../core/model/events.ts";
import type { Fields, Item } from "../core/model/item.ts";
import type { Frozen, ItemRead } from "../core/model/plan.ts";
import type { Seen } from "../core/model/outcome.ts";
import { ConnectError, IncompleteError } from "../core/model/errors.ts";
import type { ChangeSet } from "../core/model/ports.ts";
import { compare, fieldsToSee, isOnItsWay } from "../core/settle/compare.ts";
import { enumerate } from "./enumerate.ts";
import { inOrder } from "./in-order.ts";
import type { Job, Parts, Signals } from "./job.ts";
import { Looks, type Look } from "./looks.ts";
import { lookAgain } from "./lookups.ts";
import { absenceReads, readMore, readsFor } from "./read-more.ts";
import { Sightings } from "./sightings.ts";

/** Where a field's list value has no known age, an accepted change may stay invisible this long before it is `diverged`. */
const unboundedHorizonMs = 7 * 86_400_000;
/** Items in one `verdict` record. */
const verdictSize = 1000;

/**
 * Enumerate again and judge everything that was sent, until it is settled or `within` has passed since the last answer. One
 * whole pass always happens, and a second when the first one missed something, since only two misses in a row count. A pass
 * judges only items whose outcome was written before it began, and only once it is complete; a list that can not be read
 * leaves everything as it is.
 */
export async function* verify(
  changes: ChangeSet,
  job: Job,
  parts: Parts,
  signals: Signals,
): AsyncGenerator<readonly RunEvent[]> {
  const { withinMs, everyMs } = job.plan.verify;
  const began = parts.clock.up();
  const inspector = new Inspector(changes, job, parts);
  const isStopped = (): boolean => signals.stop.aborted;
  let isLast = false;
  for (let pass = parts.book.state.passes + 1; ; pass++) {
    if (inspector.unsettled() === 0 || isStopped()) return;
    const trouble = yield* onePass(pass, inspector, { job, parts, signals });
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

/** What can go wrong with a list without anything being wrong with the run: what was sent stays as it was known. */
type Trouble = ConnectError | IncompleteError;

/** @returns Why the list could not be read; undefined: it could, or the run is stopping. */
async function* onePass(
  pass: number,
  inspector: Inspector,
  { job, parts, signals }: { job: Job; parts: Parts; signals: Signals },
): AsyncGenerator<readonly RunEvent[], Trouble | undefined> {
  const note = (facts: readonly Fact[]): readonly Fact[] => {
    parts.book.note(facts);
    return facts;
  };
  yield note([{ type: "pass", pass, phase: "begin", rows: 0, complete: false }]);
  inspector.begin(pass);
  let rows = 0;
  let trouble: Trouble | undefined;
  try {
    const { connection } = parts;
    const frozen = await lookAgain(job, "lists", { parts, signal: signals.stop });
    const { plan } = job;
    const there = { plan: { ...plan, enumerate: plan.verify.list ?? plan.enumerate } };
    const list = frozen && enumerate({ ...there, frozen }, { connection, signal: signals.stop, first: false });
    for await (const page of list ?? []) {
      for (const some of inspector.parted(page)) {
        rows += some.length;
        await inspector.look(some, frozen ?? job.frozen, signals.stop);
        yield [{ type: "enumerating", rows, purpose: "verify" }];
      }
    }
    // Another list has not all the items that were to stay as they are.
    if (plan.verify.list === undefined) trouble = suspiciouslyEmpty(rows, parts);
    if (frozen !== undefined && trouble === undefined)
      yield* lookForMissing(inspector, { job: { ...job, frozen }, parts, signals });
  } catch (error) {
    if (!(error instanceof ConnectError || error instanceof IncompleteError)) throw error;
    trouble = error;
  }
  const complete = trouble === undefined && !signals.stop.aborted;
  const end: Fact = { type: "pass", pass, phase: "end", rows, complete };
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

/** Items read by themselves between two notes of how far it has come. */
const toldEvery = 25;

interface Awaited {
  readonly change: Change;
  readonly item: Item;
}

/** Judges items in one pass after another: what it saw is kept in a byte an item, and becomes verdicts when the pass is complete. */
class Inspector {
  readonly #changes: ChangeSet;
  readonly #job: Job;
  readonly #parts: Parts;
  readonly #horizonMs: number;
  readonly #looks: Looks;
  readonly #missedBefore: Uint8Array;
  /** What items show that have neither the old nor the new value. */
  #found: Sightings;
  /** What the list does not show and yet tells how an item looks. */
  readonly #reads: readonly ItemRead[];
  readonly #width: number;
  #strays = false;
  #pass = 0;
  #began = 0;

  constructor(changes: ChangeSet, job: Job, parts: Parts) {
    this.#changes = changes;
    this.#job = job;
    this.#parts = parts;
    this.#reads = readsFor(job.plan, "verify", fieldsToSee(job.plan));
    this.#width = parts.book.state.facts.concurrency;
    this.#looks = new Looks(changes.size);
    this.#missedBefore = new Uint8Array(changes.size);
    this.#found = new Sightings(changes.size);
    this.#horizonMs = job.plan.verify.horizonMs ?? lagOf(job, parts) ?? unboundedHorizonMs;
  }

  /** How many items another look could still say something about. */
  unsettled(): number {
    let count = 0;
    for (let index = 0; index < this.#changes.size; index++) count += Number(this.#isUnsettled(index));
    return count;
  }

  /** Whether the last pass missed something for the first time: another look would tell. */
  hasMissed(): boolean {
    return this.#missedBefore.some((missed, index) => missed === 1 && this.#isUnsettled(index));
  }

  begin(pass: number): void {
    this.#pass = pass;
    this.#began = this.#parts.clock.up();
    this.#strays = false;
    this.#found = new Sightings(this.#changes.size);
    this.#looks.begin((index) => this.#isUnsettled(index));
  }

  /** As many items as are looked at between two notes of how far it has come. */
  parted(page: readonly Item[]): readonly (readonly Item[])[] {
    if (this.#reads.length === 0) return [page];
    const starts = Array.from({ length: Math.ceil(page.length / toldEvery) }, (_, place) => place * toldEvery);
    return starts.map((start) => page.slice(start, start + toldEvery));
  }

  /** @param frozen What that page was read with. */
  async look(page: readonly Item[], frozen: Frozen, signal: AbortSignal): Promise<void> {
    const here = await this.#awaitedOf(page);
    if (this.#reads.length === 0) {
      for (const { change, item } of here) this.#judge(change, item.fields, frozen);
      return;
    }
    const read = ({ item }: Awaited) => readMore(item, this.#reads, { frozen, parts: this.#parts, signal });
    const looks = inOrder(here, this.#width, async (one) => ({ ...one, reading: await read(one) }));
    for await (const { change, reading } of looks) {
      // What could not be read says nothing in this pass; what is gone counts as missed.
      if (reading.kind === "found") this.#judge(change, reading.fields, frozen);
      if (reading.kind === "unreadable") this.#looks.skip(change.index);
    }
  }

  /** Items of the list that they came from: there, they have not arrived where they are to be. */
  async lookAtOrigin(page: readonly Item[], frozen: Frozen): Promise<void> {
    for (const { change, item } of await this.#awaitedOf(page)) {
      const { index } = change;
      this.#missedBefore[index] = 0;
      const seen = compare(this.#job.plan, frozen, change, item.fields);
      const age = this.#began - this.#parts.book.state.items.answeredUp(index);
      const isLate = age >= this.#job.plan.verify.withinMs;
      // Changed, and yet not where the plan looks for it: neither as wanted nor as before.
      const isOther = seen !== "before";
      if (isOther) this.#found.note(index, shown(this.#job, item.fields));
      const flags = isLate ? { pastHorizon: true, final: true } : { onItsWay: isOther };
      this.#looks.note(index, { seen: isOther ? "other" : "before", ...flags });
      if (!isLate) this.#strays = true;
    }
  }

  /** Ask after each item that is missing whether it is gone. */
  async confirmAbsence(frozen: Frozen, signal: AbortSignal): Promise<void> {
    const reads = absenceReads(this.#job.plan);
    const changes = await this.#changes.at(this.missing());
    const readings = inOrder(changes, this.#width, async (change) => {
      const item: Item = {
        id: change.id,
        fields: change.item,
        ...(change.each === undefined ? {} : { each: change.each }),
      };
      return { change, reading: await readMore(item, reads, { frozen, parts: this.#parts, signal }) };
    });
    for await (const { change, reading } of readings) {
      if (reading.kind === "absent") this.#looks.note(change.index, { seen: "after" });
      // It is not in the list and yet not gone: a later look will tell.
      if (reading.kind === "found") this.#looks.skip(change.index);
    }
  }

  /** What this pass has not come across, by index. */
  missing(): readonly number[] {
    return this.#looks.awaited();
  }

  /** Whether items were found where they came from, and there is time left for them. */
  hasStrays(): boolean {
    return this.#strays;
  }

  async #awaitedOf(page: readonly Item[]): Promise<readonly Awaited[]> {
    const here = page.flatMap((item) => {
      const index = this.#changes.indexOf(item.id);
      return index !== undefined && this.#looks.isAwaited(index) ? [{ index, item }] : [];
    });
    const changes = await this.#changes.at(here.map(({ index }) => index));
    return changes.flatMap((change, place) => {
      const item = here[place]?.item;
      return item === undefined ? [] : [{ change, item }];
    });
  }

  /**
   * Call once the pass is complete. A first miss is only remembered, since a list can lose a row. A large selection is
   * told in parts, so that memory does not follow it; the first part begins with the `end` of the pass.
   */
  *verdicts(end: Fact): Generator<readonly Fact[], void> {
    let first: readonly Fact[] = [end];
    for (const { look, indexes } of this.#looks.alike(verdictSize, (index) => this.#miss(index))) {
      const verdict = this.#verdict(look, indexes);
      if (indexes.length < verdictSize) first = [...first, verdict];
      else {
        yield [...first, verdict];
        first = [];
      }
    }
    yield first;
  }

  #judge(change: Change, found: Fields, frozen: Frozen): void {
    const { plan } = this.#job;
    const { index } = change;
    const seen = compare(plan, frozen, change, found);
    this.#missedBefore[index] = 0;
    if (seen === undefined) {
      this.#looks.skip(index);
      return;
    }
    const onItsWay = seen !== "after" && isOnItsWay(plan, frozen, change, found);
    const age = this.#began - this.#parts.book.state.items.answeredUp(index);
    const pastHorizon = seen === "before" && age >= this.#horizonMs;
    if (seen === "other") this.#found.note(index, shown(this.#job, found));
    const final = seen !== "after" && !onItsWay && this.#isFinal(index, seen, age);
    this.#looks.note(index, { seen, pastHorizon, onItsWay, final });
  }

  /** Not in a complete list: as wanted for a removal, `absent` otherwise, but only at the second miss in a row. */
  #miss(index: number): Look | undefined {
    const again = this.#missedBefore[index] === 1;
    this.#missedBefore[index] = 1;
    if (!again) return undefined;
    return this.#job.plan.change.expect.kind === "absent" ? { seen: "after" } : { seen: "absent", final: true };
  }

  #verdict({ seen, pastHorizon, onItsWay }: Look, indexes: readonly number[]): FactOf<"verdict"> {
    return {
      type: "verdict",
      pass: this.#pass,
      seen,
      indexes,
      ...(seen === "other" ? { found: indexes.map((index) => this.#found.of(index)) } : {}),
      ...(pastHorizon === true ? { pastHorizon } : {}),
      ...(onItsWay === true ? { pendingNow: true } : {}),
    };
  }

  #isUnsettled(index: number): boolean {
    return !this.#looks.isFinal(index) && this.#parts.book.state.items.wantsVerdict(index);
  }

  /** Whether looking again could not change anything: the look began late enough, or past the horizon. */
  #isFinal(index: number, seen: Seen, age: number): boolean {
    const { items, facts } = this.#parts.book.state;
    if (seen === "before" && items.answerOf(index) === "accepted") return age >= this.#horizonMs;
    return age >= facts.listLagMs;
  }
}

/** The oldest that a list's value of a set field may be; undefined when one of them is unbounded. */
function lagOf(job: Job, parts: Parts): number | undefined {
  const { sets, expect } = job.plan.change;
  if (expect.kind === "absent") return parts.book.state.facts.listLagMs;
  const lags = job.plan.enumerate.fields
    .filter((field) => sets.includes(field.name))
    .map((field) => field.lagMs ?? Infinity);
  const oldest = Math.max(parts.book.state.facts.listLagMs, ...lags);
  return lags.length === 0 || oldest === Infinity ? undefined : oldest;
}

function shown(job: Job, found: Fields): Fields {
  return Object.fromEntries(job.plan.change.sets.map((name) => [name, found[name] ?? null]));
}

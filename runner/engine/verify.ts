import type { Change } from "../core/model/change.ts";
import type { Fact, FactOf, RunEvent } from "../core/model/events.ts";
import type { Fields, Item } from "../core/model/item.ts";
import type { Seen } from "../core/model/outcome.ts";
import { ConnectError, IncompleteError } from "../core/model/errors.ts";
import type { ChangeSet } from "../core/model/ports.ts";
import { compare, isOnItsWay } from "../core/settle/compare.ts";
import { listOf, type Job, type Parts, type Signals } from "./job.ts";
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
      if (trouble !== undefined || !inspector.hasMissed()) return;
      isLast = true;
    }
    const why = trouble === undefined ? "not visible in the list yet" : `not judged yet: ${trouble.message}`;
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
    for await (const page of parts.connection.pages(listOf(job), signals.stop)) {
      rows += page.length;
      await inspector.look(page);
      yield [{ type: "enumerating", rows, purpose: "verify" }];
    }
    trouble = suspiciouslyEmpty(rows, parts);
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

/** A list that has lost also the items that nobody wanted to change proves nothing, a removal least of all. */
function suspiciouslyEmpty(rows: number, { book }: Parts): IncompleteError | undefined {
  const { selection } = book.state;
  const untouched = (selection?.rows ?? 0) - (selection?.selected ?? 0);
  if (rows > 0 || untouched === 0) return undefined;
  return new IncompleteError(
    `the list came back empty, also without the ${untouched} items that were to stay as they are`,
  );
}

/** Codes of `Inspector.#looks`: nothing asked, not come across yet, or what was seen with its two flags. */
const code = {
  none: 0,
  after: 1,
  before: 2,
  other: 3,
  absent: 4,
  seen: 7,
  awaited: 8,
  pastHorizon: 16,
  onItsWay: 32,
  final: 64,
} as const;
const seenOf: readonly (Seen | undefined)[] = [undefined, "after", "before", "other", "absent"];

/** Judges items in one pass after another: what it saw is kept in a byte an item, and becomes verdicts when the pass is complete. */
class Inspector {
  readonly #changes: ChangeSet;
  readonly #job: Job;
  readonly #parts: Parts;
  readonly #horizonMs: number;
  readonly #looks: Uint8Array;
  /** 1: its last look is final although it did not show the wanted value. */
  readonly #final: Uint8Array;
  readonly #missedBefore: Uint8Array;
  /** What items show that have neither the old nor the new value. */
  #found: Sightings;
  #pass = 0;
  #began = 0;

  constructor(changes: ChangeSet, job: Job, parts: Parts) {
    this.#changes = changes;
    this.#job = job;
    this.#parts = parts;
    this.#looks = new Uint8Array(changes.size);
    this.#final = new Uint8Array(changes.size);
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
    this.#found = new Sightings(this.#changes.size);
    for (let index = 0; index < this.#changes.size; index++) {
      this.#looks[index] = this.#isUnsettled(index) ? code.awaited : code.none;
    }
  }

  async look(page: readonly Item[]): Promise<void> {
    const here = page.flatMap((item) => {
      const index = this.#changes.indexOf(item.id);
      return index !== undefined && this.#looks[index] === code.awaited ? [{ index, item }] : [];
    });
    const changes = await this.#changes.at(here.map(({ index }) => index));
    for (const [place, change] of changes.entries()) this.#judge(change, here[place]?.item.fields ?? {});
  }

  /**
   * Call once the pass is complete. A first miss is only remembered, since a list can lose a row. A large selection is
   * told in parts, so that memory does not follow it; the first part begins with the `end` of the pass.
   */
  *verdicts(end: Fact): Generator<readonly Fact[], void> {
    const groups = new Map<number, number[]>();
    let first: readonly Fact[] = [end];
    for (const [index, look] of this.#looks.entries()) {
      const judged = look === code.awaited ? this.#miss(index) : look & ~code.final;
      if (judged === code.none) continue;
      if (look & code.final) this.#final[index] = 1;
      const alike = groups.get(judged) ?? [];
      groups.set(judged, alike);
      if (alike.push(index) < verdictSize) continue;
      groups.delete(judged);
      yield [...first, this.#verdict(judged, alike)];
      first = [];
    }
    yield [...first, ...[...groups].map(([judged, alike]) => this.#verdict(judged, alike))];
  }

  #judge(change: Change, found: Fields): void {
    const { plan, frozen } = this.#job;
    const { index } = change;
    const seen = compare(plan, frozen, change, found);
    this.#missedBefore[index] = 0;
    if (seen === undefined) {
      this.#looks[index] = code.none;
      return;
    }
    const onItsWay = seen !== "after" && isOnItsWay(plan, frozen, change, found);
    const age = this.#began - this.#parts.book.state.items.answeredUp(index);
    const pastHorizon = seen === "before" && age >= this.#horizonMs;
    if (seen === "other") this.#found.note(index, shown(this.#job, found));
    const final = seen !== "after" && !onItsWay && this.#isFinal(index, seen, age);
    this.#looks[index] =
      code[seen] | (pastHorizon ? code.pastHorizon : 0) | (onItsWay ? code.onItsWay : 0) | (final ? code.final : 0);
  }

  /** Not in a complete list: as wanted for a removal, `absent` otherwise, but only at the second miss in a row. */
  #miss(index: number): number {
    const again = this.#missedBefore[index] === 1;
    this.#missedBefore[index] = 1;
    if (!again) return code.none;
    if (this.#job.plan.change.expect.kind === "absent") return code.after;
    this.#final[index] = 1;
    return code.absent;
  }

  #verdict(judged: number, indexes: readonly number[]): FactOf<"verdict"> {
    const seen = seenOf[judged & code.seen];
    if (seen === undefined) throw new Error(`no verdict has the code ${judged}`);
    return {
      type: "verdict",
      pass: this.#pass,
      seen,
      indexes,
      ...(seen === "other" ? { found: indexes.map((index) => this.#found.of(index)) } : {}),
      ...(judged & code.pastHorizon ? { pastHorizon: true } : {}),
      ...(judged & code.onItsWay ? { pendingNow: true } : {}),
    };
  }

  #isUnsettled(index: number): boolean {
    return this.#final[index] === 0 && this.#parts.book.state.items.wantsVerdict(index);
  }

  /** Whether looking again could not change anything: the look began late enough, or past the horizon. */
  #isFinal(index: number, seen: Seen, age: number): boolean {
    const { items, facts } = this.#parts.book.state;
    if (seen === "before" && items.answerOf(index) === "accepted") return age >= this.#horizonMs;
    return age >= (facts?.listLagMs ?? 0);
  }
}

/** The oldest that a list's value of a set field may be; undefined when one of them is unbounded. */
function lagOf(job: Job, parts: Parts): number | undefined {
  const { sets, expect } = job.plan.change;
  if (expect.kind === "absent") return parts.book.state.facts?.listLagMs;
  const lags = job.plan.enumerate.fields
    .filter((field) => sets.includes(field.name))
    .map((field) => field.lagMs ?? Infinity);
  const oldest = Math.max(0, ...lags);
  return lags.length === 0 || oldest === Infinity ? undefined : oldest;
}

function shown(job: Job, found: Fields): Fields {
  return Object.fromEntries(job.plan.change.sets.map((name) => [name, found[name] ?? null]));
}

import type { Change } from "../core/model/change.ts";
import type { Fact, FactOf, RunEvent } from "../core/model/events.ts";
import type { Fields, Item } from "../core/model/item.ts";
import type { Seen } from "../core/model/outcome.ts";
import type { ChangeSet } from "../core/model/ports.ts";
import { compare, isOnItsWay } from "../core/settle/compare.ts";
import { listOf, type Job, type Parts, type Signals } from "./job.ts";

/** Where a field's list value has no known age, an accepted change may stay invisible this long before it is `diverged`. */
const unboundedHorizonMs = 7 * 86_400_000;

/**
 * Enumerate again and judge everything that was sent, until it is settled or `within` has passed since the last answer. One
 * whole pass always happens. A pass judges only items whose outcome was written before the pass began.
 */
export async function* verify(
  changes: ChangeSet,
  job: Job,
  parts: Parts,
  signals: Signals,
): AsyncGenerator<readonly RunEvent[]> {
  const { state } = parts.book;
  const { withinMs, everyMs } = job.plan.verify;
  const began = parts.clock.up();
  const inspector = new Inspector(changes, job, parts);
  const isStopped = (): boolean => signals.stop.aborted;
  for (let pass = state.passes + 1; ; pass++) {
    if (inspector.unsettled() === 0 || isStopped()) return;
    yield* onePass(pass, inspector, { job, parts, signals });
    const left = inspector.unsettled();
    if (left === 0 || isStopped() || parts.clock.up() - began + everyMs > withinMs) return;
    yield [{ type: "waiting", why: "not visible in the list yet", items: left, ms: everyMs }];
    await parts.clock.sleep(everyMs, signals.stop);
  }
}

async function* onePass(
  pass: number,
  inspector: Inspector,
  { job, parts, signals }: { job: Job; parts: Parts; signals: Signals },
): AsyncGenerator<readonly RunEvent[]> {
  const beginning: Fact = { type: "pass", pass, phase: "begin", rows: 0, complete: false };
  parts.book.note([beginning]);
  yield [beginning];
  inspector.begin(pass);
  let rows = 0;
  for await (const page of parts.connection.pages(listOf(job), signals.stop)) {
    rows += page.length;
    const verdicts = await inspector.inspect(page);
    yield [...verdicts, { type: "enumerating", rows, purpose: "verify" }];
  }
  if (signals.stop.aborted) return;
  const missing = await inspector.missing();
  const ending: Fact = { type: "pass", pass, phase: "end", rows, complete: true };
  parts.book.note([ending]);
  yield [...missing, ending];
}

/** Judges items of one pass after another, remembering which were missing once and which are settled. */
class Inspector {
  readonly #changes: ChangeSet;
  readonly #job: Job;
  readonly #parts: Parts;
  readonly #horizonMs: number;
  /** Items whose last look is final although it did not show the wanted value. A byte an item, as the next two. */
  readonly #final: Uint8Array;
  #missedBefore: Uint8Array;
  #awaited: Uint8Array;
  #pass = 0;
  #began = 0;

  constructor(changes: ChangeSet, job: Job, parts: Parts) {
    this.#changes = changes;
    this.#job = job;
    this.#parts = parts;
    this.#final = new Uint8Array(changes.size);
    this.#missedBefore = new Uint8Array(changes.size);
    this.#awaited = new Uint8Array(changes.size);
    this.#horizonMs = job.plan.verify.horizonMs ?? lagOf(job, parts) ?? unboundedHorizonMs;
  }

  /** How many items another look could still say something about. */
  unsettled(): number {
    let count = 0;
    for (let index = 0; index < this.#changes.size; index++) count += Number(this.#isUnsettled(index));
    return count;
  }

  begin(pass: number): void {
    this.#pass = pass;
    this.#began = this.#parts.clock.up();
    this.#awaited = new Uint8Array(this.#changes.size);
    for (let index = 0; index < this.#changes.size; index++) this.#awaited[index] = Number(this.#isUnsettled(index));
  }

  /** Verdicts over one page. A removal is judged by absence alone, so nothing here confirms one. */
  async inspect(page: readonly Item[]): Promise<readonly RunEvent[]> {
    const here = page.flatMap((item) => {
      const index = this.#changes.indexOf(item.id);
      if (index === undefined || this.#awaited[index] !== 1) return [];
      this.#awaited[index] = 0;
      return [{ index, item }];
    });
    const changes = await this.#changes.at(here.map(({ index }) => index));
    return this.#write(here.map(({ item }, place) => ({ change: known(changes[place]), found: item.fields })));
  }

  /** Verdicts over what this pass did not show: a first miss is only remembered, since a list can lose a row. */
  async missing(): Promise<readonly RunEvent[]> {
    const twice: number[] = [];
    this.#awaited.forEach((missing, index) => {
      if (missing === 1 && this.#missedBefore[index] === 1) twice.push(index);
    });
    this.#missedBefore = this.#awaited;
    const changes = await this.#changes.at(twice);
    return this.#write(changes.map((change) => ({ change, found: undefined })));
  }

  #write(
    looks: readonly { readonly change: Change; readonly found: Fields | undefined }[],
  ): readonly FactOf<"verdict">[] {
    const groups = new Map<
      string,
      { seen: Seen; pastHorizon: boolean; pendingNow: boolean; indexes: number[]; found: Fields[] }
    >();
    for (const { change, found } of looks) {
      const seen = compare(this.#job.plan, this.#job.frozen, change, found);
      const age = this.#began - this.#parts.book.state.items.answeredUp(change.index);
      const pastHorizon = age >= this.#horizonMs;
      const pendingNow =
        found !== undefined && seen !== "after" && isOnItsWay(this.#job.plan, this.#job.frozen, change, found);
      if (seen !== "after" && this.#isFinal(change.index, { seen, age, pastHorizon, pendingNow }))
        this.#final[change.index] = 1;
      const key = `${seen}${pastHorizon}${pendingNow}`;
      const group = groups.get(key) ?? { seen, pastHorizon, pendingNow, indexes: [], found: [] };
      groups.set(key, group);
      group.indexes.push(change.index);
      if (seen === "other" && found !== undefined) group.found.push(shown(this.#job, found));
    }
    const facts = [...groups.values()].map(({ seen, pastHorizon, pendingNow, indexes, found }): FactOf<"verdict"> => ({
      type: "verdict",
      pass: this.#pass,
      seen,
      indexes,
      ...(found.length > 0 ? { found } : {}),
      ...(pastHorizon && seen === "before" ? { pastHorizon } : {}),
      ...(pendingNow ? { pendingNow } : {}),
    }));
    if (facts.length > 0) this.#parts.book.note(facts);
    return facts;
  }

  #isUnsettled(index: number): boolean {
    return this.#final[index] === 0 && this.#parts.book.state.items.wantsVerdict(index);
  }

  /** Whether looking again could not change anything: the look was young enough, or past the horizon. */
  #isFinal(index: number, look: { seen: Seen; age: number; pastHorizon: boolean; pendingNow: boolean }): boolean {
    if (look.pendingNow) return false;
    if (look.seen === "absent") return true;
    const accepted = this.#parts.book.state.items.answerOf(index) === "accepted";
    if (look.seen === "before" && accepted) return look.pastHorizon;
    return look.age >= (this.#parts.book.state.facts?.listLagMs ?? 0);
  }
}

/** The oldest that a list's value of a set field may be; undefined when one of them is unbounded. */
function lagOf(job: Job, parts: Parts): number | undefined {
  const { sets, expect } = job.plan.change;
  if (expect.kind === "absent") return parts.book.state.facts?.listLagMs;
  const lags = job.plan.enumerate.fields.filter((field) => sets.includes(field.name)).map((field) => field.lagMs);
  if (lags.length === 0) return undefined;
  return lags.reduce<number | undefined>(
    (most, lag) => (most === undefined || lag === undefined ? undefined : Math.max(most, lag)),
    0,
  );
}

function shown(job: Job, found: Fields): Fields {
  return Object.fromEntries(job.plan.change.sets.map((name) => [name, found[name] ?? null]));
}

function known(change: Change | undefined): Change {
  if (change === undefined) throw new Error("a change that the change set lists can not be read from it");
  return change;
}

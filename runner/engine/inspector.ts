import type { Change } from "../core/model/change.ts";
import type { Fact, FactOf } from "../core/model/events.ts";
import type { Fields, Item } from "../core/model/item.ts";
import type { Frozen } from "../core/model/frozen.ts";
import type { ItemRead } from "../core/model/listing.ts";
import type { Seen } from "../core/model/outcome.ts";
import type { Reading } from "../core/model/ports.ts";
import type { ChangeSet } from "../core/model/run-ports.ts";
import { compare, fieldsToSee, isOnItsWay } from "../core/settle/compare.ts";
import { inOrder } from "./in-order.ts";
import type { Job, Parts } from "./job.ts";
import { Looks, type Look } from "./looks.ts";
import { absenceReads, readMore, readsFor } from "./read-more.ts";
import { Sightings } from "./sightings.ts";

/** Where a field's list value has no known age, an accepted change may stay invisible this long before it is `diverged`. */
const unboundedHorizonMs = 7 * 86_400_000;
/** Items in one `verdict` record. */
const verdictSize = 1000;

/** Items read by themselves between two notes of how far it has come. */
const toldEvery = 25;

interface Awaited {
  readonly change: Change;
  readonly item: Item;
}

/** Judges items in one pass after another: what it saw is kept in a byte an item, and becomes verdicts when the pass is complete. */
export class Inspector {
  readonly #changes: ChangeSet;
  readonly #job: Job;
  readonly #parts: Parts;
  readonly #horizonMs: number;
  readonly #looks: Looks;
  readonly #missedBefore: Uint8Array;
  readonly #concerns: ((index: number) => boolean) | undefined;
  /** What items show that have neither the old nor the new value. */
  #found: Sightings;
  /** What the list does not show and yet tells how an item looks. */
  readonly #reads: readonly ItemRead[];
  readonly #width: number;
  #strays = false;
  #pass = 0;
  #began = 0;

  /** @param concerns Which items it is about. Undefined: all. */
  constructor(changes: ChangeSet, job: Job, parts: Parts, concerns?: (index: number) => boolean) {
    this.#changes = changes;
    this.#concerns = concerns;
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

  /** What a read of an item by itself says. @param frozen What it was read with. */
  hear(change: Change, reading: Reading, frozen: Frozen): void {
    const isToBeGone = this.#job.plan.change.expect.kind === "absent";
    if (reading.kind === "found") this.#judge(change, reading.fields, frozen);
    // What could not be read says nothing in this pass.
    else if (reading.kind === "unreadable") this.#looks.skip(change.index);
    // A read of it alone that says it is gone needs no second look; any other absence counts as missed.
    else if (isToBeGone) this.#looks.note(change.index, { seen: "after" });
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
    const { items } = this.#parts.book.state;
    return !this.#looks.isFinal(index) && items.wantsVerdict(index) && this.#concerns?.(index) !== false;
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

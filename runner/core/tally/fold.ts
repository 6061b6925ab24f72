import type { Approved } from "../model/approval.ts";
import type { Fact, FactOf, ServiceFacts } from "../model/events.ts";
import { itemStates, type Counts, type ItemState, type NotStartedReason } from "../model/outcome.ts";
import type { Budgets, Counted } from "../schedule/stops.ts";
import { Asked } from "./asked.ts";
import { ItemTable } from "./items.ts";
import { Counters, PartCounts } from "./part-counts.ts";

/** Code of a `lost` outcome written by `resume` for an attempt whose process died. */
export const diedCode = "process-died";
/** Answers we did not wait for, because the process died or was told twice to stop: no sign of trouble with the service. */
const notAwaited: ReadonlySet<string> = new Set([diedCode, "aborted"]);

/** States of selected items for which nothing was sent. */
const unsent: ReadonlySet<string> = new Set<ItemState>(["not-started", "drifted", "already"]);

/** When a record was written: `up` is ms since boot, `t` wall ms. Live facts carry the clock's, replayed ones the ledger's. */
export interface Stamp {
  readonly seq: number;
  readonly t: number;
  readonly up: number;
}

/**
 * The state of a run: a fold of its facts, the same live, at resume and in every report. Facts of items come in any order;
 * facts of one item in the order of the ledger.
 */
export class RunState implements Budgets {
  items = new ItemTable(0, { repeat: "once", unverifiable: false });
  /** seq of an open intent -> its item. Bounded by the margin, not by the run. */
  readonly #open = new Map<number, number>();
  #last: Stamp | undefined;

  start: FactOf<"start"> | undefined;
  selection: FactOf<"enumerated"> | undefined;
  selected: FactOf<"selected"> | undefined;
  consented = false;
  /** Who approved the change set, if it had to be or was. */
  approvals: readonly Approved[] = [];
  /** Lock generation and boot of the process that wrote last. */
  generation = 0;
  boot: string | undefined;
  stopped: FactOf<"stopped"> | undefined;
  /** Why items were left by the epochs before this one. */
  #leftBecause: NotStartedReason = "crash";
  /** This epoch has come to at least one item. */
  #hasBegun = false;
  end: FactOf<"end"> | undefined;
  passes = 0;
  #passUp = -Infinity;
  /** A person stopped this epoch. */
  interrupted = false;
  limit: FactOf<"limit"> | undefined;
  /** What `stop` limits look at, counted in ledger order: of the whole run, and of its waves and groups. */
  readonly counters = new Counters();
  parts = new PartCounts(0, { waves: 0 });
  /** Groups of which nothing more is sent. */
  readonly parked = new Set<number>();
  /** Where the run is: the wave that began last, and when it ended, wall ms; undefined: it has not. */
  wave: { readonly number: number; readonly ended: number | undefined } | undefined;
  /** The wave in which something was sent first. */
  firstWave: number | undefined;
  /** What people asked for, and the requests that they asked it with. */
  readonly asked = new Asked();
  /** The last look of a gate that has power over the run. */
  #gate: FactOf<"gate"> | undefined;
  /** Ms since boot, in the present boot's time: since when items are busy. */
  readonly busySince = new Map<number, number>();
  /** Of calls about several items: the first intent, of each that is open. */
  readonly #callOf = new Map<number, number>();
  /** What else changed, by the last list that was held against the first; undefined: none since something was sent. */
  collateral: FactOf<"collateral"> | undefined;
  /** A whole list was read, and what else changed is not written down yet. */
  owesCollateral = false;
  /** The longest of all times from a read to the send that relied on it; undefined: none was read right before. */
  gapMs: number | undefined;
  /** Items whose answer was lost and that no read has settled: how many `unsettled()` lists. */
  inDoubt = 0;

  /** What was known of the service when the run began. */
  get facts(): ServiceFacts {
    if (this.start === undefined) throw new Error("a run without its start record knows nothing of its service");
    return this.start.facts;
  }

  /**
   * Why items are not started. An epoch that came to none of them, as `verify` does, leaves the reason as it was; one that began
   * to send and stopped without a word has died.
   */
  get notStartedBecause(): NotStartedReason {
    return this.stopped?.reason ?? (this.#hasBegun ? "crash" : this.#leftBecause);
  }

  /** What the gate last found, where that was not good and nobody has said that the wave is. */
  get badGate(): "fail" | "inconclusive" | undefined {
    if (this.#gate === undefined || this.#gate.result === "pass") return undefined;
    return this.asked.isPromoted(this.#gate.wave) ? undefined : this.#gate.result;
  }

  ofRun(): Counted {
    return { counters: this.counters, size: this.items.size };
  }
  ofWave(): Counted {
    const { ofWave, wave, waveSize } = this.parts;
    return { counters: ofWave, size: waveSize, wave };
  }
  ofGroup(index: number): Counted | undefined {
    return this.#ofGroup(this.parts.groupOf(index));
  }
  *ofGroups(): Generator<Counted, void> {
    for (const group of this.parts.groups.keys()) {
      const counted = this.#ofGroup(group);
      if (counted !== undefined) yield counted;
    }
  }
  #ofGroup(group: number | undefined): Counted | undefined {
    const counters = group === undefined ? undefined : this.parts.ofGroup(group);
    if (group === undefined || counters === undefined) return undefined;
    return { counters, size: this.parts.groups[group]?.size ?? 0, group };
  }

  fold(fact: Fact, stamp: Stamp): void {
    this.#foldItem(fact, stamp);
    this.#foldRun(fact, stamp);
    this.#last = stamp;
  }

  /** Intents that are neither answered nor withdrawn, and whether a `sent` mark was written for them. */
  openIntents(): readonly { readonly intent: number; readonly index: number; readonly marked: boolean }[] {
    return [...this.#open].map(([intent, index]) => ({ intent, index, marked: this.items.isMarked(index) }));
  }

  /** Items whose answer was lost and that no read has settled. */
  unsettled(): number[] {
    const found: number[] = [];
    for (let index = 0; index < this.items.size; index++) if (this.items.isUnsettled(index)) found.push(index);
    return found;
  }

  /** Items of a wave for which something was sent. */
  sentIn(wave: number): number[] {
    const found: number[] = [];
    for (let index = 0; index < this.items.size; index++)
      if (this.parts.waveOf(index) === wave && !unsent.has(this.items.stateOf(index))) found.push(index);
    return found;
  }

  /** Counts by state; `open` beside them. They add up to the enumeration. */
  counts(): { readonly counts: Counts; readonly open: number } {
    const counts = Object.fromEntries(itemStates.map((state) => [state, 0])) as Record<ItemState, number>;
    let open = 0;
    for (let index = 0; index < this.items.size; index++) {
      const state = this.items.stateOf(index);
      if (state === "open") open += 1;
      else counts[state] += 1;
    }
    counts["filtered-out"] += this.selection?.["filtered-out"] ?? 0;
    counts.already += this.selection?.already ?? 0;
    counts.refused += this.selection?.refused ?? 0;
    return { counts, open };
  }

  #foldRun(fact: Fact, stamp: Stamp): void {
    switch (fact.type) {
      case "start":
        this.start = fact;
        this.boot = fact.owner.boot;
        break;
      case "enumerated":
        this.selection = fact;
        break;
      case "selected":
        this.selected = fact;
        this.items = new ItemTable(fact.size, this.start?.change ?? { repeat: "once", unverifiable: false });
        this.parts = new PartCounts(fact.size, {
          waves: fact.waves.length,
          ...(fact.groups && { groups: fact.groups }),
        });
        break;
      case "wave":
        this.wave = { number: fact.wave, ended: fact.phase === "end" && fact.cut !== true ? stamp.t : undefined };
        if (fact.phase === "begin") this.parts.beginWave(fact.wave, fact.size);
        break;
      case "consent":
        this.consented = true;
        this.approvals = fact.approvals ?? [];
        break;
      case "lock":
        this.generation = fact.generation;
        break;
      case "pass":
        this.passes = fact.pass;
        if (fact.phase === "begin") this.#passUp = stamp.up;
        if (fact.complete) this.owesCollateral = true;
        break;
      case "collateral":
        this.collateral = fact;
        this.owesCollateral = false;
        break;
      case "limit":
        if (fact.group === undefined) this.limit = fact;
        else this.parked.add(fact.group);
        break;
      case "gate":
        if (fact.observed !== true) this.#gate = fact;
        break;
      case "stopped":
        this.stopped = fact;
        break;
      case "control":
        if (fact.op === "interrupt") this.interrupted = true;
        else this.asked.take(fact, this.wave?.number ?? 0);
        break;
      case "resume":
        this.#resume(fact, stamp);
        break;
      case "end":
        this.end = fact;
        break;
      default:
        break;
    }
  }

  #foldItem(fact: Fact, stamp: Stamp): void {
    switch (fact.type) {
      case "intent":
        this.#hasBegun = true;
        this.parts.begin(fact.index, fact.wave, fact.group);
        this.items.intend(fact.index, fact.attempt);
        this.#open.set(stamp.seq, fact.index);
        break;
      case "sent":
        for (const intent of fact.intents) this.#withOpen(intent, (index) => this.items.mark(index));
        this.#noteCall(fact.intents);
        this.collateral = undefined;
        break;
      case "withdrawn":
        for (const intent of fact.intents) this.#withOpen(intent, (index) => this.items.reopen(index));
        for (const intent of fact.intents) this.#open.delete(intent);
        for (const intent of fact.intents) this.#callOf.delete(intent);
        break;
      case "hold":
        this.#open.delete(fact.intent);
        this.#callOf.delete(fact.intent);
        this.items.reopen(fact.index);
        if (fact.gaveUp === true) this.#counting(fact.index, () => this.items.giveUp(fact.index));
        if (!this.busySince.has(fact.index)) this.busySince.set(fact.index, stamp.up);
        break;
      case "outcome":
        this.busySince.delete(fact.index);
        if (isSent(fact.kind)) this.firstWave ??= this.parts.wave;
        this.#open.delete(fact.intent);
        this.#counting(fact.index, () => this.items.answer(fact.index, fact.kind, stamp.up));
        this.#countAnswer(fact);
        if (fact.gapMs !== undefined) this.gapMs = Math.max(this.gapMs ?? 0, fact.gapMs);
        break;
      case "read":
        this.#settle(fact);
        break;
      case "verdict":
        for (const index of fact.indexes) {
          const pastHorizon = fact.pastHorizon === true;
          const isConclusive = pastHorizon && this.#isPassAfterAll(index);
          const flags = { pastHorizon, onItsWay: fact.pendingNow === true, isConclusive };
          this.#counting(index, () => this.items.judge(index, fact.seen, flags));
        }
        break;
      default:
        break;
    }
  }

  /** The pass began when no request for the item could act any more, and a list shows by then what was done. */
  #isPassAfterAll(index: number): boolean {
    const { timeoutMs, lateMs, listLagMs } = this.facts;
    return this.#passUp >= this.items.answeredUp(index) + timeoutMs + lateMs + listLagMs;
  }

  #noteCall(intents: readonly number[]): void {
    const [first] = intents;
    if (first !== undefined && intents.length > 1) for (const intent of intents) this.#callOf.set(intent, first);
  }

  #withOpen(intent: number, act: (index: number) => void): void {
    const index = this.#open.get(intent);
    if (index !== undefined) act(index);
  }

  #countAnswer(fact: FactOf<"outcome">): void {
    const call = this.#callOf.get(fact.intent);
    this.#callOf.delete(fact.intent);
    const isTrouble = fact.kind === "rejected" || (fact.kind === "lost" && !notAwaited.has(fact.failure.code));
    for (const counters of this.#over(fact.index)) {
      if (fact.kind === "accepted") counters.endRow();
      if (isTrouble) counters.lengthen(call);
      if (fact.kind === "drifted") counters.drifted += 1;
    }
  }

  #settle(fact: FactOf<"read">): void {
    if (fact.why !== "settle" || fact.seen === "early-before") return;
    const seen = fact.seen === "unreadable" ? undefined : fact.seen;
    this.#counting(fact.index, () => this.items.settle(fact.index, seen));
    if (seen === "after") for (const counters of this.#over(fact.index)) counters.endRow();
  }

  #over(index: number): readonly Counters[] {
    return [this.counters, ...this.parts.over(index)];
  }

  /** Keep the error counters equal to what the items say, whatever a fact changes about one. */
  #counting(index: number, change: () => void): void {
    const before = this.#countsOf(index);
    change();
    const after = this.#countsOf(index);
    const delta = { errors: after.error - before.error, unknown: after.unknown - before.unknown };
    if (delta.errors !== 0 || delta.unknown !== 0) for (const counters of this.#over(index)) counters.change(delta);
    this.inDoubt += after.inDoubt - before.inDoubt;
  }

  #countsOf(index: number): { readonly error: number; readonly unknown: number; readonly inDoubt: number } {
    const state = this.items.stateOf(index);
    const error = state === "rejected" || state === "diverged" || state === "vanished";
    // An item that will be sent again is not given up yet.
    const unknown = state === "unknown" && !this.items.mayResend(index);
    return { error: Number(error), unknown: Number(unknown), inDoubt: Number(this.items.isUnsettled(index)) };
  }

  /** On another boot `up` starts anew: times of the old boot are carried over by the wall clock between the two. */
  #resume(fact: FactOf<"resume">, stamp: Stamp): void {
    if (this.boot !== fact.owner.boot && this.#last !== undefined) {
      const byMs = stamp.up - this.#last.up - Math.max(0, stamp.t - this.#last.t);
      this.items.shiftTimes(byMs);
      for (const [index, since] of this.busySince) this.busySince.set(index, since + byMs);
    }
    this.boot = fact.owner.boot;
    this.generation = fact.generation;
    this.#leftBecause = this.notStartedBecause;
    this.#hasBegun = false;
    this.stopped = undefined;
    this.interrupted = false;
    this.end = undefined;
  }
}

const isSent = (kind: FactOf<"outcome">["kind"]): boolean => ["accepted", "rejected", "lost"].includes(kind);

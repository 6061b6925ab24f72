import type { Approved } from "../../core/model/approval.ts";
import type { FactOf, GroupSize, Note, RunEvent } from "../../core/model/events.ts";

type NoteOf<T extends Note["type"]> = Extract<Note, { type: T }>;

/** What the run is doing, in words of the progress line. */
export type Phase = "connecting" | "reading" | "previewed" | "changing" | "waiting" | "paused" | "verifying" | "ended";

/**
 * What a progress line needs, counted from the events as they come. Not the state of the run (that is the fold of the
 * ledger): just enough to show how far it is. Event types it does not know change nothing.
 */
export class Tally {
  phase: Phase = "connecting";
  run: NoteOf<"run"> | undefined;
  start: FactOf<"start"> | undefined;
  preview: NoteOf<"preview"> | undefined;
  saved: FactOf<"saved"> | undefined;
  sealed: NoteOf<"sealed"> | undefined;
  waiting: NoteOf<"waiting"> | undefined;
  slowed: NoteOf<"slowed"> | undefined;
  end: FactOf<"end"> | undefined;
  /** Who approved the change set. */
  approvals: readonly Approved[] = [];
  /** Of the run that was stopped, when the one that is told now takes it back. */
  stoppedEnd: FactOf<"end"> | undefined;
  /** Changes to make; undefined until the list was read. */
  total: number | undefined;
  /** How many waves there are, where that is known, and the one that is under way, from 0. */
  waves: number | undefined;
  wave = 0;
  /** Groups with a budget of their own, in the order of their numbers. */
  groups: readonly GroupSize[] = [];
  /** Groups of which nothing more is sent. */
  readonly parked = new Set<number>();
  /** Why nothing is sent for now, the newest reason last. */
  readonly #paused = new Map<FactOf<"paused">["for"], FactOf<"paused">>();
  /** Items that were busy when they were looked at last. */
  readonly #busy = new Set<number>();
  /** Rows of the list read so far in this pass. */
  rows = 0;
  pass = 0;
  /** Calls a minute that this run may make at present; undefined: no limit, or none is known. */
  perMinute: number | undefined;
  /** Calls made for changes in this process, the reads that belong to them included. */
  calls = 0;
  /** Intents written in this process: whether anything can have been sent. */
  intents = 0;
  rejected = 0;
  confirmed = 0;
  #answered = 0;
  #withdrawn = 0;
  #accepted = 0;
  #unsent = 0;
  /** Items with a lost answer that no read has settled, and those whose read did not show the change. */
  readonly #settling = new Set<number>();
  readonly #unknown = new Set<number>();
  /** Items of which an answer was ever lost. */
  readonly #doubted = new Set<number>();
  #settled = 0;
  #lastAnswer: FactOf<"outcome"> | undefined;

  /** Changes with a final answer. */
  get done(): number {
    return this.#accepted + this.rejected + this.#unsent + this.#settled + this.#unknown.size;
  }
  /** Intents whose answer is still to come. */
  get inFlight(): number {
    return this.intents - this.#answered - this.#withdrawn;
  }
  get settling(): number {
    return this.#settling.size;
  }
  /** Nothing is sent for now; of several reasons the newest. */
  get paused(): FactOf<"paused"> | undefined {
    return this.pauses.at(-1);
  }
  /** Every reason for that, the newest last. */
  get pauses(): readonly FactOf<"paused">[] {
    return [...this.#paused.values()];
  }
  get busy(): number {
    return this.#busy.size;
  }
  get unknown(): number {
    return this.#unknown.size;
  }

  take(event: RunEvent): void {
    switch (event.type) {
      case "run":
        if (this.end !== undefined) this.#anew(this.end);
        this.run = event;
        break;
      case "start":
        this.start = event;
        this.perMinute = event.facts.perMinute;
        break;
      case "throttle":
        if (event.what === "rate") this.perMinute = event.to ?? undefined;
        break;
      case "control":
        this.perMinute = event.perMinute ?? this.perMinute;
        break;
      case "enumerating":
        this.phase = event.purpose === "select" ? "reading" : "verifying";
        this.rows = event.rows;
        break;
      case "preview":
        this.preview = event;
        this.phase = "previewed";
        this.total = event.counts.selected;
        break;
      case "selected":
        this.total = event.size;
        this.waves = event.waves.length;
        this.groups = event.groups ?? [];
        break;
      case "intent":
        this.#intend(event);
        break;
      case "withdrawn":
        this.#withdrawn += event.intents.length;
        break;
      case "outcome":
        this.#answer(event);
        break;
      case "read":
        this.calls += 1;
        this.#settle(event);
        break;
      case "pass":
        this.phase = "verifying";
        this.pass = event.pass;
        this.rows = event.rows;
        break;
      case "verdict":
        if (event.seen === "after") this.confirmed += event.indexes.length;
        break;
      case "wave":
        this.wave = event.wave;
        break;
      case "limit":
        if (event.group !== undefined) this.parked.add(event.group);
        break;
      case "hold":
        this.#hold(event);
        break;
      case "paused":
        this.#paused.set(event.for, event);
        this.phase = "paused";
        break;
      case "continued":
        this.#paused.delete(event.after);
        this.phase = this.#paused.size > 0 ? "paused" : "changing";
        break;
      case "waiting":
        this.phase = "waiting";
        this.waiting = event;
        break;
      case "slowed":
        this.slowed = event;
        break;
      case "consent":
        this.approvals = event.approvals ?? [];
        break;
      case "saved":
        this.saved = event;
        break;
      case "sealed":
        this.sealed = event;
        break;
      case "end":
        this.phase = "ended";
        this.end = event;
        break;
      default:
        break;
    }
  }

  /** Another run is told behind the one that has ended. */
  #anew(end: FactOf<"end">): void {
    this.stoppedEnd ??= end;
    this.phase = "connecting";
    for (const told of ["start", "preview", "saved", "sealed", "waiting", "slowed", "end", "total"] as const)
      this[told] = undefined;
    this.rows = this.pass = this.intents = this.rejected = this.confirmed = 0;
    this.#answered = this.#withdrawn = this.#accepted = this.#unsent = this.#settled = 0;
    for (const items of [this.#settling, this.#unknown, this.#doubted]) items.clear();
  }

  #hold({ index, gaveUp }: FactOf<"hold">): void {
    this.#withdrawn += 1;
    if (gaveUp === true) this.#busy.delete(index);
    else this.#busy.add(index);
  }

  #intend({ index }: FactOf<"intent">): void {
    this.phase = "changing";
    this.intents += 1;
    this.#unknown.delete(index);
  }

  #answer(outcome: FactOf<"outcome">): void {
    this.#busy.delete(outcome.index);
    this.#answered += 1;
    if (isAnswered(outcome) && !isOfOneCall(outcome, this.#lastAnswer)) this.calls += 1;
    this.#lastAnswer = outcome;
    this.slowed = outcome.kind === "not-acted" ? this.slowed : undefined;
    switch (outcome.kind) {
      case "accepted":
        this.#accepted += 1;
        break;
      case "rejected":
        // A refusal that follows a lost answer proves nothing: it is settled by reading, as a lost one.
        if (this.#doubted.has(outcome.index)) this.#settling.add(outcome.index);
        else this.rejected += 1;
        break;
      case "lost":
        this.#doubted.add(outcome.index);
        this.#settling.add(outcome.index);
        break;
      case "drifted":
      case "already":
        this.#unsent += 1;
        break;
      case "not-acted":
        break;
    }
  }

  #settle({ why, index, seen }: FactOf<"read">): void {
    if (why !== "settle" || seen === "early-before" || !this.#settling.delete(index)) return;
    if (seen === "before" || seen === "unreadable") this.#unknown.add(index);
    else this.#settled += 1;
  }
}

/** A call was made for it: what had changed before was only read. */
function isAnswered({ kind }: FactOf<"outcome">): boolean {
  return kind !== "drifted" && kind !== "already";
}

/** Items that share a call are answered one after the other, in the same time. */
function isOfOneCall(outcome: FactOf<"outcome">, last: FactOf<"outcome"> | undefined): boolean {
  return last !== undefined && outcome.intent === last.intent + 1 && outcome.ms === last.ms;
}

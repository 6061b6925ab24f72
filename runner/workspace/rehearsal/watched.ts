import type { Fact, FactOf, PauseReason } from "../../core/model/events.ts";
import type { Stops } from "../../core/model/precautions.ts";
import type { Rehearsal, RehearsedGateResult, RehearsedLimit, RehearsedWave } from "../../core/model/rehearsed.ts";
import { tripped, type Exceeded } from "../../core/schedule/stops.ts";
import { RunState, type Stamp } from "../../core/tally/fold.ts";
import type { RehearsedSelection } from "./paper.ts";

interface Begun {
  readonly size: number;
  readonly beginsMs: number;
  endsMs: number | undefined;
}

type Tripping = Pick<RehearsedLimit, "item">;

interface Around {
  readonly stop: Stops;
  readonly selection: RehearsedSelection;
  /** Ms since boot when the run began. */
  readonly beganUp: number;
}

/** The state of a rehearsed run, which also knows when it came to what. */
export class WatchedState extends RunState {
  readonly #around: Around;
  readonly #waves = new Map<number, Begun>();
  /** With which item a limit was exceeded first: the run hears of it a moment later, with others perhaps. */
  readonly #trips = new Map<string, Tripping>();
  readonly #pauses = new Map<PauseReason, number>();
  readonly #pausedSince = new Map<PauseReason, number>();
  readonly limits: RehearsedLimit[] = [];
  readonly gates: RehearsedGateResult[] = [];
  held = 0;
  listMs: number | undefined;
  stoppedMs: number | undefined;
  #lastMs = 0;

  constructor(around: Around) {
    super();
    this.#around = around;
  }

  override fold(fact: Fact, stamp: Stamp): void {
    super.fold(fact, stamp);
    this.#lastMs = Math.round(stamp.up - this.#around.beganUp);
    this.#watch(fact, this.#lastMs);
  }

  /** Every wave that began. */
  waves(): readonly RehearsedWave[] {
    const endings = new Map([...this.#waves.keys()].map((wave) => [wave, { confirmed: 0, rejected: 0, unknown: 0 }]));
    for (let index = 0; index < this.items.size; index++) {
      const ending = endings.get(this.parts.waveOf(index) ?? -1);
      const state = this.items.stateOf(index);
      if (ending !== undefined && (state === "confirmed" || state === "rejected" || state === "unknown"))
        ending[state] += 1;
    }
    return [...this.#waves].map(([wave, { size, beginsMs, endsMs = this.#lastMs }]) => {
      const { confirmed, rejected, unknown } = endings.get(wave) ?? { confirmed: 0, rejected: 0, unknown: 0 };
      const others = size - confirmed - rejected - unknown;
      return { wave: wave + 1, size, beginsMs, lastsMs: endsMs - beginsMs, confirmed, rejected, unknown, others };
    });
  }

  /** How long it was paused for each reason. */
  pauses(): Rehearsal["pauses"] {
    for (const reason of [...this.#pausedSince.keys()]) this.#goOn(reason, this.#lastMs);
    return [...this.#pauses].map(([reason, ms]) => ({ for: reason, ms }));
  }

  #watch(fact: Fact, nowMs: number): void {
    switch (fact.type) {
      case "selected":
        this.listMs = nowMs;
        break;
      case "wave":
        this.#wave(fact, nowMs);
        break;
      case "outcome":
      case "read":
        this.#trip(fact.index);
        break;
      case "hold":
        this.held += 1;
        this.#trip(fact.index);
        break;
      case "limit":
        this.limits.push(this.#limit(fact, nowMs));
        break;
      case "gate":
        this.gates.push({ wave: fact.wave + 1, result: fact.result, ...(fact.observed && { observed: true }) });
        break;
      case "stopped":
        this.stoppedMs = nowMs;
        break;
      case "paused":
        this.#pausedSince.set(fact.for, nowMs);
        break;
      case "continued":
        this.#goOn(fact.after, nowMs);
        break;
      default:
        break;
    }
  }

  #wave({ wave, phase, size }: FactOf<"wave">, nowMs: number): void {
    if (phase === "begin") this.#waves.set(wave, { size, beginsMs: nowMs, endsMs: undefined });
    const begun = this.#waves.get(wave);
    if (phase === "end" && begun !== undefined) begun.endsMs = nowMs;
  }

  #trip(index: number): void {
    const over = tripped(this.#around.stop, this, index);
    if (over === undefined || this.#trips.has(keyOf(over))) return;
    const change = this.#around.selection.changes[index];
    this.#trips.set(keyOf(over), change ? { item: { id: change.id, title: change.title } } : {});
  }

  #limit(fact: FactOf<"limit">, atMs: number): RehearsedLimit {
    const { limit, tolerated, value, wave, group } = fact;
    const name = group === undefined ? undefined : this.parts.groups[group]?.name;
    return {
      ...{ limit, tolerated, value, atMs },
      ...this.#trips.get(keyOf(fact)),
      ...(wave !== undefined && { wave: wave + 1 }),
      ...(name !== undefined && { group: name }),
    };
  }

  #goOn(reason: PauseReason, nowMs: number): void {
    const since = this.#pausedSince.get(reason);
    this.#pausedSince.delete(reason);
    if (since !== undefined) this.#pauses.set(reason, (this.#pauses.get(reason) ?? 0) + nowMs - since);
  }
}

function keyOf({ limit, wave, group }: Pick<FactOf<"limit"> | Exceeded, "limit" | "wave" | "group">): string {
  return `${limit} ${wave ?? ""} ${group ?? ""}`;
}

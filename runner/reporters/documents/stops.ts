import type { FactOf, LedgerRecord, Person } from "../../core/model/events.ts";
import type { NotStartedReason } from "../../core/model/outcome.ts";

/** What a person asked for, as the record has it. */
interface Asked {
  readonly by: Person;
  readonly why: string;
}

/** Who stopped a run, where and why, as far as its record says so. */
export interface StopFacts {
  /** By the reason of items that were not started: what was said of it last. */
  readonly details: ReadonlyMap<NotStartedReason, string>;
  readonly aborted: Asked | undefined;
  readonly interrupted: Person | undefined;
  /** What the gate with power over the run found last. */
  readonly gate: FactOf<"gate"> | undefined;
  /** Somebody has said since the run stopped that its wave is good. */
  readonly promoted: Asked | undefined;
  /** Groups that were parked, and the limit that each was over. */
  readonly parked: readonly FactOf<"limit">[];
}

/** Collects what of them the fold of a run does not keep. A `verify` or a `resume` that sends nothing leaves them as they were. */
export class Stops {
  readonly details = new Map<NotStartedReason, string>();
  interrupted: Person | undefined;
  gate: FactOf<"gate"> | undefined;
  promoted: Asked | undefined;
  readonly parked: FactOf<"limit">[] = [];

  /** @param aborted As the fold of the run has it. */
  facts(aborted: Asked | undefined): StopFacts {
    const { details, interrupted, gate, promoted, parked } = this;
    return { details, aborted, interrupted, gate, promoted, parked };
  }

  take(record: LedgerRecord): void {
    switch (record.type) {
      case "stopped":
        this.details.set(record.reason, record.detail);
        this.promoted = undefined;
        break;
      case "gate":
        if (record.observed !== true) this.gate = record;
        break;
      case "limit":
        if (record.group !== undefined) this.parked.push(record);
        break;
      case "control":
        if (record.op === "promote") this.promoted = record;
        if (record.op === "interrupt") this.interrupted = record.by;
        break;
      default:
        break;
    }
  }
}

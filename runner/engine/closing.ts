import type { PauseReason, RunEvent } from "../core/model/events.ts";
import type { NotStartedReason } from "../core/model/outcome.ts";
import type { Backend } from "../core/model/run-ports.ts";
import type { Schedule } from "../core/schedule/schedule.ts";
import type { Job, Parts } from "./job.ts";
import { openingAt } from "./opening.ts";

/** The clock of this machine may be set while a run is under way: the window is looked at again so often. */
const windowLookMs = 1000;

interface Around {
  readonly job: Pick<Job, "plan" | "waits">;
  readonly parts: Pick<Parts, "book" | "clock">;
  readonly schedule: Schedule;
  readonly backend: Backend;
  readonly stop: (reason: NotStartedReason, detail: string) => readonly RunEvent[];
}

/** Why nothing may leave for now: somebody paused the run, or it is outside the change window. */
export class Closing {
  readonly #around: Around;
  readonly #closedFor = new Set<PauseReason>();
  #lookAgainUp: number;

  constructor(around: Around) {
    this.#around = around;
    this.#lookAgainUp = around.job.plan.window === undefined ? Infinity : -Infinity;
  }

  /** When the change window is to be looked at again, ms since boot. */
  get lookAgainUp(): number {
    return this.#lookAgainUp;
  }

  /** Why a call may not leave at this very moment; undefined: it may. */
  whyNot(): string | undefined {
    const [reason] = this.#closedFor;
    if (reason !== undefined) return reason;
    return this.#around.parts.clock.up() >= this.#lookAgainUp ? "window" : undefined;
  }

  /** Whether changes may be sent at this time of day; where that is too far off, the run ends and a resume goes on. */
  lookAtWindow(): readonly RunEvent[] {
    const { job, parts, stop } = this.#around;
    const { clock } = parts;
    if (job.plan.window === undefined) return [];
    const { isOpen, untilUp, opens } = openingAt(job.plan.window, clock);
    this.#lookAgainUp = Math.min(untilUp, clock.up() + windowLookMs);
    if (isOpen) return this.open("window");
    const events = this.close("window", "outside the change window", opens);
    const { windowMs = Infinity } = job.waits ?? {};
    return untilUp - clock.up() > windowMs ? [...events, ...stop("window", opensText(opens))] : events;
  }

  close(reason: PauseReason, detail: string, until?: number): readonly RunEvent[] {
    const { parts, schedule, backend } = this.#around;
    if (schedule.stopped || this.#closedFor.has(reason)) return [];
    this.#closedFor.add(reason);
    this.#block();
    backend.withdraw(reason);
    return parts.book.told([{ type: "paused", for: reason, detail, ...(until !== undefined && { until }) }]);
  }

  open(reason: PauseReason): readonly RunEvent[] {
    if (!this.#closedFor.delete(reason)) return [];
    this.#block();
    return this.#around.parts.book.told([{ type: "continued", after: reason }]);
  }

  /** While it is closed for anything nothing starts; the window is looked at again by itself. */
  #block(): void {
    this.#around.schedule.block(this.#closedFor.size > 0 ? Infinity : -Infinity);
  }
}

function opensText(opens: number | undefined): string {
  return opens === undefined ? "" : `it opens at ${new Date(opens).toISOString().slice(0, 16)}Z`;
}

import type { RunEvent } from "../core/model/events.ts";
import type { NotStartedReason, Outcome } from "../core/model/outcome.ts";
import type { Backend } from "../core/model/run-ports.ts";
import { AdaptiveWidth } from "../core/schedule/adaptive.ts";
import type { Schedule } from "../core/schedule/schedule.ts";
import { backoffMs, patienceMs } from "../core/settle/retry.ts";
import type { Job, Parts } from "./job.ts";

type NotActed = Extract<Outcome, { readonly kind: "not-acted" }>;

/** Codes of a call that found no connection. */
const notConnected: ReadonlySet<string> = new Set(["connect", "timeout"]);

interface Around {
  readonly job: Pick<Job, "plan">;
  readonly parts: Pick<Parts, "book" | "clock" | "connection" | "random">;
  readonly schedule: Schedule;
  readonly backend: Backend;
  readonly stop: (reason: NotStartedReason, detail: string) => readonly RunEvent[];
}

/** How fast calls leave: as somebody asked, as wide as the answers bear, and later where the service turns them away. */
export class Pacing {
  readonly #around: Around;
  readonly #width: AdaptiveWidth;
  #lastMs = 0;
  /** Since when the service has done nothing but turn us away; undefined: it has not. */
  #turnedAwaySince: number | undefined;

  constructor(around: Around) {
    this.#around = around;
    this.#width = new AdaptiveWidth(around.parts.book.state.facts.concurrency);
  }

  /** As somebody asked, and as wide as the answers bear: never more than what the run began with. */
  set(): void {
    const { job, parts, schedule, backend } = this.#around;
    const { facts, asked } = parts.book.state;
    const slots = Math.max(1, Math.min(this.#width.width, asked.concurrency ?? Infinity));
    schedule.narrow(slots * (job.plan.change.chunk?.size ?? 1));
    backend.resize(slots);
    if (asked.perMinute === undefined) return;
    parts.connection.setRate?.(Math.min(asked.perMinute, facts.perMinute ?? Infinity));
  }

  /** The service took a call, or its answer is lost. Fewer calls at a time while answers take longer than they did. */
  answered({ kind, ms }: Outcome): readonly RunEvent[] {
    this.#turnedAwaySince = undefined;
    if ((kind !== "accepted" && kind !== "rejected") || ms === 0 || ms === this.#lastMs) return [];
    // Items of one call have one answer.
    this.#lastMs = ms;
    const from = this.#width.width;
    const to = this.#width.answered(ms);
    if (to === from) return [];
    this.set();
    const cause = to < from ? "answers take longer than they did" : "answers are quick again";
    return this.#around.parts.book.told([{ type: "throttle", what: "concurrency", from, to, cause }]);
  }

  /** Proof that nothing was done: the item waits and is sent again, for a quarter of an hour at most. */
  turnedAway({ index, retryAfterMs, failure }: NotActed): readonly RunEvent[] {
    const { parts, schedule, stop } = this.#around;
    const now = parts.clock.up();
    this.#turnedAwaySince ??= now;
    const waitMs = Math.max(retryAfterMs ?? 0, backoffMs(now - this.#turnedAwaySince, parts.random()));
    schedule.again(index, now + waitMs);
    schedule.pause(now + waitMs);
    if (failure.class === "fatal") return stop("login", failure.message);
    if (now - this.#turnedAwaySince + waitMs > patienceMs) {
      return stop("limit", `the service turns every call away for 15 minutes or longer: ${failure.message}`);
    }
    const unreached = failure.class === "not_acted" && notConnected.has(failure.code);
    return [
      { type: "slowed", why: failure.message, ms: Math.round(waitMs), ...(unreached ? { unreached: true } : {}) },
    ];
  }
}

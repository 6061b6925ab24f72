import pLimit from "p-limit";
import type { Backend, Call, Inbox, Message } from "../../core/model/run-ports.ts";
import { carryOut, withdrawn } from "../carry-out.ts";
import type { Carrier } from "../job.ts";

/** Calls run in this process: p-limit holds the slots, its queue is the margin and never more. */
export class LocalBackend implements Backend {
  readonly margin: number;
  readonly #carrier: Carrier;
  readonly #inbox: Inbox;
  readonly #limit: ReturnType<typeof pLimit>;
  /** Handed in and not begun, by the first intent. */
  readonly #queued = new Map<number, Call>();
  readonly #underWay = new Set<Promise<void>>();
  /** Aborted, with the reason, when what it was given to is not to be sent any more. */
  #withdrawal = new AbortController();
  #isBroken = false;

  constructor(carrier: Carrier, { concurrency, margin }: { concurrency: number; margin: number }) {
    this.#carrier = carrier;
    this.#inbox = carrier.parts.inbox;
    this.#limit = pLimit(concurrency);
    this.margin = margin;
  }

  submit(calls: readonly Call[]): void {
    if (this.#isBroken) return;
    if (this.#withdrawal.signal.aborted) this.#withdrawal = new AbortController();
    const { signal } = this.#withdrawal;
    for (const call of calls) {
      this.#queued.set(call.members[0].intent, call);
      const done = this.#limit(() => this.#carry(call, signal));
      this.#underWay.add(done);
      // `#carry` never rejects; this only takes the finished call off the list.
      done.then(() => this.#underWay.delete(done), this.#broken);
    }
  }

  withdraw(reason: string): void {
    this.#withdrawal.abort(reason);
    const calls = [...this.#queued.values()];
    this.#queued.clear();
    if (calls.length > 0) this.#post(() => withdrawn(calls, this.#carrier, reason));
  }

  resize(concurrency: number): void {
    this.#limit.concurrency = concurrency;
  }

  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #carry(call: Call, withdrawal: AbortSignal): Promise<void> {
    if (!this.#queued.delete(call.members[0].intent)) return;
    try {
      for (const message of await carryOut(call, this.#carrier, withdrawal)) this.#inbox.post(message);
    } catch (error) {
      this.#broken(error);
    }
  }

  #post(make: () => Message): void {
    try {
      this.#inbox.post(make());
    } catch (error) {
      this.#broken(error);
    }
  }

  /** The ledger takes no more, or our own code failed: nothing else may be sent, ever, and the loop must hear of it. */
  readonly #broken = (error: unknown): void => {
    this.#isBroken = true;
    this.#withdrawal.abort("broken");
    this.#queued.clear();
    this.#inbox.post({ kind: "broken", error: toError(error) });
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

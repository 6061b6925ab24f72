import pLimit from "p-limit";
import type { Backend, Call, Inbox, Message } from "../../core/model/ports.ts";
import { carryOut, withdrawn } from "../carry-out.ts";
import type { Carrier } from "../job.ts";

/** Calls run in this process: p-limit holds the slots, its queue is the margin and never more. */
export class LocalBackend implements Backend {
  readonly margin: number;
  readonly #carrier: Carrier;
  readonly #inbox: Inbox;
  readonly #limit: ReturnType<typeof pLimit>;
  /** Handed in and not begun, by intent. */
  readonly #queued = new Map<number, Call>();
  readonly #underWay = new Set<Promise<void>>();
  #withdrawn: string | undefined;
  #isBroken = false;

  constructor(carrier: Carrier, { concurrency, margin }: { concurrency: number; margin: number }) {
    this.#carrier = carrier;
    this.#inbox = carrier.parts.inbox;
    this.#limit = pLimit(concurrency);
    this.margin = margin;
  }

  submit(calls: readonly Call[]): void {
    if (this.#isBroken) return;
    this.#withdrawn = undefined;
    for (const call of calls) {
      this.#queued.set(call.intent, call);
      const done = this.#limit(() => this.#carry(call));
      this.#underWay.add(done);
      // `#carry` never rejects; this only takes the finished call off the list.
      done.then(() => this.#underWay.delete(done), this.#broken);
    }
  }

  withdraw(reason: string): void {
    this.#withdrawn = reason;
    const calls = [...this.#queued.values()];
    this.#queued.clear();
    if (calls.length > 0) this.#post(() => withdrawn(calls, this.#carrier, reason));
  }

  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #carry(call: Call): Promise<void> {
    if (!this.#queued.delete(call.intent)) return;
    try {
      this.#inbox.post(await carryOut(call, this.#carrier, () => this.#withdrawn));
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
    this.#withdrawn = "broken";
    this.#queued.clear();
    this.#inbox.post({ kind: "broken", error: toError(error) });
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

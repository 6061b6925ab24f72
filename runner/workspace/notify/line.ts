import type { NoticeEvent, Webhook, WebhookTarget } from "../../core/model/notice.ts";
import type { Clock } from "../../core/model/ports.ts";
import { letterOf, type Message } from "./message.ts";
import { post } from "./post.ts";
import { afterTry, type Patience } from "./retry.ts";

export interface Outside {
  readonly clock: Clock;
  /** 0 <= x < 1. */
  readonly random: () => number;
  readonly patience: Patience;
}

/** Notices that wait for one webhook, at most; a run tells a handful. */
const mostWaiting = 100;

/** What one webhook is told: one notice after another, in their order, each until it is told or given up. */
export class Line {
  readonly #webhook: Webhook;
  readonly #target: WebhookTarget;
  readonly #outside: Outside;
  readonly #end = new AbortController();
  readonly #waiting: Message[] = [];
  #work: Promise<void> | undefined;
  #under: { readonly message: Message; why: string } | undefined;
  readonly untold: { readonly event: NoticeEvent | "test"; readonly why: string }[] = [];

  constructor(webhook: Webhook, target: WebhookTarget, outside: Outside) {
    this.#webhook = webhook;
    this.#target = target;
    this.#outside = outside;
  }

  /** Nothing is waited for. */
  take(message: Message): void {
    if (this.#waiting.length >= mostWaiting) {
      this.untold.push({ event: message.notice.event, why: `${mostWaiting} others were waiting before it` });
      return;
    }
    this.#waiting.push(message);
    this.#work ??= this.#deliverAll();
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#work;
  }

  /** What has not been told by now will not be. */
  leave(): void {
    const under = this.#under;
    if (under !== undefined) this.untold.push({ event: under.message.notice.event, why: under.why });
    this.#under = undefined;
    for (const { notice } of this.#waiting.splice(0))
      this.untold.push({ event: notice.event, why: under === undefined ? "there was no time" : under.why });
    this.#end.abort();
  }

  async #deliverAll(): Promise<void> {
    for (let message = this.#waiting.shift(); message !== undefined; message = this.#waiting.shift()) {
      this.#under = { message, why: "no answer yet" };
      await this.#deliver(this.#under);
      this.#under = undefined;
    }
    this.#work = undefined;
  }

  async #deliver(under: { readonly message: Message; why: string }): Promise<void> {
    const { clock, random, patience } = this.#outside;
    const { signal } = this.#end;
    const began = clock.up();
    for (let tries = 1; !signal.aborted; tries++) {
      const found = await post(this.#letter(under.message), signal);
      // Told as such by who left.
      if (this.#under !== under) return;
      const next = afterTry(found, { tries, lastedMs: clock.up() - began, random: random() }, patience);
      if (next.kind === "told") return;
      if (next.kind === "given-up") {
        this.untold.push({ event: under.message.notice.event, why: next.why });
        return;
      }
      under.why = next.why;
      await clock.sleep(next.waitMs, signal);
    }
  }

  #letter(message: Message) {
    const { format, timeoutMs } = this.#webhook;
    return letterOf(message, this.#target, {
      ...{ format, timeoutMs },
      timestamp: Math.floor(this.#outside.clock.now() / 1000),
    });
  }
}

import { randomUUID } from "node:crypto";
import { RunnerError } from "../core/model/errors.ts";
import type { Notice, NoticeEvent, Webhook } from "../core/model/notice.ts";
import type { Clock } from "../core/model/ports.ts";
import type { Notifier, Untold, UnusableWebhook } from "../workspace.ts";
import { Line, type Outside } from "./notify/line.ts";
import { usualPatience, type Patience } from "./notify/retry.ts";

/** A webhook, and what is told to it. `line` is missing where it can not be told anything, and `fault` says why. */
interface Told {
  readonly webhook: Webhook;
  readonly name: string;
  readonly line?: Line;
  readonly fault?: UnusableWebhook;
  /** Events that came up all the same. */
  readonly missed: (NoticeEvent | "test")[];
}

/** Tell webhooks, beside everything else that goes on: nobody waits for them before the end, and nothing fails with them. */
export function notifierOf(
  webhooks: readonly Webhook[],
  { clock, patience = usualPatience }: { readonly clock: Clock; readonly patience?: Patience },
): Notifier {
  const told = webhooks.map((webhook) => opened(webhook, { clock, random: Math.random, patience }));
  return {
    unusable: told.flatMap(({ fault = [] }) => fault),
    tell: (notice) => tell(told, notice),
    settle: async (atMostMs, signal) => {
      const waited = new AbortController();
      const given = signal === undefined ? waited.signal : AbortSignal.any([signal, waited.signal]);
      const idle = Promise.all(told.flatMap(({ line }) => line?.idle() ?? []));
      await Promise.race([idle, clock.sleep(atMostMs, given)]);
      waited.abort();
      return left(told);
    },
    abandon: () => void left(told),
  };
}

function opened(webhook: Webhook, outside: Outside): Told {
  try {
    const target = webhook.target();
    return {
      ...{ webhook, name: `${webhook.name} (${target.host})` },
      line: new Line(webhook, target, outside),
      missed: [],
    };
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    const { message: why, hint } = error;
    const fault = { webhook: webhook.name, why, ...(hint === undefined ? {} : { hint }) };
    return { webhook, name: webhook.name, fault, missed: [] };
  }
}

function tell(all: readonly Told[], notice: Notice): void {
  const message = { id: randomUUID(), notice };
  for (const { webhook, line, missed } of all) {
    if (notice.event !== "test" && !webhook.events.includes(notice.event)) continue;
    if (line === undefined) missed.push(notice.event);
    else line.take(message);
  }
}

/** Everything that was not told, by webhook and reason, in their order. */
function left(all: readonly Told[]): readonly Untold[] {
  return all.flatMap(({ name, line, fault, missed }) => {
    line?.leave();
    const untold = line?.untold ?? missed.map((event) => ({ event, why: fault?.why ?? "" }));
    const reasons = new Set(untold.map((one) => one.why));
    return [...reasons].map((reason) => ({
      webhook: name,
      events: untold.filter((one) => one.why === reason).map(({ event }) => event),
      why: reason,
    }));
  });
}

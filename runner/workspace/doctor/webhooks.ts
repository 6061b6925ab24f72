import { exitCodes, RunnerError } from "../../core/model/errors.ts";
import type { Notice, Webhook, WebhookTarget } from "../../core/model/notice.ts";
import type { Clock } from "../../core/model/ports.ts";
import { currentPerson } from "../../runs/person.ts";
import { notifierOf } from "../notify.ts";
import type { Check } from "./check.ts";

interface Around {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly offline: boolean;
  /** Send each of them a notice. */
  readonly notify: boolean;
}

const check = "webhook";
/** Somebody waits for it: what does not work at once is worth a look. */
const patience = { tries: 1, forMs: 0, firstWaitMs: 0 };
const mostWaitMs = 31_000;

/** Whether webhooks have what they need, one after another; and, where that is asked for, whether they take a notice. */
export async function* webhookChecks(webhooks: readonly Webhook[], around: Around): AsyncGenerator<Check> {
  for (const webhook of webhooks) yield await webhookCheck(webhook, around);
}

async function webhookCheck(webhook: Webhook, around: Around): Promise<Check> {
  try {
    const what = described(webhook, webhook.target());
    if (!around.notify) return { check, status: "ok", found: what };
    if (around.offline) return { check, status: "skipped", found: `${what}, not contacted (--offline)` };
    return await tried(webhook, what, around);
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    const { message, hint, exitCode } = error;
    return { check, status: "failed", found: message, ...(hint === undefined ? {} : { advice: hint }), exit: exitCode };
  }
}

function described({ name, events, format }: Webhook, { host, signingSecret }: WebhookTarget): string {
  return `${name} (${host}) is told of ${events.join(", ")} as ${format}, ${signingSecret ? "" : "not "}signed`;
}

async function tried(webhook: Webhook, what: string, { env, clock }: Around): Promise<Check> {
  const notifier = notifierOf([webhook], { clock, patience });
  notifier.tell(sample(env, clock));
  const [untold] = await notifier.settle(mostWaitMs);
  if (untold === undefined) return { check, status: "ok", found: `${what}, and took a test` };
  const advice = "Check its address, its headers and its secret, and what the receiver says of it.";
  return {
    check,
    status: "failed",
    found: `${what}, and did not take a test: ${untold.why}`,
    advice,
    exit: exitCodes.connect,
  };
}

function sample(env: Around["env"], clock: Clock): Notice {
  const by = currentPerson(env);
  return {
    event: "test",
    text: `Rollcall can be heard here. ${by.name} on ${by.host} wanted to know.`,
    at: new Date(clock.now()).toISOString(),
    by,
  };
}

import type { Person } from "./events.ts";
import type { Secret } from "./secret.ts";

/** What others can be told of while a run goes on: it begins to change things, waits, stops before its end, is over. */
export const noticeEvents = ["start", "hold", "stop", "done"] as const;
export type NoticeEvent = (typeof noticeEvents)[number];

/** Version of what webhooks are sent. */
export const noticeVersion = 1;

/**
 * What a webhook is told. It holds no values of items, no inputs and no text of the service: who may read a chat need not
 * be allowed to see those.
 */
export interface Notice {
  readonly event: NoticeEvent | "test";
  /** One or two sentences for people, without markup. */
  readonly text: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Who runs it, where that is known. */
  readonly by?: Person;
  readonly run?: string;
  readonly verb?: string;
  /** Names, of the plan and of the service in the config. */
  readonly plan?: string;
  readonly service?: string;
  /** `done`: items by the state they ended in. Else `changes`, and those `answered`, `rejected` and `unknown` so far. */
  readonly counts?: Readonly<Record<string, number>>;
  /** `hold`: of a pause. `stop`: why nothing more is sent, or the code of the error that ended it. */
  readonly reason?: string;
  readonly detail?: string;
  /** `hold`: when it goes on by itself, ISO 8601. */
  readonly until?: string;
  /** `start`: the run that this one takes back. */
  readonly undoes?: string;
  readonly exit?: number;
  /** `run:seq:hash`, for an audit later. */
  readonly anchor?: string;
  /** A command for whoever has to do something now. */
  readonly next?: string;
}

/** `slack`: `{"text": …}`, which others than Slack take as well. */
export type WebhookFormat = "json" | "slack";

/** One address of the trusted config that is told. */
export interface Webhook {
  /** `notify[0]`: its place in the config, by which people are told of it. */
  readonly name: string;
  readonly events: readonly NoticeEvent[];
  readonly format: WebhookFormat;
  /** For one try, connecting included. */
  readonly timeoutMs: number;
  /** Read the environment. @throws {RunnerError} `config`, naming the variable and never what it holds. */
  target(): WebhookTarget;
}

/** Where it is sent and with what. The path of the address is as good as a password with many services. */
export interface WebhookTarget {
  readonly url: Secret;
  /** Of the address: all of it that may be shown. */
  readonly host: string;
  /** Undefined: what is sent is not signed. */
  readonly signingSecret: Secret | undefined;
  readonly headers: readonly (readonly [name: string, value: Secret])[];
}

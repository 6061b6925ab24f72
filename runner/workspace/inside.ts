import type { Clock, Connection, Log, NamedProvider } from "../core/model/ports.ts";
import type { Journal } from "../core/model/run-ports.ts";
import type { ApprovalConfig } from "../core/model/approval.ts";
import type { Webhook } from "../core/model/notice.ts";
import type { Service } from "../core/model/service.ts";

/** What another program may put around the ports: a disk that fills up, a clock that jumps, a line that breaks. */
export interface Seams {
  readonly journal?: (journal: Journal) => Journal;
  readonly connection?: (connection: Connection) => Connection;
  readonly clock?: Clock;
}

/** What every verb of an open workspace works with. */
export interface Inside {
  /** The folder that holds `.rollcall/`. */
  readonly root: string;
  /** The folder whose runs lookups of earlier runs mean. Left out: that one. */
  readonly history?: string;
  readonly services: ReadonlyMap<string, Service>;
  /** Undefined: the config says nothing of approvals. */
  readonly approval?: ApprovalConfig;
  readonly webhooks: readonly Webhook[];
  /** Where a config was looked for; undefined: there is one. */
  readonly missingConfig?: string | undefined;
  /** Path of the policy that the config names. */
  readonly policy?: string | undefined;
  /** By kind; those built in are not among them. */
  readonly providers: ReadonlyMap<string, NamedProvider>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly seams: Seams;
}

import type { Change, Request, Route, SecretText } from "./change.ts";
import type { Catalogue, FieldFacts } from "./catalogue.ts";
import type { ControlOp, Fact, FactOf, Person } from "./events.ts";
import type { SelectionCounts } from "./preview.ts";
import type { Digest, Fields, Item, ItemId, Value } from "./item.ts";
import type { Reference } from "./reference.ts";
import type { Answer, Failure, Outcome } from "./outcome.ts";
import type { Login } from "./frozen.ts";
import type { Page, Paging } from "./listing.ts";
import type { Service } from "./service.ts";

// What the engine asks of the outside. Types only.

/** All vendor knowledge. `catalogue` and `reference` are offline; `connect` logs in once. */
export interface Provider {
  catalogue(service: Service): Catalogue;
  /** The same for people to look things up in, loaded apart, since no run needs it. Left out: there is nothing to. */
  reference?(): Promise<Reference>;
  /** @throws {ConnectError} unreachable (`connect`) or refused (`login`). */
  connect(service: Service, outside: Outside, signal: AbortSignal): Promise<Connection>;
  /** A list that shows what a login may see, for a look and no more. Left out: there is none to look at. */
  sample?(login: Login): ListRequest;
}

/** A provider that another program brings along, for services whose `kind` in the config is this one. */
export interface NamedProvider extends Provider {
  readonly kind: string;
}

export interface Outside {
  readonly clock: Clock;
  /** 0 <= x < 1. */
  readonly random: () => number;
  /** Calls a minute over everything this connection sends; undefined: unlimited. */
  readonly perMinute?: number;
  /** What others on this machine send to the same service counts as well. Left out: nobody else is known of. */
  readonly rate?: RateSource;
  /** Slots for changes; reads and the login use one more connection. */
  readonly concurrency: number;
  /** How often the first login is tried when there is trouble on the way; 3 when left out. A refused one never is again. */
  readonly loginTries?: number;
  /** Told of every request and its answer as they are, for a person who wants to see them. */
  readonly watch?: (exchange: Exchange) => void;
  /** Diagnostics, never a secret. */
  readonly log: Log;
}

/** Calls a minute of a connection; null: no limit. */
export interface PaceChange {
  readonly from: number | null;
  readonly to: number | null;
  readonly cause: string;
}

/** The pace of everything that is sent to one service from this machine. Its answers are short-lived: they count from now. */
export interface RateSource {
  /** The service's own limit, calls a minute; undefined: it has none, and each caller brings the one it keeps to. */
  readonly perMinute: number | undefined;
  /** The clock it goes by, in ms: nothing but what really passes while the machine runs. */
  up(): number;
  take(ask: PaceAsk): PaceGrant;
  /** The service asked for a pause of so many ms, an hour at most. */
  hold(ms: number): void;
  /** The service turned a call away. @returns Calls a minute from now on, for all; undefined: that is not known. */
  throttled(sign: ThrottleSign): number | undefined;
}

/** @param slots How many calls wait: more than one slot is given where they are near together. */
export interface PaceAsk {
  readonly perMinute: number | undefined;
  readonly slots: number;
}

/**
 * `slots`: the first for now, each other one `spacingMs` after the one before at the earliest; 0: ask again after `waitMs`,
 * of which the service asked for `heldMs`. One that is not used at its time is lost: the last may be used up to its moment.
 */
export interface PaceGrant {
  readonly slots: number;
  readonly spacingMs: number;
  readonly waitMs: number;
  readonly heldMs: number;
  /** Calls a minute, since the service turned some away; left out: it did not, or not lately. */
  readonly slowedTo?: number;
}

export interface ThrottleSign {
  /** What the caller keeps to, and else what it has sent lately, calls a minute. */
  readonly perMinute: number | undefined;
  readonly measured: number | undefined;
  /** How long ago the call left. */
  readonly sentAgoMs: number;
  /** Where the service has a limit of its own: back at that rate it is over. */
  readonly ceiling?: number;
}

/** A text that several processes change: one of those who saw the same version replaces it, and the others are told no. */
export interface RateStore {
  read(): { readonly version: number; readonly text: string | undefined };
  replace(version: number, text: string): boolean;
}

/** One request and its answer, in the order in which they came. Texts are without what is known to be secret when they are asked for. */
export interface Exchange {
  readonly method: string;
  readonly ms: number;
  /** Names and values, one after the other. */
  readonly headers: () => readonly string[];
  readonly request: () => string;
  /** Undefined: there was none; `trouble` says why. */
  readonly answer: () => string | undefined;
  readonly status: number | undefined;
  readonly trouble: string | undefined;
  /** The header `www-authenticate`: what the service wants to be let in with. */
  readonly wants: () => string | undefined;
  /** Rules of the config that could not be evaluated on the answer, and why. */
  readonly doubts: () => readonly string[];
}

/** One request and its answer, secrets replaced. `trouble`: why there is no answer. `headers`: names and values in turn. */
export interface ShownExchange {
  readonly method: string;
  readonly ms: number;
  readonly headers: readonly string[];
  readonly request: string;
  readonly status?: number;
  readonly answer?: string;
  readonly trouble?: string;
  /** Of the answer, its header `www-authenticate`. */
  readonly wants?: string;
  /** Rules of the config that could not be evaluated on the answer. */
  readonly doubts?: readonly string[];
}

export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface Clock {
  /** Wall clock, ms since 1970: display, expiry and `now` only. */
  now(): number;
  /** Ms since boot, suspend included: every duration. */
  up(): number;
  /** Resolves early, without an error, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Connection extends AsyncDisposable {
  readonly login: Login;
  /** Our clock minus the service's (HTTP `Date`), ms; undefined when the service does not say. */
  readonly skewMs: number | undefined;
  /**
   * The whole list, page by page, each item once. Finishing without an error means complete.
   * When the signal aborts it ends early, without an error: only then is the end no proof.
   * @throws {IncompleteError} a repeated page, a row twice, a list that moves in every pass.
   */
  pages(list: ListRequest, signal: AbortSignal): AsyncIterable<readonly Item[]>;
  /** One read whose answer is not a list of items: what the method returns. Retried: it is a read. Never throws for an answer. */
  ask(request: Request, signal: AbortSignal): Promise<Asked>;
  /**
   * One item, by the quickest read that supplies `names`; `listed`: with every field, and only as the list itself shows it,
   * so that an item that has left its scope or its filter is absent. Retried: it is a read. Never throws for one item's trouble.
   */
  read(list: ListRequest, id: ItemId, names: readonly string[] | "listed", signal: AbortSignal): Promise<Reading>;
  /**
   * Send a change once. `ready` is awaited right before the bytes leave (logged in, rate slot taken) and may still say no.
   * A session that is refused is renewed inside: login, then once more under the same id. Never throws for an answer.
   */
  write(request: Request, options: WriteOptions): Promise<Answer>;
  /** Calls a minute from now on, never more than the service's own limit; undefined: no limit but that. Left out: it can not be changed. */
  setRate?(perMinute: number | undefined): void;
  /** Told from now on how the service slows calls down, and when that is over. Left out: nobody can tell. */
  listenToPace?(heard: (change: PaceChange) => void): void;
}

export interface ListRequest {
  readonly method: string;
  readonly params: Value;
  readonly fields: readonly FieldFacts[];
  readonly key: string;
  /** Where it is asked for, when not of the service as a whole. */
  readonly route?: Route;
  /** The element of `for_each` that it is the list of. */
  readonly each?: Value;
  /** Where the plan itself says what the list is made of, since the catalogue knows of none. */
  readonly described?: DescribedList;
}

/** How a list is read whose answers only the plan knows. */
export interface DescribedList {
  readonly paging: Paging;
  /** The params of one page. */
  params(page: Page): Value;
  /** The items of an answer, in its order. @throws {IncompleteError} it is not a list of items, each with a key. */
  items(answer: Value): readonly Item[];
}

/** `value`: what the method returned; null for nothing. `began`: `Clock.up()` when the read was begun. */
export type Asked =
  | { readonly kind: "result"; readonly value: Value; readonly began: number }
  | { readonly kind: "failed"; readonly failure: Failure };

/** `lagMs`: how old what it says may be; `began`: `Clock.up()` when the read was begun. */
export type Reading = { readonly source: string; readonly began: number; readonly lagMs: number } & (
  | { readonly kind: "found"; readonly fields: Fields }
  /** `isOfList`: a whole list was looked through for it, and lists lose rows. */
  | { readonly kind: "absent"; readonly isOfList?: true }
  | { readonly kind: "unreadable"; readonly failure: Failure }
);

export interface WriteOptions {
  /** The JSON-RPC id: `<run>-<intent seq>-<attempt>`. */
  readonly id: string;
  readonly ready: () => Promise<boolean>;
  /** Text for a secret input of the plan. */
  readonly reveal: (secret: SecretText) => string;
  readonly signal: AbortSignal;
  /** Ends the wait for a turn to send: not a call that is under way. */
  readonly withdrawal?: AbortSignal;
}

/** A call handed to a backend, its intents durable. `recheck`: read it again and compare right before sending. */
export interface Call {
  /** One, or those of a chunk. The intent of the first names the request. */
  readonly members: readonly [CallMember, ...CallMember[]];
  readonly attempt: number;
  readonly recheck: boolean;
}

export interface CallMember {
  readonly change: Change;
  readonly intent: number;
}

/** Where calls run. Outcomes come to the inbox, already written, each call exactly once or withdrawn. */
export interface Backend {
  /** Calls it wants beyond its slots, their intents durable. */
  readonly margin: number;
  submit(calls: readonly Call[]): void;
  /** What has not been sent is not sent any more and comes back `withdrawn`. Final until the next `submit`. */
  withdraw(reason: string): void;
  /** So many slots from now on; never more than there were at first. */
  resize(concurrency: number): void;
  /** Resolves when nothing is queued or in flight. */
  idle(): Promise<void>;
}

/** What the turn loop hears. Facts in it are already in the ledger. */
export type Message =
  /** `sentUp`: the last moment its bytes can have left, ms since boot. */
  | { readonly kind: "outcome"; readonly outcome: Outcome; readonly sentUp: number }
  | {
      readonly kind: "withdrawn";
      readonly intents: readonly number[];
      readonly indexes: readonly number[];
      readonly reason: string;
    }
  /** Its settling read is in the ledger, or was given up (the run is stopping). */
  | { readonly kind: "settled"; readonly index: number; readonly read: FactOf<"read"> | undefined }
  /** A fresh read said that it is busy; the `hold` is in the ledger. */
  | { readonly kind: "busy"; readonly fact: FactOf<"hold"> }
  | { readonly kind: "stop"; readonly reason: "interrupted"; readonly why: string }
  /** The service takes fewer calls than it did, or as many again. */
  | { readonly kind: "paced"; readonly change: PaceChange }
  /** A person asks for something from elsewhere. Not in the ledger yet. */
  | { readonly kind: "asked"; readonly asked: ControlRequest }
  /** Nothing can be recorded any more, or our own code failed: the run ends with this error. */
  | { readonly kind: "broken"; readonly error: Error };

/** How long a run waits, in ms; Infinity: as long as it takes. */
export interface Waits {
  /** For somebody to judge a wave. */
  readonly personMs: number;
  /** For the change window to open. */
  readonly windowMs: number;
}

/** What a person asks of a run from elsewhere, with the name of the request: it is carried out once. */
export interface ControlRequest {
  readonly id: string;
  readonly op: ControlOp;
  readonly by: Person;
  readonly why: string;
  readonly concurrency?: number;
  readonly perMinute?: number;
  /** Which wave is promoted: the one that was under way when it was asked for. Left out: the one under way when it is heard. */
  readonly wave?: number;
}

/** Where such requests come in. */
export interface Controls {
  /** Those that wait to be heard, the oldest first. */
  take(): Promise<readonly ControlRequest[]>;
  /** Tell of each as it comes, those that wait included, until it is disposed of. */
  listen(heard: (asked: ControlRequest) => void): Disposable;
  /** It is in the ledger, on disk: it need not be kept any more. */
  done(id: string): Promise<void>;
}

export interface Inbox {
  post(message: Message): void;
  /** All that has arrived; waits for the first, at most `timeoutMs` (then empty). */
  take(timeoutMs: number): Promise<readonly Message[]>;
}

/** Where the road keeps what it enumerates and selects: streamed, so that memory does not follow the list. */
export interface SelectionWriter {
  add(
    item: Item,
    decision: {
      readonly as: "filtered-out" | "already" | "refused" | "selected";
      readonly clause?: number;
      readonly why?: string;
    },
  ): Promise<void>;
  select(change: Change): Promise<void>;
  /** Both files are on disk under their final names when this resolves. */
  seal(
    counts: SelectionCounts,
  ): Promise<{ readonly inventory: Digest; readonly changeSet: Digest; readonly changes: ChangeSet }>;
  /** Instead of `seal`: the list was not read to its end. */
  discard(): Promise<void>;
}

/** One writing run at a time. `check` is cheap and false once another owner has taken over. */
export interface RunLock {
  readonly scope: string;
  readonly generation: number;
  check(): boolean;
}

/** The frozen list of changes, on disk. */
export interface ChangeSet {
  readonly size: number;
  /** In the order asked for; neighbours are read together. */
  at(indexes: readonly number[]): Promise<readonly Change[]>;
  indexOf(id: ItemId): number | undefined;
}

/**
 * The ledger's only writer. `note` writes before it returns (it survives the death of the process) and gives the `seq` of
 * the first record; `sync` resolves when everything noted so far is on disk (it survives power loss).
 * @throws {RecordError} for good, once a write or a sync has failed.
 */
export interface Journal {
  note(facts: readonly Fact[]): number;
  sync(): Promise<void>;
}

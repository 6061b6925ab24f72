import type { Request, Route, SecretText } from "./change.ts";
import type { Catalogue, FieldFacts } from "./catalogue.ts";
import type { Fields, Item, ItemId, Value } from "./item.ts";
import type { Reference } from "./reference.ts";
import type { Answer, Failure } from "./outcome.ts";
import type { Login } from "./frozen.ts";
import type { Page, Paging } from "./listing.ts";
import type { PaceChange, RateSource } from "./pace-ports.ts";
import type { Service } from "./service.ts";

// What is asked of a service, and of whoever knows one. Types only.

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

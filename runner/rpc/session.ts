import { ConnectError, RunnerError } from "../core/model/errors.ts";
import type { Fields, Value } from "../core/model/item.ts";
import type { Clock } from "../core/model/ports.ts";
import type { Carried } from "./carried.ts";
import type { Answered } from "./classify.ts";

/** What one login came to. */
export type LoginResult =
  /** `order`: the number of its last request, from `Session.nextOrder`; 0: it needed none. */
  | { readonly kind: "in"; readonly values: Fields; readonly order: number }
  /** The service said no: never tried again. */
  | { readonly kind: "refused"; readonly error: ConnectError }
  /** No clear answer. `counts`: the service may have counted it as a try. */
  | { readonly kind: "failed"; readonly error: ConnectError; readonly counts: boolean };

/**
 * How one service keeps a session: values that a login gives and answers renew, and what requests carry because of them. All
 * that is particular to it comes in as functions.
 */
export interface SessionRules {
  /** There is somebody to log in, so that a refused session can be renewed. */
  readonly hasLogin: boolean;
  login(): Promise<LoginResult>;
  /** @throws {RunnerError} no request can be made of these values. */
  carry(values: Fields): Carried;
  /** The fresh values an answer brings; undefined: none. */
  refresh(answer: Answered): Fields | undefined;
  /** Ms after which values that were not refreshed are not used any more. */
  readonly idleMs: number;
  /** Logins without an authenticated answer between them, after which no more are tried: a loop could lock the user out. */
  readonly maxLogins: number;
}

/** What a request carries of a session. The same object as long as nothing newer is known. */
export interface Stamp {
  readonly carried: Carried;
}

/**
 * One session for all calls: one login at a time, the newest values win by the order in which requests were *sent*, and a
 * refused login is never repeated, whoever asks.
 */
export class Session {
  readonly #rules: SessionRules;
  readonly #clock: Clock;
  #values: Fields = {};
  #stamp: Stamp | undefined;
  /** By name: the order of its newest value there ever was, stale or not. */
  readonly #newest = new Map<string, number>();
  /** Answers to requests that were sent before the last login bring nothing new. */
  #floor = 0;
  #refreshedUp = 0;
  #sent = 0;
  #loginsInARow = 0;
  #underWay: Promise<void> | undefined;
  #refused: RunnerError | undefined;
  /** What the service last had against a login or a session. */
  #lastNo: string | undefined;

  constructor(rules: SessionRules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** Whether a refused session can be renewed. */
  get hasLogin(): boolean {
    return this.#rules.hasLogin;
  }

  /** Number of the request about to be sent: later ones have higher numbers. */
  nextOrder(): number {
    return ++this.#sent;
  }

  /** The newest stamp; undefined when there is none yet, or it has idled too long. */
  current(): Stamp | undefined {
    return this.#clock.up() - this.#refreshedUp < this.#rules.idleMs ? this.#stamp : undefined;
  }

  /**
   * The newest stamp, after a login if need be. Callers wait for the same one.
   * @throws {ConnectError} no login; the same error for everybody once it was refused. @throws {RunnerError} `config`.
   */
  async open(): Promise<Stamp> {
    for (;;) {
      const stamp = this.current();
      if (stamp !== undefined) return stamp;
      this.#underWay ??= this.#login().finally(() => (this.#underWay = undefined));
      await this.#underWay;
    }
  }

  /** This stamp was answered as stale. A newer one that exists already is simply used. @param why Fit to be shown. */
  stale(stamp: Stamp, why?: string): void {
    this.#lastNo = why ?? this.#lastNo;
    if (this.#stamp === stamp) this.#stamp = undefined;
  }

  /** An answer that shows that its request was authenticated. @param order That request's number. */
  heard(answer: Answered, order: number): void {
    this.#loginsInARow = 0;
    this.renewed(answer, order);
  }

  /** An answer that may bring values, whatever else it says. @param order Its request's number. */
  renewed(answer: Answered, order: number): void {
    const values = this.#rules.refresh(answer);
    if (values !== undefined) this.#take(values, order);
  }

  /** Value by value: those of which a newer one is known are left. */
  #take(values: Fields, order: number): void {
    let held: Record<string, Value> | undefined;
    for (const name of Object.keys(values)) {
      if (order <= (this.#newest.get(name) ?? this.#floor)) continue;
      this.#newest.set(name, order);
      this.#refreshedUp = this.#clock.up();
      const value = values[name] ?? null;
      if (this.#stamp === undefined || this.#values[name] !== value) (held ??= { ...this.#values })[name] = value;
    }
    // Told to whoever wants to send next: the answer at hand has to be heard first.
    if (held !== undefined) this.#refused ??= this.#hold(held);
  }

  /** @returns Why no request can be made of these values. */
  #hold(values: Fields): RunnerError | undefined {
    this.#values = values;
    this.#stamp = undefined;
    try {
      this.#stamp = { carried: this.#rules.carry(values) };
      return undefined;
    } catch (error) {
      if (error instanceof RunnerError) return error;
      throw error;
    }
  }

  async #login(): Promise<void> {
    const { maxLogins } = this.#rules;
    if (this.#loginsInARow >= maxLogins) this.#refused ??= tooManyLogins(maxLogins, this.#lastNo);
    if (this.#refused !== undefined) throw this.#refused;
    this.#loginsInARow += 1;
    const result = await this.#rules.login();
    if (result.kind === "in") {
      // Values of the old chain, sent for later, do not outlive a new login.
      this.#newest.clear();
      this.#floor = result.order;
      for (const name of Object.keys(result.values)) this.#newest.set(name, result.order);
      this.#refreshedUp = this.#clock.up();
      this.#refused = this.#hold(result.values);
      if (this.#refused === undefined) return;
      throw this.#refused;
    }
    if (result.kind === "failed" && !result.counts) this.#loginsInARow -= 1;
    if (result.kind === "refused") this.#refused = result.error;
    this.#lastNo = result.error.message;
    if (this.#loginsInARow >= maxLogins) this.#refused ??= tooManyLogins(maxLogins, this.#lastNo, result.error);
    throw this.#refused ?? result.error;
  }
}

function tooManyLogins(most: number, last: string | undefined, cause?: ConnectError): ConnectError {
  const why = last === undefined ? "" : `; the last answer: ${last}`;
  const hint = cause?.hint ?? "Check the account and the service, then start again.";
  return new ConnectError("login", `${most} logins in a row without one authenticated answer${why}.`, {
    cause,
    hint: `No more are tried, since that could lock the user out. ${hint}`,
  });
}

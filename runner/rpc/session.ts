import { ConnectError } from "../core/model/errors.ts";
import type { Clock } from "../core/model/ports.ts";
import type { Body } from "./envelope.ts";

/** What one login came to. */
export type LoginResult =
  /** `order`: the number of its request, from `Session.nextOrder`. */
  | { readonly kind: "in"; readonly token: string; readonly order: number }
  /** The service said no: never tried again. */
  | { readonly kind: "refused"; readonly error: ConnectError }
  /** No clear answer. `counts`: the service may have counted it as a try. */
  | { readonly kind: "failed"; readonly error: ConnectError; readonly counts: boolean };

/** How one service keeps a session. All that is particular to it comes in as functions. */
export interface SessionRules {
  login(): Promise<LoginResult>;
  /** The request members that carry the token, as JSON text. */
  stamp(token: string): string;
  /** The fresh token an answer carries; undefined: none. */
  refresh(body: Body): string | undefined;
  /** Ms after which a token that was not refreshed is not used any more. */
  readonly idleMs: number;
}

/** What a request carries, and how old its token is: the order of the request whose answer gave it. */
export interface Stamp {
  readonly members: string;
  /** For redaction only. */
  readonly token: string;
  readonly tokenOrder: number;
}

/** Logins without an authenticated answer between them, after which no more are tried: a loop could lock the user out. */
const maxLoginsInARow = 3;

/**
 * One session for all calls: one login at a time, the newest token wins by the order in which requests were *sent*, and a
 * refused login is never repeated, whoever asks.
 */
export class Session {
  readonly #rules: SessionRules;
  readonly #clock: Clock;
  #stamp: Stamp | undefined;
  /** Order of the newest token there ever was, stale or not. */
  #newest = 0;
  #refreshedUp = 0;
  #sent = 0;
  #loginsInARow = 0;
  #underWay: Promise<void> | undefined;
  #refused: ConnectError | undefined;

  constructor(rules: SessionRules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
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
   * @throws {ConnectError} no login; the same error for everybody once it was refused.
   */
  async open(): Promise<Stamp> {
    for (;;) {
      const stamp = this.current();
      if (stamp !== undefined) return stamp;
      this.#underWay ??= this.#login().finally(() => (this.#underWay = undefined));
      await this.#underWay;
    }
  }

  /** This stamp was answered as stale. A newer one that exists already is simply used. */
  stale(stamp: Stamp): void {
    if (this.#stamp?.tokenOrder === stamp.tokenOrder) this.#stamp = undefined;
  }

  /** An answer that shows that its request was authenticated. @param order That request's number. */
  heard(body: Body, order: number): void {
    this.#loginsInARow = 0;
    const token = this.#rules.refresh(body);
    if (token !== undefined) this.#take(token, order);
  }

  #take(token: string, order: number): void {
    if (order <= this.#newest) return;
    this.#stamp = { members: this.#rules.stamp(token), token, tokenOrder: order };
    this.#newest = order;
    this.#refreshedUp = this.#clock.up();
  }

  async #login(): Promise<void> {
    if (this.#loginsInARow >= maxLoginsInARow) this.#refused ??= tooManyLogins();
    if (this.#refused !== undefined) throw this.#refused;
    this.#loginsInARow += 1;
    const result = await this.#rules.login();
    if (result.kind === "in") {
      // A token of the old chain, sent for later, does not outlive a new login.
      this.#newest = Math.min(this.#newest, result.order - 1);
      this.#take(result.token, result.order);
      return;
    }
    if (result.kind === "failed" && !result.counts) this.#loginsInARow -= 1;
    if (result.kind === "refused") this.#refused = result.error;
    if (this.#loginsInARow >= maxLoginsInARow) this.#refused ??= tooManyLogins(result.error);
    throw this.#refused ?? result.error;
  }
}

function tooManyLogins(last?: ConnectError): ConnectError {
  const why = last === undefined ? "" : `; the last one: ${last.message}`;
  return new ConnectError("login", `${maxLoginsInARow} logins in a row without one authenticated answer${why}.`, {
    cause: last,
    hint: "No more are tried, since that could lock the user out. Check the account and the service, then start again.",
  });
}

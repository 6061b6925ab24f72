import { RunnerError } from "../../core/model/errors.ts";
import type { Fields, Value } from "../../core/model/item.ts";
import { isObject } from "../../core/model/object.ts";
import type { Clock, Log } from "../../core/model/ports.ts";
import type { ConfigNames, LoginStep, Protocol, RefreshRule, SessionCall } from "../../core/model/protocol.ts";
import type { Service } from "../../core/model/service.ts";
import { nothingCarried, type Carried } from "../../rpc/carried.ts";
import type { Answered, Heard } from "../../rpc/classify.ts";
import type { Client } from "../../rpc/client.ts";
import { loginFailed, loginRefused } from "../../rpc/login-trouble.ts";
import type { LoginResult, Session, SessionRules } from "../../rpc/session.ts";
import { skewOf } from "../../rpc/skew.ts";
import { headerOf } from "../../rpc/transport.ts";
import { carriedBy, evaluated, rendered, textsIn } from "./carry.ts";
import type { CookieJar } from "./cookies.ts";
import { textsMadeOf, veiledParams } from "./veil.ts";

const logoutMs = 5000;
/** Texts of values held before that answers may still echo. */
const mostRemembered = 64;

export interface SessionParts {
  readonly service: Service;
  readonly protocol: Protocol;
  readonly cookies: CookieJar | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends a login under way, when the connection closes. */
  readonly signal: AbortSignal;
}

/** The session of a configured service: values that its login steps and its answers save, carried as its credentials say. */
export class ConfiguredSession implements SessionRules {
  readonly hasLogin: boolean;
  readonly idleMs = Number.POSITIVE_INFINITY;
  readonly maxLogins: number;
  readonly #parts: SessionParts;
  #line: { readonly client: Client; readonly session: Session } | undefined;
  #secrets: Readonly<Record<string, string>> | undefined;
  #skewMs: number | undefined;
  /** What the last request or login step went with: there is something to log out of. */
  #values: Fields | undefined;
  /** What login steps made of secrets. */
  readonly #derived = new Set<string>();
  /** Of the newest requests. */
  #carriedNow: readonly string[] = [];
  /** Of those before them too, the oldest first. */
  readonly #held = new Set<string>();

  constructor(parts: SessionParts) {
    const { login, maxLogins } = parts.protocol.session;
    this.#parts = parts;
    this.hasLogin = login.length > 0;
    this.maxLogins = maxLogins;
  }

  /** What logins go through; it is built around this session. */
  attach(client: Client, session: Session): void {
    this.#line = { client, session };
  }

  /** Our clock minus the service's, by the first answer to a login step that says; undefined: none does. */
  get skewMs(): number | undefined {
    return this.#skewMs;
  }

  /** Values that nothing may show: of the config, and of the session as far as it is remembered. */
  readonly secrets = (): readonly string[] => [
    ...Object.values(this.#secrets ?? {}),
    ...this.#derived,
    ...new Set([...this.#carriedNow, ...this.#held]),
    ...(this.#parts.cookies?.values() ?? []),
  ];

  carry(values: Fields): Carried {
    this.#values = values;
    return this.#carried(values);
  }

  refresh({ http, body }: Answered): Fields | undefined {
    const { envelope, session } = this.#parts.protocol;
    if (session.refresh.length === 0) return undefined;
    // It was JSON before it was an answer.
    const json = (body ?? null) as Value;
    const error = envelope.success?.(json) === true ? null : envelope.error(json);
    const told = { http, error, result: envelope.result(json) ?? null, body: json };
    const saved = session.refresh
      .filter(({ on }) => on === "every" || on(told))
      .flatMap(({ save }) => save.map(({ name, from }) => [name, foundIn(from, { http, json })] as const))
      .filter(([, value]) => value !== null);
    return saved.length === 0 ? undefined : Object.fromEntries(saved);
  }

  async login(): Promise<LoginResult> {
    const { protocol, cookies } = this.#parts;
    this.#secrets ??= await revealedSecrets(protocol);
    // As the first one: what is left of the old session could be refused.
    cookies?.clear(this.#attached().session.nextOrder());
    let [values, order]: [Fields, number] = [{}, 0];
    for (const [index, step] of protocol.session.login.entries()) {
      const place = `${this.#place}.login[${index}]`;
      const names = this.#names(values);
      if (evaluated(() => step.unless?.(names) === true, `${place}.unless`)) continue;
      const stepped = await this.#step(step, place, values);
      if (stepped.kind !== "in") return stepped;
      ({ values, order } = stepped);
      this.#values = values;
    }
    return { kind: "in", values, order };
  }

  /** Best effort, and short: what it comes to is only told to the log. Nothing to do where nobody was let in. */
  async logout(): Promise<void> {
    const { protocol, log, service } = this.#parts;
    const { logout } = protocol.session;
    if (logout === undefined || this.#values === undefined) return;
    const facts = { service: service.name };
    try {
      const signal = AbortSignal.timeout(logoutMs);
      const { heard } = await this.#send(logout, { place: `${this.#place}.logout`, values: this.#values, signal });
      if (heard.kind !== "result") log.warn(facts, `could not log out: ${this.#shown(heard)}`);
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      log.warn(facts, `could not log out: ${error.message}`);
    }
  }

  /** @returns All values after it. */
  async #step(step: LoginStep, place: string, before: Fields): Promise<LoginResult> {
    const { service, clock, signal } = this.#parts;
    const sentAt = clock.now();
    const { heard, order, values } = await this.#send(step, { place, values: before, signal });
    if ("http" in heard) this.#skewMs ??= skewOf(heard.http, sentAt, clock.now());
    if (heard.kind !== "result") return this.#failed(heard, step);
    // What can not be evaluated does not hold: `false` in place of an object may be how this service says no.
    if (step.require !== undefined && step.require(heard.result) !== true)
      return loginRefused(service, `the answer to ${step.call} is not what ${place}.require wants`);
    const saved = step.save.map(({ name, from }) => [name, from(heard.result)] as const);
    const missing = saved.find(([, value]) => value === null);
    // The next try would be the same, and it may be how this service says no.
    if (missing !== undefined)
      return loginRefused(
        service,
        this.#clean(`the answer to ${step.call} has ${nothingAt(missing[0], heard.result)}`),
      );
    return { kind: "in", values: this.#with(values, { ...this.refresh(heard), ...Object.fromEntries(saved) }), order };
  }

  /** One call of the session, and once more where its refusal brings the values that it wants. */
  async #send(
    call: SessionCall,
    { place, values, signal }: { readonly place: string; readonly values: Fields; readonly signal: AbortSignal },
  ): Promise<{ readonly heard: Heard; readonly order: number; readonly values: Fields }> {
    const { client } = this.#attached();
    const first = await client.bare(this.#request(call, place, values), signal, this.#carriedBy(call, values));
    const { heard } = first;
    const brought = heard.kind === "turned-away" && heard.isRenewal ? this.#broughtBy(heard) : undefined;
    if (brought === undefined) return { ...first, values };
    const newer = this.#with(values, brought);
    const again = await client.bare(this.#request(call, place, newer), signal, this.#carriedBy(call, newer));
    return { ...again, values: newer };
  }

  #broughtBy({ http, body }: Partial<Answered>): Fields | undefined {
    return http && this.refresh({ http, body });
  }

  #request(
    { call, params }: SessionCall,
    place: string,
    values: Fields,
  ): { readonly method: string; readonly params: Value; readonly shown: Value } {
    const names = this.#names(values);
    const sent = rendered(params, names, `${place}.params`);
    if (sent === undefined) {
      throw new RunnerError("config", `${place}.params uses a session value that nothing before it has saved.`, {
        hint: "Save it in an earlier step of session.login.",
      });
    }
    for (const text of textsMadeOf(params, names, sent)) this.#derived.add(text);
    return { method: call, params: sent, shown: veiledParams(params, names, sent) };
  }

  #carriedBy({ anonymous }: SessionCall, values: Fields): Carried {
    return anonymous ? nothingCarried : this.#carried(values);
  }

  #carried(values: Fields): Carried {
    const { service, protocol } = this.#parts;
    const carried = carriedBy(protocol.credentials, this.#names(values), `services.${service.name}.credentials`);
    const secrets = [...carried.secrets, ...textsIn(values)];
    this.#carriedNow = secrets;
    this.#remember(secrets);
    return { ...carried, secrets };
  }

  #with(values: Fields, saved: Fields): Fields {
    this.#remember(textsIn(saved));
    return { ...values, ...saved };
  }

  #failed(heard: Exclude<Heard, { readonly kind: "result" }>, { call }: LoginStep): LoginResult {
    const { service } = this.#parts;
    const { code } = heard.trouble;
    const message = `${call}: ${this.#shown(heard)}`;
    if (heard.kind === "unsent" && code === "login") {
      throw new RunnerError("config", `${service.name}: ${this.#shown(heard)}`, {
        hint: "Write the params of the step in the same way, or anonymous: true where the step goes without credentials.",
      });
    }
    if (isRefusal(heard)) return loginRefused(service, message, isOfService(heard) ? undefined : code);
    // What was turned away was not acted on.
    const counts = heard.kind === "lost" || heard.kind === "error";
    return loginFailed(service, { code, message, isSent: heard.kind !== "unsent" }, counts);
  }

  #shown(heard: Exclude<Heard, { readonly kind: "result" }>): string {
    return this.#attached().client.failureOf(heard.trouble).message;
  }

  #clean(message: string): string {
    return this.#attached().client.failureOf({ class: "reject", code: "login", message }).message;
  }

  #attached(): { readonly client: Client; readonly session: Session } {
    if (this.#line === undefined) throw new Error("the session has nothing to log in through");
    return this.#line;
  }

  #names(session: Fields): ConfigNames {
    return { secrets: this.#secrets ?? {}, session };
  }

  get #place(): string {
    return `services.${this.#parts.service.name}.session`;
  }

  #remember(texts: readonly string[]): void {
    for (const text of texts) {
      this.#held.delete(text);
      this.#held.add(text);
    }
    for (const oldest of this.#held) {
      if (this.#held.size <= mostRemembered) return;
      this.#held.delete(oldest);
    }
  }
}

/**
 * A wrong password must not be tried again: whatever is an answer to the login, and no pause, may be the service's no to it.
 * What is none (nothing, a page, a server in trouble) may pass.
 */
function isRefusal(heard: Exclude<Heard, { readonly kind: "result" }>): boolean {
  const { class: failureClass, code } = heard.trouble;
  if (heard.kind === "error") return failureClass !== "uncertain" || isOfService(heard) || isClearStatus.test(code);
  return heard.kind === "lost" && (code === "wrong-shape" || code === "wrong-id" || isClearStatus.test(code));
}

/** But those that say "later". */
const isClearStatus = /^http-4(?!08|25|29)/;

/** It is JSON-RPC, and answers our request. */
function isOfService(heard: Exclude<Heard, { readonly kind: "result" }>): boolean {
  return heard.kind === "error" && heard.body !== undefined;
}

/** Of the answer no more than the names in it. */
function nothingAt(name: string, result: Value): string {
  const paths = `nothing to save as session.${name}: paths begin at the result, which`;
  if (!isObject(result)) return `${paths} is ${kindOf(result)}`;
  const members = Object.keys(result);
  return `${paths} has ${members.length === 0 ? "no members" : `the members ${members.slice(0, 12).join(", ")}`}`;
}

function kindOf(value: Value): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}

async function revealedSecrets(protocol: Protocol): Promise<Readonly<Record<string, string>>> {
  const secrets = await protocol.secrets();
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]));
}

function foundIn(
  from: RefreshRule["save"][number]["from"],
  { http, json }: { readonly http: Answered["http"]; readonly json: Value },
): Value {
  return "header" in from ? (headerOf(http, from.header.toLowerCase()) ?? null) : from.body(json);
}

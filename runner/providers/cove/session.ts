import { ConnectError } from "../../core/model/errors.ts";
import type { Fields } from "../../core/model/item.ts";
import type { Login } from "../../core/model/frozen.ts";
import type { Clock } from "../../core/model/ports.ts";
import type { Credentials, Service } from "../../core/model/service.ts";
import type { Carried } from "../../rpc/carried.ts";
import type { Answered, Heard } from "../../rpc/classify.ts";
import type { Client } from "../../rpc/client.ts";
import type { Body } from "../../rpc/envelope.ts";
import { loginFailed, loginRefused } from "../../rpc/login-trouble.ts";
import type { LoginResult, SessionRules } from "../../rpc/session.ts";
import { skewOf } from "../../rpc/skew.ts";
import { isObject } from "../../core/model/object.ts";

/** A visa lives 15 minutes from its answer; two are left for a slow answer. */
const idleMs = 13 * 60_000;
const maxLogins = 3;

/** Our clock minus the service's at the first login, and who the service says we are. */
interface LoggedIn {
  readonly login: Login;
  readonly skewMs: number | undefined;
}

/**
 * Cove's session: `Login` gives a visa, every answer a fresher one, errors too; requests carry it beside `params`. The
 * visa is passed on as it is, never taken apart: its shape is nobody's promise.
 */
export class CoveSession implements SessionRules {
  readonly hasLogin = true;
  readonly idleMs = idleMs;
  readonly maxLogins = maxLogins;
  readonly #service: Service;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #client: Client | undefined;
  #credentials: Credentials | undefined;
  #loggedIn: LoggedIn | undefined;

  /** @param signal Ends a login under way, when the connection closes. */
  constructor(service: Service, clock: Clock, signal: AbortSignal) {
    this.#service = service;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** The client that logins go through; it is built around this session. */
  attach(client: Client): void {
    this.#client = client;
  }

  /** Undefined before the first login. */
  get loggedIn(): LoggedIn | undefined {
    return this.#loggedIn;
  }

  /** Values that no message may show. */
  readonly secrets = (): readonly string[] => {
    const { username, password, partner } = this.#credentials ?? {};
    return [username, password, partner].flatMap((secret) => (secret === undefined ? [] : [secret.reveal()]));
  };

  /** What lets anybody in; none before the first login. */
  password(): readonly string[] {
    const { password } = this.#credentials ?? {};
    return password === undefined ? [] : [password.reveal()];
  }

  carry({ visa }: Fields): Carried {
    if (typeof visa !== "string") throw new Error("a session is open without a visa");
    return { members: `"visa":${JSON.stringify(visa)}`, headers: [], params: [], secrets: [visa] };
  }

  refresh({ body }: Answered): Fields | undefined {
    const visa = body?.visa;
    return typeof visa === "string" && visa !== "" ? { visa } : undefined;
  }

  async login(): Promise<LoginResult> {
    if (this.#client === undefined) throw new Error("the session has no client to log in with");
    this.#credentials ??= await this.#service.credentials();
    const sentAt = this.#clock.now();
    const request = { method: "Login", params: paramsOf(this.#credentials) };
    const { heard, order } = await this.#client.bare(request, this.#signal);
    if (heard.kind !== "result") return this.#failed(heard, this.#client);
    const values = this.refresh(heard);
    const user = isObject(heard.result) ? heard.result.result : undefined;
    if (values === undefined || !isObject(user)) return this.#unusable();
    this.#loggedIn ??= { login: loginOf(user), skewMs: skewOf(heard.http, sentAt, this.#clock.now()) };
    return { kind: "in", values, order };
  }

  #failed(heard: Exclude<Heard, { readonly kind: "result" }>, client: Client): LoginResult {
    const { message } = client.failureOf(heard.trouble);
    if (heard.kind === "error") return loginRefused(this.#service, message);
    const trouble = { code: heard.trouble.code, message, isSent: heard.kind !== "unsent" };
    return loginFailed(this.#service, trouble, heard.kind === "lost");
  }

  #unusable(): LoginResult {
    const error = new ConnectError("connect", `${this.#service.name} answered the login without a visa or a user.`, {
      hint: "Check that the url of the service is the JSON-RPC endpoint.",
    });
    return { kind: "failed", error, counts: true };
  }
}

function paramsOf({ partner, username, password }: Credentials): Record<string, string> {
  return {
    ...(partner === undefined ? {} : { partner: partner.reveal() }),
    username: username.reveal(),
    password: password.reveal(),
  };
}

function loginOf(user: Body): Login {
  return {
    user_id: idOf(user.Id),
    partner_id: idOf(user.PartnerId),
    name: typeof user.Name === "string" ? user.Name : "",
  };
}

/** A number although it came as text: a plan compares it with numbers, and to CEL 7 and "7" are never equal. */
function idOf(value: unknown): number | string | null {
  if (typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
  return typeof value === "number" || typeof value === "string" ? value : null;
}

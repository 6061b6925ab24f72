import { RunnerError } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import type { Answer, Failure, FailureClass } from "../core/model/outcome.ts";
import type { Outside, WriteOptions } from "../core/model/ports.ts";
import type { Request } from "../core/model/change.ts";
import { longestHoldMs } from "../core/schedule/shared-pace.ts";
import { nothingCarried, sentParams, type Carried } from "./carried.ts";
import { classify, type Dialect, type Heard, type Trouble } from "./classify.ts";
import { requestWriter, type RequestParts } from "./envelope.ts";
import type { Limiter, Slot } from "./limiter.ts";
import { cleanMessage } from "./message.ts";
import { pageText } from "./page-text.ts";
import { paramsText, revealed } from "./reveal.ts";
import type { Session, Stamp } from "./session.ts";
import type { Reply, Transport } from "./transport.ts";
import { exchangeOf, type Wording } from "./watching.ts";

/** What a read came to. `began`: `Clock.up()` right before the request that was answered. */
export type ReadAnswer =
  | { readonly kind: "result"; readonly result: Value; readonly began: number }
  | { readonly kind: "failed"; readonly failure: Failure; readonly began: number };

export interface ClientParts {
  readonly transport: Transport;
  /** Left out: requests carry what they need themselves, and there is nobody to log in. */
  readonly session?: Session;
  readonly limiter: Limiter;
  readonly dialect: Dialect;
  readonly outside: Outside;
  readonly timeoutMs: number;
  /** Longest message kept, in characters. */
  readonly message: number;
  /** Values that no message may show, besides the session's own token. */
  readonly secrets: () => readonly string[];
  /** Left out: cookies are not kept. */
  readonly cookies?: Cookies;
  /** Tries of one read that are not a declared pause of the service; 6 when left out. */
  readonly tries?: number;
}

/** What the service wants to be told again with each request. */
export interface Cookies {
  /** The header's value; undefined: there is none to send. */
  header(): string | undefined;
  /** @param order Of the request that was answered: later ones have higher numbers. */
  take(lines: readonly string[], order: number): void;
}

const readTries = 6;
const backoff = { firstMs: 250, mostMs: 10_000 };
/** How long a read or a login waits while the service does nothing but turn it away, or has asked for a pause. */
const patienceMs = 15 * 60_000;
/** Longest code of an error that is kept, in characters. */
const longestCode = 60;

/** JSON-RPC over HTTP: reads are repeated until they are answered, a write is sent once. Nothing here throws. */
export class Client {
  readonly #parts: ClientParts;
  /** Tells the ids of this connection's reads and logins from those of others in a server's log. */
  readonly #prefix: string;
  readonly #body: (parts: RequestParts) => string;
  /** By requests that somebody watches. */
  readonly #carried = new Set<string>();
  #reads = 0;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#body = requestWriter(parts.dialect.envelope);
    this.#prefix = Math.floor(parts.outside.random() * 36 ** 5)
      .toString(36)
      .padStart(5, "0");
  }

  /** Read, with repeats where they can help. @param secrets Of this call, to be kept out of what is told of it. */
  async read({ method, params }: Request, signal: AbortSignal, secrets: readonly string[] = []): Promise<ReadAnswer> {
    const { session, tries: most = readTries } = this.#parts;
    const { clock, random } = this.#parts.outside;
    const since = clock.up();
    const send = { method, params, write: paramsText, signal, maxHoldMs: patienceMs };
    for (let tries = 1; ; tries++) {
      const { heard, began, stamp } = await this.#authenticated({ id: this.#nextId(), ...send });
      if (heard.kind === "result") return { kind: "result", result: heard.result, began };
      const failure = this.failureOf(heard.trouble, [...secrets, ...secretsOf(stamp)]);
      const heldMs = heard.kind === "turned-away" ? (heard.retryAfterMs ?? 0) : 0;
      const isPause = failure.class === "throttle" && clock.up() - since + heldMs < patienceMs;
      const mayPass = canPass.has(failure.class) && (failure.class !== "auth" || session !== undefined);
      if (signal.aborted || !mayPass || (tries >= most && !isPause)) {
        return { kind: "failed", failure, began };
      }
      await clock.sleep(random() * Math.min(backoff.mostMs, backoff.firstMs * 2 ** (tries - 1)), signal);
    }
  }

  /** Write: sent once, and once more only after the service refused its session, which it does before it does anything. */
  async write(
    request: Request,
    { id, ready, reveal, signal, withdrawal }: WriteOptions,
    more: readonly string[] = [],
  ): Promise<Answer> {
    let secrets = more;
    const write = (sent: Value): string => {
      const text = revealed(sent, reveal);
      if (text.secrets.length > 0) secrets = [...more, ...text.secrets];
      return text.params;
    };
    const { method, params } = request;
    const maxHoldMs = this.#parts.timeoutMs;
    const send = { id, method, params, write, signal, ready, maxHoldMs, turn: withdrawal ?? signal };
    const { heard, stamp } = await this.#authenticated(send);
    return heard.kind === "result"
      ? { kind: "accepted", value: heard.result }
      : this.#answerOf(heard, [...secrets, ...secretsOf(stamp)]);
  }

  /**
   * One request without the session, for what makes and ends it. `shown`: its params as people may see them.
   * @returns `order`: its number in the session's count.
   */
  async bare(
    { method, params, shown }: Request & { readonly shown?: Value },
    signal: AbortSignal,
    carried: Carried = nothingCarried,
  ): Promise<{ readonly heard: Heard; readonly order: number }> {
    const { session, limiter } = this.#parts;
    const slot = await limiter.take(signal, patienceMs);
    const order = session?.nextOrder() ?? 0;
    if (slot.kind !== "taken") return { heard: withoutSlot(slot), order };
    const send = { id: this.#nextId(), method, params, write: paramsText, ...(shown !== undefined && { shown }) };
    const posted = this.#posted(send, carried);
    if ("kind" in posted) return { heard: posted, order };
    const began = this.#parts.outside.clock.up();
    const reply = await this.#parts.transport.post(posted.body, signal, posted.headers);
    this.#tell(send, carried, { posted, reply, began });
    return { heard: this.#judge(reply, { id: send.id, order, began }), order };
  }

  /** A trouble as it may be shown and kept. */
  failureOf({ class: failureClass, code, message, page }: Trouble, secrets: readonly string[] = []): Failure {
    const { session, message: length, secrets: known } = this.#parts;
    const hidden = [...secrets, ...known(), ...secretsOf(session?.current())];
    return {
      class: failureClass,
      // It can be any text as well: what is asked by code was asked before.
      code: cleanMessage(code, { length: longestCode, secrets: hidden }),
      message: cleanMessage(page === undefined ? message : `${message}${pageText(page, hidden)}`, {
        length,
        secrets: hidden,
      }),
    };
  }

  async #authenticated(send: Send): Promise<Came> {
    const first = await this.#once(send);
    return mayBeRenewed(first.heard) ? this.#renewed(send, first) : first;
  }

  /** What refused the session did nothing: it is sent again with newer values, once for each way to have some. */
  async #renewed(send: Send, first: Came): Promise<Came> {
    const used = new Set<"newer" | "login">();
    let came = first;
    for (;;) {
      const { session } = this.#parts;
      const { heard, stamp } = came;
      if (session === undefined || stamp === undefined || !mayBeRenewed(heard)) return came;
      const way = session.current() === stamp ? "login" : "newer";
      if (way === "login" && heard.kind === "turned-away") return came;
      if (way === "login" && !session.hasLogin) return { ...came, heard: final(heard, stamp.carried) };
      if (used.has(way)) return came;
      used.add(way);
      if (way === "login" && heard.kind === "error")
        session.stale(stamp, this.failureOf(heard.trouble, secretsOf(stamp)).message);
      came = await this.#once(send);
    }
  }

  async #once(send: Send): Promise<Came> {
    const { session, limiter, outside, transport } = this.#parts;
    const stamp = session && (session.current() ?? (await this.#open(session)));
    if (stamp !== undefined && "kind" in stamp) return { heard: stamp, began: outside.clock.up() };
    const slot = await limiter.take(send.turn ?? send.signal, send.maxHoldMs);
    if (slot.kind !== "taken") return { heard: withoutSlot(slot), began: outside.clock.up() };
    if (send.ready !== undefined && !(await send.ready())) return { heard: withdrawn, began: outside.clock.up() };
    const began = outside.clock.up();
    const order = session?.nextOrder() ?? 0;
    const posted = this.#posted(send, stamp?.carried ?? nothingCarried);
    if ("kind" in posted) return { heard: posted, began };
    const reply = await transport.post(posted.body, send.signal, posted.headers);
    this.#tell(send, stamp?.carried ?? nothingCarried, { posted, reply, began });
    const heard = this.#judge(reply, { id: send.id, order, began });
    if (session !== undefined) hear(session, heard, order);
    return { heard, began, ...(stamp && { stamp }) };
  }

  /** What is sent. Else there is no such request: of no call, if not of this one. */
  #posted({ id, method, params, write }: Wording, carried: Carried): Posted | Heard {
    const { dialect, cookies } = this.#parts;
    const sent = sentParams(params, carried.params, dialect.envelope);
    if ("wrong" in sent) return unsent("fatal", "login", `${method} can not be sent: its params ${sent.wrong}`);
    const text = sent.params === undefined ? undefined : write(sent.params);
    const cookie = cookies?.header();
    return {
      body: this.#body({ id, method, params: text, members: carried.members }),
      headers: cookie === undefined ? carried.headers : [...carried.headers, "cookie", cookie],
      cookie,
    };
  }

  /** What becomes known as a secret by the answer itself is hidden as well. */
  #tell(
    wording: Wording,
    carried: Carried,
    { posted, reply, began }: { readonly posted: Posted; readonly reply: Reply; readonly began: number },
  ): void {
    const { outside, session, secrets: known, dialect } = this.#parts;
    if (outside.watch === undefined) return;
    // What one answer brought is what the next request carries.
    for (const secret of carried.secrets) this.#carried.add(secret);
    const secrets = (): readonly string[] => [...this.#carried, ...known(), ...secretsOf(session?.current())];
    const ms = outside.clock.up() - began;
    outside.watch(exchangeOf({ wording, carried, cookie: posted.cookie, reply, ms }, dialect, secrets));
  }

  async #open(session: Session): Promise<Stamp | Heard> {
    try {
      return await session.open();
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      const mayPass = error.code === "connect";
      return unsent(mayPass ? "not_acted" : "fatal", mayPass ? error.code : "login", error.message);
    }
  }

  #judge(reply: Reply, { id, order, began }: Sent): Heard {
    const { dialect, limiter, outside, cookies } = this.#parts;
    if (cookies !== undefined && reply.kind === "answered") cookies.take(linesOf(reply.headers["set-cookie"]), order);
    const heard = classify(reply, id, dialect);
    if (heard.kind !== "turned-away") return heard;
    if (heard.trouble.class === "throttle") limiter.throttled(began, this.failureOf(heard.trouble).message);
    if (heard.retryAfterMs !== undefined) {
      limiter.holdUntil(outside.clock.up() + Math.min(heard.retryAfterMs, longestHoldMs));
    }
    return heard;
  }

  #answerOf(heard: Exclude<Heard, { readonly kind: "result" }>, secrets: readonly string[]): Answer {
    if (heard.kind === "unsent" && notWanted.has(heard.trouble.code)) return { kind: "withdrawn" };
    const failure = this.failureOf(heard.trouble, secrets);
    if (heard.kind === "lost") return { kind: "lost", failure };
    if (heard.kind === "unsent" && failure.class === "reject") return { kind: "rejected", failure };
    if (heard.kind === "error" && !provesNothingDone.has(failure.class)) {
      return { kind: failure.class === "uncertain" ? "lost" : "rejected", failure };
    }
    const retryAfterMs = heard.kind === "turned-away" ? heard.retryAfterMs : undefined;
    return { kind: "not-acted", failure, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }

  #nextId(): string {
    return `${this.#prefix}-r${++this.#reads}`;
  }
}

interface Send extends Wording {
  readonly signal: AbortSignal;
  readonly maxHoldMs: number;
  /** Ends the wait for a slot; left out: `signal` does. */
  readonly turn?: AbortSignal;
  /** Writes only: asked again before a repeat, since time has passed. */
  readonly ready?: () => Promise<boolean>;
}

/** `order`: its place among all requests; `began`: when it left, ms since boot. */
interface Sent {
  readonly id: string;
  readonly order: number;
  readonly began: number;
}

interface Posted {
  readonly body: string;
  readonly headers: readonly string[];
  readonly cookie: string | undefined;
}

interface Came {
  readonly heard: Heard;
  /** Ms since boot, right before the bytes could leave. */
  readonly began: number;
  /** What the request carried; undefined: it was not sent, or there is no session. */
  readonly stamp?: Stamp;
}

const canPass: ReadonlySet<FailureClass> = new Set(["auth", "throttle", "not_acted", "uncertain"]);
const provesNothingDone: ReadonlySet<FailureClass> = new Set(["auth", "throttle", "not_acted"]);
/** Ends that the caller asked for: nothing is wrong with the service. */
const notWanted: ReadonlySet<string> = new Set(["withdrawn", "aborted"]);
const withdrawn = unsent("not_acted", "withdrawn", "the run stopped before it was sent");

/** What a request carried: its answer may echo it, though something newer is in use by then. */
function secretsOf(stamp: Stamp | undefined): readonly string[] {
  return stamp?.carried.secrets ?? [];
}

/** What the session learns from an answer. One that refuses it brings nothing. */
function hear(session: Session, heard: Heard, order: number): void {
  if (heard.kind === "lost" || heard.kind === "unsent" || isStale(heard)) return;
  if (heard.kind === "result") {
    session.heard(heard, order);
    return;
  }
  const { http, body } = heard;
  if (http === undefined) return;
  if (heard.kind === "turned-away" && heard.isRenewal) session.renewed({ http, body }, order);
  else if (body !== undefined) session.heard({ http, body }, order);
}

/** The session was refused, or what it holds is too old for this service. */
function mayBeRenewed(heard: Heard): boolean {
  return isStale(heard) || (heard.kind === "turned-away" && heard.isRenewal === true);
}

function isStale(heard: Heard): boolean {
  return heard.kind === "error" && heard.trouble.class === "auth";
}

/** Asking again gives the same: it is the trouble of all calls. */
function final(heard: Heard, carried: Carried | undefined): Heard {
  if (heard.kind !== "error") return heard;
  const { members, headers, params } = carried ?? nothingCarried;
  const isNone = members === "" && headers.length + params.length === 0;
  const what = isNone
    ? "the service wants credentials, and requests carry none: see `credentials` and `session` of the service in the config"
    : "the service refused the credentials that every request carries: check them in the config";
  const message = `${what} (${heard.trouble.message})`;
  return { kind: "turned-away", trouble: { class: "fatal", code: "login", message }, retryAfterMs: undefined };
}

function linesOf(header: string | string[] | undefined): readonly string[] {
  return header === undefined ? [] : Array.isArray(header) ? header : [header];
}

function withoutSlot(slot: Exclude<Slot, { readonly kind: "taken" }>): Heard {
  if (slot.kind === "aborted") return unsent("not_acted", "aborted", "ended before it was sent");
  const message = `the service asked for a pause, ${Math.ceil(slot.ms / 1000)} s of which are left`;
  return { kind: "turned-away", trouble: { class: "throttle", code: "pause", message }, retryAfterMs: slot.ms };
}

function unsent(failureClass: FailureClass, code: string, message: string): Heard {
  return { kind: "unsent", trouble: { class: failureClass, code, message } };
}

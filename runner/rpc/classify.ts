import type { Value } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";
import type { FailureClass } from "../core/model/outcome.ts";
import type { EnvelopeRules, Told } from "../core/model/protocol.ts";
import { readEnvelope, shown, type Body, type Envelope } from "./envelope.ts";
import { headerOf, type HttpAnswer, type Reply } from "./transport.ts";

/** How a service speaks: where things stand in its answers, and what they mean. */
export interface Dialect {
  readonly envelope: EnvelopeRules;
  /** Whole numbers beyond 2^53 in answers are kept as `ExactInt`. Left out: they are rounded, as JSON.parse does. */
  readonly isExact?: boolean;
  readonly errors: ErrorFacts;
}

/** What a service declares of its answers. What it does not declare proves nothing. */
export interface ErrorFacts {
  /** The number or name to branch on, as text. */
  codeOf(error: Value): string;
  /** What a person can do about a code; undefined: the message says enough. */
  explain(code: string): string | undefined;
  /** Whether an answer with our id counts on this HTTP status; on others it may come from something in between. */
  isClear(kind: "result" | "error", status: number): boolean;
  /**
   * What an answer is declared to mean; undefined: nothing is. An error that counts is `reject` then.
   * @param isAnswer False: it is no JSON-RPC answer to our request, so that its HTTP status alone can mean something.
   */
  declared(told: Told, isAnswer: boolean): Declared | undefined;
  /** A success may be declared to be something else, so that each has to be looked at. */
  readonly doubtsResults?: boolean;
  /** What was declared and could not be evaluated on this answer, and why. */
  doubts?(told: Told): readonly string[];
  /** It refuses a request for values that it brings along: nothing was done. Never asked of a success. */
  isRenewal?(told: Told, isAnswer: boolean): boolean;
}

export interface Declared {
  readonly class: FailureClass;
  /** In place of the error's own. */
  readonly message?: string;
}

/** Why there is no result; `message` is still as the service wrote it. */
export interface Trouble {
  readonly class: FailureClass;
  readonly code: string;
  readonly message: string;
  /** A body that is no JSON: its beginning, which still may hold secrets. */
  readonly page?: Page;
}

export interface Page {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
}

/** An answer to one request. `body`: undefined where it is no JSON-RPC. */
export interface Answered {
  readonly http: HttpAnswer;
  readonly body: Body | undefined;
}

/** What one request came to. */
export type Heard =
  | { readonly kind: "result"; readonly result: Value; readonly body: Body; readonly http: HttpAnswer }
  /** A clear refusal by the service itself, or one that is declared. */
  | ({ readonly kind: "error"; readonly trouble: Trouble } & Answered)
  /** Nothing was done, by declaration. `isRenewal`: it brings values that the same request can be sent again with. */
  | ({
      readonly kind: "turned-away";
      readonly trouble: Trouble;
      readonly retryAfterMs: number | undefined;
      readonly isRenewal?: true;
    } & Partial<Answered>)
  /** Sent, and no clear answer: it may have been done. */
  | { readonly kind: "lost"; readonly trouble: Trouble }
  /** Provably not sent. */
  | { readonly kind: "unsent"; readonly trouble: Trouble };

/** Judge a reply to the request with this id. Pure; everything that is not clear is `lost`. */
export function classify(reply: Reply, id: string, dialect: Dialect): Heard {
  switch (reply.kind) {
    case "unsent":
      return { kind: "unsent", trouble: { class: "not_acted", code: reply.code, message: reply.message } };
    case "lost":
      return lost("uncertain", reply.code, reply.message);
    case "answered":
      return judge(reply, readEnvelope(reply.text, id, dialect.envelope, dialect.isExact), dialect.errors);
  }
}

/** What of the declarations could not be evaluated on an answer that is no success. For people: nothing follows from it. */
export function doubtsOf(
  http: HttpAnswer,
  id: string,
  { envelope: rules, isExact, errors }: Dialect,
): readonly string[] {
  if (errors.doubts === undefined) return [];
  const envelope = readEnvelope(http.text, id, rules, isExact);
  const isSuccess = envelope.kind === "result" && errors.isClear("result", http.status);
  return isSuccess ? [] : errors.doubts(toldBy(http, envelope));
}

function judge(http: HttpAnswer, envelope: Envelope, errors: ErrorFacts): Heard {
  if (envelope.kind === "result" && errors.isClear("result", http.status))
    return (errors.doubtsResults === true ? doubted(http, envelope, errors) : undefined) ?? resultOf(envelope, http);
  const told = toldBy(http, envelope);
  const isAnswer = envelope.kind !== "malformed";
  const answered: Answered = { http, body: isAnswer ? envelope.body : undefined };
  const trouble = troubleOf(http, envelope, errors);
  if (errors.isRenewal?.(told, isAnswer) === true) {
    const refused: Trouble = { ...trouble, class: "not_acted" };
    // What it brings may stand in any body.
    const body = isObject(envelope.body) ? envelope.body : undefined;
    return { kind: "turned-away", trouble: refused, retryAfterMs: undefined, isRenewal: true, http, body };
  }
  const declared = errors.declared(told, isAnswer);
  if (declared !== undefined) {
    const { page, ...rest } = trouble;
    const isSaid = declared.message !== undefined || page === undefined;
    return asDeclared({ ...rest, ...declared, ...(isSaid ? {} : { page }) }, answered);
  }
  const isClear = envelope.kind === "error" && errors.isClear("error", http.status);
  return isClear ? { kind: "error", trouble, ...answered } : { kind: "lost", trouble };
}

/** Undefined: the success is what it says. */
function doubted(http: HttpAnswer, envelope: Success, errors: ErrorFacts): Heard | undefined {
  const declared = errors.declared(toldBy(http, envelope), true);
  if (declared === undefined) return undefined;
  const message = `answered with the result ${shown(envelope.result)}`;
  return asDeclared({ code: "result", message, ...declared }, { http, body: envelope.body });
}

type Success = Extract<Envelope, { readonly kind: "result" }>;

function resultOf({ result, body }: Success, http: HttpAnswer): Heard {
  return { kind: "result", result, body, http };
}

function toldBy({ status }: HttpAnswer, envelope: Envelope): Told {
  return {
    http: { status },
    error: envelope.kind === "error" ? envelope.error : null,
    result: envelope.kind === "malformed" ? null : envelope.result,
    // `Body` is what it was before it was known to be JSON.
    body: envelope.body as Value,
  };
}

function asDeclared(trouble: Trouble, answered: Answered): Heard {
  switch (trouble.class) {
    case "throttle":
    case "not_acted":
      return { kind: "turned-away", trouble, retryAfterMs: retryAfterMs(answered.http), ...answered };
    case "auth":
    case "not_found":
    case "reject":
    case "uncertain":
    case "fatal":
      return { kind: "error", trouble, ...answered };
  }
}

/** What an answer that is no success says by itself; its class where nothing is declared of it. */
function troubleOf(http: HttpAnswer, envelope: Envelope, errors: ErrorFacts): Trouble {
  const { status } = http;
  if (envelope.kind === "error" && errors.isClear("error", status)) {
    const code = errors.codeOf(envelope.error);
    return { class: "reject", code, message: explained(messageOf(envelope.error, code), errors.explain(code)) };
  }
  if (status === 200 && envelope.kind === "malformed")
    return { class: "uncertain", code: envelope.code, message: envelope.message, ...pageOf(http, envelope) };
  const message = statusMessage(status, envelope);
  const failureClass = isPassing(status) ? "uncertain" : "fatal";
  return { class: failureClass, code: `http-${status}`, message, ...pageOf(http, envelope) };
}

/** More than anybody is shown, so that what is cut off can not be half of a secret that is. */
export const longestPage = 8192;

function pageOf(http: HttpAnswer, envelope: Envelope): { readonly page?: Page } {
  if (envelope.kind !== "malformed" || envelope.code !== "bad-json") return {};
  const { status, text } = http;
  return { page: { status, type: headerOf(http, "content-type"), text: text.slice(0, longestPage) } };
}

function messageOf(error: Value, code: string): string {
  const text = typeof error === "string" ? error : errorText(error);
  return text === "" ? `error ${code}` : text;
}

function errorText(error: Value): string {
  return isObject(error) && typeof error.message === "string" ? error.message : "";
}

function explained(message: string, advice: string | undefined): string {
  return advice === undefined ? message : `${message} (${advice})`;
}

function statusMessage(status: number, envelope: Envelope): string {
  if (status >= 300 && status < 400) return `answered with HTTP ${status}: redirects are never followed; check the url`;
  const text = envelope.kind === "error" ? messageOf(envelope.error, "") : "";
  return envelope.kind === "error" ? `HTTP ${status}: ${text}` : `answered with HTTP ${status}`;
}

/** Retry-After: seconds, or a date, which is measured against the service's own clock. */
function retryAfterMs(http: HttpAnswer): number | undefined {
  const retryAfter = headerOf(http, "retry-after");
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}$/.test(retryAfter.trim())) return Number(retryAfter) * 1000;
  const ms = Date.parse(retryAfter) - Date.parse(headerOf(http, "date") ?? "");
  // Date.parse also makes something of "-1".
  return /^[A-Za-z]{3}/.test(retryAfter) && Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Whether asking again can help: for reads only, since a lost write is never sent again. */
function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 425;
}

function lost(failureClass: FailureClass, code: string, message: string): Heard {
  return { kind: "lost", trouble: { class: failureClass, code, message } };
}

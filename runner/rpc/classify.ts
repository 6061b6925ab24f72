import type { FailureClass } from "../core/model/outcome.ts";
import { readEnvelope, type Body, type Envelope, type RpcError } from "./envelope.ts";
import type { HttpAnswer, Reply } from "./transport.ts";

/** What a service declares of its errors. What it does not declare proves nothing. */
export interface ErrorFacts {
  /** The number or name to branch on, as text. */
  codeOf(error: RpcError): string;
  /** By code; an error that is not listed is `reject`. */
  readonly classes: ReadonlyMap<string, FailureClass>;
  /** HTTP statuses that mean something for sure, for example 429. */
  readonly statuses: Readonly<Record<number, FailureClass>>;
  /** What a person can do about a code; undefined: the message says enough. */
  explain(code: string): string | undefined;
}

/** Why there is no result; `message` is still as the service wrote it. */
export interface Trouble {
  readonly class: FailureClass;
  readonly code: string;
  readonly message: string;
}

/** What one request came to. */
export type Heard =
  | { readonly kind: "result"; readonly result: unknown; readonly body: Body; readonly http: HttpAnswer }
  /** A clear refusal by the service itself. */
  | { readonly kind: "error"; readonly trouble: Trouble; readonly body: Body }
  /** A status that is declared to mean that nothing was done. */
  | { readonly kind: "turned-away"; readonly trouble: Trouble; readonly retryAfterMs: number | undefined }
  /** Sent, and no clear answer: it may have been done. */
  | { readonly kind: "lost"; readonly trouble: Trouble }
  /** Provably not sent. */
  | { readonly kind: "unsent"; readonly trouble: Trouble };

/** Judge a reply to the request with this id. Pure; everything that is not clear is `lost`. */
export function classify(reply: Reply, id: string, facts: ErrorFacts): Heard {
  switch (reply.kind) {
    case "unsent":
      return { kind: "unsent", trouble: { class: "not_acted", code: reply.code, message: reply.message } };
    case "lost":
      return lost("uncertain", reply.code, reply.message);
    case "answered":
      return reply.status === 200
        ? classifyEnvelope(readEnvelope(reply.text, id), reply, facts)
        : classifyStatus(reply, id, facts);
  }
}

function classifyEnvelope(envelope: Envelope, http: HttpAnswer, facts: ErrorFacts): Heard {
  switch (envelope.kind) {
    case "result":
      return { kind: "result", result: envelope.result, body: envelope.body, http };
    case "error":
      return { kind: "error", trouble: troubleOf(envelope.error, facts), body: envelope.body };
    case "malformed":
      return lost("uncertain", envelope.code, envelope.message);
  }
}

function troubleOf(error: RpcError, facts: ErrorFacts): Trouble {
  const code = facts.codeOf(error);
  const advice = facts.explain(code);
  const message = error.message === "" ? `error ${code}` : error.message;
  return {
    class: facts.classes.get(code) ?? "reject",
    code,
    message: advice === undefined ? message : `${message} (${advice})`,
  };
}

function classifyStatus(reply: HttpAnswer, id: string, facts: ErrorFacts): Heard {
  const declared = facts.statuses[reply.status];
  const code = `http-${reply.status}`;
  const message = statusMessage(reply, id);
  if (declared !== undefined) {
    return { kind: "turned-away", trouble: { class: declared, code, message }, retryAfterMs: retryAfterMs(reply) };
  }
  // Only the service itself knows our id, and 4xx is its refusal: as clear as the same error on 200.
  const envelope = reply.status >= 400 && reply.status < 500 ? readEnvelope(reply.text, id) : undefined;
  if (envelope?.kind === "error") return classifyEnvelope(envelope, reply, facts);
  return lost(isPassing(reply.status) ? "uncertain" : "fatal", code, message);
}

function statusMessage(reply: HttpAnswer, id: string): string {
  const { status } = reply;
  if (status >= 300 && status < 400) return `answered with HTTP ${status}: redirects are never followed; check the url`;
  const envelope = readEnvelope(reply.text, id);
  return envelope.kind === "error" ? `HTTP ${status}: ${envelope.error.message}` : `answered with HTTP ${status}`;
}

/** Retry-After: seconds, or a date, which is measured against the service's own clock. */
function retryAfterMs({ retryAfter, date }: HttpAnswer): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}$/.test(retryAfter.trim())) return Number(retryAfter) * 1000;
  const ms = Date.parse(retryAfter) - Date.parse(date ?? "");
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

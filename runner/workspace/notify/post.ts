import { request as requestPlain, type IncomingMessage } from "node:http";
import { request as requestTls } from "node:https";
import { reasonOf } from "../../core/model/reason.ts";
import type { Secret } from "../../core/model/secret.ts";
import { tlsTrouble } from "../../rpc/tls-trouble.ts";

/** What one try came to. */
export type Try =
  | { readonly kind: "answered"; readonly status: number; readonly retryAfterMs: number | undefined }
  /** No connection, or no answer. `why` is the end of a sentence, and holds nothing of the address but its host. */
  | { readonly kind: "failed"; readonly why: string };

export interface Letter {
  readonly url: Secret;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The whole exchange, connecting included. */
  readonly timeoutMs: number;
}

/** More of an answer than this is not taken: nothing in it is of use. */
const mostBytes = 64 * 1024;

/**
 * One POST, on a connection of its own, of which only the status is heard: certificates verified, redirects never followed,
 * bounded in time and size. Never rejects; settled by the first that is known. What an answer says is not kept: it may repeat what was sent.
 */
export function post({ url, headers, body, timeoutMs }: Letter, signal: AbortSignal): Promise<Try> {
  return new Promise((settle) => {
    const address = new URL(url.reveal());
    const length = String(Buffer.byteLength(body));
    const options = { method: "POST", agent: false, headers: { ...headers, "Content-Length": length } } as const;
    // Set, so that no environment variable turns verification off.
    const verified = { ...options, rejectUnauthorized: true } as const;
    const sent = address.protocol === "https:" ? requestTls(address, verified) : requestPlain(address, options);
    const end = (why: string): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
      sent.destroy();
      settle({ kind: "failed", why });
    };
    const leave = (): void => end("no answer yet");
    const timer = setTimeout(() => end(`no answer within ${timeoutMs} ms`), timeoutMs);
    signal.addEventListener("abort", leave);
    sent.on("error", (error) => end(troubleOf(error)));
    sent.on("response", (answer) => {
      settle({ kind: "answered", status: answer.statusCode ?? 0, retryAfterMs: retryAfterOf(answer) });
      drain(answer, () => end("it was answered"));
    });
    if (signal.aborted) leave();
    else sent.end(body);
  });
}

/** To its end, so that the other side sees no broken connection; but not for longer than it is worth. */
function drain(answer: IncomingMessage, end: () => void): void {
  let bytes = 0;
  answer.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostBytes) end();
  });
  answer.on("error", end);
  answer.on("end", end);
}

/** Seconds, or a date, which is measured against the clock of who says it. */
function retryAfterOf({ headers }: IncomingMessage): number | undefined {
  const said = headers["retry-after"]?.trim() ?? "";
  if (/^\d{1,9}$/.test(said)) return Number(said) * 1000;
  const ms = Date.parse(said) - Date.parse(headers.date ?? "");
  return /^[A-Za-z]{3}/.test(said) && Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function troubleOf(error: Error): string {
  // A host with several addresses fails with all their errors in one, and an empty message.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const reason = (first instanceof Error ? tlsTrouble(first) : undefined) ?? reasonOf(first);
  return `the connection failed${reason === "" ? "" : `: ${reason}`}`;
}

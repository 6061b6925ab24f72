import { rootCertificates } from "node:tls";
import type Pool from "undici/lib/dispatcher/pool.js";
import type { Controller, DispatchHandler } from "undici/lib/dispatcher/pool.js";
import type { Clock } from "../core/model/ports.ts";
import { Watch, type Watched } from "./watch.ts";
import { tlsTrouble } from "./tls-trouble.ts";

/** What one POST came to. The line between `unsent` and `lost` is the moment the request is handed to a socket. */
export type Reply =
  | HttpAnswer
  /** Provably not written: no connection, no TLS, or ended before its turn. */
  | { readonly kind: "unsent"; readonly code: "connect" | "timeout" | "aborted"; readonly message: string }
  /** Written, and no whole answer: the service may have acted. */
  | { readonly kind: "lost"; readonly code: LostCode; readonly message: string };

export interface HttpAnswer {
  readonly kind: "answered";
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** As they came, names in lower case; several of one name are a list. */
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The first of that name. @param name In lower case. */
export function headerOf({ headers }: Pick<HttpAnswer, "headers">, name: string): string | undefined {
  const found = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return Array.isArray(found) ? found[0] : found;
}

type LostCode = "timeout" | "aborted" | "reset" | "truncated" | "bad-http" | "too-large" | "content-encoding";

export interface TransportOptions {
  readonly url: string;
  readonly connections: number;
  /** The whole exchange, connecting included. */
  readonly timeoutMs: number;
  /** Largest answer, in bytes. */
  readonly maxBytes: number;
  readonly clock: Clock;
  /** `application/json` when left out. */
  readonly contentType?: string;
  /** Certificates that are trusted besides the usual ones, as PEM. */
  readonly ca?: string | undefined;
}

/**
 * POST with JSON to one address, and nothing else: certificates verified, redirects never followed, no compression,
 * bounded in time and size, each request written at most once. undici is loaded with the first one.
 */
export class Transport implements AsyncDisposable {
  readonly #options: TransportOptions;
  readonly #origin: string;
  readonly #path: string;
  readonly #headers: readonly string[];
  readonly #watch: Watch;
  #pool: Promise<Pool> | undefined;
  #opened: Pool | undefined;

  constructor(options: TransportOptions) {
    const url = new URL(options.url);
    this.#options = options;
    this.#origin = url.origin;
    this.#path = url.pathname + url.search;
    const { contentType = "application/json" } = options;
    this.#headers = ["content-type", contentType, "accept", "application/json", "user-agent", "rollcall"];
    this.#watch = new Watch(options.timeoutMs, options.clock);
  }

  /** Never rejects for anything the network does. @param more Further headers, names and values by turns. */
  post(body: string, signal: AbortSignal, more: readonly string[] = none): Promise<Reply> {
    const pool = this.#opened;
    const headers = more.length === 0 ? this.#headers : [...this.#headers, ...more];
    return pool === undefined
      ? this.#open().then((opened) => this.#send(opened, { body, headers }, signal))
      : this.#send(pool, { body, headers }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#pool)?.destroy();
  }

  #send(pool: Pool, { body, headers }: Posted, signal: AbortSignal): Promise<Reply> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve({ kind: "unsent", code: "aborted", message: "ended before it was sent" });
        return;
      }
      const exchange = new Exchange(this.#options, (reply) => {
        this.#watch.remove(exchange, signal);
        resolve(reply);
      });
      this.#watch.add(exchange, signal);
      // Our own deadline is stricter than a pause between headers or chunks: it also ends an answer that only drips.
      pool.dispatch({ path: this.#path, method: "POST", headers, body, headersTimeout: 0, bodyTimeout: 0 }, exchange);
    });
  }

  #open(): Promise<Pool> {
    this.#pool ??= import("undici/lib/dispatcher/pool.js").then(({ default: PoolClass }) => {
      const { connections, timeoutMs, ca } = this.#options;
      // Set, so that no environment variable turns verification off.
      const connect = { timeout: timeoutMs, rejectUnauthorized: true, ...(ca !== undefined && trusting(ca)) };
      this.#opened = new PoolClass(this.#origin, { connections, pipelining: 1, connect });
      return this.#opened;
    });
    return this.#pool;
  }
}

const none: readonly string[] = [];

interface Posted {
  readonly body: string;
  readonly headers: readonly string[];
}

/** What is named here takes the place of the usual certificates, so those are named too. */
function trusting(ca: string): { readonly ca: readonly string[] } {
  return { ca: [...rootCertificates, ca] };
}

/** One request and its answer, as undici tells it. Settles once; what comes later is ignored. */
class Exchange implements DispatchHandler, Watched {
  readonly #settle: (reply: Reply) => void;
  readonly #limits: TransportOptions;
  #controller: Controller | undefined;
  #isSettled = false;
  #status = 0;
  #headers: Headers = {};
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  dueAt = 0;

  constructor(limits: TransportOptions, settle: (reply: Reply) => void) {
    this.#limits = limits;
    this.#settle = settle;
  }

  onRequestStart(controller: Controller): void {
    // Ended while it waited for a connection, or about to be written a second time: nothing may be written.
    if (this.#isSettled || this.#controller !== undefined) controller.abort(new Error("not to be written"));
    else this.#controller = controller;
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    const encoding = headerOf({ headers }, "content-encoding");
    if (encoding !== undefined && encoding !== "identity") {
      this.#lose("content-encoding", `the answer is compressed (${encoding}), which was not asked for`);
    }
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#isSettled) return;
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#limits.maxBytes) this.#chunks.push(chunk);
    else this.#lose("too-large", `the answer is larger than ${this.#limits.maxBytes} bytes`);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#bytes);
    const text = whole.toString("utf8");
    this.#end({ kind: "answered", status: this.#status, text, headers: this.#headers });
  }

  onResponseError(_controller: Controller, error: Error & { readonly code?: string }): void {
    if (this.#controller === undefined) {
      this.#end({ kind: "unsent", code: "connect", message: `could not connect: ${reasonOf(error)}` });
    } else this.#end({ kind: "lost", code: lostCodeOf(error), message: `the connection failed: ${reasonOf(error)}` });
  }

  expire(): void {
    const message = `no answer within ${this.#limits.timeoutMs} ms`;
    if (this.#controller === undefined)
      this.#end({ kind: "unsent", code: "timeout", message: `no connection: ${message}` });
    else this.#lose("timeout", message);
  }

  abort(): void {
    if (this.#controller === undefined)
      this.#end({ kind: "unsent", code: "aborted", message: "ended before it was sent" });
    else this.#lose("aborted", "given up while waiting for the answer");
  }

  #lose(code: LostCode, message: string): void {
    this.#end({ kind: "lost", code, message });
    this.#controller?.abort(new Error(message));
  }

  #end(reply: Reply): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#settle(reply);
  }
}

/** By undici's names; what has none is a connection that ended. */
function lostCodeOf({ code, name }: Error & { readonly code?: string }): LostCode {
  if (code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") return "truncated";
  if (code === "UND_ERR_HEADERS_OVERFLOW") return "too-large";
  return name === "HTTPParserError" ? "bad-http" : "reset";
}

function reasonOf(error: Error & { readonly code?: string }): string {
  // A host with several addresses fails with all their errors in one, and an empty message.
  const first = error instanceof AggregateError ? (error.errors[0] as Error | undefined) : undefined;
  const { message, code, name }: Error & { readonly code?: string } = first ?? error;
  return tlsTrouble({ message, code }) ?? (message === "" ? (code ?? name) : message);
}

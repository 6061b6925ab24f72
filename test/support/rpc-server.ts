import { setMaxListeners } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Clock, Log, Outside } from "../../runner/core/model/ports.ts";
import { Secret } from "../../runner/core/model/secret.ts";
import type { Service } from "../../runner/core/model/service.ts";

/** A signal that never aborts. Shared by many connections of one test file. */
export const never = new AbortController().signal;
setMaxListeners(0, never);

export interface Asked {
  readonly id: string;
  readonly method: string;
  /** Untyped, as it came. */
  readonly params: ReturnType<typeof JSON.parse>;
  readonly visa?: string;
  readonly text: string;
  readonly request: IncomingMessage;
}

export interface Answering {
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** A well-formed answer; `more` are top-level members beside it. */
  readonly result: (result: unknown, more?: object) => void;
  readonly error: (data: number, message: string, more?: object) => void;
  /** Any body at all. */
  readonly raw: (text: string, status?: number, headers?: Record<string, string>) => void;
}

export interface RpcServer extends AsyncDisposable {
  readonly url: string;
  /** Everything received whole, in the order of arrival. */
  readonly asked: Asked[];
}

/** A real HTTP server whose answers a test writes by hand. */
export async function startRpcServer(answer: (asked: Asked, answering: Answering) => void): Promise<RpcServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const call: Asked = { ...JSON.parse(text), text, request };
      asked.push(call);
      answer(call, answering(call, response));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/jsonapi`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answering(call: Asked, response: ServerResponse): Answering {
  const raw = (text: string, status = 200, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(text);
  };
  const say = (members: object): void => raw(JSON.stringify({ id: call.id, jsonrpc: "2.0", ...members }));
  return {
    response,
    socket: response.socket!,
    raw,
    result: (result, more = {}) => say({ result, ...more }),
    error: (data, message, more = {}) => say({ error: { code: -32603, data, message }, ...more }),
  };
}

/** The machine's clock; `shift` moves `up` ahead without waiting. */
export function testClock(): Clock & { shift(ms: number): void } {
  let ahead = 0;
  return {
    now: () => Date.now(),
    up: () => performance.now() + ahead,
    shift: (ms) => {
      ahead += ms;
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve();
          return;
        }
        const done = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal?.addEventListener("abort", done);
      }),
  };
}

export function silentLog(): Log & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return { warnings, debug: () => undefined, info: () => undefined, warn: (_facts, message) => warnings.push(message) };
}

/** What a provider is given; back-off is short, because random is. */
export function outsideFor(more: Partial<Outside> = {}): Outside {
  return { clock: testClock(), random: () => 0.01, concurrency: 8, log: silentLog(), ...more };
}

export function serviceFor(url: string, more: Partial<Service> = {}): Service {
  return {
    name: "cove",
    kind: "cove",
    url,
    domains: ["127.0.0.1"],
    lateMs: 200,
    lag: { listMs: 200, byIdMs: 0 },
    limits: { concurrency: 8, timeoutMs: 2000, body: 64 * 1024 ** 2, message: 500 },
    credentials: () =>
      Promise.resolve({
        partner: new Secret("Acme (bob@acme.net)"),
        username: new Secret("bob-user"),
        password: new Secret("s3cret-token"),
      }),
    ...more,
  };
}

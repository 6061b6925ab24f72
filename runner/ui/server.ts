import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { RunnerError } from "../core/model/errors.ts";
import { reasonOf } from "../core/model/reason.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import { keepRoom } from "./crowd.ts";
import { Door } from "./door.ts";
import { sendRefusal } from "./pages/frame.ts";
import { head, sendJson } from "./replies.ts";
import { routeOf } from "./routes.ts";
import { Site, type Exchange, type SiteOptions } from "./site.ts";

export interface UiOptions extends SiteOptions {
  /** On 127.0.0.1; 0: any that is free. */
  readonly port: number;
}

/** A server that shows the runs of a workspace to whoever holds its address. */
export interface Ui extends AsyncDisposable {
  /** With the token: who opens it is let in. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const slowestHeaderMs = 10_000;
const slowestRequestMs = 30_000;
const mostConnections = 256;

/** Start it, for this machine alone. @throws {RunnerError} `usage`: it can not listen there. */
export async function startUi(options: UiOptions): Promise<Ui> {
  const server = createServer({ headersTimeout: slowestHeaderMs, requestTimeout: slowestRequestMs });
  server.maxConnections = mostConnections;
  keepRoom(server);
  const port = await listening(server, options.port);
  const door = new Door(port);
  const site = new Site(options, door);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    serve({ request, response }, { door, site }).catch((error: unknown) => {
      options.log.warn({ error, method: request.method }, "a page could not be made");
      fail(response, error);
    });
  });
  const close = async (): Promise<void> => {
    site.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { url: `http://127.0.0.1:${port}/?token=${door.token}`, port, close, [Symbol.asyncDispose]: close };
}

async function listening(server: Server, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new RunnerError("usage", `The pages can not be served on port ${port}: ${reasonOf(cause)}.`, {
      cause,
      hint: "Leave --port out to get a free one.",
    });
  }
  return (server.address() as AddressInfo).port;
}

async function serve(exchange: Exchange, { door, site }: { readonly door: Door; readonly site: Site }): Promise<void> {
  const { request, response } = exchange;
  const { method = "GET", headers, url = "/" } = request;
  const address = addressOf(url);
  const admission = door.admit({ method, headers, token: address?.searchParams.get("token") ?? "" });
  switch (admission.kind) {
    case "out":
      refuse(exchange, admission);
      return;
    case "enter":
      // The token leaves the address bar, and with it the history.
      head(response, 303, {
        type: "text/plain",
        more: { Location: address?.pathname ?? "/", "Set-Cookie": door.cookie },
      });
      response.end();
      return;
    case "in":
      await site.answer(address === undefined ? undefined : routeOf(method, address), exchange);
      return;
  }
  admission satisfies never;
}

/**
 * Undefined: it is none. What comes before the path is not ours to read: the `Host` says whom a request means. Nor is a path
 * that begins with two slashes once it is read as one, as `/\` and `/.//` do: who is sent there goes to another server.
 */
function addressOf(url: string): URL | undefined {
  if (!url.startsWith("/") || !URL.canParse(`http://127.0.0.1${url}`)) return undefined;
  const address = new URL(`http://127.0.0.1${url}`);
  return url.startsWith("//") || address.pathname.startsWith("//") ? undefined : address;
}

function refuse(
  { request, response }: Exchange,
  { status, why }: { readonly status: number; readonly why: string },
): void {
  // Who is not let in keeps no place.
  response.shouldKeepAlive = false;
  if (request.method === "POST") sendJson(response, status, { message: `Refused: ${why}.` });
  else sendRefusal(response, status, { why, ...(status === 401 ? { hint: howToEnter } : {}) });
}

const howToEnter =
  "Open the address that `rollcall ui` has printed: it holds the token. If you have come from there just now, load this page anew.";

/** What was begun can not be taken back: the browser sees that the page is cut. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (!(error instanceof RunnerError))
    sendRefusal(response, 500, { why: "an error of ours", hint: "It stands in the diagnostics of rollcall ui." });
  else sendRefusal(response, 500, { why: error.message, hint: error.hint });
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setImmediate as endOfTurn } from "node:timers/promises";
import { pipeline } from "node:stream/promises";
import type { Api } from "./api.ts";
import { Line } from "./line.ts";
import type { Witness } from "./witness.ts";

/** What the HTTP server gives access to. */
export interface Site {
  readonly api: Api;
  readonly witness: Witness;
  readonly clockOffsetMs: number;
  /** Aborted when the simulator closes. */
  readonly closing: AbortSignal;
}

/** Answer one HTTP request: the API, or one of the two looks at the witness. */
export function serve(site: Site, request: IncomingMessage, response: ServerResponse): void {
  route(site, request, response).catch((error: unknown) => {
    if (!site.closing.aborted) fail(response, error);
  });
}

/** Answer one HTTP request to a storage node. */
export function serveNode(site: Site, request: IncomingMessage, response: ServerResponse): void {
  routeNode(site, request, response).catch((error: unknown) => {
    if (!site.closing.aborted) fail(response, error);
  });
}

async function routeNode({ api, clockOffsetMs }: Site, request: IncomingMessage, response: ServerResponse) {
  if (request.method !== "POST" || request.url !== "/repserv_json") {
    request.resume();
    response.writeHead(404, { "Content-Type": "text/plain" }).end("POST /repserv_json\n");
    return;
  }
  const line = new Line(response, clockOffsetMs);
  const body = await text(request);
  await clientsHeard();
  await api.serve({ body, authorization: request.headers.authorization, door: "node" }, line);
}

async function route(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { api, witness, clockOffsetMs } = site;
  switch (`${request.method ?? ""} ${request.url ?? ""}`) {
    case "POST /jsonapi": {
      const line = new Line(response, clockOffsetMs); // before the body is read: a client can leave that early
      const body = await text(request);
      await clientsHeard();
      return api.serve({ body, authorization: request.headers.authorization, door: "management" }, line);
    }
    case "GET /witness":
      if (witness.keeps === "counts") {
        response.writeHead(404, { "Content-Type": "text/plain" }).end("This witness keeps only counts: GET /stats\n");
        return;
      }
      response.writeHead(200, { "Content-Type": "application/x-ndjson" });
      return pipeline(Readable.from(jsonLines(witness)), response);
    case "GET /stats":
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(witness.stats()));
      return;
    default:
      request.resume();
      response.writeHead(404, { "Content-Type": "text/plain" }).end("POST /jsonapi, GET /witness or GET /stats\n");
  }
}

/**
 * A client that left, this one or an earlier one, may be noticed up to a turn after the last bytes it sent. Without
 * this pause the witness would count more in flight than any client had.
 */
async function clientsHeard(): Promise<void> {
  await endOfTurn();
  await endOfTurn();
}

function* jsonLines(witness: Witness): Generator<string> {
  for (const entry of witness.entries) yield `${JSON.stringify(entry)}\n`;
}

/** A mistake in the simulator itself, or a client that left while sending: say so, rather than look like a fault. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(500, { "Content-Type": "text/plain" });
  response.end(`simulator failure: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

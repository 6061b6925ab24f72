import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request to a webhook, as it came. */
interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
  /** Of any steadily rising clock, ms. */
  readonly at: number;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  readonly received: readonly Received[];
  /** The members of the bodies, in their order. */
  readonly told: () => readonly Readonly<Record<string, unknown>>[];
}

/** A webhook on this machine. `answer`: to its nth request, from 0; 204 when left out. One that answers nothing hangs. */
export async function startReceiver(
  answer: (answer: ServerResponse, nth: number) => void = (one) => one.writeHead(204).end(),
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (text: string) => (body += text));
    request.on("end", () => {
      received.push({ headers: request.headers, body, path: request.url ?? "", at: performance.now() });
      answer(response, received.length - 1);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/T0K3N-in-the-path`,
    host,
    received,
    told: () => received.map(({ body }) => JSON.parse(body) as Record<string, unknown>),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

// A service with one list and one change, as small as such a thing can be. It loses one of its answers on purpose.

const pageSize = 5;

/** Serve 12 lamps until the process ends. */
export async function startLamps(port: number): Promise<void> {
  const lamps = new Map(
    Array.from({ length: 12 }, (_, place) => [`lamp-${10 + place}`, { brightness: 20 * (place % 5) }]),
  );
  let writes = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // No idle connection keeps the process from ending.
    response.shouldKeepAlive = false;
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/lamps") {
      const after = searchParams.get("after") ?? "";
      const page = [...lamps].filter(([id]) => id > after).slice(0, pageSize);
      response.end(JSON.stringify(page.map(([id, lamp]) => ({ id, ...lamp }))));
      return;
    }
    const id = pathname.slice("/lamps/".length);
    const lamp = lamps.get(id);
    if (lamp === undefined) response.writeHead(404).end();
    else if (request.method === "GET") response.end(JSON.stringify({ id, ...lamp }));
    else {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      lamp.brightness = Number(body);
      writes += 1;
      // The change is made and nobody is told: what a broken line looks like from the other end.
      if (writes === 3) request.socket.destroy();
      else response.writeHead(204).end();
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((ready) => server.listen(port, "127.0.0.1", ready));
  server.unref();
}

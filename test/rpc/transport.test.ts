import { createServer as createTlsServer } from "node:https";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { headerOf, Transport, type HttpAnswer, type Reply } from "../../runner/rpc/transport.ts";
import { testCertificate } from "../support/certificate.ts";
import { never, startRpcServer, testClock, type Answering } from "../support/rpc-server.ts";

const body = '{"id":"a","method":"M","params":{}}';
const cleanUps: (() => PromiseLike<void> | undefined)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

function transportTo(url: string, timeoutMs = 300): Transport {
  const transport = new Transport({ url, connections: 4, timeoutMs, maxBytes: 100_000, clock: testClock() });
  cleanUps.push(() => transport[Symbol.asyncDispose]());
  return transport;
}

async function replyTo(answer: (answering: Answering) => void, signal = never): Promise<Reply> {
  const server = await startRpcServer((_asked, answering) => answer(answering));
  cleanUps.push(() => server[Symbol.asyncDispose]());
  return transportTo(server.url).post(body, signal);
}

async function rawServer(onSocket: (socket: Socket) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => {
    server.close();
    return undefined;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

it("hands over status, body and headers", async () => {
  const reply = await replyTo(({ raw }) => raw("{}", 429, { "retry-after": "3" }));
  expect(reply).toMatchObject({ kind: "answered", status: 429, text: "{}", headers: { "retry-after": "3" } });
  expect(Date.parse(headerOf(reply as HttpAnswer, "date")!)).toBeGreaterThan(0);
});

it("asks for no compression and sends JSON to the path of the url", async () => {
  const server = await startRpcServer((_asked, { raw }) => raw("{}"));
  cleanUps.push(() => server[Symbol.asyncDispose]());
  await transportTo(`${server.url}?x=1`).post(body, never);
  const { request, text } = server.asked[0]!;
  expect([request.method, request.url, text]).toEqual(["POST", "/jsonapi?x=1", body]);
  expect(request.headers).toMatchObject({ "content-type": "application/json" });
  expect(request.headers["accept-encoding"]).toBeUndefined();
});

describe("what was written and not answered whole is lost", () => {
  const cases: Record<string, [string, (answering: Answering) => void]> = {
    "an answer that never comes": ["timeout", () => undefined],
    "an answer that only drips": [
      "timeout",
      ({ response }) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(drip));
      },
    ],
    "a reset before any answer": ["reset", ({ socket }) => socket.resetAndDestroy()],
    "a connection closed before any answer": ["reset", ({ socket }) => socket.destroy()],
    "an answer cut short of its length": [
      "reset",
      ({ response, socket }) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("{");
        setTimeout(() => socket.end(), 10);
      },
    ],
    "an answer over the size limit": ["too-large", ({ raw }) => raw("x".repeat(100_001))],
    "an endless answer": [
      "too-large",
      ({ response }) => {
        const pour = (): void => {
          if (response.writable) response.write("x".repeat(20_000), () => setImmediate(pour));
        };
        pour();
      },
    ],
    "a compressed answer": ["content-encoding", ({ raw }) => raw("zzz", 200, { "content-encoding": "gzip" })],
  };
  it.each(Object.keys(cases))("%s", async (name) => {
    const [code, answer] = cases[name]!;
    expect(await replyTo(answer)).toMatchObject({ kind: "lost", code });
  });

  it("an answer that is not HTTP", async () => {
    const url = await rawServer((socket) => socket.once("data", () => socket.end("220 smtp.example ESMTP\r\n")));
    expect(await transportTo(url).post(body, never)).toMatchObject({ kind: "lost", code: "bad-http" });
  });
  it("an abort while waiting", async () => {
    const giveUp = new AbortController();
    const reply = replyTo(() => giveUp.abort(), giveUp.signal);
    expect(await reply).toMatchObject({ kind: "lost", code: "aborted" });
  });
});

describe("what was provably not written is unsent", () => {
  it("nobody listens", async () => {
    const reply = await transportTo("http://127.0.0.1:9/").post(body, never);
    expect(reply).toMatchObject({ kind: "unsent", code: "connect", message: expect.stringContaining("ECONNREFUSED") });
  });
  it("no such host", async () => {
    const reply = await transportTo("http://nowhere.invalid/", 5000).post(body, never);
    expect(reply).toMatchObject({ kind: "unsent", code: "connect" });
  });
  it("no TLS on the other side", async () => {
    const url = await rawServer((socket) => socket.end("not tls"));
    const reply = await transportTo(url.replace("http:", "https:")).post(body, never);
    expect(reply).toMatchObject({
      ...{ kind: "unsent", code: "connect" },
      message: expect.stringMatching(/does not speak TLS: check the port, and https or http, in the url$/),
    });
  });
  it("a TLS handshake that hangs past the deadline, and nothing is written later", async () => {
    let bytes = "";
    const url = await rawServer((socket) => socket.on("data", (chunk: Buffer) => (bytes += chunk.toString("latin1"))));
    const reply = await transportTo(url.replace("http:", "https:"), 100).post(body, never);
    expect(reply).toMatchObject({ kind: "unsent" });
    expect(bytes).not.toContain("method");
  });
  it("an abort before it began", async () => {
    const url = "http://127.0.0.1:9/";
    expect(await transportTo(url).post(body, AbortSignal.abort())).toMatchObject({ kind: "unsent", code: "aborted" });
  });
});

describe("a certificate of one's own", () => {
  const replyOver = async (ca?: string): Promise<Reply> => {
    const server = createTlsServer(testCertificate, (_request, response) => response.end("{}"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanUps.push(() => {
      server.close();
      return undefined;
    });
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const transport = new Transport({ url, connections: 1, timeoutMs: 3000, maxBytes: 100, clock: testClock(), ca });
    cleanUps.push(() => transport[Symbol.asyncDispose]());
    return transport.post(body, never);
  };
  it("is trusted when the config names it, and only then", async () => {
    expect(await replyOver(testCertificate.cert)).toMatchObject({ kind: "answered", status: 200 });
    expect(await replyOver()).toMatchObject({
      kind: "unsent",
      code: "connect",
      message: expect.stringMatching(/certificate/),
    });
  });
});

it("does not follow a redirect", async () => {
  const elsewhere = await startRpcServer((_asked, { raw }) => raw("{}"));
  cleanUps.push(() => elsewhere[Symbol.asyncDispose]());
  expect(await replyTo(({ raw }) => raw("", 307, { location: elsewhere.url }))).toMatchObject({ status: 307 });
  expect(elsewhere.asked).toEqual([]);
});

it("ends many waiting requests at their own deadlines with one signal shared by all", async () => {
  const server = await startRpcServer(() => undefined);
  cleanUps.push(() => server[Symbol.asyncDispose]());
  const transport = transportTo(server.url, 200);
  const began = performance.now();
  const times = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 10));
      const from = performance.now();
      const reply = await transport.post(body, never);
      return { reply, took: performance.now() - from };
    }),
  );
  expect(performance.now() - began).toBeLessThan(1000);
  expect(times.filter(({ reply }) => reply.kind === "answered")).toEqual([]);
  for (const { took } of times) expect(took).toBeGreaterThan(180);
  for (const { took } of times) expect(took).toBeLessThan(400);
});

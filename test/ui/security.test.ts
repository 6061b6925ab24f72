import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ui } from "../../runner/ui/server.ts";
import { collect } from "../support/runs.ts";
import { estate, runsIn, yes, type Estate } from "../support/workspace.ts";
import { send, served, Visitor, type Sending } from "./visitor.ts";

let at: Estate;
let ui: Ui;
let visitor: Visitor;
let run = "";
const asked: unknown[] = [];

beforeAll(async () => {
  at = await estate();
  await collect(at.workspace.apply(await at.plan(at.movable(3)), { consent: yes }));
  run = runsIn(at.cwd)[0] ?? "";
  ui = await served(at.cwd, (_, asking) => {
    asked.push(asking);
    return Promise.resolve({ isRecorded: true, message: "done" });
  });
  visitor = await Visitor.of(ui);
});
afterAll(async () => {
  await ui.close();
  await at[Symbol.asyncDispose]();
});

describe("who is let in", () => {
  it("is who opens the printed address: the token becomes a cookie, and leaves the address", async () => {
    const { pathname, search } = new URL(ui.url);
    const { status, headers } = await send(ui.port, `${pathname}${search}`);
    expect({ status, location: headers.location }).toEqual({ status: 303, location: "/" });
    const [cookie = ""] = headers["set-cookie"] ?? [];
    expect(cookie).toMatch(/^rollcall-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(cookie).not.toContain(new URL(ui.url).searchParams.get("token"));
    expect((await visitor.get("/")).status).toBe(200);
  });

  it.each(["/\\evil.example/x", "/.//evil.example/x", "/x/..//evil.example", "//evil.example/x", "/%2e//evil.example"])(
    "is sent nowhere else with the right token: %s",
    async (path) => {
      const reply = await send(ui.port, `${path}${new URL(ui.url).search}`);
      expect(reply.status).toBe(401);
      expect(reply.headers.location).toBeUndefined();
    },
  );

  const foreign = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
  it.each<[string, string, number, Sending & { readonly isIn?: boolean }]>([
    ["nobody without a token", "/", 401, {}],
    ["nobody without a token, wherever they go", "/nothing-there", 401, {}],
    ["nobody with another token", `/?token=${"x".repeat(43)}`, 401, {}],
    ["not even who is in, with another token", "/?token=x", 401, { isIn: true }],
    ["nobody with another cookie", "/", 401, { headers: { cookie: "rollcall-1=x; rollcall=y" } }],
    ["no name that was made to lead here", "/", 421, { isIn: true, headers: { host: "evil.example" } }],
    ["no name with the port of this server", "/", 421, { isIn: true, headers: { host: "evil.example:PORT" } }],
    ["no address without the port", "/", 421, { isIn: true, headers: { host: "127.0.0.1" } }],
    ["who says localhost", "/", 200, { isIn: true, headers: { host: "localhost:PORT" } }],
    ["no page of somebody else", "/", 403, { isIn: true, headers: foreign }],
    ["no page of another port", "/", 403, { isIn: true, headers: { ...foreign, "sec-fetch-site": "same-site" } }],
    [
      "who follows a link",
      "/",
      200,
      {
        isIn: true,
        headers: { "sec-fetch-site": "same-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
      },
    ],
    [
      "no frame around it",
      "/",
      403,
      {
        isIn: true,
        headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
      },
    ],
    ["no method that is not understood", "/", 405, { isIn: true, method: "DELETE" }],
    ["no OPTIONS, so that no other origin may try", "/", 405, { isIn: true, method: "OPTIONS" }],
  ])("%s", async (_, path, status, { isIn = false, method = "GET", headers = {} }) => {
    const host = headers.host?.replace("PORT", String(ui.port));
    const sent = { ...(isIn && { cookie: visitor.cookie }), ...headers, ...(host !== undefined && { host }) };
    const reply = await send(ui.port, path, { method, headers: sent });
    expect(reply.status).toBe(status);
    expect(reply.headers["access-control-allow-origin"]).toBeUndefined();
    if (status !== 200) expect(reply.text).not.toContain(run);
  });
});

describe("what a page may ask", () => {
  const path = () => `/runs/${run}/control`;
  const pause = { op: "pause", why: "lunch" };

  it("is asked by a page of ours", async () => {
    const key = await visitor.keyOf(run);
    const { status, text } = await visitor.post(path(), pause, { key });
    expect({ status, told: JSON.parse(text) as unknown }).toEqual({
      status: 200,
      told: { recorded: true, message: "done" },
    });
    expect(asked.splice(0)).toEqual([pause]);
  });

  it.each<[string, number, Record<string, string | undefined>]>([
    ["without the cookie", 401, { cookie: undefined }],
    ["without the key", 403, { key: undefined }],
    ["with another key", 403, { key: "x".repeat(43) }],
    ["from another origin", 403, { origin: "http://evil.example" }],
    ["from another port", 403, { origin: "http://127.0.0.1:1" }],
    ["from the other name of this server", 403, { origin: "http://localhost:PORT" }],
    ["from a file", 403, { origin: "null" }],
    ["without an origin", 403, { origin: undefined }],
    ["from another site", 403, { "sec-fetch-site": "cross-site" }],
    ["from another port of this site", 403, { "sec-fetch-site": "same-site" }],
    ["as a form", 415, { "content-type": "application/x-www-form-urlencoded" }],
    ["as text, which needs no permission", 415, { "content-type": "text/plain" }],
    ["under another name", 421, { host: "evil.example" }],
  ])("is refused %s", async (_, status, headers) => {
    const given = { key: await visitor.keyOf(run), ...headers };
    const origin = headers.origin?.replace("PORT", String(ui.port));
    const reply = await visitor.post(path(), pause, { ...given, ...(origin !== undefined && { origin }) });
    expect(reply.status).toBe(status);
    expect(asked).toEqual([]);
  });

  it.each<[string, number, unknown]>([
    ["no JSON", 400, "pause"],
    ["a list", 400, []],
    ["something else", 400, { op: "set", why: "x" }],
    ["no reason at all", 400, { op: "pause" }],
    ["to abort without a reason", 400, { op: "abort", why: "  " }],
    ["more than anybody writes", 413, { op: "pause", why: "x".repeat(20_000) }],
  ])("is refused when it is %s", async (_, status, body) => {
    const reply = await visitor.post(path(), body, { key: await visitor.keyOf(run) });
    expect(reply.status).toBe(status);
    expect((JSON.parse(reply.text) as { message: string }).message).not.toBe("");
    expect(asked).toEqual([]);
  });

  it("is nothing at all by a GET", async () => {
    expect((await visitor.get(path())).status).toBe(404);
    expect((await visitor.get(`${path()}?op=abort&why=x`)).status).toBe(404);
    expect(asked).toEqual([]);
  });

  it("is nothing on a server that only shows", async () => {
    await using showing = await served(at.cwd);
    const reader = await Visitor.of(showing);
    const page = (await reader.get(`/runs/${run}`)).text;
    expect(page).not.toContain('data-op="');
    expect(await reader.keyOf(run)).toBe("");
    expect((await reader.post(`/runs/${run}/control`, pause, { key: await visitor.keyOf(run) })).status).toBe(403);
    expect(readdirSync(join(at.cwd, ".rollcall/runs", run))).not.toContain("control");
  });
});

describe("every answer", () => {
  it.each([
    ["/", 200],
    ["/runs/RUN", 200],
    ["/favicon.ico", 404],
    ["/runs/20200101T000000Z-aaaaa", 404],
    ["/runs/RUN/", 404],
    ["/runs/RUN/ledger.ndjson", 404],
    ["/runs/..%2f..%2f..%2fetc%2fpasswd", 404],
    ["/runs/../../../../etc/passwd", 404],
    ["/runs/%2e%2e/control", 404],
    ["/runs/RUN%00", 404],
    ["/runs/latest", 404],
    ["/?after=../../etc", 404],
    ["/?after=20200101T000000Z-aaaaa", 404],
    ["//evil.example/", 404],
  ])("of %s may run nothing but what is ours, is kept nowhere and framed nowhere", async (path, status) => {
    const reply = await visitor.get(path.replace("RUN", run));
    expect(reply.status).toBe(status);
    const { headers, text } = reply;
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(text).not.toMatch(/<[^>]+\son\w+=|<[^>]+\sstyle=|(?:src|href)="(?:https?:)?\/\//i);
    expect(text).not.toContain("root:x:");
  });

  it("is given to HEAD without a body", async () => {
    const { status, text } = await send(ui.port, "/", { method: "HEAD", headers: { cookie: visitor.cookie } });
    expect({ status, text }).toEqual({ status: 200, text: "" });
  });

  it("knows two servers apart: what lets into one does not let into another", async () => {
    await using other = await served(at.cwd);
    expect((await send(other.port, "/", { headers: { cookie: visitor.cookie } })).status).toBe(401);
    expect((await send(other.port, `/${new URL(ui.url).search}`)).status).toBe(401);
  });
});

it("only listens on this machine's own address", async () => {
  const { networkInterfaces } = await import("node:os");
  const outside = Object.values(networkInterfaces())
    .flatMap((one) => one ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of outside) {
    await expect(fetch(`http://${address}:${ui.port}/`)).rejects.toThrow("fetch failed");
  }
  expect(new URL(ui.url).hostname).toBe("127.0.0.1");
});

it("lets who says at once what they want in, however many others connect and say nothing, or half of a request", async () => {
  const silent = Array.from({ length: 300 }, () => {
    const socket = connect(ui.port, "127.0.0.1").on("error", () => undefined);
    socket.write("GET / HTTP/1.1\r\nHost: 127");
    return socket;
  });
  await Promise.all(silent.map((socket) => once(socket, "connect")));
  const began = performance.now();
  expect((await visitor.get("/")).status).toBe(200);
  expect(performance.now() - began).toBeLessThan(5000);
  for (const socket of silent) socket.destroy();
});

it("says of the oldest run that there are no older ones, not that there are none", async () => {
  const { text } = await visitor.get(`/?after=${run}`);
  expect(text).toContain("There are no older runs.");
  expect(text).not.toContain("No runs yet");
});

it("takes as many pages as it can serve, and says so to the next one", async () => {
  const pages = Array.from({ length: 24 }, () => visitor.events("/events"));
  for (const page of pages) await page.until(({ event }) => event === "run");
  expect((await visitor.get("/events")).status).toBe(503);
  for (const page of pages) page.leave();
  await Promise.all(pages.map(({ ended }) => ended));
  const next = visitor.events("/events");
  await next.until(({ event }) => event === "run");
  next.leave();
});

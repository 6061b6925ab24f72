import type { ServerResponse } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import type { Notice, NoticeEvent, Webhook } from "../../../runner/core/model/notice.ts";
import { Secret } from "../../../runner/core/model/secret.ts";
import { RunnerError } from "../../../runner/core/model/errors.ts";
import { realClock } from "../../../runner/runs/clock.ts";
import { notifierOf } from "../../../runner/workspace/notify.ts";
import { startReceiver, type Receiver } from "../../support/receiver.ts";

const quick = { tries: 3, forMs: 2000, firstWaitMs: 20 };
const clock = realClock();

const notice = (event: NoticeEvent, text: string = event): Notice => ({ event, text, at: "2026-11-27T04:00:00.000Z" });

function hook(url: string, more: Partial<Webhook> = {}): Webhook {
  return {
    ...{ name: "notify[0]", events: ["start", "hold", "stop", "done"], format: "json", timeoutMs: 300 },
    target: () => ({ url: new Secret(url), host: new URL(url).host, signingSecret: undefined, headers: [] }),
    ...more,
  };
}

/** Tell these, wait, and give what was not told and how long that took. */
async function telling(
  webhooks: readonly Webhook[],
  events: readonly NoticeEvent[],
  { atMostMs = 3000, patience = quick } = {},
) {
  const notifier = notifierOf(webhooks, { clock, patience });
  for (const event of events) notifier.tell(notice(event));
  const began = performance.now();
  const untold = await notifier.settle(atMostMs);
  return { untold, ms: performance.now() - began };
}

const eventsOf = (receiver: Receiver) => receiver.told().map(({ event }) => event);

describe("a webhook", () => {
  it("is told each thing once, in order, and only what it wants", async () => {
    await using receiver = await startReceiver((answer, nth) =>
      setTimeout(() => answer.writeHead(200).end(), 40 - 10 * nth),
    );
    await using picky = await startReceiver();
    const { untold } = await telling(
      [hook(receiver.url), hook(picky.url, { events: ["stop"], format: "slack" })],
      ["start", "hold", "stop", "done"],
    );
    expect(untold).toEqual([]);
    expect(eventsOf(receiver)).toEqual(["start", "hold", "stop", "done"]);
    expect(picky.told()).toEqual([{ text: "stop" }]);
    const ids = receiver.received.map(({ headers }) => headers["x-rollcall-id"]);
    expect(new Set(ids).size).toBe(4);
    // The same notice has the same id everywhere.
    expect(picky.received[0]?.headers["x-rollcall-id"]).toBe(ids[2]);
  });

  it.each([503, 500, 429, 408])(
    "that answers %s once is told again, with the same id, and in order",
    async (status) => {
      await using receiver = await startReceiver((answer, nth) => answer.writeHead(nth === 0 ? status : 200).end());
      const { untold } = await telling([hook(receiver.url)], ["start", "done"]);
      expect(untold).toEqual([]);
      expect(eventsOf(receiver)).toEqual(["start", "start", "done"]);
      const [first, second, third] = receiver.received.map(({ headers }) => headers["x-rollcall-id"]);
      expect(second).toBe(first);
      expect(third).not.toBe(first);
    },
  );

  it("that says when to come again is told then", async () => {
    await using receiver = await startReceiver((answer, nth) =>
      answer.writeHead(nth === 0 ? 429 : 200, { "retry-after": "1" }).end(),
    );
    const { untold } = await telling([hook(receiver.url)], ["stop"]);
    expect(untold).toEqual([]);
    const [first, second] = receiver.received;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it.each([400, 401, 404, 410])("that answers %s is not told that again, and is told the next", async (status) => {
    await using receiver = await startReceiver((answer, nth) => answer.writeHead(nth === 0 ? status : 200).end());
    const { untold } = await telling([hook(receiver.url)], ["start", "done"]);
    expect(untold).toEqual([{ webhook: `notify[0] (${receiver.host})`, events: ["start"], why: `HTTP ${status}` }]);
    expect(eventsOf(receiver)).toEqual(["start", "done"]);
  });

  it("that sends us elsewhere is not followed", async () => {
    await using elsewhere = await startReceiver();
    await using receiver = await startReceiver((answer) => answer.writeHead(307, { location: elsewhere.url }).end());
    const { untold } = await telling([hook(receiver.url)], ["stop"]);
    expect(untold[0]?.why).toBe("HTTP 307, and redirects are not followed");
    expect(elsewhere.received).toEqual([]);
  });

  it("that answers yes with a body without end has been told, and soon", async () => {
    const flood = (answer: ServerResponse): void => {
      answer.writeHead(200);
      const pour = (): void => {
        while (!answer.destroyed && answer.write("x".repeat(65_536)));
        if (!answer.destroyed) answer.once("drain", pour);
      };
      pour();
    };
    await using receiver = await startReceiver(flood);
    const { untold, ms } = await telling([hook(receiver.url, { timeoutMs: 5000 })], ["stop"]);
    expect(untold).toEqual([]);
    expect(ms).toBeLessThan(1500);
  });

  it("that answers yes and drips has been told, and is not waited for", async () => {
    await using receiver = await startReceiver((answer) => answer.writeHead(200).write("x"));
    const { untold, ms } = await telling([hook(receiver.url)], ["stop"]);
    expect(untold).toEqual([]);
    expect(ms).toBeLessThan(1500);
    expect(receiver.received).toHaveLength(1);
  });

  it("that hangs is tried as often as it is worth, and given up", async () => {
    await using receiver = await startReceiver(() => undefined);
    const { untold } = await telling([hook(receiver.url, { timeoutMs: 50 })], ["stop"]);
    expect(untold).toEqual([
      { webhook: `notify[0] (${receiver.host})`, events: ["stop"], why: "no answer within 50 ms" },
    ]);
    expect(receiver.received).toHaveLength(3);
  });

  it("that hangs is waited for no longer than is said, and what waits behind is left as well", async () => {
    await using receiver = await startReceiver(() => undefined);
    const { untold, ms } = await telling([hook(receiver.url, { timeoutMs: 20_000 })], ["start", "stop", "done"], {
      atMostMs: 200,
    });
    expect(ms).toBeLessThan(1000);
    expect(untold).toEqual([
      { webhook: `notify[0] (${receiver.host})`, events: ["start", "stop", "done"], why: "no answer yet" },
    ]);
  });

  it("that is not there is told of by its host alone", async () => {
    const free = createServer();
    await new Promise<void>((listening) => free.listen(0, "127.0.0.1", listening));
    const { port } = free.address() as AddressInfo;
    await new Promise((closed) => free.close(closed));
    const { untold } = await telling([hook(`http://127.0.0.1:${port}/T0K3N?k=T0K3N`)], ["stop"]);
    expect(untold[0]?.why).toMatch(/^the connection failed: connect ECONNREFUSED/);
    expect(JSON.stringify(untold)).not.toContain("T0K3N");
  });

  it("whose certificate nobody vouches for, or that speaks no TLS, is not told", async () => {
    await using receiver = await startReceiver();
    const { untold } = await telling([hook(receiver.url.replace("http:", "https:"))], ["stop"]);
    expect(untold[0]?.why).toBe(
      "the connection failed: what listens at this port does not speak TLS: check the port, and https or http, in the url",
    );
    expect(receiver.received).toEqual([]);
  });

  it("that hangs does not keep another from being told", async () => {
    await using dead = await startReceiver(() => undefined);
    await using alive = await startReceiver();
    const { untold } = await telling(
      [hook(dead.url, { timeoutMs: 20_000 }), hook(alive.url, { name: "notify[1]" })],
      ["start", "done"],
      { atMostMs: 300 },
    );
    expect(untold.map(({ webhook }) => webhook)).toEqual([`notify[0] (${dead.host})`]);
    expect(eventsOf(alive)).toEqual(["start", "done"]);
  });

  const missing = hook("http://127.0.0.1:1/", {
    events: ["stop", "done"],
    target: () => {
      throw new RunnerError("config", "notify[0].secret_env: environment variable KEY is not set", {
        hint: "Set KEY.",
      });
    },
  });

  it("for which a variable is missing is known before there is anything to tell", () => {
    const { unusable } = notifierOf([hook("http://127.0.0.1:1/", { name: "notify[1]" }), missing], { clock });
    const why = "notify[0].secret_env: environment variable KEY is not set";
    expect(unusable).toEqual([{ webhook: "notify[0]", why, hint: "Set KEY." }]);
  });

  it("for which a variable is missing is sent nothing, and that is told for each event", async () => {
    const { untold } = await telling([missing], ["start", "stop", "done"]);
    expect(untold).toEqual([
      {
        ...{ webhook: "notify[0]", events: ["stop", "done"] },
        why: "notify[0].secret_env: environment variable KEY is not set",
      },
    ]);
  });

  it("that takes nothing is not remembered without end", async () => {
    await using receiver = await startReceiver(() => undefined);
    const notifier = notifierOf([hook(receiver.url, { timeoutMs: 20_000 })], { clock, patience: quick });
    for (let count = 0; count < 150; count++) notifier.tell(notice("hold"));
    const untold = await notifier.settle(50);
    const left = untold.map(({ events, why }) => [events.length, why]);
    expect(left).toEqual([
      [49, "100 others were waiting before it"],
      [101, "no answer yet"],
    ]);
  });

  it("is left at once when the wait is cut short, or abandoned, and is sent nothing more", async () => {
    await using receiver = await startReceiver((answer) => answer.writeHead(503).end());
    const slow = { tries: 6, forMs: 60_000, firstWaitMs: 400 };
    const cut = new AbortController();
    const one = notifierOf([hook(receiver.url)], { clock, patience: slow });
    one.tell(notice("stop"));
    setTimeout(() => cut.abort(), 100);
    const began = performance.now();
    expect(await one.settle(5000, cut.signal)).toMatchObject([{ events: ["stop"], why: "HTTP 503" }]);
    expect(performance.now() - began).toBeLessThan(1000);
    const other = notifierOf([hook(receiver.url)], { clock, patience: slow });
    other.tell(notice("stop"));
    other.abandon();
    await new Promise((later) => setTimeout(later, 600));
    expect(receiver.received.length).toBeLessThanOrEqual(2);
  });

  it("is reached by connections that are closed again", async () => {
    await using receiver = await startReceiver();
    await telling([hook(receiver.url)], ["start", "done"]);
    expect(receiver.received.map(({ headers }) => headers.connection)).toEqual(["close", "close"]);
  });
});

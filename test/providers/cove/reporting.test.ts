import { describe, expect, it, vi } from "vitest";
import type { Answer } from "../../../runner/core/model/outcome.ts";
import type { Connection, WriteOptions } from "../../../runner/core/model/ports.ts";
import type { Service } from "../../../runner/core/model/service.ts";
import { cove } from "../../../runner/providers/cove/connect.ts";
import { Nodes } from "../../../runner/providers/cove/nodes.ts";
import { Limiter } from "../../../runner/rpc/limiter.ts";
import {
  never,
  outsideFor,
  serviceFor,
  startRpcServer,
  testClock,
  type Answering,
  type Asked,
  type RpcServer,
} from "../../support/rpc-server.ts";

const user = { result: { Id: 7, PartnerId: 5, Name: "bob-user" } };
const device = { Id: 12, Name: "srv-000012", Token: "tk-first-token", RemovalTime: 0 };
const hostOf = ({ url }: RpcServer): string => new URL(url).host;
const sessions = { method: "QuerySessions", params: { query: "0 != 1", orderBy: "" }, route: { device: "12" } };
const command = {
  method: "SendAccountCommand",
  params: { command: "set gui password", parameters: { $secret: ["password ", { input: "password" }] } },
  route: { device: "12" },
};

interface Scene {
  readonly service: RpcServer;
  readonly node: RpcServer;
  readonly line: Connection;
  readonly homesAsked: () => number;
}

interface Staged {
  /** What GetAccountInfoById says, the nth time it is asked, from 1. */
  readonly home?: (
    nth: number,
    host: string,
  ) => { readonly host?: unknown; readonly token?: string; readonly more?: object };
  readonly node: (asked: Asked, answering: Answering, nth: number) => void;
  readonly config?: Partial<Service>;
}

async function onStage({ home = () => ({}), node: answer, config }: Staged, test: (scene: Scene) => Promise<void>) {
  let calls = 0;
  await using node = await startRpcServer((asked, answering) => answer(asked, answering, ++calls));
  let homes = 0;
  await using service = await startRpcServer(({ method }, { result, error }) => {
    if (method === "Login") result(user, { visa: "visa-of-the-login" });
    else if (method !== "GetAccountInfoById") error(1, "asked for something else");
    else {
      const { host = hostOf(node), token = device.Token, more = {} } = home(++homes, hostOf(node));
      const homeNodeInfo = { CommonInfo: { Name: "node", Host: host } };
      result({ result: { ...device, Token: token, ...more }, homeNodeInfo });
    }
  });
  await using line = await cove.connect(serviceFor(service.url, config), outsideFor(), never);
  await test({ service, node, line, homesAsked: () => homes });
}

function write(line: Connection, more: Partial<WriteOptions> = {}): Promise<Answer> {
  return line.write(command, {
    id: "run-1-1",
    ready: () => Promise.resolve(true),
    reveal: ({ $secret }) => $secret.map((part) => (typeof part === "string" ? part : "s3cret-pass")).join(""),
    signal: never,
    ...more,
  });
}

describe("a call to a device's node", () => {
  it("goes to where the device lives, with its name, token and id, and without the session's visa", async () => {
    await onStage(
      { node: (_asked, { result }) => result({ result: [{ Id: 1 }] }) },
      async ({ line, node, homesAsked }) => {
        expect(await line.ask(sessions, never)).toMatchObject({ kind: "result", value: [{ Id: 1 }] });
        expect(await line.ask(sessions, never)).toMatchObject({ kind: "result" });
        const [asked] = node.asked;
        expect(asked!.request.url).toBe("/repserv_json");
        const own = { accountId: 12, account: "srv-000012", token: "tk-first-token" };
        expect(asked!.params).toEqual({ query: "0 != 1", orderBy: "", ...own });
        expect(asked!.text).not.toContain("visa");
        // The home is remembered.
        expect([node.asked.length, homesAsked()]).toEqual([2, 1]);
      },
    );
  });

  it.each([
    ["wrapped", { result: [1] }, [1]],
    ["bare", [1], [1]],
    ["an object without a result", { Count: 3 }, { Count: 3 }],
    ["void", null, null],
    ["wrapped nothing", { result: null }, null],
  ])("may be answered %s", async (_how, result, value) => {
    await onStage({ node: (_asked, answering) => answering.result(result) }, async ({ line }) => {
      expect(await line.ask(sessions, never)).toMatchObject({ kind: "result", value });
    });
  });

  it.each([
    ["wrapped", (rows: object) => ({ result: rows })],
    ["bare", (rows: object) => rows],
  ])("can be a list, whose answer is %s", async (_how, wrap) => {
    const record = {
      Id: 33,
      PluginId: "FileSystem",
      Status: "Completed",
      StartTime: 1_700_000_000,
      EndTime: 0,
      More: 1,
    };
    await onStage({ node: (_asked, { result }) => result(wrap([record])) }, async ({ line, node }) => {
      const facts = cove.catalogue().list("QuerySessions")!;
      const fields = ["Id", "PluginId", "StartTime", "EndTime", "SelectedSize"].map((name) => facts.field(name)!);
      const list = { ...sessions, fields, key: facts.key };
      const items = [];
      for await (const page of line.pages(list, never)) items.push(...page);
      const found = { Id: 33, PluginId: "FileSystem", StartTime: 1_700_000_000, EndTime: null, SelectedSize: null };
      expect(items).toEqual([{ id: "33", fields: found }]);
      expect(node.asked[0]!.params.range).toBeUndefined();
      const one = await line.read(list, items[0]!.id, ["PluginId"], never);
      expect(one).toMatchObject({ kind: "found", fields: { PluginId: "FileSystem" } });
      const { route: elsewhere, ...nowhere } = list;
      expect(elsewhere).toEqual({ device: "12" });
      await expect(line.pages(nowhere, never)[Symbol.asyncIterator]().next()).rejects.toThrow("which device");
    });
  });

  it("sends only what its method has: a command has no accountId", async () => {
    await onStage({ node: (_asked, { result }) => result({ result: { id: 1 } }) }, async ({ line, node }) => {
      expect(await write(line)).toEqual({ kind: "accepted" });
      expect(node.asked[0]!.id).toBe("run-1-1");
      expect(node.asked[0]!.params).toEqual({
        command: "set gui password",
        parameters: "password s3cret-pass",
        account: "srv-000012",
        token: "tk-first-token",
      });
    });
  });

  it.each([
    ["another domain", "node.example.org"],
    ["a domain that ends alike", "evilcloudbackup.management"],
    ["an address with a login", "us.cloudbackup.management@evil.example"],
    ["an address with a path", "evil.example/us.cloudbackup.management"],
    ["a fragment", "evil.example#.cloudbackup.management"],
    ["this machine", "127.0.0.1:1"],
    ["another machine's address", "10.0.0.1"],
  ])("is not sent when the service names %s, and no token leaves", async (_what, host) => {
    const domains = ["cloudbackup.management"];
    await onStage({ home: () => ({ host }), node: () => undefined, config: { domains } }, async ({ line, node }) => {
      const read = await line.ask(sessions, never);
      expect(read).toMatchObject({ kind: "failed", failure: { class: "fatal", code: "foreign-host" } });
      const ready = vi.fn(() => Promise.resolve(true));
      const written = await write(line, { ready });
      expect(written).toMatchObject({ kind: "rejected", failure: { class: "fatal", code: "foreign-host" } });
      expect(JSON.stringify([read, written])).not.toContain("tk-");
      expect(JSON.stringify(written)).toContain("nothing was sent");
      expect([ready.mock.calls.length, node.asked.length]).toEqual([0, 0]);
    });
  });

  it.each([
    ["that was removed", { more: { RemovalTime: 1_700_000_000 } }],
    ["without a node", { host: null }],
    ["without a token", { token: "" }],
    ["that is another one", { more: { Id: 13 } }],
  ])("about a device %s is refused before anything is sent", async (_what, home) => {
    await onStage({ home: () => home, node: () => undefined }, async ({ line, node }) => {
      expect(await write(line)).toMatchObject({ kind: "rejected", failure: { class: "fatal" } });
      expect(node.asked).toHaveLength(0);
    });
  });

  it("that is withdrawn leaves nothing behind", async () => {
    await onStage({ node: (_asked, { result }) => result(null) }, async ({ line, node, service }) => {
      expect(await write(line, { withdrawal: AbortSignal.abort("limit") })).toEqual({ kind: "withdrawn" });
      expect(service.asked.map(({ method }) => method)).toEqual(["Login"]);
      expect(await write(line, { ready: () => Promise.resolve(false) })).toEqual({ kind: "withdrawn" });
      expect(node.asked).toHaveLength(0);
    });
  });

  it("waits for the same rate as all others", async () => {
    await using node = await startRpcServer((_asked, { result }) => result(null));
    const clock = testClock();
    const limiter = new Limiter(60, clock);
    await using nodes = new Nodes({ service: serviceFor(node.url), outside: outsideFor(), limiter, secrets: () => [] });
    limiter.holdUntil(clock.up() + 200);
    const began = clock.up();
    await nodes.at(node.url, (client) => client.read({ method: "QueryAudit", params: {} }, never));
    expect(clock.up() - began).toBeGreaterThanOrEqual(195);
  });

  it("that no device is named for is refused", async () => {
    await onStage({ node: () => undefined }, async ({ line }) => {
      const { method, params } = sessions;
      expect(await line.ask({ method, params }, never)).toMatchObject({
        kind: "failed",
        failure: { code: "no-route" },
      });
    });
  });
});

describe("a token that has gone stale", () => {
  const token = (nth: number) => ({ token: nth === 1 ? "tk-first-token" : "tk-second-token" });
  const stale = (asked: Asked, { result, error }: Answering): void => {
    if (asked.params.token === "tk-second-token") result({ result: { id: 1 } });
    else
      error(1701, `the token ${asked.params.token} of ${asked.params.account} is stale`, { visa: "visa-of-the-node" });
  };

  it("is asked for once more, and the call made again", async () => {
    await onStage({ home: token, node: stale }, async ({ line, node, homesAsked }) => {
      expect(await line.ask(sessions, never)).toMatchObject({ kind: "result" });
      expect([node.asked.length, homesAsked()]).toEqual([2, 2]);
    });
    await onStage({ home: token, node: stale }, async ({ line, node, homesAsked }) => {
      expect(await write(line)).toEqual({ kind: "accepted" });
      expect(node.asked.map(({ id }) => id)).toEqual(["run-1-1", "run-1-1"]);
      expect(homesAsked()).toBe(2);
    });
  });

  it("and has no successor is told of without the token, and is not tried for ever", async () => {
    await onStage({ node: stale }, async ({ line, node, service, homesAsked }) => {
      const answers = [await line.ask(sessions, never), await write(line)];
      expect(answers).toMatchObject([
        { kind: "failed" },
        { kind: "rejected", failure: { class: "auth", code: "1701" } },
      ]);
      const told = JSON.stringify(answers);
      expect(told).toContain("the token [redacted] of srv-000012 is stale");
      expect(told).not.toMatch(/tk-first|visa-of/);
      expect([node.asked.length, homesAsked()]).toEqual([2, 3]);
      // A visa that a node's answer brings along is not one of the Management Service.
      await line.ask({ method: "EnumerateLocations", params: {} }, never);
      expect(service.asked.at(-1)!.visa).toBe("visa-of-the-login");
    });
  });

  it("may be refused in words of the node's own: a read is made again, a change is not", async () => {
    const unknown = (asked: Asked, { result, error }: Answering): void => {
      if (asked.params.token === "tk-second-token") result({ result: [] });
      else error(20404, "Account doesn&apos;t exist");
    };
    await onStage({ home: token, node: unknown }, async ({ line }) => {
      expect(await line.ask(sessions, never)).toMatchObject({ kind: "result", value: [] });
    });
    await onStage({ home: token, node: unknown }, async ({ line, node }) => {
      expect(await write(line)).toMatchObject({ kind: "rejected", failure: { code: "20404" } });
      expect(node.asked).toHaveLength(1);
      // The next one asks anew where the device lives.
      expect(await write(line)).toEqual({ kind: "accepted" });
    });
  });
});

describe("a device that has moved", () => {
  const gone = {
    "drops connections": (_asked: Asked, { socket }: Answering) => socket.destroy(),
    "answers with a page": (_asked: Asked, { raw }: Answering) => raw("<html>Not found</html>", 404),
    "is forbidden": (_asked: Asked, { raw }: Answering) => raw("", 403),
    "is out of order": (_asked: Asked, { raw }: Answering) => raw("", 502),
  } as const;

  it.each(Object.entries(gone))(
    "is read where it lives now, when its old node %s",
    async (_, refuse) => {
      await using old = await startRpcServer(refuse);
      const home = (nth: number, host: string) => ({ host: nth === 1 ? hostOf(old) : host });
      await onStage({ home, node: (_asked, { result }) => result({ result: [1] }) }, async ({ line, homesAsked }) => {
        expect(await line.ask(sessions, never)).toMatchObject({ kind: "result", value: [1] });
        expect(homesAsked()).toBe(2);
      });
    },
    60_000,
  );

  it("is read there too after a change of it was lost", async () => {
    await using old = await startRpcServer((_asked, { socket }) => socket.destroy());
    const home = (nth: number, host: string) => ({ host: nth === 1 ? hostOf(old) : host });
    await onStage({ home, node: (_asked, { result }) => result({ result: [1] }) }, async ({ line, node }) => {
      expect(await write(line)).toMatchObject({ kind: "lost" });
      expect(await line.ask(sessions, never)).toMatchObject({ kind: "result", value: [1] });
      // Nothing is read at the old one first.
      expect(old.asked.map(({ method }) => method)).toEqual(["SendAccountCommand"]);
      expect(node.asked.map(({ method }) => method)).toEqual(["QuerySessions"]);
    });
  });
});

describe("an answer that repeats what lets one in", () => {
  it("is not kept there: not the device's token, in no spelling, nor the session's visa and password", async () => {
    const echo = { Note: "tk-first-token is old", token: "tk-other", Visa: "v", list: ["a", "xx tk-first-token"] };
    await onStage({ node: (_asked, { result }) => result({ result: echo }) }, async ({ line }) => {
      const answer = await line.ask(sessions, never);
      const told = JSON.stringify(answer);
      expect(told).not.toContain("tk-first-token");
      expect(told).toContain('"a"');
      const catalogue = cove.catalogue();
      expect(["token", "Token", "VISA", "password"].every((name) => catalogue.isSecret(name))).toBe(true);
    });
    const more = { Comment: "visa-of-the-login and p4ssword-of-bob" };
    await onStage({ home: () => ({ more }), node: () => undefined }, async ({ line }) => {
      const told = JSON.stringify(await line.ask({ method: "GetAccountInfoById", params: { accountId: 12 } }, never));
      expect(told).toContain("Comment");
      expect(told).not.toContain("visa-of-the-login");
    });
  });
});

describe("a node that can not be reached", () => {
  it("is left for where the device lives now", async () => {
    const home = (nth: number, host: string) => ({ host: nth === 1 ? "127.0.0.1:1" : host });
    const ready = vi.fn(() => Promise.resolve(true));
    await onStage({ home, node: (_asked, { result }) => result(null) }, async ({ line, node }) => {
      expect(await write(line, { ready })).toMatchObject({ kind: "not-acted", failure: { code: "connect" } });
      expect(await write(line, { ready })).toEqual({ kind: "accepted" });
      expect([node.asked.length, ready.mock.calls.length]).toEqual([1, 2]);
    });
    await onStage({ home, node: (_asked, { result }) => result(null) }, async ({ line }) => {
      expect(await line.ask(sessions, never)).toMatchObject({ kind: "result", value: null });
    });
  });

  it("costs that item and no other: the third time it has failed, and nothing was sent", async () => {
    await onStage({ home: () => ({ host: "127.0.0.1:1" }), node: () => undefined }, async ({ line }) => {
      const answers = [await write(line), await write(line), await write(line)];
      expect(answers.map(({ kind }) => kind)).toEqual(["not-acted", "not-acted", "rejected"]);
      expect(answers[2]).toMatchObject({ failure: { class: "not_acted", code: "connect" } });
      expect(JSON.stringify(answers[2])).toContain("127.0.0.1:1: could not connect");
    });
  });

  it("when the connection broke after the bytes had left is no reason to send a command again", async () => {
    await onStage({ node: (_asked, { socket }) => socket.destroy() }, async ({ line, node, homesAsked }) => {
      expect(await write(line)).toMatchObject({ kind: "lost", failure: { class: "uncertain" } });
      expect([node.asked.length, homesAsked()]).toEqual([1, 1]);
    });
  });
});

describe("a secret that a command holds", () => {
  it.each(["two\nlines", "two\rlines"])("is refused before the bytes when it is %j", async (secret) => {
    await onStage({ node: () => undefined }, async ({ line, service, node }) => {
      const answer = await write(line, { reveal: () => secret });
      expect(answer).toMatchObject({ kind: "rejected", failure: { class: "fatal", code: "line-break" } });
      expect(JSON.stringify(answer)).toContain("secret input password");
      expect(JSON.stringify(answer)).not.toContain("lines");
      expect([service.asked.length, node.asked.length]).toEqual([1, 0]);
    });
  });

  it("is in no message, however the node echoes it", async () => {
    const echo = ({ text }: Asked, { error }: Answering): void => error(20400, `bad request: ${text}`);
    await onStage({ node: echo }, async ({ line }) => {
      const told = JSON.stringify(await write(line));
      expect(told).toContain("bad request");
      expect(told).not.toMatch(/s3cret-pass|tk-first/);
    });
  });
});

describe("connections to nodes", () => {
  it("stay open for those used last, and are closed for the others", async () => {
    const servers = await Promise.all(
      Array.from({ length: 10 }, () => startRpcServer((_asked, { result }) => result(null))),
    );
    const service = serviceFor("http://127.0.0.1:1");
    const limiter = new Limiter(undefined, testClock());
    await using nodes = new Nodes({ service, outside: outsideFor(), limiter, secrets: () => [] });
    for (const { url } of servers) {
      await nodes.at(url, (client) => client.read({ method: "QueryAudit", params: {} }, never));
    }
    const isClosed = ({ asked }: RpcServer): boolean => asked[0]!.request.socket.destroyed;
    await vi.waitFor(() => expect(servers.map(isClosed)).toEqual([true, true, ...Array<boolean>(8).fill(false)]));
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  });
});

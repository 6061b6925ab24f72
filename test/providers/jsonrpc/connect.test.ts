import { describe, expect, it } from "vitest";
import type { Value } from "../../../runner/core/model/item.ts";
import type { Answer } from "../../../runner/core/model/outcome.ts";
import type { Asked as Read, Connection } from "../../../runner/core/model/ports.ts";
import type { CredentialRule, ErrorRule, Told } from "../../../runner/core/model/protocol.ts";
import { jsonrpc } from "../../../runner/providers/jsonrpc/connect.ts";
import {
  at,
  configured,
  lineTo,
  secrets,
  withLine,
  writing,
  type Answers,
  type LineOptions,
} from "../../support/protocol.ts";
import { never, outsideFor, serviceFor, startRpcServer, type Asked } from "../../support/rpc-server.ts";

const change = { method: "set", params: { name: "a" } };
const write = (line: Connection, params: Value = change.params): Promise<Answer> =>
  line.write({ method: "set", params }, writing());
const ask = (line: Connection, params: Value = {}): Promise<Read> => line.ask({ method: "get", params }, never);
const rule = (when: (told: Told) => boolean, kind: ErrorRule["class"], message?: string): ErrorRule => ({
  when,
  class: kind,
  message: message === undefined ? undefined : at(message),
});
const onStatus = (status: number, kind: ErrorRule["class"]): ErrorRule =>
  rule(({ http }) => http.status === status, kind);

describe("a request", () => {
  const bodyFor = async (options: LineOptions, params: Value = {}): Promise<Value> => {
    let text = "";
    await withLine(
      (asked, { result }) => {
        ({ text } = asked);
        result(null);
      },
      async ({ line }) => {
        await write(line, params);
      },
      options,
    );
    return JSON.parse(text) as Value;
  };
  it("has exactly the members of JSON-RPC 2.0", async () => {
    expect(await bodyFor({})).toEqual({ jsonrpc: "2.0", id: "run-12-1", method: "set", params: {} });
  });
  it("has other names, no version and a numeric id where the service wants that", async () => {
    const envelope = {
      version: undefined,
      method: "cmd",
      params: "arguments",
      id: "tag",
      hasNumericIds: true,
    } as const;
    await using server = await startRpcServer((asked, { raw }) =>
      raw(JSON.stringify({ tag: (asked as unknown as { tag: number }).tag, result: 1 })),
    );
    await using line = await lineTo(server.url, { protocol: { envelope } });
    expect(await write(line)).toEqual({ kind: "accepted", value: 1 });
    expect(await ask(line)).toMatchObject({ kind: "result", value: 1 });
    const [sent, read] = server.asked.map(({ text }) => JSON.parse(text));
    expect(sent).toEqual({ tag: 12, cmd: "set", arguments: { name: "a" } });
    expect(read.tag).toBe(1_000_000_001);
  });
  it.each([
    ["omit", undefined],
    ["array", []],
    ["object", {}],
  ] as const)("has for no params at all: %s", async (emptyParams, params) => {
    expect(await bodyFor({ protocol: { envelope: { emptyParams } } })).toEqual({
      jsonrpc: "2.0",
      id: "run-12-1",
      method: "set",
      ...(params && { params }),
    });
  });
  it("carries credentials in body, params and headers, and the exact content type", async () => {
    const token = (): Value => "token:abc";
    const credentials: readonly CredentialRule[] = [
      { in: "body", name: "auth", value: token },
      { in: "param", at: 0, value: token },
      { in: "header", name: "X-Auth", value: token },
      { in: "basic", user: ({ secrets: { user } }) => user!, password: ({ secrets: { password } }) => password! },
      { in: "body", name: "later", value: () => undefined },
    ];
    await using server = await startRpcServer((_asked, { result }) => result(null));
    const envelope = { contentType: "application/json-rpc" };
    await using line = await lineTo(server.url, { protocol: { credentials, envelope } });
    await write(line, [1]);
    const [{ text, request }] = server.asked as [Asked];
    expect(JSON.parse(text)).toEqual({
      jsonrpc: "2.0",
      id: "run-12-1",
      method: "set",
      params: ["token:abc", 1],
      auth: "token:abc",
    });
    expect(request.headers).toMatchObject({
      "content-type": "application/json-rpc",
      "x-auth": "token:abc",
      authorization: `Basic ${Buffer.from("robot-user:s3cret-password").toString("base64")}`,
    });
  });
  it("whose params have no place for the credential is not sent, and neither is any other: it says why once", async () => {
    const credentials: readonly CredentialRule[] = [{ in: "param", at: 0, value: () => "x" }];
    await withLine(
      (_asked, { result }) => result(null),
      async ({ line, server }) => {
        expect(await write(line)).toMatchObject({
          kind: "not-acted",
          failure: { class: "fatal", code: "login", message: expect.stringContaining("named") },
        });
        expect(server.asked).toEqual([]);
      },
      { protocol: { credentials } },
    );
  });
  it("takes and gives whole numbers beyond 2^53 digit by digit", async () => {
    const answers: Answers = ({ id }, { raw }) =>
      raw(`{"id":${JSON.stringify(id)},"result":{"gid":12345678901234567890}}`);
    await withLine(answers, async ({ line, server }) => {
      const read = await ask(line, { gid: { $int: "98765432109876543210" } });
      expect(read).toMatchObject({ kind: "result", value: { gid: { $int: "12345678901234567890" } } });
      await write(line, read.kind === "result" ? read.value : null);
      expect(server.asked.map(({ text }) => /"gid":(.*?)\}/.exec(text)![1])).toEqual([
        "98765432109876543210",
        "12345678901234567890",
      ]);
    });
  });
  it("is not sent with a header that a line break would split, and the config is named", async () => {
    const credentials: readonly CredentialRule[] = [{ in: "header", name: "X-Key", value: () => "abc\r\nX-Admin: 1" }];
    await using server = await startRpcServer((_asked, { result }) => result(null));
    await expect(lineTo(server.url, { protocol: { credentials } })).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(/services\.shop\.credentials\[0\].*X-Key.*line break/),
    });
    expect(server.asked).toEqual([]);
  });
  it("is never redirected", async () => {
    await withLine(
      ({ id }, { raw }) => raw(`{"id":"${id}","result":1}`, 307, { location: "http://127.0.0.1:1/" }),
      async ({ line }) => {
        expect(await write(line)).toMatchObject({ kind: "lost", failure: { code: "http-307" } });
      },
    );
  });
});

describe("what an answer to a change means", () => {
  const meaning = async (answers: Answers, protocol: LineOptions["protocol"] = {}): Promise<Answer> => {
    await using server = await startRpcServer(answers);
    await using line = await lineTo(server.url, {
      protocol,
      service: { limits: { concurrency: 8, timeoutMs: 150, body: 1e6, message: 500 } },
    });
    const answer = await write(line);
    expect(server.asked).toHaveLength(1);
    return answer;
  };
  const body =
    (members: object, status = 200): Answers =>
    ({ id }, { raw }) =>
      raw(JSON.stringify({ id, ...members }), status);
  const html =
    (status: number): Answers =>
    (_asked, { raw }) =>
      raw("<html>Oops</html>", status);

  it.each<[string, Answers, LineOptions["protocol"], object]>([
    ["a success without an error member", body({ result: { done: 1 } }), {}, { kind: "accepted", value: { done: 1 } }],
    ["a success beside a null error", body({ result: null, error: null }), {}, { kind: "accepted" }],
    ["neither result nor error", body({}), {}, { kind: "lost", failure: { code: "wrong-shape" } }],
    ["a null id", (_a, { raw }) => raw('{"id":null,"result":1}'), {}, { kind: "lost", failure: { code: "wrong-id" } }],
    [
      "a null id that is accepted",
      (_a, { raw }) => raw('{"id":null,"result":1}'),
      { envelope: { nullId: "accept" } },
      { kind: "accepted" },
    ],
    [
      "no id where that is accepted",
      (_a, { raw }) => raw('{"result":1}'),
      { envelope: { nullId: "accept" } },
      { kind: "accepted" },
    ],
    [
      "a wrong id",
      (_a, { raw }) => raw('{"id":"x","result":1}'),
      { envelope: { nullId: "accept" } },
      { kind: "lost", failure: { code: "wrong-id" } },
    ],
    ["HTML on HTTP 500", html(500), {}, { kind: "lost", failure: { class: "uncertain", code: "http-500" } }],
    ["HTML on HTTP 200", html(200), {}, { kind: "lost", failure: { code: "bad-json" } }],
    [
      "a clear error on HTTP 500",
      body({ error: { code: -5, message: "no" } }, 500),
      {},
      { kind: "rejected", failure: { class: "reject", code: "-5", message: "no" } },
    ],
    ["a clear error on HTTP 404", body({ error: { code: -5, message: "no" } }, 404), {}, { kind: "rejected" }],
    [
      "an error on HTTP 502",
      body({ error: { code: -5, message: "no" } }, 502),
      {},
      { kind: "lost", failure: { code: "http-502" } },
    ],
    ["an error on HTTP 503", body({ error: { code: -5, message: "no" } }, 503), {}, { kind: "lost" }],
    [
      "a declared HTTP 503",
      html(503),
      { errors: [onStatus(503, "throttle")] },
      { kind: "not-acted", failure: { class: "throttle" } },
    ],
    ["a declared HTML on HTTP 500", html(500), { errors: [onStatus(500, "not_acted")] }, { kind: "not-acted" }],
    ["a success on HTTP 400", body({ result: 1 }, 400), {}, { kind: "lost", failure: { code: "http-400" } }],
    [
      "an error that is a text",
      body({ error: "no such item" }),
      {},
      { kind: "rejected", failure: { message: "no such item" } },
    ],
    ["no answer at all", () => undefined, {}, { kind: "lost", failure: { code: "timeout" } }],
    [
      "an error that may have been stored",
      body({ error: { code: 9, message: "late" } }),
      { errors: [rule(({ error }) => at("code")(error) === 9, "uncertain")] },
      { kind: "lost", failure: { class: "uncertain", code: "9" } },
    ],
    [
      "a result that is declared to be a no",
      body({ result: false }),
      { errors: [rule(({ result }) => result === false, "reject")] },
      { kind: "rejected", failure: { code: "result", message: "answered with the result false" } },
    ],
    [
      "a rule for a null result, and no answer to us",
      html(200),
      { errors: [rule(({ result }) => result === null, "reject")] },
      { kind: "lost" },
    ],
    [
      "a rule for a null result, and HTML on HTTP 500",
      html(500),
      { errors: [rule(({ result }) => result === null, "reject"), onStatus(500, "not_acted")] },
      { kind: "not-acted" },
    ],
    [
      "the first rule that matches",
      body({ error: { code: 1, message: "m", data: { why: "locked" } } }),
      {
        errors: [
          rule(({ http }) => http.status === 400, "fatal"),
          rule(() => true, "not_found", "error.data.why"),
          rule(() => true, "fatal"),
        ],
      },
      { kind: "rejected", failure: { class: "not_found", message: "locked" } },
    ],
  ])("%s", async (_name, answers, protocol, expected) => {
    expect(await meaning(answers, protocol)).toMatchObject(expected);
  });

  it("is in the words of the service: a success that says so", async () => {
    const envelope = {
      result: at("arguments"),
      error: at("result"),
      success: (told: Value) => at("result")(told) === "success",
    };
    expect(await meaning(body({ result: "success", arguments: { a: 1 } }), { envelope })).toEqual({
      kind: "accepted",
      value: { a: 1 },
    });
    expect(await meaning(body({ result: "no such torrent" }), { envelope })).toMatchObject({
      kind: "rejected",
      failure: { message: "no such torrent" },
    });
  });
  it("waits as long as the service asks", async () => {
    const answers: Answers = (_asked, { raw }) => raw("", 429, { "retry-after": "3" });
    expect(await meaning(answers, { errors: [onStatus(429, "throttle")] })).toMatchObject({
      kind: "not-acted",
      retryAfterMs: 3000,
    });
  });
});

it("reads again after trouble that may pass, and gives up a service that never answers", async () => {
  let calls = 0;
  await withLine(
    (_asked, { result, raw }) => (++calls < 3 ? raw("<html>", 500) : result(calls)),
    async ({ line }) => expect(await ask(line)).toMatchObject({ kind: "result", value: 3 }),
  );
  const limits = { concurrency: 8, timeoutMs: 60, body: 1e6, message: 500 };
  await withLine(
    () => undefined,
    async ({ line, server }) => {
      expect(await ask(line)).toMatchObject({ kind: "failed", failure: { code: "timeout" } });
      expect(server.asked).toHaveLength(6);
    },
    { service: { limits } },
  );
});

describe("what lets us in", () => {
  const token = "tok-0123456789";
  const credentials: readonly CredentialRule[] = [
    { in: "header", name: "authorization", value: ({ secrets: { password } }) => `Bearer ${password!}` },
    { in: "body", name: "auth", value: () => token },
    { in: "basic", user: ({ secrets: { user } }) => user!, password: ({ secrets: { password } }) => password! },
  ];
  const basic = Buffer.from(`${secrets.user}:${secrets.password}`).toString("base64");
  const echoes = [
    token,
    secrets.password,
    secrets.user,
    basic,
    `Basic ${basic}`,
    Buffer.from(secrets.password).toString("hex"),
  ];
  const isClean = (told: unknown): void => {
    for (const echo of echoes) expect(JSON.stringify(told)).not.toContain(echo);
  };
  it("is in no answer, whatever a method echoes", async () => {
    const echo = {
      ...Object.fromEntries(echoes.map((text, place) => [`m${place}`, `<${text}>`])),
      [token]: 1,
      plain: "kept",
    };
    await withLine(
      (_asked, { result }) => result(echo),
      async ({ line }) => {
        const all = [await ask(line), await write(line)];
        isClean(all);
        expect(JSON.stringify(all)).toContain("kept");
      },
      { protocol: { credentials } },
    );
  });
  it("is in no message and no code", async () => {
    await withLine(
      ({ id }, { raw }) => raw(JSON.stringify({ id, error: { code: token, message: `you sent ${echoes.join(" ")}` } })),
      async ({ line }) => {
        const all = [await ask(line), await write(line)];
        isClean(all);
        expect(JSON.stringify(all)).toContain("[redacted]");
      },
      { protocol: { credentials } },
    );
  });
});

describe("the catalogue", () => {
  const catalogue = (undeclared: "allow" | "refuse") =>
    jsonrpc.catalogue(
      configured("http://127.0.0.1:1/", {
        protocol: {
          undeclared,
          emptyIsUnset: true,
          session: { logout: { call: "logout", params: () => ({}), anonymous: false } },
          methods: new Map([
            ["list", { kind: "enumerate", repeat: "read", lagMs: 7, destructive: false, chunkMax: undefined }],
            ["set", { kind: "change", repeat: "set", lagMs: undefined, destructive: true, chunkMax: 10 }],
          ] as const),
        },
      }),
    );
  it("says what the config says of a method, and what a plan may describe as a list", () => {
    const open = catalogue("allow");
    expect(open.method("set")).toEqual({
      ...{ name: "set", kind: "change", repeat: "set", destructive: true },
      ...{ params: [], takesAny: true, chunkMax: 10 },
    });
    expect([open.isOpen, open.methodNames]).toEqual([true, ["list", "set"]]);
    expect(open.described("list")).toEqual({ emptyIsUnset: true, lagMs: 7 });
    expect(open.described("other")).toEqual({ emptyIsUnset: true, lagMs: 200 });
    expect(open.described("set")).toBeUndefined();
    expect(open.method("logout")).toMatchObject({ kind: "session" });
  });
  it("knows no list of a method that is not declared where all have to be", () => {
    const closed = catalogue("refuse");
    expect([closed.isOpen, closed.described("other"), closed.method("other")]).toEqual([false, undefined, undefined]);
  });
});

it("knows nobody, and no clock, where nobody logs in", async () => {
  await withLine(
    (_asked, { result }) => result(1),
    ({ line, server }) => {
      expect(line.login).toEqual({ user_id: null, partner_id: null, name: "" });
      expect([line.skewMs, server.asked]).toEqual([undefined, []]);
      return Promise.resolve();
    },
  );
});

it("says so when a service of this kind is not described", async () => {
  await expect(jsonrpc.connect(serviceFor("http://127.0.0.1:1/"), outsideFor(), never)).rejects.toMatchObject({
    code: "config",
  });
});

import { describe, expect, it } from "vitest";
import type { Value } from "../../../runner/core/model/item.ts";
import type { Answer } from "../../../runner/core/model/outcome.ts";
import type { Connection } from "../../../runner/core/model/ports.ts";
import type { CredentialRule, ErrorRule, Told } from "../../../runner/core/model/protocol.ts";
import { at, lineTo, ofSession, secrets, step, writing, type LineOptions } from "../../support/protocol.ts";
import {
  never,
  silentLog,
  startRpcServer,
  type Answering,
  type Asked,
  type RpcServer,
} from "../../support/rpc-server.ts";

type Answers = (asked: Asked, answering: Answering) => void;

const write = (line: Connection, id = "run-1-1"): Promise<Answer> =>
  line.write({ method: "set", params: { a: 1 } }, writing({ id }));
const ask = (line: Connection): ReturnType<Connection["ask"]> => line.ask({ method: "get", params: {} }, never);
const methods = ({ asked }: RpcServer): readonly string[] => asked.map(({ method }) => method);
const logInWith = ({ secrets: { user, password } }: { readonly secrets: Readonly<Record<string, string>> }): Value => ({
  user: user!,
  password: password!,
});
const tokenInBody: CredentialRule = { in: "body", name: "auth", value: ofSession("token") };
const login = step("login", logInWith, { anonymous: true, save: [{ name: "token", from: at("token") }] });
const logout = { call: "logout", params: () => ({}), anonymous: false };
const authIs = (code: number): ErrorRule => ({
  when: ({ error }) => at("code")(error) === code,
  message: undefined,
  class: "auth",
});
const on401: ErrorRule = { when: ({ http }) => http.status === 401, message: undefined, class: "auth" };
const withToken: LineOptions = {
  protocol: { credentials: [tokenInBody], session: { login: [login], logout }, errors: [authIs(-32603), on401] },
};

/** Lets in who logs in; `isAlive` says whether a token still counts. */
function guarded(isAlive: (token: unknown) => boolean, refuse: (answering: Answering) => void): Answers {
  let logins = 0;
  return ({ method, text }, answering) => {
    const { auth } = JSON.parse(text) as { readonly auth?: string };
    if (method === "login") answering.result({ token: `token-${++logins}` });
    else if (isAlive(auth)) answering.result(method === "logout" ? true : { as: "done" });
    else refuse(answering);
  };
}

async function withLine(
  answers: Answers,
  options: LineOptions,
  test: (setup: { readonly line: Connection; readonly server: RpcServer }) => Promise<void>,
): Promise<RpcServer> {
  await using server = await startRpcServer(answers);
  {
    await using line = await lineTo(server.url, options);
    await test({ line, server });
  }
  return server;
}

describe("the login", () => {
  it("goes without credentials, and what it saves is carried by what comes after, until the logout", async () => {
    const server = await withLine(
      guarded(
        (token) => token === "token-1",
        ({ error }) => error(1, "no"),
      ),
      withToken,
      async ({ line }) => {
        expect(await write(line)).toMatchObject({ kind: "accepted" });
        expect(Math.abs(line.skewMs!)).toBeLessThan(1500);
      },
    );
    expect(methods(server)).toEqual(["login", "set", "logout"]);
    expect(JSON.parse(server.asked[0]!.text)).toMatchObject({
      params: { user: secrets.user, password: secrets.password },
    });
    expect(server.asked.map(({ text }) => JSON.parse(text).auth)).toEqual([undefined, "token-1", "token-1"]);
  });
  it("has steps in order that use what was saved before, and leaves one out `unless` it is needed", async () => {
    const steps = [
      step("hello", () => ({}), {
        save: [
          { name: "challenge", from: at("c") },
          { name: "open", from: at("open") },
        ],
      }),
      step(
        "answer",
        ofSession("challenge", (value) => [value]),
        { save: [{ name: "token", from: at(".") }] },
      ),
      step("connect", () => ({}), { unless: ({ session }) => session.open === true }),
    ];
    for (const open of [true, false]) {
      const answers: Answers = ({ method }, { result }) =>
        result(method === "hello" ? { c: "c-123456", open } : method === "answer" ? "token-9" : null);
      const server = await withLine(
        answers,
        { protocol: { credentials: [tokenInBody], session: { login: steps } } },
        async ({ line }) => {
          await write(line);
        },
      );
      expect(methods(server)).toEqual(open ? ["hello", "answer", "set"] : ["hello", "answer", "connect", "set"]);
      expect(server.asked[1]!.params).toEqual(["c-123456"]);
      expect(JSON.parse(server.asked.at(-1)!.text).auth).toBe("token-9");
    }
  });
  it.each<[string, Answers, RegExp]>([
    [
      "with an error",
      (_asked, { error }) => error(1, `wrong password ${secrets.password}`),
      /refused the login: login: wrong password \[redacted\]/,
    ],
    ["with `false`", (_asked, { result }) => result(false), /session\.login\[0\]\.require/],
    ["with what `require` is at a loss about", (_asked, { result }) => result("?"), /session\.login\[0\]\.require/],
    [
      "with HTTP 401 and a page",
      (_asked, { raw }) => raw("<html>", 401),
      /refused the login: login: answered with HTTP 401/,
    ],
    ["without the value that is to be saved", (_asked, { result }) => result({}), /nothing to save as session\.token/],
  ])("that is refused %s is tried once, and says so", async (_how, answers, message) => {
    await using server = await startRpcServer(answers);
    const isIn = (result: Value): boolean | undefined => (result === "?" ? undefined : result !== false);
    const session = { login: [{ ...login, require: isIn }], logout };
    await expect(lineTo(server.url, { protocol: { session } })).rejects.toMatchObject({
      code: "login",
      message: expect.stringMatching(message),
    });
    expect(methods(server)).toEqual(["login"]);
  });
  const uncertain = [{ when: ({ error }: Told) => error !== null, message: undefined, class: "uncertain" as const }];
  it.each<[string, Answers, RegExp]>([
    ["an error that is declared `uncertain`", (_asked, { error }) => error(1, "who are you"), /Check the credentials/],
    ["HTTP 404", (_asked, { raw }) => raw("<html>", 404), /check the url of the service/],
    ["HTTP 400 without a word", (_asked, { raw }) => raw("", 400), /check the url of the service/],
    ["neither a result nor an error", ({ id }, { raw }) => raw(JSON.stringify({ id })), /check the url of the service/],
    [
      "an error that has no id",
      (_asked, { raw }) => raw('{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"no"}}'),
      /check the url of the service/,
    ],
  ])("that is answered with %s is tried once: the password may be wrong", async (_how, answers, hint) => {
    await using server = await startRpcServer(answers);
    await expect(
      lineTo(server.url, { protocol: { errors: uncertain, session: { login: [login] } } }),
    ).rejects.toMatchObject({
      code: "login",
      hint: expect.stringMatching(hint),
    });
    expect(methods(server)).toEqual(["login"]);
  });
  it.each<["throttle" | "not_acted"]>([["throttle"], ["not_acted"]])(
    "that is answered with an error of class %s is tried again, and the way is not in question",
    async (failureClass) => {
      let tries = 0;
      const answers: Answers = (_asked, { error, result }) =>
        ++tries < 3 ? error(1, "later") : result({ token: "t-1234" });
      const errors = [{ when: ({ error }: Told) => error !== null, message: undefined, class: failureClass }];
      await using server = await startRpcServer(answers);
      await (await lineTo(server.url, { protocol: { errors, session: { login: [login] } } }))[Symbol.asyncDispose]();
      expect(methods(server)).toEqual(["login", "login", "login"]);
      tries = -9;
      const once = { protocol: { errors, session: { login: [login] } }, outside: { loginTries: 1 } };
      await expect(lineTo(server.url, once)).rejects.toMatchObject({
        hint: expect.not.stringContaining("can be reached"),
      });
    },
  );
  it("that has nothing to save where it should says what the result has", async () => {
    const saving = { ...login, save: [{ name: "token", from: at("result.token") }] };
    for (const [told, has] of [
      [{ token: "t-12345", expires: 7 }, "which has the members token, expires"],
      ["t-12345", "which is a text"],
    ] as const) {
      await using server = await startRpcServer((_asked, { result }) => result(told));
      await expect(lineTo(server.url, { protocol: { session: { login: [saving] } } })).rejects.toThrow(
        `nothing to save as session.token: paths begin at the result, ${has}`,
      );
    }
  });
  it("that times out does not ask whether the host can be reached", async () => {
    await using server = await startRpcServer(() => undefined);
    await expect(
      lineTo(server.url, { protocol: { session: { login: [login] } }, outside: { loginTries: 1 } }),
    ).rejects.toMatchObject({ hint: expect.stringContaining("did not answer this one in time") });
  });
  it("that only meets trouble is tried three times", async () => {
    await using server = await startRpcServer((_asked, { raw }) => raw("<html>", 502));
    await expect(lineTo(server.url, withToken)).rejects.toThrow(
      /3 logins in a row.*Could not log in to shop: login: answered with HTTP 502/,
    );
    expect(methods(server)).toEqual(["login", "login", "login"]);
  });
  it("that fails half way is logged out of", async () => {
    const answers: Answers = ({ method }, { result, error }) =>
      method === "second" ? error(5, "no rights") : result({ token: "token-1" });
    await using server = await startRpcServer(answers);
    const session = { login: [login, step("second", () => ({}))], logout };
    await expect(lineTo(server.url, { protocol: { credentials: [tokenInBody], session } })).rejects.toThrow(
      "no rights",
    );
    expect(methods(server)).toEqual(["login", "second", "logout"]);
    expect(JSON.parse(server.asked[2]!.text).auth).toBe("token-1");
  });
  it("whose params need a value that nothing saved is a mistake of the config", async () => {
    await using server = await startRpcServer((_asked, { result }) => result(1));
    const session = { login: [step("login", ofSession("never"))] };
    await expect(lineTo(server.url, { protocol: { session } })).rejects.toMatchObject({ code: "config" });
    expect(server.asked).toEqual([]);
  });
});

it("logs what comes of a logout that fails, and ends all the same", async () => {
  const log = silentLog();
  const answers: Answers = ({ method }, { result, error }) =>
    method === "logout" ? error(1, `not now, token-1`) : result({ token: "token-1" });
  await withLine(answers, { ...withToken, outside: { log } }, async ({ line }) => {
    await write(line);
  });
  expect(log.warnings).toEqual(["could not log out: not now, [redacted]"]);
});

describe("a session that dies in mid-run", () => {
  it.each<[string, (answering: Answering) => void]>([
    ["by an error", ({ error }) => error(1, "session expired")],
    ["by HTTP 401 and a page", ({ raw }) => raw("<html>log in</html>", 401)],
  ])("%s is renewed once for all, reads and changes sent again once", async (_how, refuse) => {
    let alive = "token-1";
    const server = await withLine(
      guarded((token) => token === alive, refuse),
      withToken,
      async ({ line }) => {
        await write(line);
        alive = "token-2";
        const answers = await Promise.all([
          ...Array.from({ length: 6 }, (_, place) => write(line, `run-${place + 10}-1`)),
          ask(line),
        ]);
        expect(answers.map(({ kind }) => kind)).toEqual([...Array.from({ length: 6 }, () => "accepted"), "result"]);
      },
    );
    expect(methods(server).filter((method) => method === "login")).toHaveLength(2);
    const ids = server.asked.filter(({ method }) => method === "set").map(({ id }) => id);
    for (const id of ids) expect(ids.filter((one) => one === id).length).toBeLessThanOrEqual(2);
  });
  it("and is refused after the new login too has done nothing, and logins end", async () => {
    const server = await withLine(
      guarded(
        (token) => token === "never",
        ({ error }) => error(1, "expired"),
      ),
      withToken,
      async ({ line }) => {
        expect(await write(line)).toMatchObject({ kind: "not-acted", failure: { class: "auth" } });
        for (let call = 0; call < 5; call++) await write(line);
        expect(await write(line)).toMatchObject({
          kind: "not-acted",
          failure: { class: "fatal", code: "login", message: expect.stringContaining("the last answer: expired") },
        });
      },
    );
    expect(methods(server).filter((method) => method === "login")).toHaveLength(3);
  });
  it("where nobody logs in is not tried again, and says why", async () => {
    const protocol = {
      errors: [on401],
      credentials: [{ in: "body", name: "key", value: () => "static-key" }],
    } as const;
    const server = await withLine(
      (_asked, { raw }) => raw("", 401),
      { protocol },
      async ({ line }) => {
        const failure = {
          class: "fatal",
          code: "login",
          message: expect.stringContaining(
            "the service refused the credentials that every request carries: check them in the config (answered with HTTP 401)",
          ),
        };
        expect(await write(line)).toMatchObject({ kind: "not-acted", failure });
        expect(await ask(line)).toMatchObject({ kind: "failed", failure });
      },
    );
    expect(methods(server)).toEqual(["set", "get"]);
  });
});

describe("HTTP 401 and 403 of which nothing is declared", () => {
  const key = { in: "body", name: "key", value: () => "static-key" } as const;
  it.each([401, 403])("%s and a page: no credentials were accepted, and nothing was done", async (status) => {
    for (const [credentials, message] of [
      [[key], "the service refused the credentials that every request carries: check them in the config"],
      [[], "the service wants credentials, and requests carry none"],
    ] as const) {
      const server = await withLine(
        (_asked, { raw }) => raw("<html>", status),
        { protocol: { credentials } },
        async ({ line }) => {
          const failure = { class: "fatal", code: "login", message: expect.stringContaining(message) };
          expect(await write(line)).toMatchObject({ kind: "not-acted", failure });
          expect(await ask(line)).toMatchObject({ kind: "failed", failure });
        },
      );
      expect(methods(server)).toEqual(["set", "get"]);
    }
  });
  it("403 with an error of the service is about this call, and a rule comes first", async () => {
    const answers: Answers = ({ id }, { raw }) =>
      raw(JSON.stringify({ jsonrpc: "2.0", id, error: { code: 7, message: "not this one" } }), 403);
    const rejected = { kind: "rejected", failure: { class: "reject", code: "7" } };
    await withLine(answers, {}, async ({ line }) => expect(await write(line)).toMatchObject(rejected));
    const rule = { when: ({ http }: Told) => http.status === 401, message: undefined, class: "reject" } as const;
    await withLine(
      (_asked, { raw }) => raw("", 401),
      { protocol: { errors: [rule] } },
      async ({ line }) => {
        expect(await write(line)).toMatchObject({ kind: "rejected", failure: { code: "http-401" } });
      },
    );
  });
});

describe("a value that comes with a refusal", () => {
  const credentials: readonly CredentialRule[] = [{ in: "header", name: "X-Session-Id", value: ofSession("sid") }];
  const refresh = [
    {
      save: [{ name: "sid", from: { header: "X-Session-Id" } }],
      on: ({ http }: { http: { status: number } }) => http.status === 409,
    },
  ];
  const options: LineOptions = { protocol: { credentials, session: { refresh } } };
  const conflict =
    (sid: () => string): Answers =>
    ({ request }, { raw, result }) =>
      request.headers["x-session-id"] === sid()
        ? result({ ok: true })
        : raw("<h1>409</h1>", 409, { "x-session-id": sid() });

  it("is saved, and the request is sent once more under the same id, also a change", async () => {
    let sid = "sid-aaaa";
    const server = await withLine(
      conflict(() => sid),
      options,
      async ({ line }) => {
        expect(await write(line)).toMatchObject({ kind: "accepted" });
        expect(await ask(line)).toMatchObject({ kind: "result" });
        sid = "sid-bbbb";
        expect(await write(line, "run-2-1")).toMatchObject({ kind: "accepted" });
      },
    );
    expect(server.asked.map(({ request }) => request.headers["x-session-id"])).toEqual([
      undefined,
      "sid-aaaa",
      "sid-aaaa",
      "sid-aaaa",
      "sid-bbbb",
    ]);
    expect(server.asked.map(({ id }) => id).filter((id) => id.startsWith("run"))).toEqual([
      "run-1-1",
      "run-1-1",
      "run-2-1",
      "run-2-1",
    ]);
  });
  it("that is refused again was not acted on, never rejected", async () => {
    let count = 0;
    const server = await withLine(
      conflict(() => `sid-${++count}`),
      options,
      async ({ line }) => {
        expect(await write(line)).toMatchObject({
          kind: "not-acted",
          failure: { class: "not_acted", code: "http-409" },
        });
      },
    );
    expect(server.asked).toHaveLength(2);
  });
  it("and is missing changes nothing: it is not sent again", async () => {
    const server = await withLine(
      (_asked, { raw }) => raw("", 409),
      options,
      async ({ line }) => {
        expect(await write(line)).toMatchObject({ kind: "not-acted" });
      },
    );
    expect(server.asked).toHaveLength(1);
  });
  it("with a success on the same status never repeats a change", async () => {
    const answers: Answers = ({ id }, { raw }) =>
      raw(JSON.stringify({ id, result: 1 }), 200, { "x-session-id": "sid-new1" });
    const always = [{ ...refresh[0]!, on: () => true }];
    const server = await withLine(
      answers,
      { protocol: { credentials, session: { refresh: always } } },
      async ({ line }) => {
        expect(await write(line)).toMatchObject({ kind: "accepted" });
      },
    );
    expect(server.asked).toHaveLength(1);
  });
  it("also lets a login in, which comes after", async () => {
    const both = { ...options.protocol, session: { login: [{ ...login, anonymous: false }], refresh } };
    const answers: Answers = (asked, answering) =>
      asked.request.headers["x-session-id"] === "sid-aaaa"
        ? answering.result({ token: "token-1" })
        : answering.raw("", 409, { "x-session-id": "sid-aaaa" });
    const server = await withLine(answers, { protocol: both }, async ({ line }) => {
      expect(await write(line)).toMatchObject({ kind: "accepted" });
    });
    expect(methods(server)).toEqual(["login", "login", "set"]);
  });
});

it("takes a fresh value from every answer, errors too", async () => {
  let count = 0;
  const answers: Answers = (_asked, { result, error }) => {
    const next = `next-${++count}`;
    if (count === 2) error(5, "no", { next });
    else result(1, { next });
  };
  const credentials: readonly CredentialRule[] = [{ in: "body", name: "auth", value: ofSession("next") }];
  const refresh = [{ save: [{ name: "next", from: { body: at("next") } }], on: "every" as const }];
  const server = await withLine(answers, { protocol: { credentials, session: { refresh } } }, async ({ line }) => {
    for (let call = 0; call < 4; call++) await write(line);
  });
  expect(server.asked.map(({ text }) => JSON.parse(text).auth)).toEqual([undefined, "next-1", "next-2", "next-3"]);
});

it("keeps cookies of a login, sends them back, and begins anew when the session dies", async () => {
  let alive = "c-1";
  let logins = 0;
  const answers: Answers = ({ method, request }, { result, raw }) => {
    const { cookie } = request.headers;
    if (method === "login") {
      expect(cookie).toBeUndefined();
      raw(JSON.stringify({ id: "", result: true }), 200, { "set-cookie": `sid=c-${++logins}; Path=/; HttpOnly` });
    } else if (cookie === `sid=${alive}`) result({ cookie: `you are ${cookie}` });
    else raw("", 401);
  };
  const session = { login: [step("login", logInWith)] };
  const echoing: Answers = (asked, answering) =>
    answers(asked, {
      ...answering,
      raw: (text, status, headers) =>
        answering.raw(text.replace('"id":""', `"id":${JSON.stringify(asked.id)}`), status, headers),
    });
  const server = await withLine(
    echoing,
    { protocol: { cookies: true, session, errors: [on401] } },
    async ({ line }) => {
      expect(await write(line)).toMatchObject({ kind: "accepted" });
      alive = "c-2";
      expect(await ask(line)).toMatchObject({ kind: "result" });
    },
  );
  expect(methods(server)).toEqual(["login", "set", "get", "login", "get"]);
});

it("shows neither session values nor what login steps made of secrets", async () => {
  const pair = Buffer.from(`${secrets.user}:${secrets.password}`).toString("base64");
  const steps = [
    step(
      "login",
      ({ secrets: { user, password } }) => ({
        key: Buffer.from(`${user!}:${password!}`).toString("base64"),
        realm: "production",
      }),
      {
        save: [
          { name: "token", from: at("token") },
          { name: "number", from: at("number") },
        ],
      },
    ),
  ];
  const told = { token: "token-abc", number: 98765432 };
  const answers: Answers = ({ method }, { result }) =>
    result(method === "login" ? told : { ...told, pair, realm: "in production", other: 7 });
  await withLine(answers, { protocol: { session: { login: steps } } }, async ({ line }) => {
    const hidden = { $withheld: true };
    expect(await ask(line)).toMatchObject({
      value: { token: hidden, number: hidden, pair: hidden, realm: "in production", other: 7 },
    });
  });
});

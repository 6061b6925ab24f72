import { describe, expect, it } from "vitest";
import type { Fields, Value } from "../../../runner/core/model/item.ts";
import { ExpressionError } from "../../../runner/core/model/frozen.ts";
import type { ConfigTemplate, CredentialRule, Protocol, Told } from "../../../runner/core/model/protocol.ts";
import { protocolOf } from "../../support/config.ts";

const secrets = { user: "me", password: "pa:ss wörd", token: "t0ken" };

/** What a template comes to with these session values. */
const render = (template: ConfigTemplate, session: Fields = {}): Value | undefined => template({ secrets, session });

/** What an answer was; of what is left out there is none. */
const told = (answer: Partial<Omit<Told, "http">> & { readonly status?: number }): Told => ({
  ...{ error: null, result: null, body: null },
  ...answer,
  http: { status: answer.status ?? 200 },
});

/** The value of the only credential of a service, which stands in a body, a header or among the params. */
async function credentialOf(credential: string, more = ""): Promise<ConfigTemplate> {
  const [rule] = (await serviceOf(`credentials: [${credential}]\n    ${more}`)).credentials;
  if (rule === undefined || rule.in === "basic") throw new Error("there is no such credential");
  return rule.value;
}

const serviceOf = (keys: string): Promise<Protocol> =>
  protocolOf(
    `services:
  x:
    kind: jsonrpc
    url: https://rpc.example/api
    secrets: { user: { env: USER }, password: { env: PASSWORD }, token: { env: TOKEN } }
    ${keys}
`,
    { USER: secrets.user, PASSWORD: secrets.password },
  );

describe("a service of which nothing is said", () => {
  it("speaks JSON-RPC 2.0 as it is written", async () => {
    const { envelope, ...protocol } = await protocolOf(
      "services: { x: { kind: jsonrpc, url: https://rpc.example/ } }\n",
    );
    expect(envelope).toMatchObject({
      ...{ version: "2.0", method: "method", params: "params", id: "id", hasNumericIds: false, emptyParams: "object" },
      ...{ success: undefined, contentType: "application/json", nullId: "refuse" },
    });
    const answer = { result: [1], error: { code: 5 } };
    expect([envelope.result(answer), envelope.error(answer), envelope.result({}), envelope.error([])]).toEqual([
      [1],
      { code: 5 },
      undefined,
      null,
    ]);
    expect(protocol).toMatchObject({
      ...{ credentials: [], cookies: false, errors: [], emptyIsUnset: false, undeclared: "allow" },
      session: { login: [], refresh: [], logout: undefined, maxLogins: 3 },
    });
    expect(protocol.methods.size).toBe(0);
    expect(await protocol.secrets()).toEqual({});
  });
});

describe("a download daemon that answers 409 with a new session id", () => {
  const daemon = () =>
    serviceOf(`envelope:
      version: omit
      params: arguments
      id: tag
      numeric_ids: true
      empty_params: omit
      result: arguments
      error: result
      success: body.result == "success"
    credentials:
      - { in: header, name: X-Daemon-Session, value: "\${{ session.id }}" }
    session:
      refresh: [{ on: http.status == 409, save: { id: "header:X-Daemon-Session" } }]
    errors:
      - { when: error == "no such torrent", class: not_found }
      - { when: error.startsWith("busy"), class: throttle }`);

  it("has members of its own, and a result that says whether it succeeded", async () => {
    const { envelope } = await daemon();
    expect(envelope).toMatchObject({
      ...{ version: undefined, method: "method", params: "arguments", id: "tag" },
      ...{ hasNumericIds: true, emptyParams: "omit" },
    });
    const answer = { result: "success", arguments: { torrents: [] }, tag: 7 };
    expect(envelope.result(answer)).toEqual({ torrents: [] });
    expect(envelope.success?.(answer)).toBe(true);
    expect(envelope.success?.({ result: "no such torrent" })).toBe(false);
    // Not what it should be: that is no success, whatever it is.
    expect(["success", null, [], {}, { result: 5 }].map((body) => envelope.success?.(body))).toEqual(
      Array(5).fill(false),
    );
  });

  it("is sent the id once it has given one, and asked again with it", async () => {
    const { credentials, session } = await daemon();
    const [header] = credentials;
    expect(header).toMatchObject({ in: "header", name: "X-Daemon-Session" });
    if (header?.in !== "header") throw new Error("the credential is a header");
    expect(render(header.value)).toBeUndefined();
    expect(render(header.value, { id: null })).toBeUndefined();
    expect(render(header.value, { id: "abc" })).toBe("abc");
    const [refresh] = session.refresh;
    expect(refresh?.save).toEqual([{ name: "id", from: { header: "x-daemon-session" } }]);
    const { on } = refresh ?? {};
    if (typeof on !== "function") throw new Error("the refresh has a condition");
    expect([on(told({ status: 409 })), on(told({ status: 200 }))]).toEqual([true, false]);
  });

  it("has errors that are texts: a rule that asks one for its code does not hold, and takes nothing along", async () => {
    const { errors } = await daemon();
    const classOf = (error: Value) => errors.find(({ when }) => when(told({ error })))?.class;
    expect([
      classOf("no such torrent"),
      classOf("busy: later"),
      classOf("other"),
      classOf({ code: 5 }),
      classOf(null),
    ]).toEqual(["not_found", "throttle", undefined, undefined, undefined]);
  });
});

describe("a token as the first positional param", () => {
  it("stands behind its prefix", async () => {
    const { credentials } = await serviceOf(
      `credentials: [{ in: param, index: 0, value: "token:\${{ secrets.token }}" }]`,
    );
    const [rule] = credentials;
    expect(rule).toMatchObject({ in: "param", at: 0 });
    if (rule?.in !== "param") throw new Error("the credential is a param");
    expect(render(rule.value)).toBe("token:t0ken");
  });

  it("or by its name", async () => {
    const { credentials } = await serviceOf(
      `credentials: [{ in: param, name: auth, value: { key: "\${{ secrets.token }}" } }]`,
    );
    expect(credentials).toMatchObject([{ in: "param", at: "auth" }]);
    const [rule] = credentials;
    if (rule?.in !== "param") throw new Error("the credential is a param");
    expect(render(rule.value)).toEqual({ key: "t0ken" });
  });
});

describe("a login with cookies that may answer false", () => {
  const web = () =>
    serviceOf(`cookies: true
    session:
      login:
        - { call: auth.login, params: ["\${{ secrets.password }}"], require: result == true }
        - { call: web.connected, save: { connected: . } }
        - { call: web.hosts, unless: session.connected == true, save: { host: "[0].id" } }
        - { call: web.connect, unless: session.connected == true, params: ["\${{ session.host }}"], anonymous: true }
      logout: { call: auth.logout }
      max_logins: 2`);

  it("is refused by a false answer, and by one that is neither true nor false", async () => {
    const { cookies, session } = await web();
    const [login] = session.login;
    expect({ cookies, max: session.maxLogins, steps: session.login.length }).toEqual({
      cookies: true,
      max: 2,
      steps: 4,
    });
    expect(login && render(login.params)).toEqual([secrets.password]);
    expect([true, false, "yes", null].map((result) => login?.require?.(result))).toEqual([
      true,
      false,
      undefined,
      false,
    ]);
  });

  it("leaves steps out by what was saved, where what was not is null", async () => {
    const [, , hosts, connect] = (await web()).session.login;
    const leaves = (session: Fields) => hosts?.unless?.({ secrets, session });
    expect([leaves({ connected: true }), leaves({ connected: false }), leaves({})]).toEqual([true, false, false]);
    expect(() => leaves({ connected: "yes" })).toThrow(ExpressionError);
    expect(() => leaves({ connected: "yes" })).not.toThrow("yes");
    expect(hosts?.save.map(({ name, from }) => [name, from([{ id: "h1" }]), from([])])).toEqual([["host", "h1", null]]);
    expect(connect).toMatchObject({ call: "web.connect", anonymous: true });
    expect(connect && render(connect.params, { host: "h1" })).toEqual(["h1"]);
    expect(connect && render(connect.params)).toBeUndefined();
  });

  it("logs out without params where none are written", async () => {
    const { logout } = (await web()).session;
    expect(logout).toMatchObject({ call: "auth.logout", anonymous: false });
    expect(logout && render(logout.params)).toEqual({});
  });
});

describe("a session header made of several saved values", () => {
  const login = `session: { login: [{ call: login, params: {}, save: { user: user.id, sid: "session[0]" } }] }`;
  const value = `{ in: header, name: Authorization, value: "Session \${{ base64(secrets.user + ':' + string(session.user) + ':' + session.sid) }}" }`;

  it("is left out until all of them are there", async () => {
    const header = await credentialOf(value, login);
    expect(render(header, { user: 7 })).toBeUndefined();
    expect(render(header, { user: 7, sid: "s1" })).toBe(`Session ${Buffer.from("me:7:s1").toString("base64")}`);
  });

  it("says nothing of a value that is not what it is taken for", async () => {
    const header = await credentialOf(value, login);
    expect(() => render(header, { user: 7, sid: 12345678 })).toThrow(ExpressionError);
    expect(() => render(header, { user: 7, sid: 12345678 })).not.toThrow(/12345678|t0ken|\bme\b/);
  });

  it.each<[string, Value, Value | string]>([
    ["a number", 5, "5"],
    ["a whole number beyond 2^53", { $int: "9007199254740993" }, "9007199254740993"],
    ["true", true, "true"],
  ])("takes %s for its text", async (_, saved, text) => {
    const header = await credentialOf(`{ in: header, name: X-A, value: "\${{ session.sid }}" }`, login);
    expect(render(header, { user: 7, sid: saved })).toBe(text);
  });

  it.each<[string, Value]>([
    ["a list", []],
    ["a map", { a: 1 }],
    ["a line break", "a\nb"],
    ["a letter beyond Latin-1", "Ω"],
  ])("is an error for %s, which no header can carry", async (_, saved) => {
    const header = await credentialOf(`{ in: header, name: X-A, value: "\${{ session.sid }}" }`, login);
    expect(() => render(header, { user: 7, sid: saved })).toThrow(ExpressionError);
  });

  it("keeps its type in a body", async () => {
    const body = await credentialOf(`{ in: body, name: auth, value: "\${{ session.sid }}" }`, login);
    for (const sid of [5, true, { a: [1] }, { $int: "9007199254740993" }]) expect(render(body, { sid })).toEqual(sid);
  });
});

describe("HTTP Basic", () => {
  const basic = async (user: string): Promise<Extract<CredentialRule, { in: "basic" }>> => {
    const { credentials } = await serviceOf(
      `credentials: [{ in: basic, user: "${user}", password: "\${{ secrets.password }}" }]`,
    );
    const [rule] = credentials;
    if (rule?.in !== "basic") throw new Error("the credential is HTTP Basic");
    return rule;
  };

  it("has a user, who may be written out, and a password", async () => {
    const { user, password } = await basic("admin");
    expect([render(user), render(password)]).toEqual(["admin", secrets.password]);
    expect(render((await basic("${{ secrets.user }}")).user)).toBe("me");
  });

  it("has no user with a colon in it, which would begin the password", async () => {
    const { user } = await basic("${{ secrets.password }}");
    expect(() => render(user)).toThrow("holds a colon");
    expect(() => render(user)).not.toThrow("wörd");
  });
});

describe("a token in the body", () => {
  it("stands beside method and params, once it has been saved", async () => {
    const protocol = await serviceOf(`credentials: [{ in: body, name: auth, value: "\${{ session.auth }}" }]
    session: { login: [{ call: user.login, params: { username: "\${{ secrets.user }}", password: "\${{ secrets.password }}" }, save: { auth: . }, anonymous: true }] }`);
    const [rule] = protocol.credentials;
    expect(rule).toMatchObject({ in: "body", name: "auth" });
    const [login] = protocol.session.login;
    expect(login && render(login.params)).toEqual({ username: "me", password: secrets.password });
    expect(login?.save.map(({ name, from }) => [name, from("tok")])).toEqual([["auth", "tok"]]);
    expect(Object.keys(await protocol.secrets())).toEqual(["user", "password"]);
  });
});

describe("rules about answers", () => {
  it("may turn a success into a failure, and look at the whole answer", async () => {
    const { errors } = await serviceOf(`errors:
      - { when: result == false, class: reject, message: info.text }
      - { when: http.status == 429 || body.quota.left < 1, class: throttle }
      - { when: 'error.code in [-32601, 404]', class: not_found, message: error.data.message }`);
    const first = (answer: Told) => errors.find(({ when }) => when(answer));
    expect(first(told({ result: false }))?.class).toBe("reject");
    expect(first(told({ status: 429 }))?.class).toBe("throttle");
    expect(first(told({ body: { quota: { left: 0 } } }))?.class).toBe("throttle");
    expect(first(told({ error: { code: -32601 } }))?.class).toBe("not_found");
    expect(first(told({ error: { code: 1 }, body: { quota: { left: 3 } } }))).toBeUndefined();
    expect(errors[2]?.message?.({ error: { data: { message: "gone" } } })).toBe("gone");
    expect(errors[1]?.message).toBeUndefined();
  });

  it("take whole numbers and broken ones for the same, and lists no longer than allowed", async () => {
    const { errors } = await serviceOf(`errors: [{ when: error.code == 5.0, class: reject }]`);
    expect(errors[0]?.when(told({ error: { code: 5 } }))).toBe(true);
    const endless = await serviceOf(`errors: [{ when: "result.all(a, result.all(b, a == b))", class: reject }]`);
    const list = Array.from({ length: 5000 }, () => 1);
    expect(endless.errors[0]?.when(told({ result: list }))).toBe(false);
  });
});

describe("methods", () => {
  it("are careful where nothing is said: a change goes once", async () => {
    const { methods, undeclared } = await serviceOf(`methods:
      list: { kind: enumerate, lag: 5m }
      get: { kind: read }
      set: { kind: change, repeat: set, chunk_max: 50 }
      drop: { kind: change, destructive: true }
    undeclared: refuse`);
    expect(undeclared).toBe("refuse");
    expect(Object.fromEntries(methods)).toEqual({
      list: { kind: "enumerate", repeat: "read", lagMs: 300_000, destructive: false, chunkMax: undefined },
      get: { kind: "read", repeat: "read", lagMs: undefined, destructive: false, chunkMax: undefined },
      set: { kind: "change", repeat: "set", lagMs: undefined, destructive: false, chunkMax: 50 },
      drop: { kind: "change", repeat: "once", lagMs: undefined, destructive: true, chunkMax: undefined },
    });
  });
});

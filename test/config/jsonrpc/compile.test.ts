import { describe, expect, it } from "vitest";
import { configOf, configProblems } from "../../support/config.ts";

/** A service whose keys from line 8 on are these. */
const service = (keys: string): string => `services:
  x:
    kind: jsonrpc
    url: https://rpc.example/api
    secrets:
      token: { env: TOKEN }
      word: { file: word }
${keys
  .split("\n")
  .map((line) => `    ${line}`)
  .join("\n")}
`;

async function told(keys: string): Promise<readonly string[]> {
  const problems = await configProblems(service(keys));
  return problems.map(({ line, column, code, message }) => `${line}:${column} ${code}: ${message}`);
}

const header = (value: string, name = "X-Thing"): string =>
  `credentials: [{ in: header, name: ${name}, value: '${value}' }]`;
const here = "services.x";

describe("a service that is described in the config", () => {
  it("may say no more than its address", async () => {
    const { services } = await configOf("services: { x: { kind: jsonrpc, url: https://rpc.example/ } }\n");
    expect(services.get("x")).toMatchObject({
      kind: "jsonrpc",
      domains: [],
      lateMs: 60_000,
      limits: { concurrency: 8 },
    });
  });

  it.each<[keys: string, problem: string, hint?: string]>([
    ["secret: {}", `8:5 unknown-key: ${here} has no key secret`, "Did you mean secrets?"],
    ["domains: [a.example]", `8:5 unknown-key: ${here} has no key domains`, "It does not go with kind: jsonrpc."],
    [
      "credentials: { username: { env: A } }",
      `8:18 bad-type: ${here}.credentials must be a list, found a map`,
      "With kind: jsonrpc it is a list, such as - { in: header, name: X-Token, value: ${{ secrets.token }} }.",
    ],
    ["undeclared: maybe", `8:17 bad-value: ${here}.undeclared must be one of allow, refuse, found a text`],
    ["cookies: 12345678", `8:14 bad-type: ${here}.cookies must be true or false, found a number`],
    ["tls: { ca: nope.pem }", `8:16 bad-file: ${here}.tls.ca can not be read (ENOENT)`],
    ["tls: { ca: . }", `8:16 bad-file: ${here}.tls.ca is not a file`],
  ])("is not taken with %s", check);

  it.each<[keys: string, problem: string, hint?: string]>([
    [
      "envelope: { version: 2.0 }",
      `8:26 bad-type: ${here}.envelope.version must be a text, found a number`,
      "Put quotes around it.",
    ],
    [
      "envelope: { version: '3.0' }",
      `8:26 bad-value: ${here}.envelope.version must be one of 2.0, 1.0, omit, found a text`,
    ],
    ["envelope: { params: method }", `8:25 same-place: ${here}.envelope.params is the member of the method as well`],
    ["envelope: { id: jsonrpc }", `8:21 same-place: ${here}.envelope.id is the member of the version as well`],
    ["envelope: { id: __proto__ }", `8:21 bad-value: ${here}.envelope.id must be the name of a member, found a text`],
    ["envelope: { result: 'a..b' }", `8:25 bad-path: ${here}.envelope.result is not a path`],
    ["envelope: { error: ^error }", `8:24 bad-path: ${here}.envelope.error is not a path`],
    [
      "envelope: { result: 'rows[].a' }",
      `8:25 bad-path: ${here}.envelope.result leads to many values, and one is wanted`,
    ],
    ["envelope: { success: body }", ""],
    ["envelope: { success: body.a + 1 }", ""],
    ["envelope: { success: size(body) }", "8:26 bad-type: the expression gives int, not true or false"],
    [
      "envelope: { success: result == 1 }",
      "8:26 unknown-name: the expression uses a name that is not known here",
      "Known are: body.",
    ],
    [
      "envelope: { content_type: json }",
      `8:31 bad-value: ${here}.envelope.content_type must be a content type such as application/json, found a text`,
    ],
  ])("has no envelope %s", check);

  it.each<[keys: string, problem: string, hint?: string]>([
    [header("${{ secrets.tokn }}"), "8:68 unknown-secret: there is no secret tokn", "Did you mean token?"],
    [header("${{ secrets }}"), "8:55 bad-name: secrets can only be used by the names in it"],
    [header("${{ session.sid }}"), "8:68 unknown-session: nothing saves session.sid"],
    [
      header("a ${{ base46(secrets.token) }}"),
      "8:62 unknown-function: the expression calls a function that there is not",
      "Did you mean base64?",
    ],
    [header("${{ secrets.token + 1 }}"), "8:60 bad-type: no such operation: string + int"],
    [
      header("${{ hunter22 }}"),
      "8:60 unknown-name: the expression uses a name that is not known here",
      "Known are: secrets, session.",
    ],
    [header("${{ secrets.token "), "8:55 bad-template: ${{ without a matching }}"],
    [header("${{ secrets.token }}", "X Y"), `8:39 bad-header: ${here}.credentials[0].name is not the name of a header`],
    [
      header("${{ secrets.token }}", "Content-Length"),
      `8:39 bad-header: ${here}.credentials[0].name is a header that belongs to HTTP itself`,
    ],
    [
      header("hunter22", "X-Auth-Token"),
      `8:60 literal-secret: ${here}.credentials[0].value is written in the file itself`,
      "Declare it under secrets of this service and write ${{ secrets.name }} here.",
    ],
    [header("Bearer hunter22"), `8:55 literal-secret: ${here}.credentials[0].value is written in the file itself`],
    [
      "credentials: [{ in: header, name: X-A, value: 12345678 }]",
      `8:51 bad-type: ${here}.credentials[0].value must be a text, found a number`,
    ],
    [
      "credentials: [{ in: basic, user: me, password: hunter22 }]",
      `8:52 literal-secret: ${here}.credentials[0].password is written in the file itself`,
    ],
    [
      "credentials: [{ in: basic, user: hunter22, password: '' }]",
      `8:38 literal-secret: ${here}.credentials[0].user is written in the file itself`,
    ],
    ["credentials: [{ in: basic, user: me }]", `8:18 missing-key: ${here}.credentials[0] needs the key password`],
    [
      "credentials: [{ in: param, value: '${{ secrets.token }}' }]",
      `8:19 one-of: ${here}.credentials[0] has neither index nor name`,
    ],
    [
      "credentials: [{ in: param, index: 0, name: a, value: '${{ secrets.token }}' }]",
      `8:19 one-of: ${here}.credentials[0] has index and name`,
    ],
    [
      "credentials: [{ in: param, index: 0, value: token:hunter22 }]",
      `8:49 literal-secret: ${here}.credentials[0].value is written in the file itself`,
    ],
    [
      "credentials: [{ in: param, index: -1, value: a }]",
      `8:39 bad-value: ${here}.credentials[0].index must be at least 0, found -1`,
    ],
    [
      "credentials: [{ in: body, name: auth, value: { user: me, password: hunter22 } }]",
      `8:72 literal-secret: ${here}.credentials[0].value.password is written in the file itself`,
    ],
    [
      "credentials: [{ in: body, name: method, value: a }]",
      `8:37 same-place: ${here}.credentials[0].name is the member of the method as well`,
    ],
    [
      "credentials: [{ in: body, name: jsonrpc, value: a }]",
      `8:37 same-place: ${here}.credentials[0].name is the member of the version as well`,
    ],
    [
      "credentials: [{ in: body, name: a, value: a, index: 3 }]",
      `8:50 unknown-key: ${here}.credentials[0] has no key index`,
      "It goes with in: param.",
    ],
    [
      "credentials: [{ in: query, name: a, value: a }]",
      `8:25 bad-value: ${here}.credentials[0].in must be one of body, header, param, basic, found a text`,
    ],
    [
      "credentials: [{ in: param, index: 1, value: a }, { in: param, index: 1, value: b }]",
      `8:54 same-place: ${here}.credentials[1] stands where ${here}.credentials[0] does`,
    ],
    [
      "credentials: [{ in: header, name: x-a, value: a }, { in: header, name: X-A, value: b }]",
      `8:56 same-place: ${here}.credentials[1] stands where ${here}.credentials[0] does`,
    ],
    [
      "credentials: [{ in: header, name: Authorization, value: '${{ secrets.token }}' }, { in: basic, user: a, password: '${{ secrets.word }}' }]",
      `8:87 same-place: ${here}.credentials[1] stands where ${here}.credentials[0] does`,
    ],
    [
      "cookies: true\ncredentials: [{ in: header, name: Cookie, value: 'a=${{ secrets.token }}' }]",
      `9:19 same-place: ${here}.credentials[0] stands where ${here}.cookies does`,
    ],
  ])("has no %s", check);

  it.each<[keys: string, problem: string, hint?: string]>([
    [
      "session: { login: [{ call: a, params: { user: me, Password: hunter22 } }] }",
      `8:65 literal-secret: ${here}.session.login[0].params.Password is written in the file itself`,
    ],
    [
      "session: { login: [{ call: a, params: { user: me, pin: 12345678 } }] }",
      `8:60 literal-secret: ${here}.session.login[0].params.pin is written in the file itself`,
    ],
    [
      "session: { login: [{ call: auth.login, params: [hunter22] }] }",
      `8:53 literal-secret: ${here}.session.login[0].params[0] is written in the file itself`,
    ],
    [
      "session: { login: [{ call: a, params: hunter22 }] }",
      `8:43 bad-type: ${here}.session.login[0].params must be a map or a list, or one expression that gives one`,
    ],
    [
      "session: { login: [{ call: a b }] }",
      `8:32 bad-value: ${here}.session.login[0].call must be the name of a method, without blanks and { }, found a text`,
    ],
    [
      "session: { login: [{ call: a, params: ['${{ session.sid }}'] }, { call: b, save: { sid: . } }] }",
      `8:57 saved-later: session.sid is not saved before this: ${here}.session.login[1] saves it`,
      "Only earlier steps and session.refresh save values for this one.",
    ],
    [
      "session: { login: [{ call: a, unless: session.sid != null, save: { sid: . } }] }",
      `8:51 saved-later: session.sid is not saved before this: ${here}.session.login[0] saves it`,
    ],
    [
      "session: { login: [{ call: a, save: { sid: . } }, { call: b, unless: session.sd == 1 }] }",
      "8:82 unknown-session: nothing saves session.sd",
      "Did you mean sid?",
    ],
    [
      "session: { login: [{ call: a, unless: secrets.token == 'a' }] }",
      "8:43 unknown-name: the expression uses a name that is not known here",
      "Known are: session.",
    ],
    [
      "session: { login: [{ call: a, require: '${{ result }}' }] }",
      "8:44 wrapped-expression: this key is an expression already",
      "Write it without ${{ }}.",
    ],
    [
      "session: { login: [{ call: a, save: { in: . } }] }",
      "8:43 reserved-name: CEL reserves in: session.in could not be read",
    ],
    [
      "session: { login: [{ call: a, save: { Sid: . } }] }",
      '8:43 bad-name: "Sid" can not be a name',
      "Use small letters, digits and _, beginning with a letter.",
    ],
    [
      "session: { login: [{ call: a, save: { sid: 'a b' } }] }",
      `8:48 bad-path: ${here}.session.login[0].save.sid is not a path`,
    ],
    ["session: { refresh: [{ on: every }] }", `8:25 missing-key: ${here}.session.refresh[0] needs the key save`],
    [
      "session: { refresh: [{ on: every, save: {} }] }",
      `8:45 bad-value: ${here}.session.refresh[0].save must not be empty, found a map`,
    ],
    [
      "session: { refresh: [{ on: every, save: { a: 'header:X Y' } }] }",
      `8:50 bad-header: ${here}.session.refresh[0].save.a names no header behind header:`,
    ],
    [
      "session: { refresh: [{ on: every, save: { a: X-Token } }] }",
      `8:50 bad-value: ${here}.session.refresh[0].save.a must be header:NAME or body:PATH, found a text`,
    ],
    [
      "session: { refresh: [{ on: every, save: { a: 'body:a[]' } }] }",
      `8:50 bad-path: ${here}.session.refresh[0].save.a leads to many values, and one is wanted`,
    ],
    [
      "session: { refresh: [{ on: http.stats == 1, save: { a: 'body:a' } }] }",
      "8:37 unknown-field: the expression uses a member that is not there",
      "Did you mean status?",
    ],
    ["session: { logout: { params: {} } }", `8:16 missing-key: ${here}.session.logout needs the key call`],
    ["session: { max_logins: 0 }", `8:28 bad-value: ${here}.session.max_logins must be at least 1, found 0`],
  ])("has no %s", check);

  it.each<[keys: string, problem: string, hint?: string]>([
    [
      "errors: [{ when: http.status == '429', class: throttle }]",
      "8:22 bad-type: no such operation: int == string",
      "One side is a number and the other a text: write numbers without quotes.",
    ],
    ["errors: [{ when: http.status, class: throttle }]", "8:22 bad-type: the expression gives int, not true or false"],
    [
      "errors: [{ when: error.code == 1, class: retry }]",
      `8:46 bad-value: ${here}.errors[0].class must be one of auth, throttle, not_acted, not_found, reject, uncertain, fatal, found a text`,
    ],
    ["errors: [{ class: reject }]", `8:13 missing-key: ${here}.errors[0] needs the key when`],
    [
      "errors: [{ when: session.a == 1, class: reject }]",
      "8:22 unknown-name: the expression uses a name that is not known here",
      "Known are: http, error, result, body.",
    ],
    [
      "errors: [{ when: 'rematch(error.message, \"hunter22(\")', class: fatal }]",
      "8:46 bad-value: the expression holds a value that can not be used so",
    ],
    [
      "errors: [{ when: error.code == 1, class: fatal, message: 'a[]' }]",
      `8:62 bad-path: ${here}.errors[0].message leads to many values, and one is wanted`,
    ],
    [
      "methods: { a: { kind: enumerate, repeat: once } }",
      `8:46 bad-value: ${here}.methods.a.repeat must be read, found a text`,
    ],
    [
      "methods: { a: { kind: change, repeat: read } }",
      `8:43 bad-value: ${here}.methods.a.repeat must be one of set, once, found a text`,
    ],
    [
      "methods: { a: { kind: read, destructive: true } }",
      `8:33 unknown-key: ${here}.methods.a has no key destructive`,
      "It goes with kind: change.",
    ],
    [
      "methods: { a: { kind: enumerate, chunk_max: 5 } }",
      `8:38 unknown-key: ${here}.methods.a has no key chunk_max`,
      "It goes with kind: change.",
    ],
    [
      "methods: { a: { kind: change, lag: 5s } }",
      `8:35 unknown-key: ${here}.methods.a has no key lag`,
      "It goes with kind: enumerate or kind: read.",
    ],
    [
      "methods: { a: { kind: change, chunk_max: 0 } }",
      `8:46 bad-value: ${here}.methods.a.chunk_max must be at least 1, found 0`,
    ],
    ["methods: { a: { repeat: once } }", `8:16 missing-key: ${here}.methods.a needs the key kind`],
    ["methods: { 'a b': { kind: read } }", '8:16 bad-name: "a b" can not be a name', "Use no blanks and no { }."],
  ])("has no %s", check);

  async function check(keys: string, problem: string, hint?: string): Promise<void> {
    if (problem === "") {
      await expect(configOf(service(keys))).resolves.toBeDefined();
      return;
    }
    expect(await told(keys)).toEqual([problem]);
    if (hint !== undefined) expect((await configProblems(service(keys)))[0]?.hint).toBe(hint);
  }

  it("needs an address, and its secrets by reference", async () => {
    const problems = await configProblems(
      "services:\n  x:\n    kind: jsonrpc\n    secrets: { token: hunter22 }\n    errors: [{ when: a, class: auth }]\n",
    );
    expect(problems.map(({ line, column, code, message }) => `${line}:${column} ${code}: ${message}`)).toEqual([
      "2:3 missing-key: services.x needs the key url",
      "4:23 literal-secret: services.x.secrets.token is written in the file itself",
      "5:22 unknown-name: the expression uses a name that is not known here",
    ]);
  });

  it("sends nothing without TLS, and says so without its address", async () => {
    const problems = await configProblems(
      "services: { x: { kind: jsonrpc, url: 'http://rpc.example/?key=hunter22' } }\n",
    );
    expect(problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "plain-http: services.x.url would send credentials without TLS",
    ]);
    await expect(configOf("services: { x: { kind: jsonrpc, url: http://127.0.0.1:1/ } }\n")).resolves.toBeDefined();
  });

  it("tells of ten slips at once, each at its place", async () => {
    const problems = await told(`envelope: { version: 3, success: body.ok = true }
credentials:
  - { in: header, name: Host, value: "\${{ secrets.token }}" }
  - { in: header, name: X-Key, value: hunter22 }
  - { in: body, name: auth, value: "\${{ secrets.tken }}" }
session:
  login:
    - { call: login, params: { key: "\${{ session.later }}" }, save: { "a-b": . } }
    - { call: more, save: { later: "x y" } }
errors: [{ when: error.code, class: fatl }]
methods: { list: { kind: enumerate, repeat: once } }`);
    expect(problems.map((problem) => problem.split(": ")[0])).toEqual([
      "8:26 bad-type",
      "8:46 bad-expression",
      "10:29 bad-header",
      "11:43 literal-secret",
      "12:53 unknown-secret",
      "15:54 saved-later",
      "15:75 bad-name",
      "16:40 bad-path",
      "17:41 bad-value",
      "18:49 bad-value",
    ]);
  });

  it("never repeats what is written, wherever a credential may have got to", async () => {
    for (const keys of [
      "envelope: { version: hunter22, method: [hunter22], success: hunter22(1), result: 'hunter22 x' }",
      "envelope: { success: '\"hunter22\" + 1 == hunter22.x', error: { hunter22: 1 } }",
      "credentials: [{ in: hunter22, name: hunter22 }, hunter22]",
      "credentials: [{ in: header, name: 'hunter22 x', value: '${{ hunter22.trim(1) }}' }]",
      'credentials: [{ in: param, index: hunter22, value: \'${{ "hunter22".matches("a") }}\' }]',
      "session: { login: [{ call: 'hunter22 x', params: hunter22, unless: 'hunter22 ==', require: '{hunter22: 1}' }], max_logins: hunter22 }",
      "session: { login: hunter22, refresh: [{ save: { a: hunter22 }, on: 'has(hunter22)' }] }",
      "errors: [{ when: '1 in [\"hunter22\"]', class: hunter22, message: 'hunter22 x' }, hunter22]",
      "methods: { a: hunter22, b: { kind: hunter22, repeat: hunter22 } }",
      "secrets: hunter22\nlimits: hunter22",
    ]) {
      const problems = await configProblems(service(keys).replace(/ {4}secrets:[^]*?word }\n/, ""));
      expect(problems.length).toBeGreaterThan(0);
      expect(JSON.stringify(problems), keys).not.toContain("hunter22");
    }
  });
});

import { schemaLine } from "./new-plan.ts";

/** What a person says of a JSON-RPC service, to begin its config with. */
export interface NewService {
  readonly name: string;
  readonly url: string;
  /** Without TLS, on a network of one's own. */
  readonly isPlain: boolean;
  /** Undefined: JSON-RPC 2.0 as it is written. */
  readonly envelope: NewEnvelope | undefined;
  readonly signIn: SignIn;
  readonly logout: string | undefined;
  readonly reads: readonly string[];
  readonly changes: readonly { readonly name: string; readonly isRepeatable: boolean }[];
  /** Calls a minute; undefined: no limit. */
  readonly perMinute: number | undefined;
}

interface NewEnvelope {
  readonly version: "2.0" | "1.0" | "omit";
  readonly params: string;
  readonly id: string;
  readonly hasNumericIds: boolean;
  readonly result: string;
  /** An expression over `body`; undefined: there is no error. */
  readonly success: string | undefined;
}

/** How the service knows who calls. */
export type SignIn =
  | { readonly by: "nobody" | "basic" }
  | { readonly by: "token"; readonly carried: Carried }
  | { readonly by: "login"; readonly login: NewLogin; readonly carried: Carried | { readonly in: "cookie" } };

/** Where a token stands in a request. `before`: the text in front of it. */
export type Carried =
  | { readonly in: "header"; readonly name: string; readonly before: string }
  | { readonly in: "body"; readonly name: string }
  | { readonly in: "param"; readonly before: string };

interface NewLogin {
  readonly method: string;
  /** In JSON; the texts USER and PASSWORD stand for the two. */
  readonly params: unknown;
  /** Path to the token in the result; a cookie needs none. */
  readonly token: string | undefined;
  readonly mayAnswerFalse: boolean;
}

/** The names of the environment variables that its secrets are looked for in. */
export function variablesOf({ name, signIn }: NewService): readonly string[] {
  return secretsOf(signIn).map((secret) => variable(name, secret));
}

/** A config with the service as it was described, and a word on everything else that can be said of one. */
export function serviceText(service: NewService, file: string): string {
  const { name, url, isPlain } = service;
  return [
    schemaLine("config", file),
    "# Read by commands that run in this folder, or with --config FILE. Runs are kept beside it, in .rollcall/.",
    "# Every key: docs/config.md. How to find out what to write: docs/services.md.",
    "rollcall: 1",
    "services:",
    `  ${name}:`,
    ...indented([
      "kind: jsonrpc",
      `url: ${quoted(url)}`,
      isPlain ? "tls: { allow_plain_http: true }" : "# tls: { ca: ca.pem } # certificates of an authority of your own",
      ...secretLines(service),
      ...envelopeLines(service),
      ...credentialLines(service),
      ...sessionLines(service),
      ...errorLines,
      ...methodLines(service),
      ...limitLines(service),
    ]),
    "",
  ].join("\n");
}

function secretLines({ name, signIn }: NewService): readonly string[] {
  const secrets = secretsOf(signIn);
  if (secrets.length === 0) return [];
  return [
    "# Where they are kept, never the secrets themselves. Instead of env: { file: PATH } with mode 0600,",
    "# or { command: [program, argument] } for a password store.",
    "secrets:",
    ...secrets.map((secret) => `  ${secret}: { env: ${variable(name, secret)} }`),
  ];
}

function envelopeLines({ envelope }: NewService): readonly string[] {
  if (envelope === undefined)
    return [
      "# Where messages differ from JSON-RPC 2.0:",
      '# envelope: { version: omit, params: arguments, id: tag, null_id: accept, success: body.result == "success" }',
    ];
  const { version, params, id, hasNumericIds, result, success } = envelope;
  return [
    "envelope:",
    ...(version === "2.0" ? [] : [`  version: ${version === "omit" ? "omit" : quoted(version)} # the member jsonrpc`]),
    ...(params === "params" ? [] : [`  params: ${quoted(params)}`]),
    ...(id === "id" ? [] : [`  id: ${quoted(id)}`]),
    ...(hasNumericIds ? ["  numeric_ids: true"] : []),
    ...(result === "result" ? [] : [`  result: ${quoted(result)}`]),
    ...(success === undefined ? [] : [`  success: ${quoted(success)}`]),
    "  null_id: refuse # accept: answers come without the id of the request",
  ];
}

function credentialLines({ signIn }: NewService): readonly string[] {
  switch (signIn.by) {
    case "nobody":
      return [
        "# What every request carries: { in: header | body, name, value }, { in: param, index, value }, { in: basic, user, password }",
        '# credentials: [{ in: header, name: Authorization, value: "Bearer ${{ secrets.token }}" }]',
      ];
    case "basic":
      return ["credentials:", '  - { in: basic, user: "${{ secrets.user }}", password: "${{ secrets.password }}" }'];
    case "token":
      return ["credentials:", `  - ${carriedText(signIn.carried, "secrets.token")}`];
    case "login":
      return signIn.carried.in === "cookie"
        ? ["cookies: true"]
        : ["credentials:", `  - ${carriedText(signIn.carried, "session.token")}`];
  }
}

function carriedText(carried: Carried, token: string): string {
  const value = (before: string): string => quoted(`${before}\${{ ${token} }}`);
  switch (carried.in) {
    case "header":
      return `{ in: header, name: ${quoted(carried.name)}, value: ${value(carried.before)} }`;
    case "body":
      return `{ in: body, name: ${quoted(carried.name)}, value: ${value("")} }`;
    case "param":
      return `{ in: param, index: 0, value: ${value(carried.before)} }`;
  }
}

function sessionLines({ signIn, logout }: NewService): readonly string[] {
  if (signIn.by !== "login")
    return ["# session: { login: [{ call, params, anonymous, unless, save, require }], refresh, logout, max_logins }"];
  const { method, params, token, mayAnswerFalse } = signIn.login;
  return [
    "session:",
    "  login:",
    `    - call: ${quoted(method)}`,
    `      params: ${paramsText(params)}`,
    "      anonymous: true",
    ...(mayAnswerFalse ? ["      require: result == true # it answers false, and no error, when it refuses"] : []),
    ...(token === undefined ? [] : [`      save: { token: ${quoted(token)} }`]),
    ...(logout === undefined ? ["  # logout: { call: … }"] : [`  logout: { call: ${quoted(logout)} }`]),
  ];
}

const errorLines = [
  "# What its errors mean, first match. Classes: auth (log in again), throttle, not_acted (surely not done), not_found,",
  "# reject (what an error means otherwise), uncertain (may have been done: it is read back), fatal.",
  "# errors:",
  "#   - { when: http.status == 401, class: auth }",
  "#   - { when: error.code == -32000, class: not_found }",
];

function methodLines({ reads, changes }: NewService): readonly string[] {
  const head = [
    "# What plans may call. kind: enumerate or read for what changes nothing, else change. repeat: set where sending it twice",
    "# does no harm; what is not said to be so is never sent again after a lost answer.",
    "undeclared: refuse # allow: plans may call anything",
  ];
  if (reads.length + changes.length === 0)
    return [
      ...head,
      "methods: {}",
      "  # list.things: { kind: enumerate }",
      "  # set.thing: { kind: change, repeat: set }",
    ];
  return [
    ...head,
    "methods:",
    ...reads.map((name) => `  ${quoted(name)}: { kind: read }`),
    ...changes.map(({ name, isRepeatable }) => {
      return `  ${quoted(name)}: { kind: change, repeat: ${isRepeatable ? "set" : "once"} }`;
    }),
  ];
}

function limitLines({ perMinute }: NewService): readonly string[] {
  const rate = perMinute === undefined ? "" : `, rate: ${perMinute}/m`;
  return [
    `limits: { concurrency: 4, timeout: 30s${rate} }`,
    "# late: 60s # how long after its deadline a request may still take effect",
    "# lag: 30s # how old what a list says may be",
  ];
}

function secretsOf(signIn: SignIn): readonly string[] {
  switch (signIn.by) {
    case "nobody":
      return [];
    case "basic":
      return ["user", "password"];
    case "token":
      return ["token"];
    case "login": {
      const text = JSON.stringify(signIn.login.params);
      return [...(text.includes('"USER"') ? ["user"] : []), ...(text.includes('"PASSWORD"') ? ["password"] : [])];
    }
  }
}

function paramsText(params: unknown): string {
  return JSON.stringify(params, (_name, value: unknown) => {
    if (value === "USER") return "${{ secrets.user }}";
    return value === "PASSWORD" ? "${{ secrets.password }}" : value;
  });
}

function variable(name: string, secret: string): string {
  return `${name}_${secret}`.replaceAll("-", "_").toUpperCase();
}

/** JSON is YAML; what needs no quotes reads better without. */
function quoted(text: string): string {
  const isPlain = /^[A-Za-z][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `    ${line}`);
}

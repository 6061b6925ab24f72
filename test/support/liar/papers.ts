import { liarLogin, type LiarStyle } from "../liar.ts";

/** Keys of a file. */
export type Keys = Readonly<Record<string, unknown>>;

/** What a test writes in place of what fits the liar, key by key. Undefined takes one away. */
export interface Papers {
  /** Of the service. */
  readonly config?: Keys;
  readonly plan?: Keys;
  readonly enumerate?: Keys;
  readonly change?: Keys;
}

/** Where the config has the password from. */
export const passwordVariable = "LIAR_PASSWORD";

/** The config of a service `liar`; JSON is YAML. Short times, so that a lost answer is settled in half a second. */
export function configOf(url: string, { session }: LiarStyle, config: Keys = {}): string {
  const liar = {
    kind: "jsonrpc",
    url,
    ...sessions[session],
    methods: {
      list: { kind: "enumerate" },
      get: { kind: "read" },
      set: { kind: "change", repeat: "set" },
      set_many: { kind: "change", repeat: "set" },
      remove: { kind: "change", repeat: "set", destructive: true },
    },
    limits: { timeout: "300ms", concurrency: 4 },
    late: "100ms",
    lag: "50ms",
    ...config,
  };
  return JSON.stringify({ rollcall: 1, services: { liar } });
}

const sessions = {
  none: {},
  token: {
    secrets: { password: { env: passwordVariable } },
    credentials: [{ in: "header", name: "authorization", value: "Bearer ${{ session.token }}" }],
    session: {
      login: [
        {
          call: "login",
          params: { user: liarLogin.user, password: "${{ secrets.password }}" },
          require: "result.token != null",
          save: { token: "token" },
        },
      ],
      logout: { call: "logout" },
    },
    errors: [{ when: "http.status == 401", class: "auth" }],
  },
  header: {
    credentials: [{ in: "header", name: "x-session", value: "${{ session.id }}" }],
    session: { refresh: [{ save: { id: "header:x-session" }, on: "http.status == 409" }] },
  },
} as const;

/** A plan that gives every thing level 5. Nothing stops it early, so that every item shows what becomes of it. */
export function planOf(style: LiarStyle, { plan = {}, enumerate = {}, change = {} }: Papers = {}): string {
  const { paging, rows, ids } = style;
  const isNested = rows === "nested";
  return JSON.stringify({
    rollcall: 1,
    name: "levels",
    service: "liar",
    enumerate: {
      call: "list",
      params: paramsOf(style, pageParams[paging]),
      ...(paging !== "none" && { page: pages[paging] }),
      ...rowsOf(style),
      key: "id",
      title: "name",
      fields: {
        id: { from: "id", type: ids === "text" ? "string" : "integer" },
        name: { from: "name", type: "string" },
        shelf: { from: isNested ? "^shelf" : "shelf", type: "string" },
        level: { from: "level", type: "integer" },
      },
      ...enumerate,
    },
    filter: true,
    change: {
      set: { level: 5 },
      call: "set",
      params: paramsOf(style, { id: "${{ item.id }}", level: "${{ set.level }}" }),
      ...change,
    },
    stop: { errors: 1000, consecutive: 1000, unknown: 1000 },
    verify: { within: "1s", every: "100ms" },
    ...plan,
  });
}

/** A plan that removes every thing but the first three, which show whether a list is whole. */
export function removalOf(style: LiarStyle, { plan, enumerate, change }: Papers = {}): string {
  return planOf(style, {
    plan: { filter: "int(item.id) > 3", guards: { max: 100 }, ...plan },
    enumerate: { ...enumerate },
    change: {
      set: undefined,
      call: "remove",
      params: paramsOf(style, { id: "${{ item.id }}" }),
      expect: "absent",
      destructive: true,
      ...change,
    },
  });
}

/** Named, or in their order. */
function paramsOf({ params }: Pick<LiarStyle, "params">, named: Keys): Keys | readonly unknown[] {
  return params === "named" ? named : Object.values(named);
}

const size = "${{ page.size }}";
const pageParams = {
  none: {},
  offset: { offset: "${{ page.offset }}", size },
  number: { number: "${{ page.number }}", size },
  cursor: { cursor: "${{ page.cursor }}", size },
} as const;

const pages = {
  offset: { by: "offset", size: 4 },
  number: { by: "number", size: 4 },
  cursor: { by: "cursor", next: "next", size: 4 },
} as const;

function rowsOf({ rows, paging }: LiarStyle): Keys {
  switch (rows) {
    case "array":
      return paging === "cursor" ? { rows: "things" } : {};
    case "map":
      return { rows: { at: "things", map_key: "id" } };
    case "nested":
      return { rows: "shelves[].things[]" };
  }
}

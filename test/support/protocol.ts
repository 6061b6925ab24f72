import { IncompleteError } from "../../runner/core/model/errors.ts";
import { itemId, type Item, type Value } from "../../runner/core/model/item.ts";
import type { Page, Paging } from "../../runner/core/model/listing.ts";
import type { Connection, ListRequest, Outside, WriteOptions } from "../../runner/core/model/ports.ts";
import type {
  ConfigNames,
  ConfigTemplate,
  EnvelopeRules,
  Finder,
  LoginStep,
  Protocol,
  SessionSteps,
} from "../../runner/core/model/protocol.ts";
import { Secret } from "../../runner/core/model/secret.ts";
import type { Service } from "../../runner/core/model/service.ts";
import { parsePath, valueAt } from "../../runner/language/paths.ts";
import { jsonrpc } from "../../runner/providers/jsonrpc/connect.ts";
import { jsonRpc2 } from "../../runner/rpc/envelope.ts";
import { never, outsideFor, serviceFor, startRpcServer, type RpcServer } from "./rpc-server.ts";

export const secrets = { user: "robot-user", password: "s3cret-password" } as const;

interface ProtocolParts extends Partial<Omit<Protocol, "envelope" | "session" | "secrets">> {
  readonly envelope?: Partial<EnvelopeRules>;
  readonly session?: Partial<SessionSteps>;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** As the config compiles it: nothing but JSON-RPC 2.0 unless told. */
function protocolFor({ envelope, session, secrets: given = secrets, ...more }: ProtocolParts = {}): Protocol {
  return {
    credentials: [],
    cookies: false,
    errors: [],
    emptyIsUnset: false,
    methods: new Map(),
    undeclared: "allow",
    ...more,
    envelope: { ...jsonRpc2, ...envelope },
    session: { login: [], refresh: [], logout: undefined, maxLogins: 3, ...session },
    secrets: () =>
      Promise.resolve(Object.fromEntries(Object.entries(given).map(([name, text]) => [name, new Secret(text)]))),
  };
}

/** What stands at a path of the config. */
export function at(path: string): Finder {
  const parsed = parsePath(path)!;
  return (answer) => valueAt({ value: answer, around: [] }, parsed);
}

/** A template that needs one value of the session. */
export function ofSession(
  name: string,
  render: (value: Value, names: ConfigNames) => Value = (value) => value,
): ConfigTemplate {
  return (names) => (names.session[name] === undefined ? undefined : render(names.session[name], names));
}

export function step(call: string, params: ConfigTemplate, more: Partial<LoginStep> = {}): LoginStep {
  return { call, params, anonymous: false, unless: undefined, save: [], require: undefined, ...more };
}

export interface LineOptions {
  readonly protocol?: ProtocolParts;
  readonly service?: Partial<Service>;
  readonly outside?: Partial<Outside>;
}

export function configured(url: string, { protocol, service }: LineOptions = {}): Service {
  const limits = { concurrency: 8, timeoutMs: 500, body: 64 * 1024 ** 2, message: 500 };
  return serviceFor(url, { name: "shop", kind: "jsonrpc", limits, ...service, protocol: protocolFor(protocol) });
}

export function lineTo(url: string, options: LineOptions = {}): Promise<Connection> {
  return jsonrpc.connect(configured(url, options), outsideFor(options.outside), never);
}

/** A list whose items have an `id`, and params that hold the page as it is. */
export function listOf(paging: Paging, more: Partial<ListRequest> = {}, rows = "."): ListRequest {
  const find = at(rows);
  return {
    method: "list",
    params: {},
    fields: [],
    key: "id",
    described: {
      paging,
      params: (page: Page) => ({ ...page }),
      items: (answer) => itemsOf(find(answer)),
    },
    ...more,
  };
}

function itemsOf(rows: Value): readonly Item[] {
  if (!Array.isArray(rows)) throw new IncompleteError("list came back as something that is not a list.");
  return (rows as readonly Record<string, Value>[]).map((row) => {
    if (row.id === undefined) throw new IncompleteError("one item has no id");
    return { id: itemId(String(row.id)), fields: row };
  });
}

export async function idsOf(line: Connection, list: ListRequest, signal = never): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of line.pages(list, signal)) ids.push(...page.map(({ id }) => id));
  return ids;
}

export function writing(more: Partial<WriteOptions> = {}): WriteOptions {
  return { id: "run-12-1", ready: () => Promise.resolve(true), reveal: () => "", signal: never, ...more };
}

export type Answers = Parameters<typeof startRpcServer>[0];

/** A service that answers so, and a connection to it, for one test. */
export async function withLine(
  answers: Answers,
  test: (setup: { readonly line: Connection; readonly server: RpcServer }) => Promise<void>,
  options?: LineOptions,
): Promise<void> {
  await using server = await startRpcServer(answers);
  await using line = await lineTo(server.url, options);
  await test({ line, server });
}

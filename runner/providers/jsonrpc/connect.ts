import { RunnerError } from "../../core/model/errors.ts";
import type { Value } from "../../core/model/item.ts";
import type { Connection, ListRequest, Outside, Provider } from "../../core/model/ports.ts";
import type { Protocol } from "../../core/model/protocol.ts";
import type { Service } from "../../core/model/service.ts";
import { withoutEchoes } from "../../core/model/withheld.ts";
import { Client } from "../../rpc/client.ts";
import { firstLogin } from "../../rpc/first-login.ts";
import { Limiter } from "../../rpc/limiter.ts";
import { Session } from "../../rpc/session.ts";
import { Transport } from "../../rpc/transport.ts";
import { JsonRpcCatalogue } from "./catalogue.ts";
import { CookieJar } from "./cookies.ts";
import { dialectOf } from "./dialect.ts";
import { listed, type Listed } from "./paging.ts";
import { ConfiguredSession } from "./session.ts";
import { SingleReads } from "./single-reads.ts";

/** Any JSON-RPC service, as the config describes it. */
export const jsonrpc = {
  catalogue: (service) => new JsonRpcCatalogue(protocolOf(service), service),
  connect: async (service, outside, signal) => {
    const line = openLine(service, outside);
    await firstLogin(line, outside, signal);
    return connectionOf(line, service, outside);
  },
} satisfies Provider;

interface Line {
  readonly rules: ConfiguredSession;
  readonly session: Session;
  readonly client: Client;
  readonly limiter: Limiter;
  /** Ends a login under way. */
  readonly abort: () => void;
  readonly close: () => Promise<void>;
}

function openLine(service: Service, outside: Outside): Line {
  const protocol = protocolOf(service);
  const { url, ca } = service;
  const { timeoutMs, body: maxBytes, message } = service.limits;
  const { clock, log, concurrency, perMinute } = outside;
  const lifetime = new AbortController();
  const cookies = protocol.cookies ? new CookieJar(url, () => clock.now()) : undefined;
  const rules = new ConfiguredSession({ service, protocol, cookies, clock, log, signal: lifetime.signal });
  const session = new Session(rules, clock);
  // One for each slot's change, and a few for the reads and logins between them. More would only be more to connect.
  const connections = concurrency + 4;
  const limiter = new Limiter(perMinute, clock, outside);
  const { contentType } = protocol.envelope;
  const transport = new Transport({ url, connections, timeoutMs, maxBytes, clock, contentType, ca });
  const client = new Client({
    ...{ transport, session, outside, timeoutMs, message, secrets: rules.secrets },
    ...(cookies && { cookies }),
    limiter,
    dialect: dialectOf(protocol),
  });
  rules.attach(client, session);
  const close = async (): Promise<void> => {
    lifetime.abort();
    await rules.logout();
    await transport[Symbol.asyncDispose]();
  };
  return { rules, session, client, limiter, abort: () => lifetime.abort(), close };
}

function connectionOf({ rules, client, limiter, close }: Line, service: Service, { clock }: Outside): Connection {
  const catalogue = new JsonRpcCatalogue(protocolOf(service), service);
  /** A method may show what lets us in: no answer brings it along. */
  const discreet = (value: Value): Value => (value === null ? null : withoutEchoes(value, rules.secrets()));
  const reader: Pick<Client, "read"> = {
    read: async (request, signal) => {
      const answer = await client.read(request, signal);
      return answer.kind === "result" ? { ...answer, result: discreet(answer.result) } : answer;
    },
  };
  const singles = new SingleReads({
    client: reader,
    up: () => clock.up(),
    lagMs: (method) => catalogue.lagMs(method),
  });
  return {
    login: { user_id: null, partner_id: null, name: "" },
    skewMs: rules.skewMs,
    pages: async function* (list, signal) {
      for await (const rows of listed(describedBy(list), reader, signal)) yield rows.map(({ item }) => item);
    },
    ask: async (request, signal) => {
      const answer = await reader.read(request, signal);
      return answer.kind === "failed" ? answer : { kind: "result", value: answer.result, began: answer.began };
    },
    read: (list, id, _names, signal) => singles.read(describedBy(list), id, signal),
    write: async (request, options) => {
      const answer = await client.write(request, options);
      if (answer.kind !== "accepted") return answer;
      const value = discreet(answer.value ?? null);
      return value === null ? { kind: "accepted" } : { kind: "accepted", value };
    },
    setRate: (perMinute) => limiter.setRate(perMinute),
    listenToPace: (heard) => limiter.listen(heard),
    [Symbol.asyncDispose]: close,
  };
}

function protocolOf({ name, protocol }: Service): Protocol {
  if (protocol !== undefined) return protocol;
  throw new RunnerError("config", `Service ${name} does not say how it is spoken to.`);
}

/** A plan was checked against the catalogue, which has no lists of its own. */
function describedBy(list: ListRequest): Listed {
  const { described } = list;
  if (described === undefined) throw new Error(`nobody can read the list ${list.method}`);
  return { ...list, described };
}

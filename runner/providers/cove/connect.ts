import type { Value } from "../../core/model/item.ts";
import type { Connection, ListRequest, Outside, Provider } from "../../core/model/ports.ts";
import type { Service } from "../../core/model/service.ts";
import { withoutEchoes } from "../../core/model/withheld.ts";
import { Client } from "../../rpc/client.ts";
import { firstLogin } from "../../rpc/first-login.ts";
import { Limiter } from "../../rpc/limiter.ts";
import { Session } from "../../rpc/session.ts";
import { Transport } from "../../rpc/transport.ts";
import { answeredPages } from "./answers.ts";
import { CoveCatalogue, deviceList, pastDeviceList } from "./catalogue.ts";
import type { ListData } from "./data.ts";
import { coveDialect } from "./errors.ts";
import { devicePages } from "./lists.ts";
import { Homes } from "./homes.ts";
import { Nodes } from "./nodes.ts";
import { Readings } from "./readings.ts";
import { isOfNodes, Reporting, returned as returnedByNode } from "./reporting.ts";
import { CoveSession } from "./session.ts";
import { SingleAnswers } from "./single-answers.ts";
import { SingleDevices } from "./single.ts";
import { answeredList } from "./structs.ts";
import { isObject } from "../../core/model/object.ts";

/** N-able Cove Data Protection, Management Service. */
export const cove = {
  catalogue: CoveCatalogue.shared,
  reference: async () => (await import("./reference.ts")).coveReference,
  sample: ({ partner_id }) => {
    const list = CoveCatalogue.shared().list(deviceList);
    const key = list?.field(list.key);
    if (list === undefined || key === undefined) throw new Error("the catalogue has no list of devices");
    return { method: list.method, params: { query: { PartnerId: partner_id } }, fields: [key], key: key.name };
  },
  connect: async (service, outside, signal) => {
    const line = openLine(service, outside);
    await firstLogin(line, outside, signal);
    return connectionOf(line, service, outside);
  },
} satisfies Provider;

interface Line {
  readonly reporting: Reporting;
  readonly rules: CoveSession;
  readonly session: Session;
  readonly client: Client;
  readonly limiter: Limiter;
  /** Ends a login under way. */
  readonly abort: () => void;
  readonly close: () => Promise<void>;
}

function openLine(service: Service, outside: Outside): Line {
  const { timeoutMs, body: maxBytes, message } = service.limits;
  const { clock, concurrency, perMinute } = outside;
  const lifetime = new AbortController();
  const rules = new CoveSession(service, clock, lifetime.signal);
  const session = new Session(rules, clock);
  // One for each slot's change, and a few for the reads and logins between them. More would only be more to connect.
  const connections = concurrency + 4;
  const transport = new Transport({ url: service.url, connections, timeoutMs, maxBytes, clock, ca: service.ca });
  const limiter = new Limiter(perMinute, clock, outside);
  const { secrets } = rules;
  const dialect = coveDialect;
  const client = new Client({ transport, session, limiter, dialect, outside, timeoutMs, message, secrets });
  rules.attach(client);
  const nodes = new Nodes({ service, outside, limiter, secrets });
  const reporting = new Reporting(new Homes(client, service.domains), nodes, clock);
  const close = async (): Promise<void> => {
    lifetime.abort();
    await Promise.all([transport[Symbol.asyncDispose](), nodes[Symbol.asyncDispose]()]);
  };
  return { rules, session, client, limiter, reporting, abort: () => lifetime.abort(), close };
}

function connectionOf(
  { rules, session, client, limiter, reporting, close }: Line,
  service: Service,
  { clock, log }: Outside,
): Connection {
  const { loggedIn } = rules;
  if (loggedIn === undefined) throw new Error("a session is open and nobody is logged in");
  const readings = new Readings(service.lag);
  const devices = new SingleDevices(client, readings, { log, now: () => clock.up() });
  const answers = new SingleAnswers(client, readings, log);
  const keys = (): readonly string[] => [...rules.password(), ...(session.current()?.carried.secrets ?? [])];
  return {
    login: loggedIn.login,
    skewMs: loggedIn.skewMs,
    pages: (list, signal) => {
      const parts = { client: isOfNodes(list.method) ? reporting.listsOf(list.route) : client, log, signal };
      const hasPages = list.method === deviceList || list.method === pastDeviceList;
      return hasPages ? devicePages(list, parts) : answeredPages(list, dataOf(list), parts);
    },
    ask: async (request, signal) => {
      const isAtNode = isOfNodes(request.method);
      const answer = await (isAtNode ? reporting : client).read(request, signal);
      if (answer.kind === "failed") return answer;
      const { result } = answer;
      const value = isAtNode ? returnedByNode(result) : returned(result);
      return { kind: "result", value: withoutEchoes(value, keys()), began: answer.began };
    },
    read: (list, id, names, signal) => {
      const wanted = { list, id, names, signal };
      if (list.method === deviceList) return devices.read(wanted);
      if (!isOfNodes(list.method)) return answers.read(wanted, dataOf(list));
      return new SingleAnswers(reporting.listsOf(list.route), readings, log).read(wanted, dataOf(list));
    },
    write: async (request, options) => {
      if (isOfNodes(request.method)) return reporting.write(request, options);
      const answer = await client.write(request, options);
      if (answer.kind !== "accepted") return answer;
      const value = returned(answer.value);
      return value === null ? { kind: "accepted" } : { kind: "accepted", value };
    },
    setRate: (perMinute) => limiter.setRate(perMinute),
    listenToPace: (heard) => limiter.listen(heard),
    [Symbol.asyncDispose]: close,
  };
}

/** What a method returns is the member `result` of the result. */
function returned(result: Value = null): Value {
  return isObject(result) ? (result.result ?? null) : result;
}

/** A plan was checked against the catalogue, which offers no other lists. */
function dataOf({ method }: ListRequest): ListData {
  const data = answeredList(method);
  if (data === undefined) throw new Error(`nobody can read the list ${method}`);
  return data;
}

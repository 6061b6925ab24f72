import { ConnectError, RunnerError } from "../../core/model/errors.ts";
import type { Connection, Outside, Provider } from "../../core/model/ports.ts";
import type { Service } from "../../core/model/service.ts";
import { Client } from "../../rpc/client.ts";
import { Limiter } from "../../rpc/limiter.ts";
import { Session } from "../../rpc/session.ts";
import { Transport } from "../../rpc/transport.ts";
import { CoveCatalogue } from "./catalogue.ts";
import { coveErrors } from "./errors.ts";
import { devicePages } from "./lists.ts";
import { CoveSession } from "./session.ts";
import { SingleReads } from "./single.ts";

/** N-able Cove Data Protection, Management Service. */
export const cove: Provider = {
  catalogue: () => new CoveCatalogue(),
  reference: async () => (await import("./reference.ts")).coveReference,
  connect: async (service, outside, signal) => {
    const line = openLine(service, outside);
    try {
      await logIn(line, outside, signal);
      return connectionOf(line, service, outside);
    } catch (error) {
      await line.close();
      throw error;
    }
  },
};

interface Line {
  readonly rules: CoveSession;
  readonly session: Session;
  readonly client: Client;
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
  const transport = new Transport({ url: service.url, connections, timeoutMs, maxBytes, clock });
  const limiter = new Limiter(perMinute, clock);
  const { secrets } = rules;
  const client = new Client({ transport, session, limiter, facts: coveErrors, outside, timeoutMs, message, secrets });
  rules.attach(client);
  const close = async (): Promise<void> => {
    lifetime.abort();
    await transport[Symbol.asyncDispose]();
  };
  return { rules, session, client, abort: () => lifetime.abort(), close };
}

const loginTries = 3;

/** The first login. Only trouble on the way is tried again; a refusal never. */
async function logIn(line: Line, { clock, random }: Outside, signal: AbortSignal): Promise<void> {
  signal.addEventListener("abort", line.abort, { once: true });
  try {
    for (let tries = 1; ; tries++) {
      if (signal.aborted) throw new RunnerError("interrupted", "Interrupted while logging in; nothing was sent.");
      try {
        await line.session.open();
        return;
      } catch (error) {
        const mayPass = error instanceof ConnectError && error.code === "connect" && tries < loginTries;
        if (!mayPass) throw error;
        await clock.sleep(random() * 1000 * tries, signal);
      }
    }
  } finally {
    signal.removeEventListener("abort", line.abort);
  }
}

function connectionOf({ rules, client, close }: Line, service: Service, { clock, log }: Outside): Connection {
  const { loggedIn } = rules;
  if (loggedIn === undefined) throw new Error("a session is open and nobody is logged in");
  const singles = new SingleReads(client, service, { log, now: () => clock.up() });
  return {
    login: loggedIn.login,
    skewMs: loggedIn.skewMs,
    pages: (list, signal) => devicePages(list, { client, log, signal }),
    read: (list, id, names, signal) => singles.read({ list, id, names, signal }),
    write: (request, options) => client.write(request, options),
    [Symbol.asyncDispose]: close,
  };
}

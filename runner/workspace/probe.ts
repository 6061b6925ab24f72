import { GuardError, RunnerError } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import type { Answer } from "../core/model/outcome.ts";
import type { Exchange, ShownExchange } from "../core/model/ports.ts";
import type { Service } from "../core/model/service.ts";
import type { ProbeOptions } from "./options.ts";
import type { ProbeReport } from "./reports.ts";
import { catalogueOf, paceOf, serviceCalled } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { providerOf } from "./providers.ts";

/** One call with the service's own session, as a person would try it: sent once, and shown as it went over the wire. */
export async function probe(inside: Inside, wanted: string, options: ProbeOptions): Promise<ProbeReport> {
  const { method, params = {} } = options;
  const service = serviceCalled(inside, wanted);
  const known = (await catalogueOf(service, inside.providers)).method(method);
  const onlyReads = known?.kind === "read" || known?.kind === "enumerate";
  if (!onlyReads) await agreed(service, options);
  const exchanges: Exchange[] = [];
  const answer = await sent(inside, service, { ...options, params, watch: (one) => exchanges.push(one) });
  return { service: service.name, endpoint: service.url, exchanges: exchanges.map(shown), answer };
}

/** @throws {GuardError} `consent` */
async function agreed({ name, url }: Service, { method, consent }: ProbeOptions): Promise<void> {
  if (await consent({ service: name, endpoint: url, method })) return;
  throw new GuardError("consent", `Nothing says that ${method} only reads, and nobody agreed to send it.`, {
    hint: "Nothing was sent. If it may change something, add --yes; if it does not, declare it under `methods` of the service in the config.",
  });
}

interface Sending extends ProbeOptions {
  readonly params: Value;
  readonly watch: (exchange: Exchange) => void;
}

async function sent(inside: Inside, service: Service, sending: Sending): Promise<Answer | RunnerError> {
  const { method, params, watch, stop = never } = sending;
  const { clock, log, providers } = inside;
  const provider = await providerOf(service, providers);
  const outside = {
    ...{ clock, log, watch, random: Math.random, concurrency: 1, loginTries: 1 },
    ...paceOf(service, { log }),
  };
  try {
    await using connection = await provider.connect(service, outside, stop);
    // A write is sent once and never again, whatever becomes of it: so is what a person tries.
    return await connection.write(
      { method, params },
      { id: "probe-1-1", ready: () => Promise.resolve(true), reveal: noSecrets, signal: stop },
    );
  } catch (error) {
    if (error instanceof RunnerError) return error;
    throw error;
  }
}

const never = new AbortController().signal;

function noSecrets(): never {
  throw new Error("the params of a probe hold no secret inputs");
}

/** When all is over, everything that came to be a secret on the way is known. */
function shown({ method, ms, headers, request, answer, status, trouble, ...more }: Exchange): ShownExchange {
  const body = answer();
  const wants = more.wants();
  const doubts = more.doubts();
  return {
    method,
    ms: Math.round(ms),
    headers: headers(),
    request: request(),
    ...(body !== undefined && { answer: body }),
    ...(status !== undefined && { status }),
    ...(trouble !== undefined && { trouble }),
    ...(wants !== undefined && { wants }),
    ...(doubts.length > 0 && { doubts }),
  };
}

import type { Config } from "../../config/load.ts";
import { credentialReferences, type CredentialReference } from "../../config/services.ts";
import { exitCodes, RunnerError } from "../../core/model/errors.ts";
import type { Clock, Connection, Log, Provider } from "../../core/model/ports.ts";
import type { Login } from "../../core/model/frozen.ts";
import type { Protocol } from "../../core/model/protocol.ts";
import type { Credentials, Service } from "../../core/model/service.ts";
import { mostSkewMs, paceOf } from "../connect.ts";
import { providerOf } from "../providers.ts";
import { okUnless, type Check } from "./check.ts";
import { lineCheck } from "./line.ts";
import { hasMargin, marginAdvice, secretsCheck } from "./secrets.ts";

/** A clock that is further off than this is worth a word. */
const noticeableSkewMs = 30_000;
/** How long the login and the look at the list may take together, in deadlines of one request. */
const mostTimeouts = 3;

export interface Around {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Nothing but what can be seen without a network. */
  readonly offline: boolean;
}

/** A service from its credentials to what its list shows. What can not be looked at after a failure is left out. */
export async function* serviceChecks(service: Service, config: Config, around: Around): AsyncGenerator<Check> {
  const { name } = service;
  yield { check: "service", service: name, status: "ok", found: `${name} at ${service.url}` };
  for await (const check of checksOf(service, config, around)) yield { ...check, service: name };
}

async function* checksOf(service: Service, config: Config, around: Around): AsyncGenerator<Check> {
  const { check, ready } = await readyCheck(service, config, around);
  yield check;
  if (around.offline) {
    yield { check: "connection", status: "skipped", found: "not contacted (--offline)" };
    return;
  }
  const line = await lineCheck(service, around.env);
  yield line;
  if (line.status === "failed" || ready === undefined) {
    const why = line.status === "failed" ? "there is no connection" : "there are no credentials";
    yield { check: "login", status: "skipped", found: `not tried, because ${why}` };
    return;
  }
  yield* insideChecks(ready, around);
}

/** @returns `ready`: the service with what its login needs. Undefined: that is not to be had. */
async function readyCheck(
  service: Service,
  config: Config,
  around: Around,
): Promise<{ readonly check: Check; readonly ready?: Service }> {
  if (service.protocol !== undefined) {
    const { check, isReady } = await secretsCheck(service.protocol, config.written.get(service.name) ?? {}, around.env);
    return isReady ? { check, ready: service } : { check };
  }
  const { check, credentials } = await credentialsCheck(service, config, around);
  // Fetched once: a command of a password store may ask its owner each time.
  return credentials === undefined
    ? { check }
    : { check, ready: { ...service, credentials: () => Promise.resolve(credentials) } };
}

async function credentialsCheck(
  service: Service,
  config: Config,
  { env }: Around,
): Promise<{ readonly check: Check; readonly credentials?: Credentials }> {
  const { kind, name } = service;
  const references = credentialReferences(kind, config.written.get(name) ?? {}, env);
  const check = "credentials";
  try {
    const credentials = await service.credentials();
    const found = references.filter(({ isUnset }) => !isUnset).map(({ part, from }) => `${part} from ${from}`);
    return {
      credentials,
      check: okUnless({ check, found: found.join(", ") }, [...oddities(service, references, credentials)]),
    };
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    const unset = references.filter(({ part, isUnset }) => isUnset && part !== "partner");
    const found = unset.length === 0 ? error.message : `not set: ${unset.map(({ from }) => from).join(", ")}`;
    const hint =
      unset.length === 0
        ? error.hint
        : `Set ${unset.length > 1 ? "them" : "it"}, or change services.${name}.credentials in the config.`;
    const hasSimulator = [...config.written.keys()].some((one) => config.services.get(one)?.kind === "simulator");
    const simulator = "To try Rollcall without a login: rollcall simulate --port 8765, then add --service simulator.";
    const advice = [hint, kind === "cove" && !hasSimulator ? simulator : undefined].filter(
      (text) => text !== undefined,
    );
    return { check: { check, status: "failed", found, advice: advice.join(" "), exit: error.exitCode } };
  }
}

/** What is odd about credentials, without a character of them. */
function* oddities(
  { kind }: Service,
  references: readonly CredentialReference[],
  credentials: Credentials,
): Generator<string> {
  for (const { part, from } of references) {
    const secret = credentials[part as keyof Credentials];
    if (secret === undefined && kind === "cove") yield `The login goes without a customer name: ${from} is not set.`;
    if (hasMargin(secret)) yield marginAdvice(part, from);
  }
}

async function* insideChecks(service: Service, around: Around): AsyncGenerator<Check> {
  // From the command line, where no program brings kinds of its own.
  const provider = await providerOf(service, new Map());
  const patience = AbortSignal.timeout(mostTimeouts * service.limits.timeoutMs);
  const { clock, log } = around;
  let connection: Connection;
  try {
    const pace = paceOf(service, { log });
    const outside = { clock, log, random: Math.random, concurrency: 1, loginTries: 1, ...pace };
    connection = await provider.connect(service, outside, patience);
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    yield loginFailed(error, service);
    return;
  }
  await using open = connection;
  yield loginCheck(service, open.login);
  yield clockCheck(open.skewMs);
  yield await accessCheck(provider, open, patience);
}

function loginCheck(service: Service, { name, user_id, partner_id }: Login): Check {
  const check = "login";
  const { protocol } = service;
  if (protocol?.session.login.length === 0) return untried(service, protocol);
  if (protocol !== undefined) return { check, status: "ok", found: "accepted" };
  const who = name === "" ? "a user without a name" : name;
  return { check, status: "ok", found: `accepted as ${who} (user ${user_id}, customer ${partner_id})` };
}

/** Nobody logs in, and no method is known to be harmless with no params: nothing was asked. */
function untried({ name }: Service, { credentials, cookies, methods }: Protocol): Check {
  const check = "login";
  const reading = [...methods].find(([, { kind }]) => kind === "enumerate" || kind === "read");
  const advice = `To try: rollcall probe ${name} ${reading?.[0] ?? "METHOD"}`;
  const isOpen = credentials.length === 0 && !cookies;
  const found = isOpen
    ? "there is none, and requests carry no credentials: no call was made"
    : "there is none: requests carry the credentials, and no call was made, so whether they are accepted is not known";
  return {
    check,
    status: "skipped",
    found,
    advice: reading === undefined ? `${advice}, with a method that only reads` : advice,
  };
}

function loginFailed(error: RunnerError, service: Service): Check {
  const refused = `${whatToCheck(service)} Not tried again: that could lock the user out.`;
  const isOfAddress = error.hint?.includes("check the url") === true;
  const advice = error.code === "login" && !isOfAddress ? refused : (error.hint ?? "Try again later.");
  return { check: "login", status: "failed", found: error.message, advice, exit: exitCodes.login };
}

function whatToCheck({ kind, name, protocol }: Service): string {
  if (protocol !== undefined)
    return `Check session.login and credentials of services.${name} in the config, and the secrets that they use.`;
  return kind === "simulator"
    ? "Take the credentials out of the config: the simulator's login is built in."
    : "Check the customer's exact name (capitals, and the e-mail in parentheses), the user name, and the password: an API user's token.";
}

function clockCheck(skewMs: number | undefined): Check {
  const check = "clock";
  if (skewMs === undefined) {
    const advice = "See to it that this machine's clock is right (NTP): filters that use times depend on it.";
    return { check, status: "warning", found: "the service does not say what time it has", advice };
  }
  const off = Math.abs(skewMs);
  if (off < 1000) return { check, status: "ok", found: "this machine and the service agree within a second" };
  const found = `this machine is ${Math.round(off / 1000)} s ${skewMs > 0 ? "ahead of" : "behind"} the service`;
  const advice = "Set the clock (NTP): filters that use times would select the wrong items.";
  if (off > mostSkewMs) {
    return { check, status: "failed", found: `${found}: runs refuse`, advice, exit: exitCodes.clock };
  }
  return okUnless({ check, found }, off > noticeableSkewMs ? [advice] : []);
}

/** One page, and whether another follows. */
async function accessCheck(provider: Provider, connection: Connection, signal: AbortSignal): Promise<Check> {
  const check = "access";
  const list = provider.sample?.(connection.login);
  if (list === undefined) return { check, status: "skipped", found: "no list is known to look at" };
  const pages = connection.pages(list, signal)[Symbol.asyncIterator]();
  try {
    const first = await pages.next();
    const rows = first.done === true ? 0 : first.value.length;
    if (signal.aborted) throw new RunnerError("connect", `${list.method} gave no whole answer in time.`);
    const isAll = first.done === true || (await pages.next()).done === true;
    if (rows > 0)
      return {
        check,
        status: "ok",
        found: `${list.method} shows ${rows} ${rows === 1 ? "item" : "items"}${isAll ? "" : " or more"}`,
      };
    const advice = "Check that this is the customer you mean, and the role of this user.";
    return { check, status: "warning", found: `${list.method} shows nothing to this user`, advice };
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    const advice = "Check the role of this user, and that its customer is the one you mean.";
    return { check, status: "failed", found: error.message, advice, exit: exitCodes.connect };
  } finally {
    await pages.return?.();
  }
}

import { GuardError, PlanError, RunnerError } from "../core/model/errors.ts";
import type { Clock, Connection, Log, Outside } from "../core/model/ports.ts";
import type { Catalogue } from "../core/model/catalogue.ts";
import type { Reference } from "../core/model/reference.ts";
import type { Service } from "../core/model/service.ts";
import type { ChangeFacts, ServiceFacts } from "../core/model/events.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Inside } from "./inside.ts";
import { machineRate } from "../runs/machine-rate.ts";
import { providerOf, type OwnProviders } from "./providers.ts";
import { aboutFile } from "../core/model/problem.ts";

/** A clock further off than this would make `now` select the wrong items. */
export const mostSkewMs = 120_000;

export async function catalogueOf(service: Service, providers: OwnProviders): Promise<Catalogue> {
  return (await providerOf(service, providers)).catalogue(service);
}

/** What can be looked up of a service; of the first one where none is named. */
export async function referenceOf(inside: Inside, wanted?: string): Promise<Reference> {
  const service = serviceCalled(inside, wanted ?? [...inside.services.keys()][0] ?? "", "--service ");
  const provider = await providerOf(service, inside.providers);
  if (provider.reference !== undefined) return provider.reference();
  const { name, kind } = service;
  throw new RunnerError(
    "usage",
    `There is nothing to look up of ${name}: services of kind ${kind} have no reference.`,
    {
      hint: "Name another service with --service, or see the documentation of that kind.",
    },
  );
}

/** @param word In front of the name on the command line. @throws {RunnerError} `usage`: the config has no such service. */
export function serviceCalled(
  { services, missingConfig }: Pick<Inside, "services" | "missingConfig">,
  name: string,
  word = "",
): Service {
  const service = services.get(name);
  if (service !== undefined) return service;
  throw new RunnerError("usage", `${word}${name}: there is no such service.`, {
    hint: `${knownServices(services)}${noConfig(missingConfig)}`,
  });
}

/** How this run treats the service: the plan's wishes within the service's limits. Recorded, and the same at resume. */
export function factsOf(plan: Plan, service: Service): ServiceFacts {
  const concurrency = Math.min(plan.pace.concurrency, service.limits.concurrency);
  const perMinute = rateOf(plan, service);
  // Intents run ahead of the slots, so that no slot waits for the disk, but by no more than a second's worth of the rate.
  const ahead = 2 * concurrency;
  const margin = perMinute === undefined ? ahead : Math.min(ahead, Math.max(1, Math.ceil(perMinute / 60)));
  const { lateMs, lag, limits } = service;
  const times = { lateMs, timeoutMs: limits.timeoutMs, listLagMs: lag.listMs, byIdLagMs: lag.byIdMs };
  return { ...times, concurrency, margin, ...(perMinute !== undefined && { perMinute }) };
}

/** What a record keeps of a plan's change. */
export function changeFactsOf({ change }: Plan): ChangeFacts {
  const { method, repeat, destructive, expect } = change;
  return { method, repeat, destructive, unverifiable: expect.kind === "accepted" };
}

/** Calls a minute: the smaller of the plan's and the service's; undefined: no limit. */
export function rateOf(plan: Plan, service: Service): number | undefined {
  const rates = [plan.pace.perMinute, service.limits.perMinute].filter((rate) => rate !== undefined);
  return rates.length === 0 ? undefined : Math.min(...rates);
}

/** How fast a connection may call, and what it shares with all others to the same service on this machine. */
export function paceOf(
  { url, limits }: Service,
  { perMinute = limits.perMinute, log }: { readonly perMinute?: number | undefined; readonly log: Log },
): Pick<Outside, "perMinute" | "rate"> {
  const rate = machineRate(url, { perMinute: limits.perMinute, log });
  return perMinute === undefined ? { rate } : { rate, perMinute };
}

export interface ConnectOptions {
  readonly providers: OwnProviders;
  readonly clock: Clock;
  readonly log: Log;
  readonly concurrency: number;
  readonly perMinute: number | undefined;
  readonly signal: AbortSignal;
}

/** @throws {ConnectError} unreachable or refused. @throws {GuardError} `clock`: ours and the service's disagree. */
export async function connect(service: Service, options: ConnectOptions): Promise<Connection> {
  const { providers, clock, log, concurrency, signal } = options;
  const provider = await providerOf(service, providers);
  const pace = paceOf(service, options);
  const connection = await provider.connect(service, { clock, log, concurrency, random: Math.random, ...pace }, signal);
  if (connection.skewMs === undefined || Math.abs(connection.skewMs) <= mostSkewMs) return connection;
  await connection[Symbol.asyncDispose]();
  const seconds = Math.round(connection.skewMs / 1000);
  throw new GuardError(
    "clock",
    `This machine's clock is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} the service's.`,
    {
      hint: "Filters that use times would select the wrong items. Set the clock (NTP), then run again. Nothing was sent.",
    },
  );
}

/** @throws {PlanError} when the config has no service of that name. */
export function serviceNamed(services: ReadonlyMap<string, Service>, name: string, file: string): Service {
  const service = services.get(name);
  if (service !== undefined) return service;
  const message = `There is no service ${JSON.stringify(name)}.`;
  const hint = `${knownServices(services)} Add it to rollcall.config.yaml or use --service.`;
  throw new PlanError([aboutFile(file, { code: "unknown-service", message, hint })]);
}

/** To stand behind a hint about services. */
export function noConfig(missing: string | undefined): string {
  return missing === undefined ? "" : ` No config file was found: there is no ${missing}.`;
}

function knownServices(services: ReadonlyMap<string, Service>): string {
  return `Known are: ${[...services.keys()].join(", ")}.`;
}

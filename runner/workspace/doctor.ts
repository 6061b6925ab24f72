import type { Log } from "../core/model/ports.ts";
import { findConfig, type ConfigOptions } from "../config/find.ts";
import type { Config } from "../config/load.ts";
import { exitCodes } from "../core/model/errors.ts";
import { realClock } from "../runs/clock.ts";
import type { Check } from "./doctor/check.ts";
import { noConfig } from "./connect.ts";
import { configCheck } from "./doctor/config.ts";
import { diskCheck, lockChecks, nodeCheck } from "./doctor/machine.ts";
import { serviceChecks } from "./doctor/service.ts";
import { webhookChecks } from "./doctor/webhooks.ts";

export type { Check } from "./doctor/check.ts";

export interface Examination extends ConfigOptions {
  /** Only this service; undefined: those of the config that are no simulators, else its simulators, else the built-in cove. */
  readonly service?: string;
  /** Nothing but what can be seen without a network. */
  readonly offline: boolean;
  /** Send each webhook a test. */
  readonly notify: boolean;
  readonly log: Log;
}

/** Look at everything a run needs, one thing after another. Nothing is changed anywhere; each login is tried once, and webhooks only if that is asked for. */
export async function* examine(options: Examination): AsyncGenerator<Check> {
  const { service, env, log, offline, notify } = options;
  yield nodeCheck();
  const { check, config } = await configCheck(options);
  yield check;
  const { folder } = findConfig(options);
  yield await diskCheck(folder);
  yield* lockChecks(folder);
  if (config === undefined) {
    yield { check: "service", status: "skipped", found: "not looked at, because the config is wrong" };
    return;
  }
  yield* webhookChecks(config.webhooks, { env, offline, notify, clock: realClock() });
  for (const name of service === undefined ? servicesOf(config) : [service]) {
    const found = config.services.get(name);
    if (found === undefined) yield unknownService(name, config);
    else yield* serviceChecks(found, config, { env, log, offline, clock: realClock() });
  }
}

function servicesOf({ written, services }: Config): readonly string[] {
  const names = [...written.keys()];
  const real = names.filter((name) => services.get(name)?.kind !== "simulator");
  if (real.length > 0) return real;
  return names.length > 0 ? names : ["cove"];
}

function unknownService(service: string, { services, missing }: Config): Check {
  const advice = `Known are: ${[...services.keys()].join(", ")}.${noConfig(missing)}`;
  const found = `there is no service ${JSON.stringify(service)}`;
  return { check: "config", status: "failed", found, advice, exit: exitCodes.config };
}

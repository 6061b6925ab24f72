import type { Connection } from "../core/model/ports.ts";
import type { Service } from "../core/model/service.ts";
import type { LoadedPlan } from "../workspace.ts";
import type { RunOptions } from "./options.ts";
import { connect, factsOf, rateOf } from "./connect.ts";
import { discreet } from "./discreet.ts";
import type { Inside } from "./inside.ts";

/** Log in as this plan's run wants it. @throws {ConnectError} @throws {GuardError} `clock` */
export async function lineTo(
  inside: Inside,
  service: Service,
  { loaded: { plan, secretValues }, options }: { readonly loaded: LoadedPlan; readonly options: RunOptions },
): Promise<Connection> {
  const { providers, clock, log, seams } = inside;
  const { concurrency } = factsOf(plan, service);
  const signal = AbortSignal.any([options.stop, options.abort].filter((one) => one !== undefined));
  const line = await connect(service, { providers, clock, log, concurrency, perMinute: rateOf(plan, service), signal });
  return discreet(seams.connection?.(line) ?? line, secretValues);
}

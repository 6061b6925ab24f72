import { randomBytes } from "node:crypto";
import type { FactOf } from "../core/model/events.ts";
import type { Origin } from "../core/model/origin.ts";
import { formatVersion } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import type { Connection } from "../core/model/ports.ts";
import type { Service } from "../core/model/service.ts";
import { currentOwner } from "../runs/owner.ts";
import { currentPerson } from "../runs/person.ts";
import { estateOf } from "../runs/estate.ts";
import type { LoadedPlan } from "../workspace.ts";
import { changeFactsOf, factsOf } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { headsBefore } from "./previous.ts";
import { fingerprints } from "./secrets.ts";
import { toolVersion } from "./version.ts";

interface Beginning {
  readonly run: RunId;
  readonly service: Service;
  readonly connection: Connection;
  /** Unix seconds: the moment that was frozen before, if one was. */
  readonly now?: number | undefined;
  readonly from?: Origin | undefined;
}

/** Everything that is frozen when a run begins: a resume on another day uses this, not what the world says then. */
export async function startFact(
  inside: Inside,
  { plan, secretValues }: LoadedPlan,
  { run, service, connection, now, from }: Beginning,
): Promise<FactOf<"start">> {
  const started = Math.floor(inside.clock.now() / 1000);
  return {
    type: "start",
    format: formatVersion,
    run,
    estate: await estateOf(inside.root, Math.random),
    tool: toolVersion(),
    owner: currentOwner(),
    by: currentPerson(inside.env),
    service: { name: service.name, kind: service.kind, endpoint: service.url },
    login: connection.login,
    plan: { name: plan.name, digest: plan.digest },
    change: changeFactsOf(plan),
    inputs: plan.inputs,
    secrets: fingerprints(secretValues, inside.env),
    facts: factsOf(plan, service),
    now: now ?? started,
    ...(now === undefined ? {} : { started }),
    skewMs: connection.skewMs === undefined ? null : Math.round(connection.skewMs),
    ...(await headsBefore(inside, run)),
    salt: randomBytes(32).toString("hex"),
    ...(from === undefined ? {} : { from }),
  };
}

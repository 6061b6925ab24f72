import type { RunEvent } from "../core/model/events.ts";
import type { Connection } from "../core/model/ports.ts";
import type { Service } from "../core/model/service.ts";
import type { ApplyOptions, LoadedPlan, PreviewOptions, RunOptions } from "../workspace.ts";
import { refuseUnapproved } from "./approvals.ts";
import { connect, factsOf, rateOf, serviceNamed } from "./connect.ts";
import { discreet } from "./discreet.ts";
import type { Inside } from "./inside.ts";
import { beginRun } from "./new-run.ts";
import { offlineLine } from "./offline.ts";
import { checkTarget, saveChanges } from "./save.ts";

/** Read the list, or take one that was read before, and tell what would change; save that where it is asked for. */
export async function* preview(
  inside: Inside,
  loaded: LoadedPlan,
  options: PreviewOptions,
): AsyncGenerator<RunEvent, void> {
  const { plan } = loaded;
  const service = serviceNamed(inside.services, plan.service, plan.file);
  const { out, from } = options;
  if (out !== undefined) await checkTarget(out.file);
  const offline = from === undefined ? undefined : await offlineLine(from, { plan, service, save: out !== undefined });
  const line = offline?.line ?? (await lineTo(inside, service, { loaded, options }));
  const save = out && saveChanges(inside, loaded, out);
  yield* beginRun(inside, {
    verb: "preview",
    ...{ loaded, service, line, options },
    ...(offline && { frozen: offline.frozen, lookup: offline.lookup }),
    ...(save && { afterPreview: save }),
  });
}

/** Read the list, ask, and make the changes. */
export async function* apply(
  inside: Inside,
  loaded: LoadedPlan,
  options: ApplyOptions,
): AsyncGenerator<RunEvent, void> {
  const { plan } = loaded;
  const service = serviceNamed(inside.services, plan.service, plan.file);
  refuseUnapproved(inside, plan);
  const line = await lineTo(inside, service, { loaded, options });
  yield* beginRun(inside, { verb: "apply", loaded, service, line, options });
}

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

import type { RunEvent } from "../core/model/events.ts";
import type { LoadedPlan } from "../workspace.ts";
import type { ApplyOptions, PreviewOptions } from "./options.ts";
import { refuseUnapproved } from "./approvals.ts";
import { serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { lineTo } from "./line.ts";
import { beginRun } from "./new-run.ts";
import { takenBackIfStopped } from "./on-stop.ts";
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
  const events = beginRun(inside, { verb: "apply", loaded, service, line, options });
  yield* takenBackIfStopped(inside, events, { loaded, options });
}

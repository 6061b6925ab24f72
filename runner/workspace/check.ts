import { RunnerError } from "../core/model/errors.ts";
import type { RunEvent } from "../core/model/events.ts";
import type { CheckReport } from "../core/model/explained.ts";
import type { Plan } from "../core/model/plan.ts";
import { findRun } from "../runs/folder.ts";
import type { LoadedPlan } from "../workspace.ts";
import type { CheckOptions } from "./options.ts";
import { baselineReport, baselineRun } from "./baseline.ts";
import { preview } from "./begin.ts";
import { serviceNamed } from "./connect.ts";
import { differenceOf, lastBefore } from "./difference.ts";
import type { Inside } from "./inside.ts";
import { explainedRun, recall, type Recalled } from "./recall.ts";

/**
 * Read the list as a preview does, and say whether it is as the plan wants it. Nothing is written to the service, and nobody is
 * asked: no consent, no lock.
 * @throws {RunnerError} `usage`: the baseline can not be one. Else as a preview throws.
 */
export async function check(
  inside: Inside,
  loaded: LoadedPlan,
  { baseline, from, tell = () => undefined, ...options }: CheckOptions,
): Promise<CheckReport> {
  const { plan } = loaded;
  const service = serviceNamed(inside.services, plan.service, plan.file);
  const base = baseline === undefined ? undefined : await baselineRun(inside, baseline, { plan, service, from });
  const read = await previewed(preview(inside, loaded, { ...options, ...(from !== undefined && { from }) }), tell);
  const now = await recall(inside, await findRun(inside.root, read.run.run));
  const last = await sinceLast(inside, now);
  const held = base && (await baselineReport(base, now));
  const shown = withoutNeedless(read.preview);
  const { counts, guards } = shown;
  const isBlind = isUnjudgeable(plan) && counts.selected > 0;
  return {
    of: explainedRun(now),
    folder: read.run.folder,
    exit: exitOf(shown, { strayed: held?.strayed.count ?? 0, isBlind }),
    ...(isBlind && { unjudgeable: true }),
    ...{ counts, guards, preview: shown },
    ...last,
    ...(held && { baseline: held }),
  };
}

/** Nothing that the list says of an item tells whether the change was made: it sets no field, and `unless` does not say either. */
function isUnjudgeable({ change }: Plan): boolean {
  return change.expect.kind === "accepted" && change.unless === undefined;
}

type Told<T extends RunEvent["type"]> = Extract<RunEvent, { readonly type: T }>;

async function previewed(
  events: AsyncIterable<RunEvent>,
  tell: (event: RunEvent) => void,
): Promise<{ readonly run: Told<"run">; readonly preview: Told<"preview"> }> {
  let run: Told<"run"> | undefined;
  let shown: Told<"preview"> | undefined;
  for await (const event of events) {
    if (event.type === "run") run = { ...event, verb: "check" };
    if (event.type === "preview") shown = event;
    tell(event.type === "run" ? { ...event, verb: "check" } : event);
  }
  if (run === undefined || shown === undefined) throw new Error("a preview tells its run and what it found");
  return { run, preview: shown };
}

/** A last run that can not be read is nothing to compare with, and no reason to say nothing of this list. */
async function sinceLast(inside: Inside, now: Recalled): Promise<Pick<CheckReport, "since" | "later">> {
  const last = await lastBefore(inside, now);
  if (last === undefined) return {};
  try {
    const then = await recall(inside, await findRun(inside.root, last));
    // What is newly selected, and what not any more, only a list says that was read after the other.
    if (then.frozen.now > now.frozen.now) return { later: explainedRun(then) };
    return { since: await differenceOf(now, then) };
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    inside.log.warn({ run: last, reason: error.message }, "not compared with");
    return {};
  }
}

/** Green is said only of a list that the plan would accept. What it would change is told whatever would keep it from being changed. */
function exitOf(
  { counts, guards }: Told<"preview">,
  { strayed, isBlind }: { readonly strayed: number; readonly isBlind: boolean },
): CheckReport["exit"] {
  if (strayed > 0) return 2;
  if (counts.selected > 0) return isBlind ? 7 : 2;
  return guards.every(({ ok }) => ok) ? 0 : 5;
}

/** After a clean removal nothing matches any more: that is what such a plan wants, unless nothing was read at all. */
function withoutNeedless(preview: Told<"preview">): Told<"preview"> {
  const { counts, guards, expect } = preview;
  const isDone = expect === "absent" && counts.rows > 0 && counts.selected === 0;
  return isDone ? { ...preview, guards: guards.filter(({ guard }) => guard !== "min") } : preview;
}

import type { Fact, Note, RunEvent } from "../core/model/events.ts";
import type { Origin } from "../core/model/origin.ts";
import type { RunId } from "../core/model/item.ts";
import type { Frozen, LookedUp } from "../core/model/frozen.ts";
import type { Connection } from "../core/model/ports.ts";
import type { Service } from "../core/model/service.ts";
import type { Earlier } from "../core/select/guards.ts";
import type { Policy } from "../core/select/policy.ts";
import { RunState } from "../core/tally/fold.ts";
import type { Choice, Job } from "../engine/job.ts";
import { openJournal } from "../ledger/writer.ts";
import type { FileChangeSet } from "../runs/change-set.ts";
import { createRunFolder, type RunFolder } from "../runs/folder.ts";
import { newRunId } from "../runs/run-id.ts";
import type { LoadedChangeSet, LoadedPlan } from "../workspace.ts";
import type { ApplyOptions, RunOptions } from "./options.ts";
import type { Inside } from "./inside.ts";
import { lastMatched } from "./last-run.ts";
import { policyFor } from "./policy.ts";
import { bookOf, Held, record, type OpenRun } from "./record.ts";
import { startFact } from "./start.ts";

/** A run that is about to begin: everything in which one verb differs from another. */
export interface NewRun {
  readonly verb: "preview" | "apply" | "rerun" | "undo";
  /** How far it goes. Left out: a preview is a preview, and all else is verified. */
  readonly until?: Job["until"];
  readonly loaded: LoadedPlan;
  readonly service: Service;
  /** Logged in; closed when the run is over. */
  readonly line: Connection;
  readonly options: RunOptions | ApplyOptions;
  /** What was frozen before, if it was; else this moment, who is logged in, and this run. */
  readonly frozen?: Pick<Frozen, "now" | "login"> & Partial<Pick<Frozen, "run">>;
  /** What lookups gave before; those that are not among them are read. */
  readonly lookup?: LookedUp;
  readonly from?: Origin;
  readonly only?: Choice;
  /** Wait for this moment (wall ms) before the list is read, but no longer than that. */
  readonly notBefore?: { readonly at: number; readonly atMostMs: number; readonly items: number; readonly why: string };
  /** Changes that were decided before, put into the run's folder. */
  readonly bring?: (folder: RunFolder, policy: Policy | undefined) => Promise<Brought>;
  /** The change set that is applied, if one is. */
  readonly saved?: LoadedChangeSet;
  /** What there is to do, and to record, once the list was previewed. */
  readonly afterPreview?: (folder: RunFolder, state: RunState) => Promise<readonly Fact[]>;
}

export interface Brought {
  readonly changes: FileChangeSet;
  readonly lookup: LookedUp;
  readonly facts: readonly Fact[];
  readonly told: readonly Note[];
}

/** Folder, ledger and start record of a new run; then the road. Nothing is on disk before the service has answered. */
export async function* beginRun(inside: Inside, spec: NewRun): AsyncGenerator<RunEvent, void> {
  const { verb, loaded, service, options, afterPreview } = spec;
  const { clock } = inside;
  await using connection = spec.line;
  const policy = await policyFor(inside, loaded.plan, service);
  const last = await lastFor(inside, spec);
  const run = newRunId(clock.now(), Math.random);
  const folder = await createRunFolder(inside.root, run, loaded.plan.source);
  await using held = new Held();
  await using journal = await openJournal({ path: folder.ledger, run, clock });
  const state = new RunState();
  const start = await startFact(inside, loaded, { run, service, connection, now: spec.frozen?.now, from: spec.from });
  const { plan } = loaded;
  yield { type: "run", run, folder: folder.path, plan: plan.name, service: service.name, endpoint: service.url, verb };
  yield* waiting(inside, spec);
  const book = bookOf({ inside, journal, state });
  yield* book.told([start]);
  await book.sync();
  const brought = await spec.bring?.(folder, policy);
  held.changes = brought?.changes;
  const open: OpenRun = {
    ...{ inside, loaded, service, folder, connection, journal, state, book, held },
    opening: brought?.facts ?? [],
    told: brought?.told ?? [],
    ...(spec.saved && { saved: spec.saved }),
    ...(afterPreview && { afterPreview: (folded) => afterPreview(folder, folded) }),
  };
  const login = spec.frozen?.login ?? connection.login;
  const lookup = { ...spec.lookup, ...brought?.lookup };
  const itself = spec.frozen?.run ?? { id: run, started: start.started ?? start.now };
  const frozen: Frozen = { now: start.now, login, run: itself, lookup };
  yield* record(open, jobOf(run, spec, { frozen, brought, policy, last }), options);
}

/** Only of a run that looks at the whole list. */
async function lastFor(inside: Inside, { loaded, service, only, from }: NewRun): Promise<Earlier | undefined> {
  const isAsked = loaded.plan.guards.changeFromLast !== undefined && only === undefined && from === undefined;
  return isAsked ? await lastMatched(inside, loaded.plan, service) : undefined;
}

async function* waiting({ clock }: Inside, { notBefore, options }: NewRun): AsyncGenerator<RunEvent, void> {
  if (notBefore === undefined) return;
  const { at, atMostMs, items, why } = notBefore;
  const ms = Math.min(at - clock.now(), atMostMs);
  if (ms <= 0) return;
  yield { type: "waiting", why, items, ms: Math.ceil(ms) };
  await clock.sleep(ms, options.stop);
}

interface Given extends Pick<Job, "frozen" | "policy" | "last"> {
  readonly brought: Brought | undefined;
}

function jobOf(
  run: RunId,
  { verb, loaded, options, only, until = verb === "preview" ? "previewed" : "verified" }: NewRun,
  { frozen, brought, policy, last }: Given,
): Job {
  return {
    run,
    plan: loaded.plan,
    frozen,
    changes: brought?.changes,
    ...(only && { only }),
    ...{ policy, last },
    until,
    write: until === "verified",
    // What was decided before, by somebody, is compared with the service again right before it is sent.
    recheck: brought !== undefined,
    sameBoot: true,
    verifyAfterStop: options.verifyAfterStop === true,
    ...(options.waits && { waits: options.waits }),
  };
}

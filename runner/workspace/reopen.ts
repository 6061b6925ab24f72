import { GuardError, RunnerError } from "../core/model/errors.ts";
import type { FactOf, LedgerRecord, RunEvent } from "../core/model/events.ts";
import type { Service } from "../core/model/service.ts";
import { RunState } from "../core/tally/fold.ts";
import type { Job } from "../engine/job.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import { renewLedger } from "../ledger/repair.ts";
import { openJournal } from "../ledger/writer.ts";
import { openChangeSet } from "../runs/change-set.ts";
import { readRun, replayRun } from "../runs/ended.ts";
import { findRun, type RunFolder } from "../runs/folder.ts";
import { heldBetween, takeLock } from "../runs/lock.ts";
import { readLookups } from "../runs/lookups.ts";
import { currentOwner } from "../runs/owner.ts";
import { currentPerson } from "../runs/person.ts";
import type { LoadedPlan } from "../workspace.ts";
import type { InputOptions, RunOptions } from "./options.ts";
import { connect, rateOf, serviceNamed } from "./connect.ts";
import { discreet } from "./discreet.ts";
import type { Inside } from "./inside.ts";
import { takenBackIfStopped } from "./on-stop.ts";
import { readFrozenPlan } from "./plan.ts";
import { ranAs } from "./ran-as.ts";
import { bookOf, Held, record } from "./record.ts";
import { refuseRehearsal } from "./refuse-rehearsal.ts";
import { sameSecrets } from "./secrets.ts";
import { toolVersion } from "./version.ts";

const goesOn = { mayBeTorn: true };

/** After this long, what was not sent is compared with the service again right before it is. */
const recheckAfterMs = 60 * 60_000;

/** `resume` and `verify`: an existing run, from its folder alone. What was frozen when it began stays so. */
export async function* reopen(
  inside: Inside,
  wanted: string,
  verb: "resume" | "verify",
  options: RunOptions & { readonly inputs?: InputOptions },
): AsyncGenerator<RunEvent, void> {
  const folder = await findRun(inside.root, wanted);
  const beginning = await beginningOf(folder);
  const { start } = beginning;
  const loaded = await readFrozenPlan(inside, options.inputs ?? {}, { folder, start });
  sameSecrets(start.secrets, loaded.secretValues, inside.env);
  const events = goOn(inside, { ...beginning, folder, loaded, verb }, options);
  yield* takenBackIfStopped(inside, events, { loaded, options });
}

interface Reopened extends Beginning {
  readonly folder: RunFolder;
  readonly loaded: LoadedPlan;
  readonly verb: "resume" | "verify";
}

async function* goOn(
  inside: Inside,
  { folder, start, lock: taken, loaded, verb }: Reopened,
  options: RunOptions,
): AsyncGenerator<RunEvent, void> {
  const service = frozenService(inside, start, loaded);
  const { providers, clock, log, seams } = inside;
  const scope = taken.scope;
  await using held = new Held();
  held.lock = await takeLock({ root: inside.root, scope, run: folder.run, owner: currentOwner(), now: clock.now() });
  const state = new RunState();
  let last: LedgerRecord | undefined;
  let generation = taken.generation;
  const end = await replayRun(
    folder,
    (found) => {
      state.fold(found, found);
      last = found;
      if (found.type === "resume") generation = found.generation;
    },
    goesOn,
  );
  const others = await heldBetween({ root: inside.root, scope }, generation, held.lock.generation);
  const age = clock.now() - (last?.t ?? 0);
  const perMinute = rateOf(loaded.plan, service);
  const signal = AbortSignal.any([options.stop, options.abort].filter((one) => one !== undefined));
  const { concurrency } = start.facts;
  const line = await connect(service, { providers, clock, log, concurrency, perMinute, signal });
  await using connection = discreet(seams.connection?.(line) ?? line, loaded.secretValues);
  sameLogin(start, connection.login);
  const repair = await renewLedger(folder.ledger, end);
  await using journal = await openJournal({ path: folder.ledger, run: folder.run, clock, from: end.head });
  await using changes = await openChangeSet(folder.changeSet, state.selected?.changeSet);
  const { lookups } = state.selection ?? {};
  const lookup = lookups === undefined ? {} : await readLookups(folder.lookups, lookups.digest);
  const owner = currentOwner();
  const job: Job = {
    run: folder.run,
    plan: loaded.plan,
    frozen: { now: start.now, login: start.login, run: ranAs(start), lookup },
    changes,
    until: "verified",
    write: verb === "resume",
    // Another run may have given the same items newer values, which an older one must not take back.
    recheck: age > recheckAfterMs || start.from?.kind === "change-set" || others.some((other) => other !== folder.run),
    sameBoot: owner.boot !== "" && owner.boot === state.boot,
    verifyAfterStop: options.verifyAfterStop === true,
    ...(options.waits && { waits: options.waits }),
  };
  const resume: FactOf<"resume"> = {
    type: "resume",
    verb,
    tool: toolVersion(),
    owner,
    by: currentPerson(inside.env),
    generation: held.lock.generation,
    recheck: job.recheck,
  };
  const facts = repair === undefined ? [resume] : [repair, resume];
  yield {
    type: "run",
    run: folder.run,
    folder: folder.path,
    plan: loaded.plan.name,
    service: service.name,
    endpoint: service.url,
    verb,
  };
  const book = bookOf(inside, journal, state);
  yield* record(
    { inside, loaded, service, folder, connection, journal, state, book, held, opening: facts },
    job,
    options,
  );
}

interface Beginning {
  readonly start: FactOf<"start">;
  readonly lock: FactOf<"lock">;
}

/** The first records; a run that never took the lock has sent nothing and has nothing to go on with. */
async function beginningOf(folder: RunFolder): Promise<Beginning> {
  let start: FactOf<"start"> | undefined;
  try {
    for await (const found of readRun(folder)) {
      if (found.type === "start") start = found;
      if (found.type === "lock" && start !== undefined) return { start, lock: found };
      if (found.type === "end" && found.sealed) throw nothingToChange(folder);
    }
  } catch (error) {
    if (error instanceof RunnerError && errnoOf(error.cause) === "ENOENT") throw neverBegun(folder);
    throw error;
  }
  // A ledger that was tampered with at its beginning shows no lock either: that says nothing about what was sent.
  await replayRun(folder, () => undefined, goesOn);
  throw neverBegun(folder);
}

function neverBegun({ run }: RunFolder): GuardError {
  return new GuardError("stale", `Run ${run} was a preview, or stopped before anything was sent.`, {
    hint: "There is nothing to go on with. Apply the plan, or the change set, again.",
  });
}

function nothingToChange({ run }: RunFolder): GuardError {
  return new GuardError("stale", `Run ${run} had nothing to change, and has ended.`, {
    hint: "There is nothing to verify or to go on with. To look again, apply the plan again.",
  });
}

/** The service as this run knew it: its config may have been edited since, its address must not. */
function frozenService(inside: Inside, start: FactOf<"start">, { plan }: LoadedPlan): Service {
  refuseRehearsal(start, "there is nothing to go on with");
  const service = serviceNamed(inside.services, start.service.name, plan.file);
  if (service.url !== start.service.endpoint) {
    throw new GuardError("stale", `This run went to ${start.service.endpoint}; the config now says ${service.url}.`, {
      hint: "Put the service's url back in rollcall.config.yaml, or start a new run.",
    });
  }
  const { lateMs, timeoutMs, listLagMs, byIdLagMs } = start.facts;
  return {
    ...service,
    lateMs,
    lag: { listMs: listLagMs, byIdMs: byIdLagMs },
    limits: { ...service.limits, timeoutMs },
  };
}

function sameLogin(start: FactOf<"start">, login: FactOf<"start">["login"]): void {
  if (login.user_id === start.login.user_id) return;
  throw new RunnerError(
    "stale",
    `This run was begun by ${start.login.name}; the credentials now are those of ${login.name}.`,
    {
      hint: "Use the credentials it was begun with: another user may see other items.",
    },
  );
}

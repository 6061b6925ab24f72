import type { RunEvent } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import type { Frozen } from "../core/model/plan.ts";
import { RunState } from "../core/tally/fold.ts";
import type { Job } from "../engine/job.ts";
import { openJournal } from "../ledger/writer.ts";
import { createRunFolder } from "../runs/folder.ts";
import { newRunId } from "../runs/run-id.ts";
import type { ApplyOptions, LoadedPlan, RunOptions } from "../workspace.ts";
import { connect, factsOf, rateOf, serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { Held, record } from "./record.ts";
import { startFact } from "./start.ts";

/** `preview` and `apply`: a new run, from the login on. Nothing is on disk before the service has answered. */
export async function* begin(
  inside: Inside,
  loaded: LoadedPlan,
  verb: "preview" | "apply",
  options: RunOptions | ApplyOptions,
): AsyncGenerator<RunEvent, void> {
  const { plan } = loaded;
  const service = serviceNamed(inside.services, plan.service, plan.file);
  const { providers, clock, log, seams } = inside;
  const { concurrency } = factsOf(plan, service);
  const signal = AbortSignal.any([options.stop, options.abort].filter((one) => one !== undefined));
  const perMinute = rateOf(plan, service);
  const line = await connect(service, { providers, clock, log, concurrency, perMinute, signal });
  await using connection = seams.connection?.(line) ?? line;
  const run = newRunId(clock.now(), Math.random);
  const folder = await createRunFolder(inside.root, run, plan.source);
  await using held = new Held();
  await using journal = await openJournal({ path: folder.ledger, run, clock });
  const state = new RunState();
  const start = await startFact(inside, loaded, { run, service, connection });
  const open = { inside, loaded, service, folder, connection, journal, state, held, opening: [start] };
  yield { type: "run", run, folder: folder.path, plan: plan.name, service: service.name, endpoint: service.url, verb };
  yield* record(open, jobOf(run, loaded, { verb, options, now: start.now, login: connection.login }), options);
}

interface New {
  readonly verb: "preview" | "apply";
  readonly options: RunOptions;
  readonly now: number;
  readonly login: Frozen["login"];
}

function jobOf(run: RunId, { plan }: LoadedPlan, { verb, options, now, login }: New): Job {
  return {
    run,
    plan,
    frozen: { now, login, run: { id: run, started: now } },
    changes: undefined,
    until: verb === "preview" ? "previewed" : "verified",
    write: verb === "apply",
    recheck: false,
    sameBoot: true,
    verifyAfterStop: options.verifyAfterStop === true,
  };
}

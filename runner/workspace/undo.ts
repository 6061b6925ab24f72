import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { GuardError, RunnerError } from "../core/model/errors.ts";
import type { Fact, RunEvent } from "../core/model/events.ts";
import type { Origin, Undone } from "../core/model/origin.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Service } from "../core/model/service.ts";
import type { RunState } from "../core/tally/fold.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import { findRun, type RunFolder } from "../runs/folder.ts";
import type { UndoOptions } from "./options.ts";
import { broughtAlong } from "./brought-along.ts";
import { serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { lineTo } from "./line.ts";
import { beginRun, type NewRun } from "./new-run.ts";
import { idsIn, stoodAt, type Stood } from "./past.ts";
import { readFrozenPlan } from "./plan.ts";
import { checkTarget, saveChanges } from "./save.ts";
import { sameSecrets } from "./secrets.ts";
import { refuseForGood, wayBack, type WayBack } from "./take-back.ts";
import { sameTenant } from "./tenant.ts";

/**
 * Read the list afresh, decide for each item of a run whether its old values can be put back, tell it, and save that as a
 * change set, which is applied as any other. Nothing is sent.
 * @param cwd Where the file is made when no name is given.
 * @throws {GuardError} `stale` when that run is not over, or nothing of it can be taken back.
 */
export async function* undo(
  inside: Inside,
  wanted: string,
  { cwd, out, only: asked, inputs = {}, ...options }: UndoOptions & { readonly cwd: string },
): AsyncGenerator<RunEvent, void> {
  const folder = await findRun(inside.root, wanted);
  const stood = await stoodAt(folder);
  const file = out?.file ?? join(cwd, undoFile(folder.run));
  await refuseToOverwrite(file);
  // Who is told that nothing goes back is asked for no secret before.
  refuseForGood(await readFrozenPlan(inside, {}, { ...stood, withoutSecrets: true }), folder.run);
  const loaded = await readFrozenPlan(inside, inputs, stood);
  sameSecrets(stood.start.secrets, loaded.secretValues, inside.env);
  const only = asked && (await idsIn(stood, asked));
  const back = await wayBack(loaded, stood, only);
  refuseNothing(back, stood);
  const save = saveChanges(inside, back.loaded, { ...out, file });
  const afterPreview = async (here: RunFolder, state: RunState): Promise<readonly Fact[]> =>
    state.selected?.size === 0 ? [] : save(here, state);
  yield* beginRun(inside, { ...(await way(inside, back, { stood, options, only })), until: "previewed", afterPreview });
}

/** The name of the file that the changes of an undo are saved in when nobody gives one. */
function undoFile(run: string): string {
  return `undo-${run}.ndjson`;
}

/**
 * What the run of an undo begins with. Nothing is read before every answer of the run that it takes back is as old as a list
 * can be: no later read can show the values from before that run, unless they have been put back.
 */
export async function way(
  inside: Inside,
  { loaded, past }: WayBack,
  {
    stood,
    options,
    only,
  }: { readonly stood: Stood; readonly options: NewRun["options"]; readonly only?: Undone["only"] | undefined },
): Promise<NewRun> {
  const { folder, seq, answered, start } = stood;
  const service = serviceNamed(inside.services, loaded.plan.service, loaded.plan.file);
  refuseElsewhere(service, stood);
  const line = await lineTo(inside, service, { loaded, options });
  await sameTenant(line, start);
  const atMostMs = start.facts.lateMs + lagOf(loaded.plan, stood);
  const from: Origin = { kind: "undo", run: folder.run, seq, ...(only && { only }) };
  return {
    verb: "undo",
    ...{ loaded, service, line, options, from },
    only: past,
    lookup: await broughtAlong(folder, loaded.plan, stood.state),
    notBefore: {
      at: answered + atMostMs,
      atMostMs,
      items: past.size,
      why: "that a list may still show as they were before that run",
    },
  };
}

/** How old what a read shows of the set fields may be, ms: as the config says for the service, or for a list of its own. */
function lagOf({ enumerate, change }: Plan, { start: { facts } }: Stood): number {
  const set =
    enumerate.described === undefined ? [] : enumerate.fields.filter(({ name }) => change.sets.includes(name));
  return Math.max(facts.listLagMs, facts.byIdLagMs, ...set.map(({ lagMs = 0 }) => lagMs));
}

function refuseNothing({ past }: WayBack, { folder: { run } }: Stood): void {
  if (past.size > 0) return;
  throw new GuardError("stale", `Run ${run} changed nothing: there is nothing to take back.`, {
    hint: `How its items ended: rollcall show ${run}`,
  });
}

function refuseElsewhere({ name, url }: Service, { start }: Stood): void {
  if (url === start.service.endpoint) return;
  throw new GuardError("stale", `Run ${start.run} went to ${start.service.endpoint}; ${name} is now ${url}.`, {
    hint: "Nothing was sent. Put the service's url back in rollcall.config.yaml.",
  });
}

async function refuseToOverwrite(file: string): Promise<void> {
  const there = await lstat(file).catch((cause: unknown) => {
    if (errnoOf(cause) !== "ENOENT") throw new RunnerError("usage", `${file} can not be made.`, { cause });
  });
  if (there === undefined) {
    await checkTarget(file);
    return;
  }
  throw new RunnerError("usage", `${file} is there already, and an undo overwrites nothing.`, {
    hint: "Apply it, take it away, or give --out another name.",
  });
}

import { digestOfText } from "../core/model/digest.ts";
import { GuardError, PlanError, RunnerError } from "../core/model/errors.ts";
import type { Fact, FactOf, Origin, PreviewRow, RunEvent } from "../core/model/events.ts";
import type { Digest } from "../core/model/item.ts";
import type { Frozen } from "../core/model/plan.ts";
import type { SavedHeader } from "../core/model/saved.ts";
import type { Service } from "../core/model/service.ts";
import { undoneBy } from "../core/settle/undo.ts";
import { toldOf } from "../engine/select.ts";
import { loadPlan } from "../plan/load.ts";
import { readLedger } from "../ledger/reader.ts";
import { openChangeSet, type FileChangeSet } from "../runs/change-set.ts";
import { appliedBy, usedUp } from "../runs/consumed.ts";
import { estateOf } from "../runs/estate.ts";
import { findRun, listRuns, type RunFolder } from "../runs/folder.ts";
import { readLookups } from "../runs/lookups.ts";
import { readSavedChangeSet, unpackChangeSet } from "../runs/saved-changes.ts";
import type { ApplyOptions, InputOptions, LoadedChangeSet } from "../workspace.ts";
import { whyNotMadeBy } from "./made-by.ts";
import { serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { lineTo } from "./line.ts";
import { beginRun, type Brought } from "./new-run.ts";
import { takenBackIfStopped } from "./on-stop.ts";
import { loadOptions } from "./plan.ts";
import { sameSecrets } from "./secrets.ts";
import { planOfRun } from "./take-back.ts";
import { sameTenant } from "./tenant.ts";
import { toolVersion } from "./version.ts";

/** A clock that was so much ahead when the change set was made is not this clock. */
const mostSkewMs = 120_000;
const sampleSize = 50;

/**
 * Read a saved change set whole, and its plan with the inputs it was reviewed with; secret ones are asked for again.
 * @throws {GuardError} `tampered`. @throws {PlanError} a secret is missing, or not the one of the review.
 */
export async function readChangeSet(inside: Inside, path: string, inputs: InputOptions): Promise<LoadedChangeSet> {
  const { header, digest: found } = await readSavedChangeSet(path);
  const { start, plan: source } = header;
  if (digestOfText(source) !== start.plan.digest) throw tampered(path, "its plan is not the one that was reviewed");
  const name = inputs.service ?? start.service.name;
  serviceNamed(inside.services, name, path);
  const options = loadOptions(inside, { ...inputs, service: name });
  const own = await loadPlan({ ...options, file: path, frozen: { source, inputs: start.inputs } }).catch(ofTheFile);
  const loaded = await planOfRun(inside.root, own, start.from);
  sameSecrets(start.secrets, loaded.secretValues, inside.env);
  return { path, digest: found, header, loaded };
}

/** Apply what was reviewed: exactly that, once, before it expires, each item compared with the service right before. */
export async function* applySaved(
  inside: Inside,
  saved: LoadedChangeSet,
  options: ApplyOptions,
): AsyncGenerator<RunEvent, void> {
  const { path, header, loaded } = saved;
  const { start, selected } = header;
  const service = serviceNamed(inside.services, loaded.plan.service, path);
  await refuse(inside, saved, service);
  const line = await lineTo(inside, service, { loaded, options });
  await sameTenant(line, start);
  const { run, estate, now, login } = start;
  const { changeSet } = selected;
  const { expires } = header;
  const began = start.started ?? now;
  const undoes = undoneBy(start.from);
  const made = { run, estate, digest: saved.digest, changeSet, expires, began };
  const from: Origin = { kind: "change-set", ...made, ...(undoes && { undoes }) };
  const frozen: Frozen = { now, login, run: { id: run, started: began } };
  const bring = (folder: RunFolder): Promise<Brought> => unpacked(saved, folder, frozen);
  const events = beginRun(inside, { verb: "apply", loaded, service, line, options, frozen, from, bring });
  yield* takenBackIfStopped(inside, events, { loaded, options });
}

/** Every reason not to apply it that can be seen before the service is asked. @throws {GuardError} `stale` or `tampered` */
async function refuse(
  inside: Inside,
  { path, digest: found, header }: LoadedChangeSet,
  service: Service,
): Promise<void> {
  const { start, selected, created, expires } = header;
  const now = inside.clock.now();
  const undone = undoneBy(start.from);
  const again =
    undone === undefined
      ? "Nothing was sent. Preview the plan again and review that."
      : `Nothing was sent. Make the undo again: rollcall undo ${undone.run}`;
  const stale = (message: string, hint = again): GuardError => new GuardError("stale", message, { hint });
  if (majorOf(start.tool) !== majorOf(toolVersion())) {
    throw stale(`${path} was saved by ${start.tool}; this is ${toolVersion()}.`);
  }
  if (start.service.endpoint !== service.url) {
    throw stale(
      `${path} was reviewed against ${start.service.endpoint}; the service ${service.name} is ${service.url}.`,
      "Nothing was sent. Put the service's url right in rollcall.config.yaml, name the right one with --service, or preview again.",
    );
  }
  if (created > now + mostSkewMs) {
    throw stale(
      `${path} was made at ${iso(created)}, and it is ${iso(now)} here.`,
      "Nothing was sent. Set this machine's clock (NTP).",
    );
  }
  if (now >= expires) throw stale(`${path} has expired: it was good until ${iso(expires)}.`);
  const by = await appliedBy(inside.root, selected.changeSet);
  if (by !== undefined) throw usedUp(by, { isOver: await isOver(inside, by) });
  const isOurs = (await estateOf(inside.root, Math.random)) === start.estate;
  if (isOurs) await sameAsSaved(inside, { path, digest: found, start });
  else if (start.change.repeat !== "set" && selected.size > 0) {
    throw stale(
      `${path} was made in another folder, and ${start.change.method} may not be sent twice.`,
      "Nothing was sent. Only the folder that made it knows whether it was applied: apply it there, or preview the plan here.",
    );
  }
}

/** The run has an end, and left nothing that it could go on with. A record that can not be read says neither. */
async function isOver({ root }: Inside, run: string): Promise<boolean> {
  let end: FactOf<"end"> | undefined;
  try {
    const folder = await findRun(root, run);
    for await (const found of readLedger(folder.ledger, folder.run)) {
      if (found.type === "end") end = found;
      if (found.type === "resume") end = undefined;
    }
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    return false;
  }
  return end?.sealed === true && Object.keys(end.notStarted).length === 0;
}

/** In its own estate the ledger of the preview says which file it saved: one that was made up does not pass. */
async function sameAsSaved(
  { root }: Inside,
  { path, digest: found, start }: { readonly path: string; readonly digest: Digest; readonly start: FactOf<"start"> },
): Promise<void> {
  const folder = (await listRuns(root)).find(({ run }) => run === start.run);
  if (folder === undefined) throw tampered(path, `the run that saved it, ${start.run}, is not recorded here`);
  const saved: Digest[] = [];
  for await (const fact of readLedger(folder.ledger, folder.run)) if (fact.type === "saved") saved.push(fact.digest);
  if (!saved.includes(found)) throw tampered(path, `run ${start.run} saved another file than this`);
}

async function unpacked(
  { path, digest: expected, header, loaded }: LoadedChangeSet,
  folder: RunFolder,
  given: Frozen,
): Promise<Brought> {
  await unpackChangeSet(path, expected, folder);
  const { enumerated, selected } = header;
  const { lookups, narrowed } = enumerated;
  const lookup = lookups === undefined ? {} : await readLookups(folder.lookups, lookups.digest);
  const frozen = { ...given, lookup };
  const changes = await openChangeSet(folder.changeSet, selected.changeSet);
  try {
    const wrong = await whyNotMadeBy(loaded.plan, frozen, { header, folder, changes });
    if (wrong !== undefined) throw tampered(path, wrong);
  } catch (error) {
    await changes.close();
    throw error;
  }
  const preview = {
    type: "preview" as const,
    counts: enumerated,
    guards: selected.guards,
    sample: await sampleOf(changes),
    ...toldOf(loaded.plan),
    refusals: [],
    ...(narrowed === undefined ? {} : { narrowed }),
    ...(lookups === undefined ? {} : { lookups: lookups.of }),
  };
  return { changes, lookup, facts: factsOf(header), told: [preview] };
}

/** Only the members that are known: what else a file may hold has no place in a ledger. */
function factsOf({ enumerated, selected }: SavedHeader): readonly Fact[] {
  const { inventory, pages, began, ended, rows, already, refused, narrowed, lookups } = enumerated;
  const counts = { rows, "filtered-out": enumerated["filtered-out"], already, refused, selected: enumerated.selected };
  const { changeSet, size, waves, guards } = selected;
  const more = {
    ...(narrowed && { narrowed }),
    ...(lookups && { lookups: { digest: lookups.digest, of: lookups.of } }),
  };
  return [
    { type: "enumerated", inventory, pages, began, ended, ...more, ...counts },
    { type: "selected", changeSet, size, waves, guards },
  ];
}

async function sampleOf(changes: FileChangeSet): Promise<readonly PreviewRow[]> {
  const rows = await changes.at(Array.from({ length: Math.min(sampleSize, changes.size) }, (_, index) => index));
  return rows.map(({ id, title, before, after }) => ({ id, title, before, after }));
}

/** What is wrong with the plan of a change set has no place in the file that holds it. */
function ofTheFile(error: unknown): never {
  if (!(error instanceof PlanError)) throw error;
  throw new PlanError(
    error.problems.map((problem) => ({ ...problem, line: 1, column: 1, private: true })),
    "usage",
  );
}

function tampered(path: string, why: string): GuardError {
  return new GuardError("tampered", `${path} can not be used: ${why}.`, {
    hint: "Nothing was sent. Preview the plan again, review that, and apply it.",
  });
}

/** Versions of one major number read each other's files. */
function majorOf(tool: string): string {
  return /^[^/]*\/(\d+)\./.exec(tool)?.[1] ?? tool;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

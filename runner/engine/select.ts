import { IncompleteError, RunnerError } from "../core/model/errors.ts";
import type { GroupSize, RunEvent } from "../core/model/events.ts";
import type {
  Absences,
  Gone,
  GuardResult,
  LookupCount,
  PreviewRow,
  Refusal,
  SelectionCounts,
} from "../core/model/preview.ts";
import type { Digest, Item } from "../core/model/item.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Frozen } from "../core/model/frozen.ts";
import { PathsMet } from "../core/model/paths-met.ts";
import type { ChangeSet, SelectionWriter } from "../core/model/run-ports.ts";
import { shownAs, type ShownAs } from "../core/model/values.ts";
import { stopsAt } from "../core/schedule/stops.ts";
import { waveSizes } from "../core/schedule/waves.ts";
import { titleOf, type Decision } from "../core/select/decide.ts";
import { Decider } from "../core/select/decider.ts";
import { breach, brokenRequirements, changeFromLast, evaluateGuards } from "../core/select/guards.ts";
import { LargestGroups } from "../core/select/largest.ts";
import { selectionWarnings } from "../core/select/lint.ts";
import { OneWay } from "../core/select/one-way.ts";
import { Warnings } from "../core/select/warnings.ts";
import { lookupGuards } from "../core/select/wanted.ts";
import { goneForGood } from "../core/settle/undo.ts";
import { enumerate } from "./enumerate.ts";
import type { Job, Parts, Signals } from "./job.ts";
import { lookCloser } from "./look-closer.ts";
import { lookUp } from "./lookups.ts";
import { readsFor } from "./read-more.ts";

/** Rows of the change set that travel in the `preview` note; the whole of it is in the run folder. */
const sampleSize = 50;

/** Items read by themselves between two notes of how far it has come. */
const toldEvery = 25;

/** What was decided, and on what. */
interface Selected {
  readonly changes: ChangeSet;
  readonly frozen: Frozen;
}

/** Look up, enumerate, filter, decide: it all goes to disk page by page, and is sealed before anything is believed. */
export async function* select(
  given: Job,
  parts: Parts,
  signals: Signals,
): AsyncGenerator<readonly RunEvent[], Selected> {
  const frozen = await lookUp(given, { parts, signal: signals.stop });
  if (frozen === undefined) throw interruptedEarly();
  const job = { ...given, frozen };
  try {
    return yield* decided(job, parts, signals);
  } catch (error) {
    throw saidBest(error, job);
  }
}

async function* decided(job: Job, parts: Parts, signals: Signals): AsyncGenerator<readonly RunEvent[], Selected> {
  const { plan, frozen } = job;
  const kept = plan.lookups.length === 0 ? undefined : await parts.keepLookups(frozen.lookup ?? {});
  const writer = await parts.selection(frozen, kept);
  const roll = new Roll(job, writer);
  const began = parts.clock.now();
  const met = new PathsMet();
  let sealed: Awaited<ReturnType<SelectionWriter["seal"]>> | undefined;
  try {
    const { connection } = parts;
    const isSlow = readsFor(plan, "select").length > 0;
    for await (const page of enumerate(job, { connection, signal: signals.stop, first: true, met })) {
      let seen = 0;
      for await (const { item, refused } of lookCloser(page, job, { parts, signal: signals.stop, met })) {
        await roll.call(item, refused);
        seen += 1;
        if (isSlow && seen % toldEvery === 0)
          yield [{ type: "enumerating", rows: roll.counts.rows, purpose: "select" }];
      }
      roll.pages += 1;
      yield [{ type: "enumerating", rows: roll.counts.rows, purpose: "select" }];
    }
    if (signals.stop.aborted) throw interruptedEarly();
    refuseUnmet(plan, met);
    sealed = await writer.seal(roll.counts);
  } finally {
    if (sealed === undefined) await writer.discard();
  }
  const { counts } = roll;
  const warnings = [
    ...unmet(plan, met).map(({ message, hint }) => ({ message: `${message} ${hint}` })),
    ...roll.warnings.told(),
    ...roll.oneWay.told(),
    ...selectionWarnings(plan, roll.counts),
  ];
  const { inventory, changeSet, changes } = sealed;
  const gone = await roll.gone();
  const outer = roll.outerGuards();
  const { facts, told } = found(job, roll, {
    outer,
    gone,
    inventory,
    changeSet,
    kept,
    began,
    ended: parts.clock.now(),
  });
  parts.book.note(facts);
  yield [
    ...facts,
    {
      type: "preview",
      counts,
      ...told,
      sample: roll.sample,
      ...toldOf(plan, counts),
      refusals: roll.refusals,
      ...(warnings.length > 0 && { warnings }),
      ...(roll.missing === undefined ? {} : { missing: roll.missing }),
      ...(gone && { gone: goneForGood(gone) }),
    },
  ];
  return { changes, frozen };
}

/** Paths of the plan that no answer has: the plan can hardly mean that. */
function unmet({ paths = [] }: Plan, met: PathsMet) {
  return paths.flatMap((path) => {
    const found = met.unmet(path.field);
    return found === undefined ? [] : [{ isNeeded: path.isNeeded, ...path.told(found) }];
  });
}

/** Nothing is decided on, sent or proved by a field that is nowhere. */
function refuseUnmet(plan: Plan, met: PathsMet): void {
  const needed = unmet(plan, met).find(({ isNeeded }) => isNeeded);
  if (needed !== undefined) throw new IncompleteError(needed.message, { hint: needed.hint });
}

/** Where the list can not be read because of what was looked up, or of an input, the plan's own rules say it best. */
function saidBest(error: unknown, { plan: { guards }, frozen }: Job): unknown {
  if (!(error instanceof IncompleteError)) return error;
  const broken = brokenRequirements(guards, frozen);
  return broken.length === 0 ? error : breach(broken);
}

interface Kept {
  readonly inventory: Digest;
  readonly changeSet: Digest;
  readonly kept: Digest | undefined;
  readonly began: number;
  readonly ended: number;
  /** Guards that look at more than this list, or are not the plan's own. */
  readonly outer: readonly GuardResult[];
  readonly gone: Gone | undefined;
}

function found({ plan, only, frozen }: Job, roll: Roll, { kept, changeSet, outer, gone, ...read }: Kept) {
  const bounds = only === undefined ? plan.guards : { ...plan.guards, min: 0 };
  const narrowed: { readonly narrowed?: true } = plan.enumerate.narrowed === undefined ? {} : { narrowed: true };
  const { counts, pages } = roll;
  const of = roll.lookups();
  const guards = [...evaluateGuards(bounds, counts, frozen, narrowed.narrowed), ...lookupGuards(plan, of), ...outer];
  const waves = waveSizes(plan.pace.waves, counts.selected);
  const groups = roll.groups();
  const lookups = kept === undefined ? {} : { lookups: { digest: kept, of } };
  const facts = [
    { type: "enumerated" as const, ...read, pages, ...narrowed, ...lookups, ...(gone && { gone }), ...counts },
    { type: "selected" as const, changeSet, size: counts.selected, waves, ...(groups && { groups }), guards },
  ];
  const pace = { ...(waves.length > 1 && { waves }), ...(groups && { groups: groups.length }) };
  return { facts, told: { guards, ...narrowed, ...pace, ...(kept === undefined ? {} : { lookups: of }) } };
}

/** What a preview says of the change itself, whatever items it is about. */
export function toldOf({ enumerate, change, stop, undo, undoes }: Plan, { selected }: SelectionCounts) {
  const set = enumerate.fields.filter(({ name }) => change.sets.includes(name));
  return {
    method: change.method,
    expect: change.expect.kind,
    types: Object.fromEntries(set.map((field): readonly [string, ShownAs] => [field.name, shownAs(field)])),
    ...(selected > 0 && { stopsAt: stopsAt(stop, selected) }),
    ...undoNote(undo),
    ...(undoes && { undoes }),
  };
}

/** What the plan says of going back, in one line. */
function undoNote(undo: Plan["undo"]): { readonly undo?: string } {
  if (undo?.reason === undefined) return {};
  if (!undo.possible) return { undo: `not possible. ${undo.reason}` };
  return { undo: undo.unless === undefined ? undo.reason : `not of all items. ${undo.reason}` };
}

/** Ctrl-C before anything was sent. */
export function interruptedEarly(): RunnerError {
  return new RunnerError("interrupted", "Interrupted while reading the list; nothing was sent.");
}

type Refused = Extract<Decision, { readonly as: "refused" }>;

/** Calls the roll: decides on each item, writes it down, and counts. */
class Roll {
  readonly #job: Job;
  readonly #writer: SelectionWriter;
  readonly sample: PreviewRow[] = [];
  readonly refusals: Refusal[] = [];
  readonly #decider: Decider;
  readonly warnings: Warnings;
  readonly oneWay: OneWay;
  readonly #largest: LargestGroups;
  readonly #absences: Absences | undefined;
  pages = 0;

  constructor(job: Job, writer: SelectionWriter) {
    this.#job = job;
    this.#writer = writer;
    this.#decider = new Decider(job.plan, job.frozen, job.only);
    this.warnings = new Warnings(job.plan, job.frozen);
    this.oneWay = new OneWay(job.plan, job.frozen);
    this.#largest = new LargestGroups(job.policy?.groupedBy ?? {});
    this.#absences = job.only?.absences?.();
  }

  get counts(): SelectionCounts {
    return this.#decider.counts;
  }

  lookups(): readonly LookupCount[] {
    return this.#decider.lookups();
  }

  groups(): readonly GroupSize[] | undefined {
    return this.#decider.groups();
  }

  /** What the last run and the policy say; of items that were chosen beforehand there is no last run. */
  outerGuards(): readonly GuardResult[] {
    const { plan, only, last, policy } = this.#job;
    const { counts } = this;
    return [
      ...(only === undefined ? changeFromLast(plan.guards, counts, last) : []),
      ...(policy?.judge({ counts, largest: this.#largest.told() }) ?? []),
    ];
  }

  /** Of the items that were chosen beforehand, those that the list no longer has; undefined: none were chosen. */
  get missing(): number | undefined {
    const { only } = this.#job;
    return only && only.size - this.#decider.chosen;
  }

  /** Those that are to be told one by one. */
  gone(): Promise<Gone | undefined> {
    return this.#absences?.gone() ?? Promise.resolve(undefined);
  }

  /** @param refused It could not be read by itself. */
  async call(item: Item, refused?: Refused): Promise<void> {
    this.#absences?.see(item.id);
    const decision = this.#decider.decide(item, refused);
    await this.#writer.add(item, decision);
    if (decision.as === "selected") await this.#select(item, decision);
    if (decision.as === "refused" && this.refusals.length < sampleSize) {
      const { why, hint } = decision;
      this.refusals.push({
        id: item.id,
        title: titleOf(this.#job.plan, item),
        why,
        ...(hint === undefined ? {} : { hint }),
      });
    }
  }

  async #select(item: Item, decision: Extract<Decision, { as: "selected" }>): Promise<void> {
    const { before, after, params, route, group } = decision;
    const title = titleOf(this.#job.plan, item);
    this.warnings.look(item, after);
    this.oneWay.look(item, before);
    this.#largest.count(item.fields);
    if (this.sample.length < sampleSize) this.sample.push({ id: item.id, title, before, after });
    const request = { method: this.#job.plan.change.method, params, ...(route && { route }) };
    await this.#writer.select({
      index: this.counts.selected - 1,
      id: item.id,
      title,
      item: item.fields,
      ...(item.each === undefined ? {} : { each: item.each }),
      before,
      after,
      request,
      ...(group !== undefined && { group }),
    });
  }
}

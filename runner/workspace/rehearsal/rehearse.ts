import { ConnectError, GuardError, IncompleteError, type RunnerError } from "../../core/model/errors.ts";
import type { FactOf } from "../../core/model/events.ts";
import { formatVersion } from "../../core/model/events.ts";
import { digestOf } from "../../core/model/digest.ts";
import type { Frozen } from "../../core/model/frozen.ts";
import type { RunId } from "../../core/model/item.ts";
import { rehearsalOf, type Rehearsal, type RehearsalFaults } from "../../core/model/rehearsed.ts";
import type { Service } from "../../core/model/service.ts";
import { breach } from "../../core/select/guards.ts";
import { LocalBackend } from "../../engine/backends/local.ts";
import { Book } from "../../engine/book.ts";
import type { Job, Parts, Signals } from "../../engine/job.ts";
import { road } from "../../engine/run.ts";
import { currentOwner } from "../../runs/owner.ts";
import { currentPerson } from "../../runs/person.ts";
import { newRunId } from "../../runs/run-id.ts";
import type { LoadedPlan } from "../../workspace.ts";
import type { RehearseOptions } from "../options.ts";
import { changeFactsOf, factsOf, rateOf, serviceNamed } from "../connect.ts";
import type { Inside } from "../inside.ts";
import { lastMatched } from "../last-run.ts";
import { policyFor } from "../policy.ts";
import { toolVersion } from "../version.ts";
import { assumptions } from "./assumptions.ts";
import { Dice } from "./dice.ts";
import { faultsOf } from "./faults.ts";
import { checkFolder, KeptRun } from "./kept.ts";
import { latencyFor, type Latency } from "./latency.ts";
import { PaperJournal, RehearsedSelection } from "./paper.ts";
import { sourceFor, type Source } from "./sources.ts";
import { staged } from "./staged.ts";
import { StandIn } from "./stand-in.ts";
import { virtualInbox, VirtualTime } from "./virtual-time.ts";
import { WatchedState } from "./watched.ts";

/** Everything that a rehearsal is made of before time begins. */
interface Scene {
  readonly inside: Inside;
  readonly loaded: LoadedPlan;
  readonly service: Service;
  readonly options: RehearseOptions;
  readonly source: Source;
  readonly latency: Latency;
  readonly faults: RehearsalFaults;
  readonly dice: Dice;
  /** Wall ms. */
  readonly begins: number;
}

/** Go through a plan as `apply` would, with nobody at the other end. @throws {RunnerError} `usage` @throws {ConnectError} */
export async function rehearse(inside: Inside, loaded: LoadedPlan, options: RehearseOptions): Promise<Rehearsal> {
  const { plan } = loaded;
  const service = serviceNamed(inside.services, plan.service, plan.file);
  const faults = faultsOf(options.profile ?? "usual", options.faults);
  if (options.keep !== undefined) await checkFolder(options.keep);
  const source = await sourceFor(inside, { loaded, service, options });
  const latency = await latencyFor(inside, { plan, service, asked: options.latencyMs });
  const dice = new Dice(options.seed ?? 1);
  const begins = options.at ?? source.frozen.now * 1000;
  return played({ inside, loaded, service, options, source, latency, faults, dice, begins });
}

async function played(scene: Scene): Promise<Rehearsal> {
  const { loaded, options, service, dice, begins } = scene;
  const time = new VirtualTime(begins);
  const run = newRunId(begins, () => dice.next());
  const endpoint = rehearsalOf(service.url);
  const keeping = options.keep && { root: options.keep, run, plan: loaded.plan, endpoint, time };
  await using kept = keeping ? await KeptRun.begin(keeping) : undefined;
  const play = new Play(scene, { time, run, endpoint, kept });
  const refused = await time.carry(play.through(), options.stop);
  await kept?.end(play.state);
  return play.told(refused);
}

interface Staging {
  readonly time: VirtualTime;
  readonly run: RunId;
  readonly endpoint: string;
  readonly kept: KeptRun | undefined;
}

/** One rehearsed run: the road of the engine, with paper in place of files and a stand-in in place of the service. */
class Play {
  readonly #scene: Scene;
  readonly #staging: Staging;
  readonly #selection = new RehearsedSelection();
  readonly #journal: PaperJournal;
  readonly #standIn: StandIn;
  /** Items whose `expect` was taken to hold. */
  readonly #assumed = new Set<string>();
  readonly state: WatchedState;

  constructor(scene: Scene, staging: Staging) {
    const { loaded, service, source, dice, faults, latency } = scene;
    const { plan } = loaded;
    const { time, kept } = staging;
    this.#scene = scene;
    this.#staging = staging;
    this.#journal = new PaperJournal(kept?.journal);
    this.state = new WatchedState({ stop: plan.stop, selection: this.#selection, beganUp: time.up() });
    const { kind } = plan.change.expect;
    this.#standIn = new StandIn({
      ...{ service, items: source.items, login: source.frozen.login, time, dice, faults, latency },
      perMinute: rateOf(plan, service),
      effect: kind === "expression" ? "set" : kind,
      sentBy: (intent) => this.#journal.takeCall(intent).flatMap((index) => this.#selection.changes[index] ?? []),
    });
  }

  /** @returns What `apply` would have ended with before anything is sent; undefined: it came to its end. */
  async through(): Promise<RunnerError | undefined> {
    const book = new Book(this.#journal, this.state, this.#staging.time);
    try {
      await this.#standIn.logIn();
      const job = await this.#job();
      book.note([this.#start(job)]);
      const steps = road(job, this.#parts(book, job), neverStopped);
      while ((await steps.next()).done !== true);
    } catch (error) {
      // The stand-in is who could not be reached: nobody else is asked.
      if (error instanceof GuardError || error instanceof IncompleteError || error instanceof ConnectError)
        return error;
      throw error;
    }
    return undefined;
  }

  told(refused: RunnerError | undefined): Rehearsal {
    const { loaded, service, options, source, latency, faults, dice, begins } = this.#scene;
    const { plan } = loaded;
    const { state } = this;
    const { time, kept } = this.#staging;
    const durationMs = Math.round(time.passed);
    const waves = state.waves();
    const { listMs = durationMs } = state;
    const proofFrom = waves.reduce((last, { beginsMs, lastsMs }) => Math.max(last, beginsMs + lastsMs), listMs);
    const { end, stopped } = state;
    return {
      ...{ plan: plan.name, service: service.name, endpoint: service.url, list: source.told, seed: dice.seed },
      ...{ profile: options.profile ?? "usual", faults, latency: latency.told, begins, durationMs, listMs },
      ...{ wavesMs: proofFrom - listMs, proofMs: durationMs - proofFrom, waves, limits: state.limits },
      ...(plan.gate && { gates: { taken: options.gate ?? "pass", results: state.gates } }),
      ...(stopped && {
        stopped: { reason: stopped.reason, detail: stopped.detail, atMs: state.stoppedMs ?? durationMs },
      }),
      notStarted: end?.notStarted ?? {},
      ...(refused && { refused: refusedBy(refused) }),
      ...{ pauses: state.pauses(), held: state.held },
      ...(end && { counts: end.counts }),
      calls: { ...this.#standIn.calls, ...shareOf(this.#standIn.calls, rateOf(plan, service), durationMs) },
      exit: refused?.exitCode ?? end?.exit ?? 1,
      assumed: assumptions(this.#scene.inside, plan, {
        ...{ options, faults, expected: this.#assumed.size, held: state.held, isStopped: stopped !== undefined },
      }),
      ...(kept && { kept: kept.folder.path }),
    };
  }

  async #job(): Promise<Job> {
    const { inside, loaded, service, source, options } = this.#scene;
    const { plan } = loaded;
    const { time, run } = this.#staging;
    const { now, login } = source.frozen;
    const frozen: Frozen = { now, login, run: { id: run, started: Math.floor(time.now() / 1000) } };
    const isAsked = plan.guards.changeFromLast !== undefined;
    const { dice, faults } = this.#scene;
    return {
      run,
      plan: staged(plan, {
        standIn: this.#standIn,
        lookup: source.lookup,
        gate: options.gate ?? "pass",
        isBusyStill: (id) => time.passed < dice.of("busy", id) * faults.busyMs,
        idOf: (before) => this.#selection.idOf(before),
        assumed: (id) => this.#assumed.add(id),
      }),
      ...{ frozen, changes: undefined, until: "verified", write: true, recheck: false, sameBoot: true },
      verifyAfterStop: false,
      policy: await time.outside(policyFor({ ...inside, clock: time }, plan, service)),
      last: isAsked ? await time.outside(lastMatched(inside, plan, service)) : undefined,
    };
  }

  #start({ run, frozen }: Job): FactOf<"start"> {
    const { inside, loaded, service } = this.#scene;
    const { plan } = loaded;
    return {
      ...{ type: "start", format: formatVersion, run, estate: "rehearsal", tool: toolVersion(), owner: currentOwner() },
      ...{ by: currentPerson(inside.env), login: frozen.login, inputs: plan.inputs, secrets: {}, now: frozen.now },
      service: { name: service.name, kind: rehearsalOf(service.kind), endpoint: this.#staging.endpoint },
      plan: { name: plan.name, digest: plan.digest },
      change: changeFactsOf(plan),
      ...{ facts: factsOf(plan, service), started: frozen.run.started, skewMs: null, previous: null },
    };
  }

  #parts(book: Book, { policy }: Job): Parts {
    const { inside, dice } = this.#scene;
    const { time, kept } = this.#staging;
    const paper = this.#selection;
    const by = currentPerson(inside.env);
    return {
      ...{ connection: this.#standIn, book, inbox: virtualInbox(time), clock: time, by },
      random: () => dice.next(),
      selection: async (frozen, lookups) => (await kept?.selection(paper, frozen, lookups)) ?? paper,
      keepLookups: async (lookup) => (await kept?.keepLookups(lookup)) ?? digestOf(lookup),
      earlier: unasked,
      bystanders: () => paper.others(),
      firstList: () => paper.all(),
      consent: () => {
        const broken = policy?.again().filter(({ ok }) => !ok) ?? [];
        if (broken.length > 0) return Promise.reject(breach(broken));
        return Promise.resolve({ type: "consent", how: "library", by });
      },
      takeLock: () => Promise.resolve({ scope: this.#staging.endpoint, generation: 1, check: () => true }),
      claim: () => Promise.resolve(),
      holdsLock: () => true,
      controls: nobody,
      backend: (carrier) => new LocalBackend(carrier, book.state.facts),
      reveal: unasked,
      spill: () => undefined,
    };
  }
}

const neverStopped: Signals = { stop: new AbortController().signal, abort: new AbortController().signal };

/** Nobody asks anything of a rehearsal. */
const nobody: Parts["controls"] = {
  take: () => Promise.resolve([]),
  listen: () => ({ [Symbol.dispose]: () => undefined }),
  done: () => Promise.resolve(),
};

function unasked(): never {
  throw new Error("a rehearsal was asked for what only a run has");
}

function refusedBy({ code, message, hint }: RunnerError): NonNullable<Rehearsal["refused"]> {
  return { code, message, ...(hint !== undefined && { hint }) };
}

type Shared = Pick<Rehearsal["calls"], "perMinute" | "share">;

/** @param perMinute undefined: any number. */
function shareOf(
  { logins, reads, changes }: StandIn["calls"],
  perMinute: number | undefined,
  durationMs: number,
): Shared {
  if (perMinute === undefined) return {};
  const allowed = (perMinute * durationMs) / 60_000;
  return { perMinute, share: allowed === 0 ? 0 : Math.min(1, (logins + reads + changes) / allowed) };
}

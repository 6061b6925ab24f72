import { setMaxListeners } from "node:events";
import { GuardError } from "../core/model/errors.ts";
import type { Fact, FactOf, Note, RunEvent } from "../core/model/events.ts";
import type { Digest, Item } from "../core/model/item.ts";
import type { Frozen } from "../core/model/frozen.ts";
import type { Connection } from "../core/model/ports.ts";
import type { Service } from "../core/model/service.ts";
import { isObject } from "../core/model/object.ts";
import { breach } from "../core/select/guards.ts";
import { RunState } from "../core/tally/fold.ts";
import { Book } from "../engine/book.ts";
import { LocalBackend } from "../engine/backends/local.ts";
import { openInbox } from "../engine/inbox.ts";
import type { Job, Parts, Signals } from "../engine/job.ts";
import { refuseSuperseded, road } from "../engine/run.ts";
import { writeFileAtomic } from "../ledger/atomic.ts";
import type { LedgerWriter } from "../ledger/writer.ts";
import { claimChangeSet } from "../runs/consumed.ts";
import type { RunFolder } from "../runs/folder.ts";
import type { FileChangeSet } from "../runs/change-set.ts";
import { readInventory } from "../runs/inventory.ts";
import { takeLock, type HeldLock } from "../runs/lock.ts";
import { writeLookups } from "../runs/lookups.ts";
import { Mailbox } from "../runs/mailbox.ts";
import { currentOwner } from "../runs/owner.ts";
import { currentPerson } from "../runs/person.ts";
import { createSelection } from "../runs/selection.ts";
import type { LoadedChangeSet, LoadedPlan } from "../workspace.ts";
import type { ApplyOptions, Consent, ConsentAnswer, RunOptions } from "./options.ts";
import { requireApprovals } from "./approvals.ts";
import { askedFor, asksOf } from "./asked.ts";
import { itemsOfRun } from "./earlier.ts";
import type { Inside } from "./inside.ts";
import { revealer } from "./secrets.ts";

/** A run that is open for writing: its files, its line to the service, and what it knows so far. */
export interface OpenRun {
  readonly inside: Inside;
  readonly loaded: LoadedPlan;
  readonly service: Service;
  readonly folder: RunFolder;
  readonly connection: Connection;
  readonly journal: LedgerWriter;
  readonly state: RunState;
  /** Of a run whose first record is written; left out: nothing is. */
  readonly book?: Book;
  /** The facts that come next: `resume` and what was repaired; of a new run, what it brought along. */
  readonly opening: readonly Fact[];
  /** Told after them, once. */
  readonly told?: readonly Note[];
  /** What there is to do, and to record, once the list was previewed. */
  readonly afterPreview?: (state: RunState) => Promise<readonly Fact[]>;
  /** The change set that is applied, if one is. */
  readonly saved?: LoadedChangeSet;
  /** Its lock is there already when the run existed; a new one takes it before the first write. */
  readonly held: Held;
}

/** Go the road with a run and tell what happens. */
export async function* record(
  open: OpenRun,
  job: Job,
  options: RunOptions | ApplyOptions,
): AsyncGenerator<RunEvent, void> {
  const { inside, journal, folder, state, held } = open;
  const book = open.book ?? bookOf(open);
  const parts = partsOf(open, { book, job, options });
  const signals: Signals = { stop: options.stop ?? never, abort: options.abort ?? never };
  // Every call under way listens to them; their number is bounded by the concurrency.
  setMaxListeners(0, signals.stop, signals.abort);
  try {
    book.note(open.opening);
    yield* open.opening;
    yield* open.told ?? [];
    for await (const events of road(job, parts, signals)) yield* events;
    yield* await afterPreview(open, book);
    refuseSuperseded(held.lock?.check() ?? true, folder.run);
    const anchor = journal.head;
    if (state.end !== undefined) await writeSummary(folder, state, anchor);
    yield { type: "sealed", anchor, folder: folder.path };
  } finally {
    await held.changes?.close();
  }
  inside.log.debug({ run: folder.run }, "run closed");
}

async function afterPreview({ afterPreview: act, state }: OpenRun, book: Book): Promise<readonly Fact[]> {
  const facts = (await act?.(state)) ?? [];
  if (facts.length > 0) {
    book.note(facts);
    await book.sync();
  }
  return facts;
}

const freshMs = 20;

/** What a run takes on the way. Made before its journal is opened, so that the lock is given back after that is closed. */
export class Held implements AsyncDisposable {
  lock: HeldLock | undefined;
  changes: FileChangeSet | undefined;
  #looked = -Infinity;
  #holds = true;

  /** Looks at the lock's files at most every 20 ms: a process that was stopped and goes on looks before it sends. */
  isHolding(up: number): boolean {
    if (up - this.#looked >= freshMs) {
      this.#looked = up;
      this.#holds = this.lock?.check() ?? true;
    }
    return this.#holds;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lock?.release();
  }
}

/** The ledger and its fold; another program may have put something around the ledger. */
export function bookOf({ inside, journal, state }: Pick<OpenRun, "inside" | "journal" | "state">): Book {
  return new Book(inside.seams.journal?.(journal) ?? journal, state, inside.clock);
}

const never = new AbortController().signal;

interface Around {
  readonly book: Book;
  readonly job: Job;
  readonly options: RunOptions | ApplyOptions;
}

function partsOf(open: OpenRun, { book, job, options }: Around): Parts {
  const { inside, loaded, connection, folder, held } = open;
  const by = currentPerson(inside.env);
  return {
    connection,
    book,
    by,
    inbox: openInbox(),
    clock: inside.clock,
    random: Math.random,
    reveal: revealer(loaded.secretValues),
    keepLookups: (lookup) => writeLookups(folder.lookups, lookup),
    earlier: (wanted, states) => itemsOfRun(inside.history ?? inside.root, { wanted, itself: folder.run }, states),
    bystanders: () => bystandersIn(folder),
    firstList: () => readInventory(folder.inventory, book.state.selection?.inventory),
    selection: async (frozen, lookups) => {
      const selection = await createSelection(folder, headersOf(open, frozen, lookups));
      return {
        add: (item, decision) => selection.add(item, decision),
        select: (change) => selection.select(change),
        discard: () => selection.discard(),
        seal: async (counts) => {
          // Lists beside a ledger without a record are those of a record that is gone.
          await book.sync();
          const sealed = await selection.seal(counts);
          held.changes = sealed.changes;
          return sealed;
        },
      };
    },
    consent: (counts, guards) => consent(open, options, { counts, guards, policy: job.policy }),
    takeLock: async () => (held.lock ??= await lockFor(open)),
    claim: () => claim(open),
    controls: new Mailbox(folder.control, inside.log),
    holdsLock: () => held.isHolding(inside.clock.up()),
    backend: (carrier) => new LocalBackend(carrier, book.state.facts),
    spill: (outcome) => process.stderr.write(`${JSON.stringify({ type: "outcome", run: job.run, ...outcome })}\n`),
  };
}

async function* bystandersIn({ inventory }: RunFolder): AsyncGenerator<Item> {
  for await (const { id, as, each } of readInventory(inventory))
    if (as !== "selected") yield { id, fields: {}, ...(each === undefined ? {} : { each }) };
}

function headersOf({ loaded: { plan }, service, folder }: OpenRun, frozen: Frozen, lookups: Digest | undefined) {
  const { method, key, title } = plan.enumerate;
  const { params, fields } = askedFor(plan.enumerate, frozen);
  return {
    inventory: {
      now: frozen.now,
      login: frozen.login,
      call: method,
      ...{ params, key, title, fields },
      endpoint: service.url,
      ...(lookups === undefined ? {} : { lookups, asks: asksOf(plan, frozen) }),
    },
    changeSet: { run: folder.run, plan: plan.digest, endpoint: service.url },
  };
}

type Selected = Pick<FactOf<"selected">, "guards"> &
  Pick<Job, "policy"> & { readonly counts: Parameters<Parts["consent"]>[0] };

/** @throws {GuardError} `consent` or `approval` */
async function consent(
  open: OpenRun,
  options: RunOptions | ApplyOptions,
  { counts, guards, policy }: Selected,
): Promise<FactOf<"consent">> {
  if (!("consent" in options)) throw new GuardError("consent", "Nobody was asked whether to go on.");
  const { loaded, service, inside } = open;
  const { name, change } = loaded.plan;
  const { method, destructive } = change;
  // Of the changes as they are, whatever a file says of their number.
  const size = open.held.changes?.size ?? counts.selected;
  const approvals = await requireApprovals(inside, { saved: open.saved, change, size });
  const answer = consentOf(
    await options.consent({
      plan: name,
      service: service.name,
      endpoint: service.url,
      method,
      destructive,
      counts,
      guards,
      ...(approvals.length > 0 && { approvals }),
    }),
  );
  if (!answer.given) throw new GuardError("consent", answer.why, { hint: answer.hint });
  refuseExpired(open);
  refuseForbidden(policy);
  const given = { type: "consent", how: answer.how, by: currentPerson(inside.env) } as const;
  return approvals.length === 0 ? given : { ...given, approvals };
}

function consentOf(answer: ConsentAnswer): Consent {
  // A caller without types may answer anything: a word is not a yes.
  if (answer === true) return { given: true, how: "library" };
  if (isObject(answer) && isConsent(answer)) return answer;
  return { given: false, why: "The calling program said no to these changes.", hint: "Nothing was sent." };
}

/** Somebody may have thought about it for longer than it was good for. @throws {GuardError} `stale` */
function refuseExpired({ state: { start }, inside }: OpenRun): void {
  const from = start?.from;
  if (from?.kind !== "change-set" || inside.clock.now() < from.expires) return;
  throw new GuardError("stale", "The change set has expired while this was being asked.", {
    hint: "Nothing was sent. Preview the plan again and review that.",
  });
}

/** And the hours in which changes may be made may have ended. @throws {GuardError} `guard` */
function refuseForbidden(policy: Job["policy"]): void {
  const broken = policy?.again().filter(({ ok }) => !ok) ?? [];
  if (broken.length > 0) throw breach(broken);
}

const ways = new Set(["tty", "yes", "confirm", "library", "on-stop"]);

function isConsent(answer: Consent): boolean {
  return answer.given ? (answer.given as unknown) === true && ways.has(answer.how) : typeof answer.why === "string";
}

/** One writing run per service and login, or per service where nobody logs in. */
export function lockScope({ url }: Pick<Service, "url">, { user_id, name }: Connection["login"]): string {
  const who = String(user_id ?? name);
  return who === "" ? url : `${url} as ${who}`;
}

async function lockFor({ inside, service, folder, connection }: OpenRun): Promise<HeldLock> {
  const scope = lockScope(service, connection.login);
  return takeLock({ root: inside.root, scope, run: folder.run, owner: currentOwner(), now: inside.clock.now() });
}

async function claim({ inside, folder, state: { start } }: OpenRun): Promise<void> {
  if (start?.from?.kind !== "change-set") return;
  await claimChangeSet({ root: inside.root, changeSet: start.from.changeSet, run: folder.run });
}

/** The end record once more, as a file for scripts; the ledger stays the truth. */
export async function writeSummary(folder: RunFolder, { end, start }: RunState, anchor: string): Promise<void> {
  const summary = { run: folder.run, plan: start?.plan.name, service: start?.service.name, anchor, ...end };
  await writeFileAtomic(folder.summary, `${JSON.stringify(summary, null, 2)}\n`);
}

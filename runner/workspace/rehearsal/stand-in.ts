import type { Change, Request } from "../../core/model/change.ts";
import { ConnectError } from "../../core/model/errors.ts";
import { itemId, type Fields, type Item, type ItemId, type Value } from "../../core/model/item.ts";
import type { Login } from "../../core/model/frozen.ts";
import type { Answer, Failure } from "../../core/model/outcome.ts";
import type { Asked, Connection, ListRequest, Reading, WriteOptions } from "../../core/model/ports.ts";
import type { PaceChange } from "../../core/model/pace-ports.ts";
import type { RehearsalFaults } from "../../core/model/rehearsed.ts";
import type { Service } from "../../core/model/service.ts";
import { canonical } from "../../core/model/values.ts";
import { ownStore, SharedRate } from "../../core/schedule/shared-rate.ts";
import { Limiter } from "../../rpc/limiter.ts";
import type { Dice } from "./dice.ts";
import type { Latency } from "./latency.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** Items in one answer of a list. */
const pageSize = 500;
/** How long a read waits while it is turned away: as long as a real one does. */
const patienceMs = 15 * 60_000;
/** Calls are turned away for such stretches of time at a time. */
const burstMs = 1000;

export interface StandInParts {
  readonly service: Service;
  readonly login: Login;
  readonly items: readonly Item[];
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly faults: RehearsalFaults;
  readonly latency: Latency;
  /** Calls a minute; undefined: as many as there are. */
  readonly perMinute: number | undefined;
  /** What changes items: they are to go, or nothing of the change can be seen; else they take its new values. */
  readonly effect: "set" | "absent" | "accepted";
  /** The changes of a call that was marked as sent, by the first of its intents. */
  readonly sentBy: (intent: number) => readonly Change[];
}

/** What became of an item, and from when on that shows, ms since boot. */
interface Done {
  readonly shows: number;
  /** Undefined: it is gone. */
  readonly fields: Fields | undefined;
}

/** The read of one item that the next question is. */
export interface ItemQuestion {
  readonly id: ItemId;
  /** Fields that the list had to know already. */
  readonly needs: readonly string[];
  /** An answer can say that the item is gone; else there is no answer then. */
  readonly tellsAbsence: boolean;
}

/** What the params of a list say to a stand-in. `isFirst`: of several lists of ids, it is the one that has all of them. */
export interface ListMark {
  readonly isFirst: boolean;
}

/**
 * A service in memory in which every item of a list lives as the list had it, and changes as the plan says that it does.
 * It knows nothing of the real one but its limits: whatever is called, it answers, unless a fault has it do otherwise.
 */
export class StandIn implements Connection {
  readonly login: Login;
  readonly skewMs = undefined;
  readonly calls = { logins: 0, reads: 0, changes: 0, turnedAway: 0 };
  /** Set right before a question about one item. */
  question: ItemQuestion | undefined;
  readonly #parts: StandInParts;
  readonly #limiter: Limiter;
  readonly #items: ReadonlyMap<ItemId, Item>;
  /** By the element whose list they are in. */
  readonly #lists: ReadonlyMap<string, readonly Item[]>;
  readonly #done = new Map<ItemId, Done>();

  constructor(parts: StandInParts) {
    const { time, service, items, perMinute, login } = parts;
    this.login = login;
    this.#parts = parts;
    const shared = { store: ownStore(), up: () => time.up(), boot: "", id: "rehearsal" };
    const rate = new SharedRate({ ...shared, perMinute: service.limits.perMinute });
    this.#limiter = new Limiter(perMinute, time, { rate });
    this.#items = new Map(items.map((item) => [item.id, item]));
    this.#lists = listsOf(items);
  }

  /** What the session of the service is opened with. */
  async logIn(): Promise<void> {
    const steps = this.#parts.service.protocol?.session.login.length ?? 1;
    for (let step = 0; step < steps; step++) orGivenUp(await this.#answered("logins"));
  }

  async *pages(list: ListRequest): AsyncGenerator<readonly Item[]> {
    const { each = null, params } = list;
    const isWhole = list.each !== undefined || (params as unknown as ListMark).isFirst;
    const all = isWhole ? (this.#lists.get(canonical(each)) ?? []) : [];
    for (let start = 0; start === 0 || start < all.length; start += pageSize) {
      orGivenUp(await this.#answered("reads", this.#parts.latency.told.pageMs));
      const page = all.slice(start, start + pageSize).flatMap((item) => {
        const fields = this.shown(item.id);
        return fields === undefined ? [] : [{ id: item.id, fields: askedOf(fields, list) }];
      });
      if (page.length > 0) yield page;
    }
  }

  async ask({ method }: Request): Promise<Asked> {
    const { question } = this;
    this.question = undefined;
    const began = await this.#answered("reads");
    if (began === undefined) return { kind: "failed", failure: turnedAway };
    if (question === undefined) return { kind: "result", value: null, began };
    const { id, needs, tellsAbsence } = question;
    const fields = this.shown(id);
    if (fields === undefined && !tellsAbsence) return { kind: "failed", failure: notThere(method) };
    const known = this.#items.get(id)?.fields ?? {};
    if (needs.every((name) => Object.hasOwn(known, name))) return { kind: "result", value: null, began };
    return { kind: "failed", failure: leftOut };
  }

  async read(list: ListRequest, id: ItemId, names: readonly string[] | "listed"): Promise<Reading> {
    const { lag } = this.#parts.service;
    const asked = this.#parts.time.up();
    const began = await this.#answered("reads");
    const lagMs = names === "listed" ? lag.listMs : lag.byIdMs;
    if (began === undefined)
      return { source: list.method, began: asked, lagMs, kind: "unreadable", failure: turnedAway };
    const about = { source: list.method, began, lagMs };
    const fields = this.shown(placed(id, list));
    return fields === undefined
      ? { ...about, kind: "absent" }
      : { ...about, kind: "found", fields: askedOf(fields, list) };
  }

  async write(_request: Request, { id, ready, signal, withdrawal }: WriteOptions): Promise<Answer> {
    const { service, time, latency, dice } = this.#parts;
    const { timeoutMs } = service.limits;
    const slot = await this.#limiter.take(withdrawal ?? signal, timeoutMs);
    if (slot.kind === "aborted") return { kind: "withdrawn" };
    if (slot.kind === "held") return { kind: "not-acted", failure: turnedAway, retryAfterMs: slot.ms };
    if (!(await ready())) return { kind: "withdrawn" };
    this.calls.changes += 1;
    const [intent, attempt] = id.split("-").slice(-2);
    const changes = this.#parts.sentBy(Number(intent));
    const [first] = changes;
    if (first === undefined) throw new Error(`nothing was marked as sent by the call ${id}`);
    const began = time.up();
    const ms = latency.ofCall(dice.of("change", first.id, attempt ?? ""));
    if (this.#isTurningAway()) return this.#turnAway(began, ms);
    const { timeout, lostAfterApply, ignored } = this.#parts.faults;
    const chance = dice.of("fate", first.id, attempt ?? "");
    await time.sleep(chance < timeout ? timeoutMs : ms);
    if (chance < timeout) return { kind: "lost", failure: noAnswer };
    if (chance < timeout + lostAfterApply) {
      this.#apply(changes);
      return { kind: "lost", failure: dropped };
    }
    if (chance < timeout + lostAfterApply + ignored) return { kind: "accepted", value: {} };
    return this.#judged(changes, attempt ?? "");
  }

  setRate(perMinute: number | undefined): void {
    this.#limiter.setRate(perMinute);
  }
  listenToPace(heard: (change: PaceChange) => void): void {
    this.#limiter.listen(heard);
  }
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** The fields of an item as they show now; undefined: it is gone, or was never there. */
  shown(id: ItemId): Fields | undefined {
    const item = this.#items.get(id);
    if (item === undefined || !this.isDone(id)) return item?.fields;
    const made = this.madeOf(id);
    return made && { ...item.fields, ...made };
  }

  /** The new values of an item whose change was made, and shows; of one that is to go there are none. */
  madeOf(id: ItemId): Fields | undefined {
    return this.isDone(id) ? this.#done.get(id)?.fields : undefined;
  }

  /** Its change was made, and shows. */
  isDone(id: ItemId): boolean {
    return (this.#done.get(id)?.shows ?? Infinity) <= this.#parts.time.up();
  }

  /** Each item of a call is taken or refused by itself; a call about one item is what becomes of that. */
  #judged(changes: readonly Change[], attempt: string): Answer {
    const { dice, faults } = this.#parts;
    const refused = changes.filter(({ id }) => dice.of("reject", id, attempt) < faults.reject);
    this.#apply(changes.filter((change) => !refused.includes(change)));
    if (refused.length === changes.length) return { kind: "rejected", failure: refusal };
    return { kind: "accepted", value: Object.fromEntries(refused.map(({ id }) => [id, refusal.message])) };
  }

  #apply(changes: readonly Change[]): void {
    const { effect, time, dice, faults } = this.#parts;
    if (effect === "accepted") return;
    for (const { id, after } of changes) {
      if (this.#done.has(id)) continue;
      const shows = time.up() + Math.round(dice.of("late", id) * faults.lateMs);
      this.#done.set(id, { shows, fields: effect === "absent" ? undefined : after });
    }
  }

  /** One read, or a login. @returns When it was begun, ms since boot; undefined: it was turned away for too long. */
  async #answered(kind: "logins" | "reads", ms?: number): Promise<number | undefined> {
    const { time, latency, dice } = this.#parts;
    const since = time.up();
    for (;;) {
      await this.#limiter.take(never, patienceMs);
      this.calls[kind] += 1;
      const began = time.up();
      const lasts = ms ?? latency.ofCall(dice.next());
      if (!this.#isTurningAway()) {
        await time.sleep(lasts);
        return began;
      }
      await this.#turnAway(began, lasts);
      if (time.up() - since > patienceMs) return undefined;
    }
  }

  #isTurningAway(): boolean {
    const { time, dice, faults } = this.#parts;
    return dice.of("throttle", Math.floor(time.up() / burstMs)) < faults.throttle;
  }

  async #turnAway(began: number, ms: number): Promise<Answer> {
    const { time } = this.#parts;
    const retryAfterMs = burstMs - (began % burstMs);
    this.calls.turnedAway += 1;
    await time.sleep(ms);
    this.#limiter.throttled(began, turnedAway.message);
    this.#limiter.holdUntil(time.up() + retryAfterMs);
    return { kind: "not-acted", failure: turnedAway, retryAfterMs };
  }
}

const never = new AbortController().signal;

const turnedAway: Failure = { class: "throttle", code: "http-429", message: "rehearsed: the service turns calls away" };
const noAnswer: Failure = { class: "uncertain", code: "timeout", message: "rehearsed: no answer in time" };
const dropped: Failure = { class: "uncertain", code: "reset", message: "rehearsed: the answer was lost" };
const refusal: Failure = { class: "reject", code: "rehearsed", message: "rehearsed: the service says no" };
const leftOut: Failure = { class: "fatal", code: "offline", message: "it was left out when the list was read" };

/** Items by the element whose list they are in, in their order. */
function listsOf(items: readonly Item[]): ReadonlyMap<string, readonly Item[]> {
  const lists = new Map<string, Item[]>();
  for (const item of items) {
    const element = canonical(item.each ?? null);
    const list = lists.get(element);
    if (list === undefined) lists.set(element, [item]);
    else list.push(item);
  }
  return lists;
}

function notThere(method: string): Failure {
  return { class: "not_found", code: "gone", message: `rehearsed: ${method} finds it no more` };
}

/** A list, or a session, that can not be had. @throws {ConnectError} */
function orGivenUp(began: number | undefined): void {
  if (began === undefined) throw new ConnectError("connect", `${turnedAway.message} for 15 minutes.`);
}

/** Exactly what was asked for. */
function askedOf(fields: Fields, list: ListRequest): Fields {
  return Object.fromEntries(list.fields.map(({ name }): readonly [string, Value] => [name, fields[name] ?? null]));
}

/** Ids of lists that each device answers for itself stand behind the device; a read of one knows them without it. */
function placed(id: ItemId, { route, each }: ListRequest): ItemId {
  return route === undefined || each === undefined ? id : itemId(`${route.device}/${id}`);
}

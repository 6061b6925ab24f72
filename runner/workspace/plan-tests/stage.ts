import type { Request } from "../../core/model/change.ts";
import { itemId, type Fields, type Item, type ItemId, type Value } from "../../core/model/item.ts";
import type { Login } from "../../core/model/frozen.ts";
import type { Asked, Clock, Connection, ListRequest, Reading } from "../../core/model/ports.ts";
import { canonical } from "../../core/model/values.ts";
import type { GivenItem, GivenList } from "./given.ts";

/** What the service shows at one time. */
export interface Scene {
  readonly lists: readonly GivenList[];
  /** What calls for single items return: by method, then by id. */
  readonly reads: Readonly<Record<string, Fields>>;
}

export interface StageFacts {
  readonly login: Login;
  readonly clock: Clock;
  /** The plan reads several lists. */
  readonly isParted: boolean;
}

/** The service of a plan test: it shows what the test gives, and remembers what it was asked. Nothing can be written to it. */
export class Stage implements Connection {
  readonly login: Login;
  readonly skewMs = 0;
  readonly asks: Request[] = [];
  /** What the plan wanted and the test does not give. */
  readonly lacks = new Set<string>();
  /** Answers to calls for single items that were asked for, as `method id`. */
  readonly answered = new Set<string>();
  /** The item that the next call is about. */
  current: string | undefined;
  readonly #clock: Clock;
  readonly #isParted: boolean;
  #scene: Scene;
  /** Elements whose lists were asked for. */
  readonly #met = new Set<string>();
  /** Of lists that are no element's: the params of the first, which has all items. */
  #first: string | undefined;

  constructor(scene: Scene, { login, clock, isParted }: StageFacts) {
    this.#scene = scene;
    this.login = login;
    this.#clock = clock;
    this.#isParted = isParted;
  }

  /** From here on the service shows this. */
  change(scene: Scene): void {
    this.#scene = scene;
    this.asks.length = 0;
    this.answered.clear();
    this.#first = undefined;
  }

  /** Lists that the test gives and the plan did not ask for. */
  unasked(): readonly string[] {
    return this.#scene.lists
      .filter(({ each }) => each !== undefined && !this.#met.has(canonical(each)))
      .map(({ each = null }) => JSON.stringify(each));
  }

  async *pages(list: ListRequest): AsyncGenerator<readonly Item[]> {
    this.asks.push({ method: list.method, params: list.params });
    const items = this.#itemsOf(list).map((item) => ({ id: itemId(item.id), fields: shown(item, list) }));
    if (items.length > 0) yield await Promise.resolve(items);
  }

  ask({ method, params, route }: Request): Promise<Asked> {
    this.asks.push({ method, params, ...(route && { route }) });
    const id = this.current ?? "";
    const answers = this.#scene.reads[method] ?? {};
    this.answered.add(answerKey(method, id));
    if (Object.hasOwn(answers, id))
      return Promise.resolve({ kind: "result", value: answers[id] ?? null, began: this.#clock.up() });
    this.lacks.add(`the plan reads item ${id} with ${method}: write under reads, ${method}, what it returns for ${id}`);
    const failure = { class: "not_found", code: "not-given", message: "the test gives no answer" } as const;
    return Promise.resolve({ kind: "failed", failure });
  }

  read(list: ListRequest, id: ItemId, names: readonly string[]): Promise<Reading> {
    const about = { source: list.method, began: this.#clock.up(), lagMs: 0 };
    const item = this.#scene.lists.flatMap(({ items }) => items).find((one) => one.id === id);
    if (item === undefined) return Promise.resolve({ ...about, kind: "absent" });
    const fields = shown(item, list);
    const wanted = Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
    return Promise.resolve({ ...about, kind: "found", fields: wanted });
  }

  write(): Promise<never> {
    throw new Error("a plan test sends nothing");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #itemsOf({ each, params, method }: ListRequest): readonly GivenItem[] {
    const { lists } = this.#scene;
    if (each === undefined) {
      const all = lists.filter((list) => list.each === undefined);
      if (all.length === 0 && lists.length > 0)
        this.lacks.add("the plan reads one list, not one for each element: write items in place of lists");
      // Lists of some ids each: how the items are spread over them makes no difference.
      const asked = canonical(params);
      this.#first ??= asked;
      return this.#isParted && this.#first !== asked ? [] : all.flatMap(({ items }) => items);
    }
    const element = canonical(each);
    this.#met.add(element);
    const own = lists.filter((list) => list.each !== undefined && canonical(list.each) === element);
    if (own.length === 0) this.lacks.add(`the plan reads ${method} for ${element}: write lists with each: ${element}`);
    return own.flatMap(({ items }) => items);
  }
}

/** How `answered` names an answer. */
export function answerKey(method: string, id: string): string {
  return `${method} ${id}`;
}

/** Exactly what was asked for; what single calls show is there already only where the test gives it with the item. */
function shown({ fields }: GivenItem, list: ListRequest): Fields {
  const asked = list.fields.map(({ name }): readonly [string, Value] => [name, fields[name] ?? null]);
  return { ...fields, ...Object.fromEntries(asked) };
}

/** Time that passes only when somebody waits. */
export class StillClock implements Clock {
  readonly #start: number;
  #passed = 0;

  /** @param start Wall ms. */
  constructor(start: number) {
    this.#start = start;
  }
  now(): number {
    return this.#start + this.#passed;
  }
  up(): number {
    return this.#passed;
  }
  sleep(ms: number): Promise<void> {
    this.#passed += Math.max(0, ms);
    return Promise.resolve();
  }
}
